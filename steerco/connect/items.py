"""What every reader yields: plain frozen items, calendars and links, and honest notes about what it could not take.

A reader imports no Django. It names fields as the registers name them, has tamed every value (`connect/tame.py`), and
says for each thing it met whether it was mapped, lost or refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from steerco.engine.calendar import Calendar
from steerco.engine.plan import LagUnit, LinkType, Options


class Kind(StrEnum):
    """What became of something in the file."""

    MAPPED = "mapped"  # a source field that has a home here
    LOST = "lost"  # a source field or fact that has none, and why
    REFUSED = "refused"  # a row that was not taken, and what to do about it
    WARNING = "warning"  # taken, but somebody should look


@dataclass(frozen=True, slots=True)
class Note:
    """One finding about the file: where it is, what it says, and the remedy. `count` gathers equal ones."""

    kind: Kind
    where: str  # "row 12", "task UID 7", "column Sprint", or "" for the file
    text: str  # a whole sentence a project manager understands
    field: str = ""  # source field, for mapped and lost
    target: str = ""  # "work-items.title", for mapped
    remedy: str = ""
    count: int = 1


class Row(Mapping[str, Any]):
    """Fields of one item as two tuples, the names shared by all items with the same ones: half of a dictionary's weight.

    For readers of files with a hundred thousand rows; `shapes` keeps the names and belongs to one reading.
    """

    __slots__ = ("_names", "_values")

    def __init__(self, fields: Mapping[str, Any], shapes: dict[tuple[str, ...], tuple[str, ...]]) -> None:
        names = tuple(fields)
        self._names, self._values = shapes.setdefault(names, names), tuple(fields.values())

    def __getitem__(self, name: str) -> Any:
        for known, value in zip(self._names, self._values, strict=True):
            if known == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def items(self) -> Any:
        """Pairs of name and value, without looking each name up."""
        return zip(self._names, self._values, strict=True)


@dataclass(frozen=True, slots=True)
class Item:
    """One record to be: `register` is a register's slug, `key` unique within (system, file's project, register).

    `fields` maps the register's own field names to tamed values; a missing name means the source does not speak of it,
    None that the source says it is empty. `parent` is the key of the parent item of the same register.
    """

    register: str
    key: str
    fields: Mapping[str, Any]
    where: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ReadLink:
    """A dependency between two work items by their keys; lag in minutes, or hundredths for percent lags."""

    predecessor: str
    successor: str
    type: LinkType = LinkType.FS
    lag: float = 0
    lag_unit: LagUnit = LagUnit.WORKING
    where: str = ""


@dataclass(frozen=True, slots=True)
class ReadResource:
    """A person, team, machine or material of the source's resource pool."""

    key: str
    name: str
    kind: str = "work"  # work, material, cost
    max_units: float = 1.0
    calendar: str = ""
    email: str = ""
    group: str = ""
    standard_rate: str = ""  # decimal text per hour
    where: str = ""


@dataclass(frozen=True, slots=True)
class ReadAssignment:
    """Use of a resource by a work item: units of 1.0 is one whole resource, work in minutes."""

    item: str
    resource: str
    units: float = 1.0
    work: int | None = None
    actual_work: int | None = None
    remaining_work: int | None = None
    start: datetime | None = None
    finish: datetime | None = None
    delay: int = 0  # working minutes after the task's start
    cost: str = ""


@dataclass(frozen=True, slots=True)
class ReadProject:
    """What the source says about the project as a whole; None and "" where it says nothing."""

    name: str = ""
    start: datetime | None = None
    finish: datetime | None = None
    status_date: datetime | None = None
    calendar: str = ""
    currency: str = ""
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one file (or one page of an API) gave. Keys of calendars are the source's own."""

    system: str  # "mspdi", "mpp", "xer", "gan", "tjcsv", "jira-csv", "table"
    file: str
    project: ReadProject = ReadProject()
    items: tuple[Item, ...] = ()
    links: tuple[ReadLink, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    resources: tuple[ReadResource, ...] = ()
    assignments: tuple[ReadAssignment, ...] = ()
    notes: tuple[Note, ...] = ()
    owned: frozenset[str] = frozenset()  # "work-items.title": fields the source owns and may overwrite later
    calendar_names: Mapping[str, str] = field(default_factory=dict)  # what people call the calendars, by key


class Unreadable(Exception):
    """The file as a whole cannot be taken. The text names the file and what is wrong; `remedy` says what to do."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.text, self.remedy = text, remedy

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"


class SeveralProjects(Unreadable):
    """The file holds several projects and none was chosen; `choices` are (key, name) for `mapping={"project": key}`."""

    def __init__(self, text: str, remedy: str, choices: tuple[tuple[str, str], ...]) -> None:
        super().__init__(text, remedy)
        self.choices = choices
