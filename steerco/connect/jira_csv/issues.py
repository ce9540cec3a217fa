"""One issue's row as an item and its links."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from steerco.connect.dates import from_morning, to_evening
from steerco.connect.durations import working_minutes
from steerco.connect.items import Item, ReadLink, Row
from steerco.connect.jira_csv.mapping import LINKS
from steerco.connect.jira_csv.survey import Survey
from steerco.connect.protocol import Notes
from steerco.connect.tame import LINE, Wild, is_empty, key, line, prose, was_cut, within
from steerco.connect.vocabulary import plain, priority, work_kind, work_status

_SPRINT_OBJECT = re.compile(r"[\[,]name=([^,\]]*)")
_MOST_LINKS = 2_000_000


class Issues:
    """Turns rows into items; remembers which keys and links came before."""

    def __init__(self, found: Survey, notes: Notes) -> None:
        self._found = found
        self._notes = notes
        self._links: set[tuple[str, str, str]] = set()
        self._position = 0
        self._shapes: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._columns = {role: tuple(columns) for role, columns in found.columns.items()}
        self._dates_at = [(role, style.moment) for role, style in found.dates.items()]
        self._minutes = lru_cache(maxsize=8192)(self._seconds)

    def of(self, number: int, row: list[str]) -> Iterator[Item | ReadLink]:
        """The item of a row and its links; nothing for a row that is empty or refused."""
        found, where = self._found, f"row {number}"
        if not any(row):
            return
        identity = key(self._cell(row, "key"))
        if not identity:
            self._notes.refused(
                f"The issue “{line(self._cell(row, 'title'), 80)}” has no key.",
                where=where,
                remedy="Export the issue key.",
            )
            return
        if found.keys.get(identity) != number:
            self._notes.refused(
                f"The key {identity} stands in row {found.keys.get(identity)} already.",
                where=where,
                remedy="Remove one of the two rows.",
            )
            return
        if len(row) > len(found.header) and any(cell.strip() for cell in row[len(found.header) :]):
            self._notes.warn(
                f"The row has {len(row)} cells, the header {len(found.header)}; the surplus was left out.",
                where=where,
                remedy="Look for a delimiter or a quotation mark inside a text that is not quoted.",
            )
        self._position += 1
        fields = self._fields(row, where, identity)
        fields["position"] = self._position
        yield Item("work-items", identity, Row(fields, self._shapes), where, found.parents.get(identity, ""))
        yield from self._read_links(row, where, identity, fields)

    def _cell(self, row: list[str], role: str) -> str:
        for at in self._columns.get(role, ()):
            if at < len(row) and row[at]:
                return row[at]
        return ""

    def _word(self, row: list[str], role: str, longest: int = 100) -> str:
        """A cell whose text stands in many rows: kept once, as a hundred thousand copies weigh more than the rest."""
        return sys.intern(line(self._cell(row, role), longest))

    def _cells(self, row: list[str], role: str) -> list[str]:
        return [row[at] for at in self._found.columns.get(role, ()) if at < len(row) and row[at].strip()]

    def _take(self, row: list[str], role: str, where: str, convert: Callable[[str], Any]) -> Any:
        text = self._cell(row, role)
        if not text or is_empty(text):
            return None
        try:
            return convert(text)
        except Wild as wild:
            column = self._found.header[self._found.columns[role][0]]
            self._notes.warn(
                f"{column} was left out: {wild}.",
                where=where,
                field=column,
                remedy="Correct it in Jira and export again.",
            )
            return None

    def _fields(self, row: list[str], where: str, identity: str) -> dict[str, Any]:
        columns = self._found.columns
        title = line(self._cell(row, "title"))
        fields: dict[str, Any] = {"title": title or identity}
        if not title and "title" in columns:
            self._notes.warn("The issue has no summary; its key stands in.", where=where)
        custom: dict[str, str] = {}
        self._classify(fields, row, custom, where)
        if (owner := self._word(row, "owner", LINE)) and not is_empty(owner):
            fields["owner"] = owner
        elif "owner" in columns:
            fields["owner"] = None
        if text := prose(self._cell(row, "description")):
            fields["description"] = text
            if was_cut(text):
                self._notes.warn("The description is longer than 50,000 characters and was cut.", where=where)
        self._dates(fields, row, where)
        self._effort(fields, row, where)
        points = self._take(
            row, "points", where, lambda text: within(self._number(text), 0, 100_000, "Story points")
        )
        if points is not None:
            fields["points"] = points
        self._sprints(fields, row, custom)
        if labels := list(
            dict.fromkeys(label for cell in self._cells(row, "labels") for label in cell.split())
        ):
            fields["tags"] = [sys.intern(line(label, 100)) for label in labels[:100]]
        for at, name in self._found.custom.items():
            if at < len(row) and row[at] and not is_empty(row[at]):
                text = line(row[at], 2000)
                custom[name] = f"{custom[name]}, {text}"[:4000] if name in custom else text
        for at, direction, name in self._found.links:
            if plain(name) not in LINKS and at < len(row) and row[at]:
                label = f"{'Linked by' if direction == 'inward' else 'Linked to'} ({line(name, 40)})"
                custom[label] = (
                    f"{custom[label]}, {line(row[at], 60)}"[:4000] if label in custom else line(row[at], 60)
                )
        if custom:
            fields["custom"] = custom
        return fields

    def _seconds(self, text: str) -> int:
        found = working_minutes(text, unit="s", style=self._found.numbers)
        return max(found[0], 0) if found else 0

    def _number(self, text: str) -> Any:
        number = self._found.numbers.number(text)
        return 0 if number is None else number

    def _classify(self, fields: dict[str, Any], row: list[str], custom: dict[str, str], where: str) -> None:
        columns = self._found.columns
        if "type" in columns:
            said = self._word(row, "type")
            kind = work_kind(said)
            fields["kind"] = kind if kind != "summary" else "task"
            if not kind:
                fields["kind"] = "task"
                if said:
                    self._notes.warn(
                        f"The issue type “{said}” is not known here; it became a task.", where=where
                    )
            if said and plain(said) != fields["kind"]:
                custom["Issue type"] = said
        if "status" in columns or "category" in columns:
            said = self._word(row, "status")
            status = work_status(said, self._cell(row, "category"), self._cell(row, "resolution"))
            if not status:
                status = "done" if self._cell(row, "resolved") else "todo"
                self._notes.warn(f"The status “{said}” is not known here; it became {status}.", where=where)
            if status not in ("done", "cancelled") and not is_empty(self._cell(row, "flagged")):
                status = "blocked"
            fields["status"] = status
            fields["source_status"] = said
        resolution = self._cell(row, "resolution")
        if resolution and plain(resolution) not in ("done", "unresolved", "fixed"):
            custom["Resolution"] = line(resolution, 100)
        if "priority" in columns and (said := self._word(row, "priority")):
            number = priority(said)
            if number is not None:
                fields["priority"] = number
            custom["Priority"] = said

    def _dates(self, fields: dict[str, Any], row: list[str], where: str) -> None:
        taken = {role: self._take(row, role, where, moment) for role, moment in self._dates_at}
        start, finish = taken.get("start"), taken.get("target_end") or taken.get("due")
        start, finish = start and from_morning(start), finish and to_evening(finish)
        due = taken.get("due")
        if start and finish and finish < start:
            self._notes.warn(
                f"It ends on {finish:%Y-%m-%d}, before it starts on {start:%Y-%m-%d}; its start was left out.",
                where=where,
                remedy="Correct its dates in Jira.",
            )
            start = None
        names = {"planned_start": start, "planned_finish": finish, "deadline": due and to_evening(due)}
        names |= {"actual_start": taken.get("actual_start"), "created_on": taken.get("created")}
        fields.update({name: moment for name, moment in names.items() if moment is not None})
        if fields.get("status", "done") in ("done", "cancelled"):
            finished = taken.get("actual_finish") or taken.get("resolved") or taken.get("category_changed")
            if finished and taken.get("created") and finished < taken["created"]:
                self._notes.warn("It was resolved before it was created; both are kept.", where=where)
            if finished:
                fields["finished_on"] = finished
                if fields.get("status") == "done":
                    fields["actual_finish"] = finished

    def _effort(self, fields: dict[str, Any], row: list[str], where: str) -> None:
        """Jira exports times as seconds; some tables write 2d 4h."""

        if not {"estimate", "remaining", "spent"} & self._found.columns.keys():
            return
        estimate, remaining, spent = (
            self._take(row, role, where, self._minutes) for role in ("estimate", "remaining", "spent")
        )
        if estimate is not None:
            fields["work_minutes"] = fields["duration_minutes"] = estimate
            self._notes.warn(
                "The original estimate is work; it is taken as the duration for one person.",
                field="Original estimate",
            )
        if remaining is not None and estimate is not None:
            fields["remaining_minutes"] = remaining
        if fields.get("status") == "done":
            fields["percent_complete"] = 100.0
        elif spent is not None and remaining is not None and spent + remaining > 0:
            fields["percent_complete"] = round(100 * spent / (spent + remaining), 2)

    def _sprints(self, fields: dict[str, Any], row: list[str], custom: dict[str, str]) -> None:
        names: list[str] = []
        for cell in self._cells(row, "sprint"):
            inner = _SPRINT_OBJECT.search(cell)
            names.append(sys.intern(line(inner[1] if inner else cell, 200)))
        if names:
            fields["sprint"] = names[-1]
        if len(names) > 1:
            custom["Earlier sprints"] = ", ".join(names[:-1])[:2000]

    def _read_links(
        self, row: list[str], where: str, identity: str, fields: dict[str, Any]
    ) -> Iterator[ReadLink]:
        for at, direction, name in self._found.links:
            if at >= len(row) or not row[at]:
                continue
            known = LINKS.get(plain(name))
            if known is None:
                continue
            kind, outward_follows = known
            other = key(row[at])
            if other not in self._found.keys:
                self._notes.warn(
                    f"The linked issue {line(other, 40)} is not in the file; the link was left out.",
                    where=where,
                    field=f"{direction} link ({name})",
                    remedy="Export both issues.",
                )
                continue
            other_follows = outward_follows == (direction == "outward")
            before, after = (identity, other) if other_follows else (other, identity)
            if (
                before != after
                and (before, after, kind) not in self._links
                and len(self._links) < _MOST_LINKS
            ):
                self._links.add((before, after, kind))
                yield ReadLink(before, after, kind, where=where)
