"""TaskJuggler CSV in: whatever columns the report was defined with, outline by id, BSI or indentation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from steerco.connect.csv_rows import csv_rows, detect_dialect
from steerco.connect.dates import DateEvidence, DateStyle, date_styles, doubt
from steerco.connect.durations import working_minutes
from steerco.connect.items import Item, Reading, ReadLink, ReadProject, Unreadable
from steerco.connect.protocol import Input, Notes, Opening, guarded, owned
from steerco.connect.safe_open import open_source
from steerco.connect.tame import NumberStyle, Wild, is_empty, key, line, number_style, percent, prose, words
from steerco.connect.taskjuggler_csv.mapping import COLUMNS, LOST, OWNED, TARGETS
from steerco.engine.plan import Constraint, LinkType

SYSTEM = "tjcsv"
LABEL = "TaskJuggler CSV report"
MOST_ROWS = 200_000
_ID = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_INDENTED = re.compile(r'^(?:"?\s{2,}\S|[^\n]{0,80}[;,]"\s{2,}\S)', re.MULTILINE)
_PRECURSOR = re.compile(r"\(([\w.]{1,300})\)\s*(\]->\[|\[->\[|\]->\]|\[->\])")
_ARROWS = {"]->[": LinkType.FS, "[->[": LinkType.SS, "]->]": LinkType.FF, "[->]": LinkType.SF}

Row = dict[str, str]


def claims(opening: Opening) -> int:
    """A header of TaskJuggler's titles, with dotted ids or an outline by indentation below it."""
    if opening.root or opening.members or "\n" not in opening.text:
        return 0
    header, _, rest = opening.text.lstrip("\ufeff").partition("\n")
    titles = [cell.strip().strip('"').lower() for cell in re.split(r"[;,\t]", header)]
    known = [title for title in titles if title in COLUMNS]
    if (
        len(known) < max(2, len(titles) - 2)
        or "name" not in known
        or "start" not in known
        or "end" not in known
    ):
        return 0
    dotted = re.search(r'[;,]"?[A-Za-z_]\w*\.[A-Za-z_][\w.]*"?[;,]', rest) is not None
    return 85 if ("id" in known and dotted) or _INDENTED.search(rest) else 0


@guarded
def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """Everything a TaskJuggler CSV report gives. Its durations are time on the clock. Raises Unreadable."""
    source = open_source(path_or_bytes, name)
    notes = Notes()
    rows = _rows(csv_rows(source, detect_dialect(source, notes), notes), source.name, notes)
    evidence = {column: DateEvidence() for column in ("start", "end")}
    for column, found in evidence.items():
        for _, row in rows:
            found.add(row.get(column, ""))
    dates = date_styles(evidence)
    for column, style in dates.items():
        if sentence := doubt(style):
            notes.warn(sentence, where=f"column {column}", remedy='Set timeformat "%Y-%m-%d" in the report.')
    numbers = number_style(row.get(c, "") for _, row in rows for c in ("duration", "effort", "cost"))
    outline = _Outline(bool(rows and any(row.get("id") for _, row in rows)))
    items: list[Item] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        identity, parent = outline.place(row)
        where = f"row {number}"
        if identity in seen:
            scenario = " (one row per scenario?)" if row.get("scenario") else ""
            notes.refused(
                f"“{line(row.get('name'))}” has the same identity ({identity}) as row {seen[identity]}{scenario}.",
                where=where,
                remedy="Report one scenario, with the column id.",
            )
            continue
        seen[identity] = number
        fields = _fields(row, where, dates, numbers, notes)
        fields["position"] = len(items) + 1
        items.append(Item("work-items", identity, fields, where, parent if parent in seen else ""))
    links = _links(rows, seen, notes)
    return _reading(source.name, items, links, notes)


def _reading(name: str, items: list[Item], links: list[ReadLink], notes: Notes) -> Reading:
    parents = {item.parent for item in items}
    linked = {link.successor for link in links}
    finished = []
    for item in items:
        fields = dict(item.fields)
        if item.key in parents:
            fields["kind"] = "summary"
        elif item.key not in linked and fields.get("planned_start"):
            fields["constraint"] = Constraint.SNET.value
            fields["constraint_date"] = fields["planned_start"]
        finished.append(replace(item, fields=fields))
    if items and not links:
        notes.warn(
            "The report has no links: each task keeps its own start as its earliest start.",
            remedy="Add the column “precursors” to the report, or import the MSPDI export.",
        )
    starts = [i.fields["planned_start"] for i in finished if i.fields.get("planned_start")]
    top = [item for item in finished if not item.parent]
    return Reading(
        SYSTEM,
        name,
        ReadProject(
            name=str(top[0].fields["title"]) if len(top) == 1 else name, start=min(starts, default=None)
        ),
        tuple(finished),
        tuple(links),
        notes=notes.all(),
        owned=owned("work-items", OWNED),
    )


def _rows(records: Any, name: str, notes: Notes) -> list[tuple[int, Row]]:
    header: list[str] = []
    found: list[tuple[int, Row]] = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [COLUMNS.get(line(cell).lower(), f"?{line(cell, 60)}") for cell in cells]
            if "name" not in header or not {"start", "end"} & set(header):
                raise Unreadable(
                    f"{name}, row {number}: the columns Name and Start or End are missing.",
                    "Define the report with: columns name, id, start, end, duration.",
                )
            continue
        if len(found) >= MOST_ROWS:
            raise Unreadable(f"{name} has more than {MOST_ROWS} rows.", "Report a part of the project.")
        if len(cells) != len(header):
            notes.warn(f"The row has {len(cells)} cells, the header {len(header)}.", where=f"row {number}")
        found.append((number, dict(zip(header, cells))))
    if not header:
        raise Unreadable(f"{name} has no header.", "Export the report again.")
    if not found:
        notes.warn("The report has a header and no rows.", remedy="Check what the report hides.")
    for column in header:
        filled = sum(1 for _, row in found if row.get(column, "").strip())
        if column.startswith("?"):
            notes.lost(column[1:], f"The column “{column[1:]}” is not known here.", filled or 1)
        elif column in LOST and filled:
            notes.lost(column, LOST[column], filled)
        elif column in TARGETS and filled:
            notes.mapped(column, f"work-items.{TARGETS[column]}", filled)
    return found


class _Outline:
    """Identity and parent of rows: by dotted id, else by BSI, else by indentation of the name."""

    def __init__(self, by_id: bool) -> None:
        self._by_id = by_id
        self._stack: list[tuple[int, str]] = []

    def place(self, row: Row) -> tuple[str, str]:
        """(key, parent's key)."""
        identity, bsi = key(row.get("id")), key(row.get("bsi"))
        if self._by_id and identity:
            return identity, identity.rpartition(".")[0]
        if bsi:
            return bsi, bsi.rpartition(".")[0]
        name = row.get("name", "")
        depth = len(name) - len(name.lstrip())
        while self._stack and self._stack[-1][0] >= depth:
            self._stack.pop()
        parent = self._stack[-1][1] if self._stack else ""
        path = key(f"{parent}/{line(name)}" if parent else line(name))
        self._stack.append((depth, path))
        return path, parent


def _fields(
    row: Row, where: str, dates: Mapping[str, DateStyle], numbers: NumberStyle, notes: Notes
) -> dict[str, Any]:
    def take(column: str, convert: Any) -> Any:
        text = row.get(column, "")
        if is_empty(text):
            return None
        try:
            return convert(text)
        except Wild as wild:
            notes.warn(
                f"{column} was left out: {wild}.", where=where, field=column, remedy="Correct the report."
            )
            return None

    fields: dict[str, Any] = {"title": line(row.get("name")) or "(without a name)"}
    start, finish = take("start", dates["start"].moment), take("end", dates["end"].moment)
    if start and finish and finish < start:
        notes.warn(
            f"“{fields['title']}” ends on {finish:%Y-%m-%d}, before it starts on {start:%Y-%m-%d}; its end was left out.",
            where=where,
            remedy="Correct the plan.",
        )
        finish = None
    duration = take("duration", lambda text: _clock_minutes(text, numbers))
    if duration is None and start and finish:
        duration = round((finish - start).total_seconds() / 60)
    if start:
        fields["planned_start"] = start
    if finish:
        fields["planned_finish"] = _refined(start, finish, duration)
    if duration is not None:
        fields["duration_minutes"], fields["elapsed"] = duration, True
    fields["kind"] = "milestone" if duration == 0 else "task"
    effort = take("effort", lambda text: working_minutes(text, style=numbers))
    if effort is not None:
        fields["work_minutes"] = effort[0]
    done = take("complete", lambda text: percent(text, numbers))
    if done is not None:
        fields["percent_complete"] = done
        fields["status"] = "done" if done == 100 else "doing" if done else "todo"
        if done == 100 and fields.get("planned_finish"):
            fields["actual_start"], fields["actual_finish"] = (
                fields.get("planned_start"),
                fields["planned_finish"],
            )
    priority = take("priority", numbers.number)
    if priority is not None:
        fields["priority"] = int(min(max(priority, 0), 1000))
    cost = take("cost", numbers.number)
    if cost is not None:
        fields["planned_cost"] = cost
    if text := prose(row.get("note")):
        fields["description"] = text
    people = line(row.get("responsible")) or line(row.get("resources"))
    if people:
        fields["owner"] = re.sub(r"\s*\([\w.]+\)", "", people)
    if row.get("source_status"):
        fields["source_status"] = line(row["source_status"])
    if row.get("flags"):
        fields["tags"] = words(row["flags"])
    return fields


def _clock_minutes(text: str, numbers: NumberStyle) -> int:
    """TaskJuggler's durations count days of 24 hours."""
    found = working_minutes(text, style=numbers, minutes_per_day=1440, minutes_per_week=10080)
    return max(found[0], 0) if found else 0


def _refined(start: datetime | None, finish: datetime, duration: int | None) -> datetime:
    """A report that shows days only hides the hour of the end; the duration tells it when it ends on that day."""
    if (
        start is None
        or not duration
        or finish.time() != datetime.min.time()
        or start.time() != datetime.min.time()
    ):
        return finish
    exact = start + timedelta(minutes=duration)
    return exact if finish <= exact < finish + timedelta(days=1) else finish


def _links(rows: list[tuple[int, Row]], seen: Mapping[str, int], notes: Notes) -> list[ReadLink]:
    found: dict[tuple[str, str, LinkType], ReadLink] = {}
    for number, row in rows:
        text = row.get("precursors", "")
        if is_empty(text):
            continue
        successor = key(row.get("id")) or key(row.get("bsi"))
        where = f"row {number}"
        if successor not in seen:
            notes.lost("precursors", "Links need the column id or bsi in the report.", where=where)
            continue
        pairs = _PRECURSOR.findall(text) or [
            (part, "]->[") for part in re.split(r"[,;\s]+", text) if _ID.fullmatch(part)
        ]
        for predecessor, arrow in pairs:
            if predecessor in seen and predecessor != successor:
                kind = _ARROWS[arrow]
                found.setdefault(
                    (predecessor, successor, kind), ReadLink(predecessor, successor, kind, where=where)
                )
            else:
                notes.refused(
                    f"The precursor {line(predecessor, 60)} is not in the report.",
                    where=where,
                    remedy="Report the whole project.",
                )
    return list(found.values())
