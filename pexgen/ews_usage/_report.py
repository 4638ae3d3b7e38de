"""Reads ``EWSWeeklyUsage_<date>.csv``: one row for each application and SOAP action.

Only the column of the application's ID is documented. Every other one is found by its name, where it is there, and more
columns are passed over.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from pexgen import sizes
from pexgen.description import longest
from pexgen.errors import InputError, Problem
from pexgen.inputs import is_utf16

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("appid", "applicationid", "clientid", "clientappid"),
    "name": ("appname", "applicationname", "appdisplayname", "displayname"),
    "requests": (
        "requests",
        "requestcount",
        "count",
        "calls",
        "callcount",
        "totalrequests",
        "numberofrequests",
        "ewscalls",
    ),
    "seen": ("lastseen", "lastactivitydate", "lastactivity", "lastused", "date", "reportdate", "activitydate"),
    "made": ("reportrefreshdate", "refreshdate"),
    "period": ("reportperiod", "period", "days"),
}
"""What a column may be called, without case, blanks and punctuation."""

_FROM_FILE = re.compile(r"EWSWeeklyUsage_(\d{1,2})_(\d{1,2})_(\d{4})(?:_|\.|$| )", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_HINT = "give the CSV file as the Microsoft 365 admin center exports it (EWSWeeklyUsage_...csv), unchanged"
_PERIODS = (7, 30, 90)


@dataclass(slots=True)
class ReportedApplication:
    """One application in the report; what the report does not say is None, or an empty name."""

    client_id: str
    name: str = ""
    requests: int | None = None
    last_seen: date | None = None


@dataclass(frozen=True, slots=True)
class UsageReport:
    """A report: its applications, the busiest first, when it was made, its days, and rows without an application."""

    applications: tuple[ReportedApplication, ...]
    made: date | None
    days: int | None
    odd: tuple[str, ...] = field(default=())


def read_report(data: bytes, name: str) -> UsageReport:
    """Read a report from the bytes of the file that messages call ``name``.

    Raises :class:`InputError` for whatever is no such report.
    """
    text = _decoded(data, name)
    rows = _rows(text, name)
    head = next(rows, [])
    columns = _columns(head, text, name)
    applications: dict[str, ReportedApplication] = {}
    odd, made, periods = [], [], []
    for number, row in enumerate(rows, start=2):
        cells = {what: row[place].strip() for what, place in columns.items() if place < len(row)}
        if not any(cell.strip() for cell in row):
            continue
        client_id = cells.get("id", "").strip("{}").casefold()
        if not _GUID.fullmatch(client_id):
            odd.append(f"row {number}: {cells.get('id', '')[:60]!r} is not an application ID")
            continue
        _count(applications.setdefault(client_id, ReportedApplication(client_id)), cells)
        made.append(_date(cells.get("made", "")))
        periods.append(cells.get("period", ""))
    if not applications:
        raise _refused(name, "the report names no application", "export it again, for a period in which EWS was used")
    ordered = sorted(applications.values(), key=lambda each: (-(each.requests or 0), each.client_id))
    dates = [each for each in made if each]
    return UsageReport(tuple(ordered), max(dates) if dates else _file_date(name), _days(periods), tuple(odd))


def _decoded(data: bytes, name: str) -> str:
    if len(data) > sizes.USAGE_REPORT:
        raise _refused(
            name, f"the file is larger than {sizes.spoken(sizes.USAGE_REPORT)}, which no such report is", _HINT
        )
    if is_utf16(data):
        raise _refused(name, "the file is UTF-16, as Excel saves 'Unicode Text'", _HINT)
    if b"\0" in data:
        raise _refused(name, "the file is binary, not CSV", _HINT)
    try:
        text = data.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(name, f"the file is not UTF-8: byte {data[error.start]:#04x}", _HINT) from error
    if not text.strip():
        raise _refused(name, "the file is empty", _HINT)
    return text


def _rows(text: str, name: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise _refused(name, f"the file is not CSV: {error}", _HINT) from error


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())


def _columns(head: list[str], text: str, name: str) -> dict[str, int]:
    found = {}
    for what, names in _COLUMNS.items():
        places = [place for place, cell in enumerate(head) if _plain(cell) in names]
        if places:
            found[what] = min(places, key=lambda place: names.index(_plain(head[place])))
    if "id" in found:
        return found
    first = text.splitlines()[0] if text.splitlines() else ""
    for separator, called in ((";", "semicolons"), ("\t", "tabs")):
        if any(_plain(cell) in _COLUMNS["id"] for cell in first.split(separator)):
            raise _refused(name, f"its columns are separated by {called}, as Excel saves them in some languages", _HINT)
    raise _refused(name, "the file has no column AppId", _HINT)


def _count(application: ReportedApplication, cells: Mapping[str, str]) -> None:
    application.name = application.name or _shown(cells.get("name", ""))
    digits = re.sub(r"[,.\u00a0\u202f ](?=\d{3}\b)", "", cells.get("requests", ""))
    if digits.isascii() and digits.isdigit():
        application.requests = (application.requests or 0) + int(digits)
    seen = _date(cells.get("seen", ""))
    if seen and (application.last_seen is None or seen > application.last_seen):
        application.last_seen = seen


def _shown(text: str) -> str:
    """Return a name that a description takes: on one line, printable, not too long; else none."""
    return text if text.isprintable() and len(text) <= longest("application.name") else ""


def _date(text: str) -> date | None:
    """Return a day as the report writes it: ISO, or month before day as the admin center does."""
    iso, slashed = _ISO.fullmatch(text), _SLASHED.fullmatch(text)
    if iso:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    return _day(int(slashed[3]), int(slashed[1]), int(slashed[2])) if slashed else None


def _file_date(name: str) -> date | None:
    found = _FROM_FILE.search(PurePath(name).name)
    return _day(int(found[3]), int(found[1]), int(found[2])) if found else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _days(periods: list[str]) -> int | None:
    """Return the report's period, where it names one that there is."""
    found = {int(each[1]) for text in periods if (each := re.fullmatch(r"D?(\d{1,3})(?: days?)?", text))}
    return found.pop() if len(found) == 1 and found <= set(_PERIODS) else None


def _refused(name: str, message: str, hint: str) -> InputError:
    return InputError((Problem("PXG088", message, name, hint=hint),))
