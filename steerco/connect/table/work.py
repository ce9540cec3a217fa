"""Rows of a table as work items: outline, predecessors, user stories, dates without hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from steerco.connect.dates import from_morning, to_evening
from steerco.connect.durations import working_minutes
from steerco.connect.items import Item, ReadLink
from steerco.connect.protocol import Notes
from steerco.connect.table.columns import Cells, Columns
from steerco.connect.tame import PLAIN, Wild, is_empty, key, line, words
from steerco.connect.vocabulary import plain, priority, work_kind, work_status
from steerco.engine.calendar import Calendar
from steerco.engine.plan import Constraint, LagUnit, LinkType, to_minute

# Link types as project tools abbreviate them in English, German, French, Spanish and Portuguese.
_TYPES = {
    **dict.fromkeys(("FS", "EA", "FD", "FC", "TI"), LinkType.FS),
    **dict.fromkeys(("SS", "AA", "DD", "CC", "II"), LinkType.SS),
    **dict.fromkeys(("FF", "EE", "TT"), LinkType.FF),
    **dict.fromkeys(("SF", "AE", "DF", "CF", "IT"), LinkType.SF),
}
_PREDECESSOR = re.compile(
    r"(?P<key>[^\s;,+]{1,100}?)\s*(?P<type>"
    + "|".join(_TYPES)
    + r")?\s*(?P<lag>[-+]\s*\d[\d.,]*\s*[^\W\d_]*%?)?"
)
_STORY = re.compile(r"^\s*user story\b", re.IGNORECASE)

_COSTS = ("planned_cost", "actual_cost", "remaining_cost")
_ESTIMATES = ("optimistic_minutes", "most_likely_minutes", "pessimistic_minutes")
_DATES = ("actual_start", "actual_finish", "baseline_start", "baseline_finish", "created_on")


class Refused(Exception):
    """The row cannot be taken: why, and what to do."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why, self.remedy = why, remedy


class WorkRows:
    """Converts rows of one sheet of work items."""

    def __init__(self, columns: Columns, rows: list[tuple[int, Cells]], notes: Notes) -> None:
        self._columns = columns
        self._notes = notes
        self._fraction = _is_fraction(columns, rows)
        self._worktime = Calendar.standard().compile(name="office week")
        self._pinned = not columns.header.columns("predecessors")

    def fields(self, cells: Cells, where: str) -> dict[str, Any]:
        """The fields of a row. Raises Refused for one that ends before it starts."""
        columns = self._columns
        title = columns.text(cells, "title")
        fields: dict[str, Any] = {"title": title}
        self._dates(fields, cells, where)
        self._effort(fields, cells, where)
        self._progress(fields, cells, where)
        for name in _COSTS:
            amount = columns.number(cells, name, where)
            if amount is not None:
                fields[name] = amount
        points = columns.number(cells, "points", where)
        if points is not None:
            fields["points"] = points
        for name in ("owner", "sprint", "wbs"):
            if text := columns.text(cells, name):
                fields[name] = text
        if columns.header.columns("tags") and (tags := words(columns.text(cells, "tags"))):
            fields["tags"] = tags
        if text := columns.prose(cells, "description"):
            fields["description"] = text
        self._kind(fields, cells, where)
        self._priority(fields, cells, where)
        return fields

    def _dates(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        columns = self._columns
        start, finish = (columns.moment(cells, name, where) for name in ("planned_start", "planned_finish"))
        if start is not None:
            fields["planned_start"] = from_morning(start)
        if finish is not None:
            fields["planned_finish"] = to_evening(finish)
        for name in _DATES:
            moment = columns.moment(cells, name, where)
            if moment is not None:
                fields[name] = to_evening(moment) if name.endswith("finish") else moment
        for first, last in (("planned_start", "planned_finish"), ("actual_start", "actual_finish")):
            begin, end = fields.get(first), fields.get(last)
            if begin and end and end < begin:
                raise Refused(
                    f"“{fields['title']}” ends on {end:%Y-%m-%d}, before it starts on {begin:%Y-%m-%d}.",
                    "Correct one of the two dates.",
                )

    def _effort(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        columns = self._columns
        duration = columns.minutes(cells, "duration_minutes", where, "d")
        if duration is not None:
            fields["duration_minutes"] = duration[0]
            if duration[1]:
                fields["elapsed"] = True
        elif fields.get("planned_start") and fields.get("planned_finish"):
            start, finish = to_minute(fields["planned_start"]), to_minute(fields["planned_finish"])
            fields["duration_minutes"] = int(self._worktime.between(start, finish))
        for name, unit in (("work_minutes", "h"), ("remaining_minutes", "h")):
            minutes = columns.minutes(cells, name, where, unit)
            if minutes is not None:
                fields[name] = minutes[0]
        estimates = [columns.minutes(cells, name, where, "d") for name in _ESTIMATES]
        if all(estimates):
            low, likely, high = (minutes[0] for minutes in estimates if minutes)
            if low <= likely <= high:
                fields.update(zip(_ESTIMATES, (low, likely, high)))
            else:
                self._notes.warn(
                    "The estimate does not rise from optimistic over most likely to pessimistic; it was left out.",
                    where=where,
                )
        if "duration_minutes" not in fields and "work_minutes" in fields:
            fields["duration_minutes"] = fields["work_minutes"]
            self._notes.warn(
                "There is effort and no duration: the effort of one person is taken as the duration."
            )

    def _progress(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        columns = self._columns
        done = columns.share(cells, "percent_complete", where, fraction=self._fraction)
        said = columns.text(cells, "status")
        status = work_status(said) if said else ""
        if said:
            fields["source_status"] = said
            if not status:
                self._notes.warn(
                    f"The status “{said}” is not known here; it was left out.", where=where, field="status"
                )
        if done is not None:
            fields["percent_complete"] = done
            status = status or ("done" if done == 100 else "doing" if done else "todo")
        if not status and fields.get("actual_finish"):
            status = "done"
        if status:
            fields["status"] = status
        if status == "done":
            fields.setdefault("percent_complete", 100.0)
            if fields.get("actual_finish"):
                fields["finished_on"] = fields["actual_finish"]

    def _kind(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        columns = self._columns
        said = columns.text(cells, "kind")
        kind = work_kind(said) if said else ""
        if said and not kind:
            self._notes.warn(
                f"The type “{said}” is not known here; it became a task.", where=where, field="kind"
            )
        role, benefit = columns.text(cells, "role"), columns.text(cells, "benefit")
        if (role or benefit) and not kind:
            kind = "story"
        if role or benefit:
            need = columns.prose(cells, "title")
            said_as = ", ".join(
                part
                for part in (f"As {role}" if role else "", need, f"so that: {benefit}" if benefit else "")
                if part
            )
            fields["description"] = (
                f"{said_as}\n\n{fields['description']}" if fields.get("description") else said_as
            )
        if not kind and _STORY.match(fields["title"]):
            kind = "story"
        if not kind and fields.get("duration_minutes") == 0:
            kind = "milestone"
        if not kind and columns.header.titles.get(columns.at("title"), "").lower() in ("story", "user story"):
            kind = "story"
        fields["kind"] = kind or "task"

    def _priority(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        value = self._columns.raw(cells, "priority")
        if value is None:
            return
        text = line(value if not isinstance(value, float) else f"{value:g}", 60)
        number = priority(text)
        if number is not None:
            fields["priority"] = number
        else:
            self._notes.warn(
                "Priorities that are numbers may count from the first or to the highest; they are kept as text.",
                field="priority",
            )
            fields.setdefault("custom", {})["Priority"] = text

    def finish(self, items: list[Item]) -> list[Item]:
        """Items with kinds and constraints that depend on the others: summaries, and starts that nothing else holds."""
        parents = {item.parent for item in items if item.parent}
        found = []
        for item in items:
            fields = dict(item.fields)
            if item.key in parents and fields["kind"] == "task":
                fields["kind"] = "summary"
            if self._pinned and fields.get("planned_start") and fields["kind"] != "summary":
                fields["constraint"] = Constraint.SNET.value
                fields["constraint_date"] = fields["planned_start"]
            found.append(Item(item.register, item.key, fields, item.where, item.parent))
        if self._pinned and any("constraint" in item.fields for item in found):
            self._notes.warn(
                "The table has no predecessors: each task keeps its own start as its earliest start.",
                remedy="Add a column “Predecessors”.",
            )
        return found

    def links(self, rows: list[tuple[str, str, Cells]], names: Mapping[str, str]) -> list[ReadLink]:
        """Links from the predecessors column. `rows` are (key, where, cells), `names` other names of keys."""
        found = []
        for successor, where, cells in rows:
            value = self._columns.raw(cells, "predecessors")
            if is_empty(value):
                continue
            text = key(value)
            for part in re.split(r"[;,\n]", text):
                if not part.strip():
                    continue
                link = self._link(part.strip(), successor, where, names)
                if link:
                    found.append(link)
        return found

    def _link(self, part: str, successor: str, where: str, names: Mapping[str, str]) -> ReadLink | None:
        if part in names:
            predecessor, kind, lag, unit = names[part], LinkType.FS, 0, LagUnit.WORKING
        else:
            match = _PREDECESSOR.fullmatch(part)
            predecessor = names.get(match["key"], "") if match else ""
            if not match or not predecessor:
                self._notes.refused(
                    f"The predecessor “{line(part, 60)}” is not in the table.",
                    where=where,
                    remedy="Write the id of a row, with type and lag if any: 12FS+2 days.",
                    field="predecessors",
                )
                return None
            kind = _TYPES[match["type"]] if match["type"] else LinkType.FS
            lag, unit = self._lag(match["lag"] or "", where)
        if predecessor == successor:
            self._notes.refused("The row is its own predecessor.", where=where, remedy="Remove that link.")
            return None
        return ReadLink(predecessor, successor, kind, lag, unit, where)

    def _lag(self, text: str, where: str) -> tuple[int, LagUnit]:
        text = re.sub(r"\s", "", text)
        if not text:
            return 0, LagUnit.WORKING
        try:
            if text.endswith("%"):
                return round(float(PLAIN.number(text) or 0)), LagUnit.PERCENT
            minutes = working_minutes(text.lstrip("+-"))
        except Wild as wild:
            self._notes.warn(f"The lag was left out: {wild}.", where=where, field="predecessors")
            return 0, LagUnit.WORKING
        if not minutes:
            return 0, LagUnit.WORKING
        size = -minutes[0] if text.startswith("-") else minutes[0]
        return size, LagUnit.ELAPSED if minutes[1] else LagUnit.WORKING


def _is_fraction(columns: Columns, rows: list[tuple[int, Cells]]) -> bool:
    """Whether numbers of the progress column count from 0 to 1: spreadsheets keep 50 % as 0.5."""
    at = columns.at("percent_complete")
    values = [
        float(cells[at])
        for _, cells in rows
        if 0 <= at < len(cells) and isinstance(cells[at], (int, float)) and not isinstance(cells[at], bool)
    ]
    return bool(values) and max(values) <= 1


def level_of(columns: Columns, cells: Cells, where: str) -> int | None:
    """The outline level a row states."""
    number = columns.number(cells, "level", where)
    return int(number) if number is not None and 0 <= number < 100 else None


def indentation(columns: Columns, cells: Cells) -> int:
    """How far the title is moved to the right by blanks."""
    value = columns.raw(cells, "title")
    return len(value) - len(value.lstrip(" \u00a0\t")) if isinstance(value, str) else 0


def is_header_again(columns: Columns, cells: Cells) -> bool:
    """Whether a row repeats the header, as printed tables do on every page."""
    return all(
        at < len(cells)
        and isinstance(cells[at], str)
        and plain(cells[at]) == plain(columns.header.titles[at])
        for at in list(columns.header.fields)[:4]
    )
