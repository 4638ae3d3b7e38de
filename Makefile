# make demo   what pexgen does, in two minutes        make lint      style, types, review ledger
# make test   the whole suite, on the built wheel     make bench     speed, beside other tools
# make cmdlets  templates/cmdlets.json from the parts (needs a PowerShell)
# make faults   every fault at every call of each body's runs, an hour or more (needs a PowerShell); writes the table in docs/failures.md
# make analyze  PSScriptAnalyzer over the samples and the scripts of discover, where it is installed
# make lock     tools/locks anew: the versions, with hashes, of all that is installed here (needs a network)
# make site     the pages as a site in build/site; a link that leads nowhere is an error
# make samples  the samples' runbooks, manifests and plan, after a change that is meant
# make generated  these two, and all else that is made from what was written by hand, in the right order
# On Windows, without make: py tools\dev.py demo (test, lint, bench, analyze, lock, site, generated)

PYTHON ?= python3

.PHONY: demo test lint bench faults analyze lock site generated cmdlets samples

demo test lint bench faults analyze lock site generated:
	@$(PYTHON) tools/dev.py $@

cmdlets:
	@$(PYTHON) tools/cmdlets.py

samples:
	@$(PYTHON) tools/dev.py test --snapshot-update tests/render/test_samples.py
