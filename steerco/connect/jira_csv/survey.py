"""The first look over a Jira export: which column is what, how dates and numbers are written, who is whose parent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from steerco.connect.csv_rows import Dialect
from steerco.connect.dates import DateEvidence, DateStyle, date_styles, doubt
from steerco.connect.items import Unreadable
from steerco.connect.jira_csv.mapping import DATES, LINK, LINKS, LOST, ROLES, STRUCTURE, TARGETS, role_of
from steerco.connect.protocol import Notes
from steerco.connect.tame import NumberStyle, key, line, number_style
from steerco.connect.vocabulary import plain

MOST_ROWS = 1_000_000
ISSUE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}-\d{1,9}")


@dataclass(slots=True)
class Survey:
    """What the first pass learnt. `columns` maps a role to its columns, `custom` a column to a custom field's name."""

    dialect: Dialect
    header: list[str]
    header_row: int
    columns: dict[str, list[int]]
    links: list[tuple[int, str, str]]  # column, inward or outward, name of the link
    custom: dict[int, str]
    dates: dict[str, DateStyle] = field(default_factory=dict)
    numbers: NumberStyle = field(default_factory=NumberStyle)
    keys: dict[str, int] = field(default_factory=dict)  # issue key -> row
    ids: dict[str, str] = field(default_factory=dict)  # issue id -> issue key
    parents: dict[str, str] = field(default_factory=dict)  # issue key -> parent's key or id as written
    projects: list[str] = field(default_factory=list)


def survey(
    rows: Iterator[tuple[int, list[str]]],
    name: str,
    dialect: Dialect,
    mapping: Mapping[str, str],
    notes: Notes,
) -> Survey:
    """Read all rows once. Raises Unreadable without a header, an issue key or a single issue."""
    found = _header(rows, name, dialect, mapping)
    evidence = {role: DateEvidence() for role in DATES if role in found.columns}
    filled = [0] * len(found.header)
    samples: list[str] = []
    width = len(found.header)
    key_at, parents_at = found.columns["key"][0], _parent_columns(found)
    count = named = 0
    projects: dict[str, None] = {}
    for number, row in rows:
        if not any(row):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Unreadable(f"{name} has more than {MOST_ROWS} issues.", "Export fewer issues at once.")
        for at, cell in enumerate(row[:width]):
            if cell:
                filled[at] += 1
        identity = key(row[key_at]) if key_at < len(row) else ""
        named += bool(identity)
        if identity and identity not in found.keys:
            found.keys[identity] = number
            for at in found.columns.get("id", ()):
                if at < len(row) and row[at]:
                    found.ids[row[at].strip()] = identity
            for at in parents_at:
                if at < len(row) and row[at].strip():
                    found.parents[identity] = row[at].strip()[:200]
                    break
        for role, gathered in evidence.items():
            for at in found.columns[role]:
                if at < len(row) and row[at]:
                    gathered.add(row[at])
        if len(samples) < 5_000:
            samples += [
                row[at]
                for role in ("points",)
                for at in found.columns.get(role, ())
                if at < len(row) and row[at]
            ]
        for at in found.columns.get("project", ())[:1]:
            if at < len(row) and row[at] and len(projects) < 100:
                projects[line(row[at])] = None
    repeated = named - len(found.keys)
    if repeated > 10 and repeated > named / 4:
        raise Unreadable(
            f"{name}: the same issue keys stand in many rows ({repeated} of {named} repeat): this is a list of links, "
            "changes or comments, not of issues.",
            "Export the issues themselves; their links come along.",
        )
    if not count:
        notes.warn("The file has a header and no issues.", remedy="Check the filter that was exported.")
    found.projects = list(projects)
    if len(found.projects) > 1:
        notes.warn(
            f"The file holds issues of {len(found.projects)} projects.",
            remedy="Export one project at a time.",
        )
    found.dates = date_styles(evidence)
    for role, style in found.dates.items():
        if sentence := doubt(style):
            at = found.columns[role][0]
            notes.warn(
                sentence, where=f"column {line(found.header[at])}", remedy="Export with dates as 2025-04-03."
            )
    found.numbers = number_style(samples, comma_likely=dialect.delimiter == ";")
    _resolve_parents(found, notes)
    _note_columns(found, filled, notes)
    return found


def _header(
    rows: Iterator[tuple[int, list[str]]], name: str, dialect: Dialect, mapping: Mapping[str, str]
) -> Survey:
    number, row = 0, [""]
    for number, row in rows:  # noqa: B007 - used after the loop
        if any(cell.strip() for cell in row):
            break
    else:
        raise Unreadable(f"{name} holds no rows.", "Export it again.")
    header = [line(cell) for cell in row]
    said = {plain(column): role for column, role in mapping.items()}
    unknown = sorted(set(said.values()) - set(ROLES.values()) - {""})
    if unknown:
        raise Unreadable(
            f"{name}: the mapping names {', '.join(line(role, 40) for role in unknown)}, which no issue has.",
            f"Use some of: {', '.join(sorted(set(ROLES.values())))}.",
        )
    found = Survey(dialect, header, number, {}, [], {})
    for at, title in enumerate(header):
        role = said.get(plain(title), role_of(title))
        link = LINK.fullmatch(plain(title))
        if role:
            found.columns.setdefault(role, []).append(at)
        elif link:
            found.links.append((at, link[1].lower(), link[2].strip()))
        elif title and not _lost(title) and not STRUCTURE.fullmatch(_plain(title)):
            found.custom[at] = re.sub(r"^Custom field \((.*)\)$", r"\1", title)
    if "key" not in found.columns and "title" in found.columns:
        ids = [column for column, title in enumerate(header) if plain(title) == "id"]
        if ids:
            found.columns["key"] = ids[:1]
            found.custom.pop(ids[0], None)
    if "key" not in found.columns:
        raise Unreadable(
            f"{name}, row {number}: there is no column with the issue key.",
            'Export again with the column “Issue key”, or name it: mapping={"your column": "key"}.',
        )
    return found


def _plain(title: str) -> str:
    return ("σ " if title.lstrip().startswith(("Σ", "σ")) else "") + plain(title.replace("Σ", ""))


def _lost(title: str) -> str:
    word = _plain(title)
    return next((why for pattern, why in LOST if pattern.fullmatch(word)), "")


def _parent_columns(found: Survey) -> list[int]:
    """Columns that may name the parent, the most telling first: a key before an id, the parent before the epic."""
    order = {"parent key": 0, "parent issue key": 0, "parent": 1, "parent id": 2}
    parents = sorted(found.columns.get("parent", ()), key=lambda at: order.get(plain(found.header[at]), 1))
    return [*parents, *found.columns.get("parent_link", ()), *found.columns.get("epic", ())]


def _resolve_parents(found: Survey, notes: Notes) -> None:
    """Turn ids into keys, and leave out parents that are not in the file or stand in a circle."""
    for child, written in list(found.parents.items()):
        parent = written if written in found.keys else found.ids.get(written, "")
        if not parent:
            notes.warn(
                f"The parent {line(written, 60)} is not in the file.",
                where=f"row {found.keys[child]}",
                field="Parent",
                remedy="Export the parents too.",
            )
            del found.parents[child]
        else:
            found.parents[child] = parent
    safe: set[str] = set()
    for child in list(found.parents):
        path: list[str] = []
        at = child
        while at in found.parents and at not in safe and at not in path:
            path.append(at)
            at = found.parents[at]
            if len(path) > 1_000:
                break
        if at in path or len(path) > 1_000:
            notes.warn(
                f"Its chain of parents runs in a circle or has no end: {' → '.join(path[:6])}; it stands without a parent.",
                where=f"row {found.keys[child]}",
                remedy="Correct the parent in Jira.",
            )
            del found.parents[child]
        else:
            safe.update(path)


def _note_columns(found: Survey, filled: list[int], notes: Notes) -> None:
    said = {at: role for role, columns in found.columns.items() for at in columns}
    linked = {at: name for at, _, name in found.links}
    for at, title in enumerate(found.header):
        if not filled[at] or not title:
            continue
        role = said.get(at, "")
        if role in TARGETS:
            notes.mapped(title, f"work-items.{TARGETS[role]}", filled[at])
            if role == "due":
                notes.mapped(title, "work-items.planned_finish", filled[at])
        elif at in linked:
            if plain(linked[at]) in LINKS:
                notes.mapped(title, "dependencies", filled[at])
            else:
                notes.lost(
                    title, f"Links “{line(linked[at], 40)}” order no work; they are kept as text.", filled[at]
                )
        elif at in found.custom:
            notes.mapped(title, "work-items.custom", filled[at])
        elif why := _lost(title):
            notes.lost(title, why, filled[at])
