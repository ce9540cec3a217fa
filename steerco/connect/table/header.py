"""Finding the row of column names and what the columns mean: which register, which field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from steerco.connect.table.mapping import COLUMNS, EVIDENCE, FOREIGN, HINTS
from steerco.connect.table.sheets import Sheet
from steerco.connect.tame import line
from steerco.connect.vocabulary import plain

SEARCHED_ROWS = 60
LONGEST_NAME = 100  # what is longer is a text, not a column's name
SHARED = frozenset({"description", "tags", "impact"})  # fields that several columns may feed
RESERVED = frozenset({"register", "sheet", "project", "header_row"})


@dataclass(slots=True)
class Header:
    """What a sheet's columns are. `fields` maps a column (from 0) to a field, `titles` has all names as written."""

    row: int
    register: str
    fields: dict[int, str]
    titles: dict[int, str]

    def columns(self, field: str) -> list[int]:
        """The columns of a field."""
        return [at for at, name in self.fields.items() if name == field]


@dataclass(frozen=True, slots=True)
class NoHeader:
    """Why a sheet was not taken for a register."""

    why: str


def column_name(text: Any) -> str:
    """A column's name as the tables spell it: without what stands in brackets, units and line ends."""
    written = line(text, 200)
    if written.strip(". ") in ("#", "№"):
        return "no"
    outside = written.partition("(")[0].strip() or written.strip("() ")
    return plain(outside.replace("%", " ")) or ("complete" if "%" in written else "")


def find_header(sheet: Sheet, mapping: Mapping[str, str]) -> Header | NoHeader:
    """The header of a sheet and its register, or the reason why there is none.

    `mapping` gives columns their fields by hand ("" leaves a column out) and may fix "register" and "header_row".
    """
    said = {plain(column): field for column, field in mapping.items() if column not in RESERVED}
    wanted = mapping.get("register", "")
    best: tuple[float, Header] | None = None
    foreign = ""
    columns_seen: list[str] = []
    for number, row in sheet.rows[:SEARCHED_ROWS]:
        if mapping.get("header_row") and str(number) != mapping["header_row"]:
            continue
        titles = {at: line(cell, 200) for at, cell in enumerate(row) if _is_name(cell)}
        if len(titles) < 2 or any(
            isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in row
        ):
            continue
        if max(map(len, titles.values())) > LONGEST_NAME:
            continue
        names = {at: column_name(text) for at, text in titles.items()}
        found = set(names.values())
        if len(titles) >= 2 and len(titles) > len(columns_seen):
            columns_seen = list(titles.values())
        kind = next((label for marks, label in FOREIGN if marks <= found), "")
        if kind and not said and not wanted and not {"probability", "impact"} <= found:
            foreign = foreign or kind
        for register, known in COLUMNS.items():
            if wanted and register != wanted:
                continue
            fields = _fields(names, titles, said, known)
            score = _score(register, fields, names, sheet.name, bool(said))
            if score and (best is None or score > best[0]):
                best = (score, Header(number, register, fields, titles))
    if foreign and (best is None or best[0] < 6):
        return NoHeader(f"it looks like {foreign}, which has no register here yet")
    if best is None:
        shown = ", ".join(f"“{line(name, 30)}”" for name in columns_seen[:8])
        return NoHeader(
            f"no register fits its columns ({shown})"
            if columns_seen
            else "no row of column names was found in it"
        )
    return best[1]


def _is_name(cell: Any) -> bool:
    return isinstance(cell, str) and (
        any(map(str.isalpha, cell[:LONGEST_NAME])) or cell.strip() in ("#", "%")
    )


def _fields(
    names: Mapping[int, str], titles: Mapping[int, str], said: Mapping[str, str], known: Mapping[str, str]
) -> dict[int, str]:
    fields: dict[int, str] = {}
    taken: set[str] = set()
    for at, name in names.items():  # what a person said comes first
        by_hand = said.get(plain(titles[at]), said.get(name))
        if by_hand is not None:
            fields[at] = by_hand
            taken.add(by_hand)
    for exact in (True, False):
        for at, name in names.items():
            if at in fields:
                continue
            field = known.get(name, "") if exact else _nearly(name, known)
            if field and (field not in taken or field in SHARED):
                fields[at] = field
                taken.add(field)
    return {at: field for at, field in fields.items() if field}


def _nearly(name: str, known: Mapping[str, str]) -> str:
    """A column whose name begins or ends with a known one: "probability before treatment", "acceptance 2"."""
    words = name.split()
    for size in range(min(len(words) - 1, 4), 0, -1):
        for part in (" ".join(words[:size]), " ".join(words[-size:])):
            if len(part) > 4 and part in known:
                return known[part]
    if name.startswith("acceptance"):
        return known.get("acceptance criteria", "")
    return ""


def _score(
    register: str, fields: Mapping[int, str], names: Mapping[int, str], sheet: str, by_hand: bool
) -> float:
    found = set(fields.values())
    if not (by_hand and "title" in found) and not any(evidence <= found for evidence in EVIDENCE[register]):
        return 0
    if (
        "title" not in found
        and not (register == "risks" and found & {"cause", "event"})
        and register != "service-levels"
    ):
        return 0
    hints = HINTS[register].split()
    words = {word.rstrip("s") for name in names.values() for word in name.split()}
    hinted = sum(1 for hint in hints if hint in words)
    named = any(hint in plain(sheet) for hint in hints)
    strong = sum(1 for evidence in EVIDENCE[register] if register != "work-items" and evidence <= found)
    return (
        len(found - {"key", "owner", "status"})
        + 0.5 * len(found)
        + min(hinted, 3)
        + 3 * named
        + min(strong, 3)
    )
