"""Codes of problems that make a file none that pexgen can use; rules begin at PXG101, in :mod:`pexgen.lint`."""

from __future__ import annotations

from typing import NamedTuple

from pexgen import sizes
from pexgen.description._nodes import MAX_DEPTH, MAX_NODES


class Code(NamedTuple):
    """A code, what it stands for in a few words, and the section of the documentation."""

    code: str
    title: str
    explanation: str


CODES: tuple[Code, ...] = (
    Code(
        "PXG001",
        "File cannot be read",
        "The file was not found, it is a folder, the system refuses to open it, or it is not a description but a "
        "runbook or another file that pexgen or a run wrote.",
    ),
    Code(
        "PXG002",
        "File too large",
        f"A description has at most {sizes.spoken(sizes.DESCRIPTION)}, which is room for some 20,000 members. A larger "
        "file is not read at all. Who has more members keeps them in a group and adopts it.",
    ),
    Code(
        "PXG003",
        "Not UTF-8",
        "Descriptions are UTF-8, with or without byte order mark. Windows PowerShell's `>` and `Out-File` write "
        "UTF-16; save the file again as UTF-8.",
    ),
    Code(
        "PXG004",
        "Forbidden character",
        "Control characters, line ends inside a value, byte order marks, and marks that change the direction of text. "
        "They cannot be seen, and a reviewer would approve something else than what runs. Line ends come from `|` and "
        "`>`; `>-` folds several lines of the file into one. In the file itself U+2028 and U+2029 are refused too, "
        'because YAML takes them for line ends and editors do not; as `"\\u2028"` they are possible.',
    ),
    Code(
        "PXG005",
        "Not YAML",
        "The file breaks off here for a YAML parser. What comes after that was not checked. Often it is a tab, a "
        "missing space after a colon, a quote that is not closed, or text with a colon that needs quotes.",
    ),
    Code("PXG006", "Nothing in the file", "The file is empty or holds comments only."),
    Code("PXG007", "Not keys with values", "The file is a list or a single value. A description begins with a key."),
    Code(
        "PXG008",
        "More than one document",
        "A line `---` begins a second document. One file describes one deployment; what comes after that was not "
        "checked.",
    ),
    Code(
        "PXG009",
        "Too deep or too much",
        f"The file has more than {MAX_DEPTH} levels, more than {MAX_NODES:,} keys and values, or more problems than "
        "can be listed. No description needs that.",
    ),
    Code(
        "PXG010",
        "Key given twice",
        "The same key is given twice in one section. YAML readers silently take the last one; a reviewer may have read "
        "the first.",
    ),
    Code(
        "PXG011",
        "Tag",
        "A word that begins with `!` tells a YAML reader what to make of a value, up to running code. pexgen acts on "
        "none; the key alone says what a value is.",
    ),
    Code(
        "PXG012",
        "Anchor, alias or merge key",
        "`&name`, `*name` and `<<` repeat what is written elsewhere. A description is approved as it is read, so each "
        "value is written where it is needed.",
    ),
    Code("PXG013", "Key is not text", "A key is a number, true or false, empty, a list or a mapping."),
    Code(
        "PXG014",
        "Value that YAML readers disagree on",
        "Without quotes, `no`, `on`, `0777`, `0x1F`, `12:30`, `1_000`, `1e3`, `2026-10-01` and the like are text to "
        "one YAML reader and something else to the next; typographic quotes around a text become part of it. Put "
        "text into straight quotes; write numbers in decimal and switches as `true` or `false`.",
    ),
    Code(
        "PXG015",
        "Key without value",
        "Nothing, `~` or `null` follows the key. No key of a description takes that: fill it in, or remove the key.",
    ),
    Code(
        "PXG016",
        "Looks like a secret",
        "A client secret, private key or token, or a key that would hold one. Nothing secret belongs in a "
        "description: it is kept in version control and attached to tickets. pexgen does not repeat the value in its "
        "messages. If the file has been sent or committed already, renew the secret.",
    ),
    Code("PXG020", "Unknown key", "The section has no such key. Misspelt or indented wrongly, mostly."),
    Code("PXG021", "Key is missing", "The section, method or platform needs this key, and it has no default."),
    Code(
        "PXG022",
        "Wrong type",
        "Text where a number or switch is wanted, a single value where a list is, or the like. Numbers that are "
        'meant as text need quotes: `version: "2019"`.',
    ),
    Code("PXG023", "Not one of the possible values", "The key takes one of a few values, in exactly this spelling."),
    Code(
        "PXG024",
        "Wrong form",
        "An address, GUID, domain or name that does not have the form that its key needs. A character that only looks "
        "like the right one, or that nobody sees, is named with its column.",
    ),
    Code(
        "PXG025",
        "Text too long or too short",
        "A text exceeds what Exchange, Pexip Infinity or pexgen takes, or is empty.",
    ),
    Code("PXG026", "Number out of range", "A number is smaller or greater than Exchange or Pexip Infinity takes."),
    Code("PXG027", "Too few or too many entries", "A list or section is empty where something is needed, or too long."),
    Code(
        "PXG028",
        "Key does not belong here",
        "The key exists, but not with this method or platform. It would have no effect, which is rarely what was "
        "meant.",
    ),
    Code(
        "PXG029",
        "Add-in's manifest cannot be used",
        f"The file under `add_in.manifest` was not found, is larger than {sizes.spoken(sizes.ADD_IN_MANIFEST)}, has a "
        "document type or entities, or is not the XML manifest of an Outlook add-in by schema 1.1: an ID (a GUID), a "
        "version of one to four numbers, each of at most four digits, a publisher and a name of at most 125 "
        "characters, and a permission. It is data: nothing in it is loaded, fetched or run. The unified manifest for "
        "Microsoft 365 (JSON) is another file, which New-App does not take.",
    ),
    Code(
        "PXG088",
        "Not an EWS usage report",
        "The file given to `ews-usage` is not the CSV file that the Microsoft 365 admin center exports: UTF-8, commas, "
        "one row for each application and action, with a column AppId.",
    ),
    Code(
        "PXG090",
        "Method is not available yet",
        "The schema knows the method and its keys, and this version of pexgen has no reviewed runbook for it on that "
        "platform. `render`, `rehearse` and `values` refuse it; `lint` checks the description all the same.",
    ),
    Code(
        "PXG091",
        "Not a simulated tenant",
        "The file given to `rehearse --from` cannot be read, is not the state of a simulated tenant, or is what a "
        "discovery found in another organization than the description's.",
    ),
    Code(
        "PXG092", "Runbook not found", "The runbook given to `rehearse` was not found, cannot be read, or is a folder."
    ),
    Code(
        "PXG094",
        "Not a runbook",
        "The file given to `verify`, `diff`, `plan` or `rehearse` cannot be read, is not a runbook of `render`'s, or "
        "has a method or a value that this pexgen cannot use, such as an add-in's file that was not found. `verify` "
        "says of a runbook what was changed in it, and of two descriptions that they have one name.",
    ),
    Code(
        "PXG096",
        "Not a discovery",
        "The file given to `init --from` or `rehearse --from` cannot be read, or is not what the script of "
        "`pexgen discover` wrote.",
    ),
    Code(
        "PXG097",
        "Not what a run wrote",
        "The file given to `report` or `plan --check` cannot be read, is not a result, journal or change record, or is "
        "of another deployment, tenant, mode or body than the one that the record is for.",
    ),
    Code(
        "PXG098",
        "Policy cannot be used",
        "The file `pexgen.yaml` beside the description is not a policy. It is not passed over: nothing is linted, "
        "rendered or planned under rules that nobody can read.",
    ),
    Code(
        "PXG099",
        "Not as your policy asks",
        "The policy beside the description requires a key that is not stated, forbids a value that is, or allows "
        "addresses of other domains alone.",
    ),
)
"""Every code of this kind, in its order."""
