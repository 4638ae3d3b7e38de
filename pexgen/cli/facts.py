"""``pexgen facts``: what pexgen knows of Microsoft's and Pexip's announcements, and from whom."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pexgen.cli._completion_values import one_of

if TYPE_CHECKING:
    from pexgen.vendor_fact_kinds import Source

_FORMATS = ("text", "json")
_WIDTH = 80


def facts(
    output_format: Annotated[
        str,
        typer.Option(
            "--format", metavar="|".join(_FORMATS), autocompletion=one_of(_FORMATS), help="How they are written."
        ),
    ] = "text",
) -> None:
    """Print the dates, versions and licenses that runbooks, plans and rules rest on, each with its source.

    They are in pexgen and are not looked up: an announcement that is newer than the day on which they were checked is
    not among them. After 90 days pexgen says that they are old.

    Exit codes: 0 printed, 2 usage.

    Examples:
        pexgen facts

        pexgen facts --format json
    """
    from pexgen import clock
    from pexgen.cli._outputs import show
    from pexgen.output import chosen_form

    form, today = chosen_form(output_format, "", _FORMATS), clock.today()
    show(_as_json(today) if form == "json" else "\n".join(_lines(today)) + "\n", is_prose=form == "text")


def _lines(today: date) -> Iterator[str]:
    from pexgen.vendor_facts import DATED, DELAYS, EWS_OTHER_CLOUDS, EWS_SECOND_PHASE, LICENSES, VERSIONS, age_of

    yield from textwrap.wrap(age_of(today)[0], _WIDTH)
    for fact in DATED:
        yield from _entry(fact.value, f"{fact.text} ({_clouds(fact.clouds)})", fact.source)
    yield from _entry("without a date", f"{EWS_SECOND_PHASE}. {EWS_OTHER_CLOUDS}", _second_phase())
    for version in VERSIONS:
        yield from _entry(version.value, version.text, version.source)
    for delay in DELAYS:
        yield from _entry(delay.value, delay.text, delay.source)
    for each in LICENSES:
        yield from _entry(each.name, each.text, each.source)


def _entry(name: str, text: str, source: Source) -> Iterator[str]:
    yield ""
    yield name
    for line in (*textwrap.wrap(f"{text}.", _WIDTH - 2), *textwrap.wrap(f"Source: {source}", _WIDTH - 2)):
        yield f"  {line}"
    yield f"  {source.address}"


def _clouds(clouds: tuple[str, ...]) -> str:
    from pexgen.vendor_fact_kinds import EVERY_CLOUD

    if not clouds:
        return "Exchange Server"
    return "every cloud" if clouds == EVERY_CLOUD else ", ".join(clouds)


def _second_phase() -> Source:
    from pexgen.vendor_facts import EWS_LIST_REQUIRED

    return EWS_LIST_REQUIRED.source


def _as_json(today: date) -> str:
    from pexgen.vendor_facts import CHECK_AGAIN_DAYS, CHECKED, DATED, DELAYS, LICENSES, VERSIONS, age_of

    told: dict[str, Any] = {
        "format": "pexgen.facts/1",
        "checked": str(CHECKED),
        "checkAgainAfterDays": CHECK_AGAIN_DAYS,
        "isOld": age_of(today)[1],
        "dates": [
            {
                "name": fact.name,
                "date": str(fact.day)[:7] if fact.is_month else str(fact.day),
                "clouds": list(fact.clouds),
                "text": fact.text,
                "source": fact.source._asdict(),
            }
            for fact in DATED
        ],
        "versions": [_plain(each.name, each.value, each.text, each.source) for each in VERSIONS],
        "delays": [_plain(each.name, each.value, each.text, each.source) for each in DELAYS],
        "licenses": [_plain(each.name, "", each.text, each.source) for each in LICENSES],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _plain(name: str, value: str, text: str, source: Source) -> dict[str, Any]:
    given = {"value": value} if value else {}
    return {"name": name, **given, "text": text, "source": source._asdict()}
