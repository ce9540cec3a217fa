"""Jira CSV in, streamed in two passes: the first learns columns, date styles and hierarchy, the second yields items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from steerco.connect.csv_rows import csv_rows, detect_dialect
from steerco.connect.items import Item, Reading, ReadLink, ReadProject
from steerco.connect.jira_csv.issues import Issues
from steerco.connect.jira_csv.mapping import OWNED, role_of
from steerco.connect.jira_csv.survey import Survey, survey
from steerco.connect.protocol import Input, Notes, Opening, guarded, owned
from steerco.connect.safe_open import Source, open_source

SYSTEM = "jira-csv"
LABEL = "Jira CSV export"
_KEY = re.compile(r"(?:^|[,;\t\"])[A-Z][A-Z0-9_]{1,20}-\d{1,7}(?=[,;\t\"\r\n])", re.MULTILINE)
_TELLING = re.compile(
    r"custom field \(|issue key|issuekey|status category|Σ |issue link \(|vorgangsschlüssel|clave de incid"
)


def claims(opening: Opening) -> int:
    """A header with an issue key and a summary, and keys like ABC-12 below it."""
    if opening.root or opening.members or "\n" not in opening.text.replace("\r", "\n"):
        return 0
    header, _, rest = opening.text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    roles = {role_of(cell.strip().strip('"')) for cell in re.split(r"[,;\t]", header)}
    if not {"key", "title"} <= roles and not {"key", "type"} <= roles:
        by_number = "id" in header.lower() and {"title", "status"} <= roles
        if not by_number or not _KEY.search(rest):
            return 0
    if not _KEY.search(rest):
        return 60 if _TELLING.search(header.lower()) else 0
    return 90 if _TELLING.search(header.lower()) else 75


@guarded
def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """Everything a Jira CSV export gives. `mapping` is {column: role} for columns with other names. Raises Unreadable."""
    source = open_source(path_or_bytes, name)
    notes = Notes()
    found = learn(source, notes, mapping)
    items: list[Item] = []
    links: list[ReadLink] = []
    for thing in stream(source, found, notes):
        if isinstance(thing, Item):
            items.append(thing)
        else:
            links.append(thing)
    return Reading(
        SYSTEM,
        source.name,
        project_of(found, source.name),
        tuple(items),
        tuple(links),
        notes=notes.all(),
        owned=owned("work-items", OWNED),
    )


def learn(source: Source, notes: Notes, mapping: Mapping[str, str] | None = None) -> Survey:
    """First pass: columns, styles, keys and parents. Raises Unreadable when it is no table of issues."""
    dialect = detect_dialect(source, notes)
    return survey(csv_rows(source, dialect, notes), source.name, dialect, mapping or {}, notes)


def stream(source: Source, found: Survey, notes: Notes) -> Iterator[Item | ReadLink]:
    """Second pass: items in the file's order, each followed by its links. Memory does not grow with descriptions."""
    issues = Issues(found, notes)
    quiet = Notes()  # what the first pass has said about quotation marks need not be said twice
    for number, row in csv_rows(source, found.dialect, quiet):
        if number > found.header_row:
            yield from issues.of(number, row)


def project_of(found: Survey, name: str) -> ReadProject:
    """The project's name when all issues are of one, else the file's."""
    return ReadProject(name=found.projects[0] if len(found.projects) == 1 else name)
