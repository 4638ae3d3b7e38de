"""From a description and its runbook to the plan."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from pexgen import __version__
from pexgen.access import accesses_of
from pexgen.description import load
from pexgen.lint import BY_DAY, examine
from pexgen.manifest import sha256_of, source_digest
from pexgen.parameters import deployment_parameters, details_read, parameter_value
from pexgen.plan import _actions, _back_out, _tests
from pexgen.plan._check_summary import summarize_check
from pexgen.plan._in_short import FACTS_AS_OF, dates_that_matter, not_stated
from pexgen.plan._objects import parts_and_links
from pexgen.plan._operator import operator_of
from pexgen.plan._procedure import common_items, items_of, manual_tasks
from pexgen.plan._reach import others_and_ews, reach_rows
from pexgen.plan._steps import plan_step
from pexgen.plan.model import ChangeRequest, Digests, Plan, PolicyApplied, RecordedFinding, Review
from pexgen.records import common_record_table, method_record_table, record_tables, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pexgen.description import Description
    from pexgen.errors import Problem
    from pexgen.lint import Examination
    from pexgen.literals import Value
    from pexgen.policy import Policy
    from pexgen.render import Rendered, Renderer
    from pexgen.run_records import RunResult


def make_plan(source: bytes, file: str, renderer: Renderer, check: RunResult | None = None) -> Plan:
    """Return the plan of the description ``source``, which messages call ``file``.

    ``check`` is the result of a Check of the tenant: the plan then says what differs there. Raises what
    :meth:`pexgen.render.Renderer.render` raises, because a runbook that cannot be rendered has no plan, and
    :class:`InputError` for the result of something else.
    """
    return plan_of(renderer.render(source, file), source, file, renderer.catalogue.folder, check)


def plan_of(rendered: Rendered, source: bytes, file: str, folder: Path, check: RunResult | None = None) -> Plan:
    """Return the plan of a runbook that was rendered from ``source`` with the templates in ``folder``."""
    description, method = rendered.description, rendered.body.method
    tables = record_tables(folder, method)
    texts = texts_of(folder, tables, _given(description))
    steps = tuple(plan_step(step, tables[step.id], texts) for step in method.steps)
    accesses = {step.id: tuple(accesses_of(step.id, tables[step.id], texts)) for step in steps if step.asked}
    add_in = description.add_in
    digests = Digests(
        runbook=sha256_of(rendered.runbook),
        body=rendered.body.digest,
        description=source_digest(source),
        manifest=add_in.manifest_sha256 if add_in else "",
    )
    out_of_reach = description.proof.out_of_scope if description.proof else ()
    parts, links = parts_and_links(steps, texts, out_of_reach, accesses)
    target = description.target
    examination = examine(load(source, file))
    review, change = _review(rendered), _change(description)
    operator, found = operator_of(description, steps), summarize_check(check, description, digests) if check else None
    commands = _actions.command_parts(description, steps, method, is_reviewed=review is not None)
    own = (*(tables[step.id] for step in steps), method_record_table(folder, method))
    items = items_of(own, texts, commands.by_name())
    items = (*common_items(common_record_table(folder), items, texts, commands.by_name()), *items)
    tasks = manual_tasks(items, description)
    context = _actions.PlanContext(
        description=description,
        file=Path(file).name,
        steps=steps,
        digests=digests,
        operator=operator,
        items=items,
        commands=commands,
    )
    return Plan(
        name=description.name,
        runbook=f"{description.name}.ps1",
        description=context.file,
        manifest=add_in.manifest if add_in else "",
        pexgen=__version__,
        method=method.id,
        platform=method.platform,
        title=method.title,
        target=_target(description),
        environment=target.environment if method.platform == "exchange-online" else f"Exchange Server {target.version}",
        purpose=f"{method.synopsis} {method.description}",
        change=change,
        reach=reach_rows(steps, accesses),
        other_ews=others_and_ews(steps, texts),
        parts=parts,
        links=links,
        out_of_reach=out_of_reach,
        operator=operator,
        steps=steps,
        checked=found,
        worst=tuple(sorted((each for step in steps for each in step.worst), key=lambda each: each.rank)),
        dates=dates_that_matter(description),
        facts_as_of=FACTS_AS_OF,
        not_stated=not_stated(description, change, tasks),
        pre_checks=_actions.pre_checks(context),
        implementation=_actions.implementation(context),
        tests=_tests.tests(context),
        no_return=_back_out.no_return(context),
        back_out=_back_out.back_out(context),
        undo=_back_out.undo(steps),
        never=method.never,
        tasks=tasks,
        findings=_findings(examination),
        policy=_policy(examination),
        review=review,
        digests=digests,
    )


def _given(description: Description) -> Mapping[str, Value]:
    """Return the description's value for every parameter, and what an add-in's manifest says that no runbook has."""
    return {each.name: parameter_value(description, each) for each in (*deployment_parameters(), *details_read())}


def _target(description: Description) -> str:
    target = description.target
    return f"{target.organization}, tenant {target.tenant_id}" if target.organization else str(target.accepted_domain)


def _change(description: Description) -> ChangeRequest:
    change = description.change
    given = {each.name: (change and getattr(change, each.name)) or "" for each in fields(ChangeRequest)}
    return ChangeRequest(**given)


def _review(rendered: Rendered) -> Review | None:
    review = rendered.review
    return Review(by=review.by, date=review.date, notes=review.notes) if review else None


def _policy(examination: Examination) -> PolicyApplied | None:
    policy = examination.policy
    return PolicyApplied(file=policy.file, digest=policy.digest, decided=examination.decided) if policy else None


def _findings(examination: Examination) -> tuple[RecordedFinding, ...]:
    accepted = [(each.problem, each.reason, None) for each in examination.accepted]
    opened = [(problem, "", examination.policy) for problem in examination.problems]
    return tuple(
        RecordedFinding(code=each.code, severity=_severity(each, policy), message=each.message, reason=reason)
        for each, reason, policy in (*accepted, *opened)
    )


def _severity(problem: Problem, policy: Policy | None) -> str:
    """That of the rule, or of the policy, where the day decides: a description gives the same record on every day."""
    own = BY_DAY.get(problem.code)
    if own is None:
        return problem.severity
    return policy.rules.get(problem.code, own) if policy else own
