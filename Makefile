# make demo   what pexgen does, in two minutes        make lint      style, types, review ledger
# make test   the whole suite, on the built wheel     make bench     speed, beside other tools
# make cmdlets  templates/cmdlets.json from the parts (needs a PowerShell)
# make faults   every fault at every call of each body's runs, an hour or more (needs a PowerShell); writes the table in docs/failures.md
# make samples  the samples' runbooks, manifests and plan, after a change that is meant
# On Windows, without make: py tools\dev.py demo (test, lint, bench)

PYTHON ?= python3

.PHONY: demo test lint bench faults cmdlets samples

demo test lint bench faults:
	@$(PYTHON) tools/dev.py $@

cmdlets:
	@$(PYTHON) tools/cmdlets.py

samples:
	@$(PYTHON) tools/dev.py test --snapshot-update tests/render/test_samples.py
