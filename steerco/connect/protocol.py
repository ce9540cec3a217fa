"""What a reader room offers, the guard around every reader, and the gathering of notes while reading."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from steerco.connect.items import Kind, Note, Reading, Unreadable
from steerco.connect.safe_open import Source
from steerco.connect.tame import line

Input = str | Path | bytes | Source


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of a file, prepared once for all rooms that look at it.

    `root` is the local name of an XML file's root element, `members` the names in an archive, `text` the first
    64 KB decoded. What does not apply is empty.
    """

    name: str
    head: bytes
    text: str = ""
    root: str = ""
    members: frozenset[str] = frozenset()

    @property
    def suffix(self) -> str:
        """The name's extension in lower case, with its dot."""
        return Path(self.name).suffix.lower()


@runtime_checkable
class Room(Protocol):
    """The module `reader.py` of a closed reader room."""

    SYSTEM: str  # as in Reading.system
    LABEL: str  # what people call such a file

    def claims(self, opening: Opening) -> int:
        """How surely this room reads the file: 0 not at all, 100 without doubt. Judges content before names."""

    def read(
        self, path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None
    ) -> Reading:
        """Everything the file gives. Raises Unreadable, and nothing else."""


MOST_NOTES = 500  # different ones; what comes after is counted together
Read = Callable[..., Reading]


def guarded(read: Read) -> Read:
    """A reader that raises only Unreadable, whatever the file does to it. The bare one stays as `__wrapped__`."""

    @functools.wraps(read)
    def safely(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
        # Reading makes millions of small objects and no cycles: looking for cycles meanwhile costs a quarter of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return read(path_or_bytes, name, mapping=mapping)
        except Unreadable:
            raise
        except Exception as error:  # the border: a stranger's file must never break what stands behind it
            called = name or getattr(path_or_bytes, "name", "") or "The file"
            raise Unreadable(
                f"{line(called)} could not be read: {type(error).__name__} ({line(error, 120)}).",
                "Open it in the program that wrote it, save it again, and upload that.",
            ) from error
        finally:
            if collecting:
                gc.enable()

    return safely


class Notes:
    """Gathers notes while a file is read; notes that differ only in where they are become one with a count."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str, str], tuple[list[str], int]] = {}

    def add(
        self,
        kind: Kind,
        text: str,
        *,
        where: str = "",
        field: str = "",
        target: str = "",
        remedy: str = "",
        count: int = 1,
    ) -> None:
        """Remember a finding, or count it up when the same was found elsewhere."""
        if len(self._found) >= MOST_NOTES and (kind, text, field, target, remedy) not in self._found:
            text, field, target, remedy = (
                "More findings like those above were made; they are counted here.",
                "",
                "",
                "",
            )
        places, counted = self._found.setdefault((kind, text, field, target, remedy), ([], 0))
        if where and len(places) < 3 and where not in places:
            places.append(where)
        self._found[kind, text, field, target, remedy] = (places, counted + count)

    def mapped(self, field: str, target: str, count: int = 1) -> None:
        """A source field has a home."""
        self.add(Kind.MAPPED, f"{field} becomes {target}.", field=field, target=target, count=count)

    def lost(self, field: str, why: str, count: int = 1, *, where: str = "") -> None:
        """A source field or fact has none, and why."""
        self.add(Kind.LOST, why, field=field, where=where, count=count)

    def refused(self, text: str, *, where: str, remedy: str, field: str = "") -> None:
        """A row was not taken."""
        self.add(Kind.REFUSED, text, where=where, remedy=remedy, field=field)

    def warn(self, text: str, *, where: str = "", remedy: str = "", field: str = "", count: int = 1) -> None:
        """Taken, but somebody should look."""
        self.add(Kind.WARNING, text, where=where, remedy=remedy, field=field, count=count)

    def all(self) -> tuple[Note, ...]:
        """The notes: refused first, then warnings, lost and mapped."""
        order = {Kind.REFUSED: 0, Kind.WARNING: 1, Kind.LOST: 2, Kind.MAPPED: 3}
        notes = []
        for (kind, text, field, target, remedy), (places, count) in self._found.items():
            where = ", ".join(places)
            if len(places) < count and len(places) == 3:
                where += f" and {count - 3} more"
            notes.append(
                Note(Kind(kind), where, text, field=field, target=target, remedy=remedy, count=count)
            )
        return tuple(sorted(notes, key=lambda note: order[note.kind]))


def as_system(reading: Reading, system: str, file: str, extra: tuple[Note, ...] = ()) -> Reading:
    """The same reading under another system's name, for rooms that convert first; `extra` notes come before its own."""
    return replace(reading, system=system, file=file, notes=(*extra, *reading.notes))


def owned(register: str, fields: Any) -> frozenset[str]:
    """Fields of a register as Reading.owned names them."""
    return frozenset(f"{register}.{field}" for field in fields)
