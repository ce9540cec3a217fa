"""What an import would do and what it did: counts, differences and findings that a person can check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from steerco.connect.items import Kind, Note, Reading

SHOWN = 500  # differences and vanished records spelt out; the counts are always whole


class Standing(StrEnum):
    """How a value in the file stands to the value here."""

    SOURCE_CHANGED = "source_changed"  # the file brings a new value, nobody touched it here
    TAKEN_BACK = "taken_back"  # changed here, unchanged in the file, which owns it: the file's value returns
    CONFLICT_SOURCE = "conflict_source"  # changed in both; the source owns the field and wins
    CONFLICT_HERE = "conflict_here"  # changed in both; the source does not own the field, ours stays


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one record: the value here, the value in the file, and which of them stays."""

    register: str
    ref: str
    key: str
    title: str
    field: str
    here: str
    source: str
    standing: Standing

    @property
    def is_conflict(self) -> bool:
        return self.standing in (Standing.CONFLICT_SOURCE, Standing.CONFLICT_HERE)

    @property
    def stays_here(self) -> bool:
        return self.standing == Standing.CONFLICT_HERE


@dataclass(frozen=True, slots=True)
class Vanished:
    """A record of an earlier import that the file no longer has."""

    register: str
    ref: str
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Records of one register. `kept` counts values edited here that the source does not own and that stay."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    vanished: int = 0
    archived: int = 0
    restored: int = 0
    conflicts: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What both a dry run and an import tell. `network` counts links, calendars, resources and assignments."""

    system: str
    file: str
    counts: Mapping[str, Counts]  # by register
    network: Mapping[str, Mapping[str, int]]
    project: tuple[tuple[str, str, str], ...]  # (field, before, after) of the project itself
    differences: tuple[Difference, ...]
    vanished: tuple[Vanished, ...]
    notes: tuple[Note, ...]
    people: tuple[str, ...] = ()  # names that nobody here has yet

    def of(self, kind: Kind) -> tuple[Note, ...]:
        """The notes of one kind."""
        return tuple(note for note in self.notes if note.kind == kind)

    @property
    def changes_anything(self) -> bool:
        """Whether any record, link, calendar or field of the project differs from what is here."""
        rows = any(c.new or c.changed or c.archived or c.restored for c in self.counts.values())
        return (
            rows
            or bool(self.project)
            or any(n["new"] or n["changed"] or n["gone"] for n in self.network.values())
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON for the command line, the API and the receipt."""
        return {
            "system": self.system,
            "file": self.file,
            "registers": {slug: _plain(counts) for slug, counts in self.counts.items()},
            "network": {name: dict(counts) for name, counts in self.network.items()},
            "project": [{"field": f, "before": b, "after": a} for f, b, a in self.project],
            "differences": [_plain(difference) for difference in self.differences],
            "vanished": [_plain(record) for record in self.vanished],
            "people": list(self.people),
            **{kind.value: [note_to_json(note) for note in self.of(kind)] for kind in Kind},
        }


@dataclass(frozen=True, slots=True)
class Intake:
    """A dry run: the reading and what taking it in would do. Nothing was written."""

    node_id: int
    reading: Reading
    outcome: Outcome
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An import that was done. `run_id` is its row in the list of imports, `batch` its changes in the trail."""

    run_id: int
    batch: str
    node_id: int
    outcome: Outcome = field(repr=False)


class ImportRefused(Exception):
    """The import as a whole was undone. The text names the row and what is wrong; `remedy` says what to do."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.text, self.remedy = text, remedy

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"


def note_to_json(note: Note) -> dict[str, Any]:
    """A note as plain JSON; what says nothing is left out."""
    plain = {name: getattr(note, name) for name in ("where", "text", "field", "target", "remedy", "count")}
    return {name: value for name, value in plain.items() if value != ""}


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
