"""Runs every rule over a description, sets apart what it accepts, and applies the policy beside it."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from collections.abc import Iterator
from typing import NamedTuple

from pexgen.description import Loaded
from pexgen.errors import Problem
from pexgen.lint._registry import RULES, UNUSED_ACCEPTANCE
from pexgen.lint.shared_name import RULE as SHARED_NAME
from pexgen.lint.shared_name import Names
from pexgen.policy import Policy, adjusted, policy_beside

BY_DAY = {rule.code: rule.severity for rule in RULES if rule.depends_on_day}
"""The rules whose severity depends on the day, each with the one that a record says on every day."""


class AcceptedFinding(NamedTuple):
    """A finding that the description accepts, with the reason given there."""

    problem: Problem
    reason: str


class Examination(NamedTuple):
    """The findings about a description: those that are open and those that it accepts, both in the file's order.

    ``policy`` is the organization's own file beside it, if there is one, and ``decided`` what that changed, in words.
    """

    problems: tuple[Problem, ...]
    accepted: tuple[AcceptedFinding, ...]
    policy: Policy | None = None
    decided: tuple[str, ...] = ()


def check(loaded: Loaded) -> tuple[Problem, ...]:
    """Return the findings about ``loaded`` that it does not accept, in the file's order."""
    return examine(loaded).problems


def examine(loaded: Loaded, seen: Names | None = None) -> Examination:
    """Return all findings of the rules, and of the policy beside the file, about ``loaded``.

    ``seen`` are the names of the descriptions that are looked at with it. Raises InputError for a policy that cannot be
    used.
    """
    own = _rule_findings(loaded, seen or Names())
    policy = policy_beside(loaded.name)
    return _with_policy(policy, loaded, own) if policy else own


def _with_policy(policy: Policy, loaded: Loaded, own: Examination) -> Examination:
    """Return the findings with the severities of a policy, and its own, which no description can accept."""
    decided, kept = [], []
    for problem in own.problems:
        severity = policy.severity(problem)
        is_error = problem.severity == "error"
        usual = problem.severity if is_error else BY_DAY.get(problem.code, problem.severity)
        if problem.code in policy.rules and severity != usual:
            decided.append(f"{problem.code} counts as {severity}, not as {usual}")
        found = adjusted(problem, severity)
        kept += [found] if found else []
    added = list(policy.findings(loaded))
    decided += [f"{problem.code}: {problem.message}" for problem in added]
    problems = sorted([*kept, *added], key=lambda problem: (problem.line, problem.column, problem.code))
    return Examination(tuple(problems), own.accepted, policy, tuple(dict.fromkeys(decided)))


def _rule_findings(loaded: Loaded, seen: Names) -> Examination:
    """Return the findings of the rules alone."""
    reasons = {accepted.code: accepted.reason for accepted in loaded.accepted}
    found = sorted(_findings(loaded, seen), key=lambda problem: (problem.line, problem.column, problem.code))
    codes = {problem.code for problem in found}
    unused = [
        loaded.problem(
            UNUSED_ACCEPTANCE.code,
            f"accept[{place}].code",
            f"{accepted.code} is accepted here and not found",
            "remove the entry, so that a finding of this kind that appears later is seen",
            severity=UNUSED_ACCEPTANCE.severity,
        )
        for place, accepted in enumerate(loaded.accepted)
        # Whether two share a name shows only where both are looked at.
        if accepted.code not in {*codes, SHARED_NAME.code}
    ]
    return Examination(
        (*(problem for problem in found if problem.code not in reasons), *unused),
        tuple(AcceptedFinding(problem, reasons[problem.code]) for problem in found if problem.code in reasons),
    )


def _findings(loaded: Loaded, seen: Names) -> Iterator[Problem]:
    for rule in RULES:
        for finding in seen.findings(loaded) if rule is SHARED_NAME else rule.check(loaded.description):
            severity = finding.severity or rule.severity
            yield loaded.problem(
                rule.code,
                finding.key,
                finding.message,
                finding.hint,
                severity=severity,
                character=finding.character,
            )
