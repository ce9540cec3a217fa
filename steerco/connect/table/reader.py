"""Registers in tables in: finds the header, decides the register, tames the rows, and says what it could not take."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from steerco.connect.csv_rows import delimiter_of
from steerco.connect.items import Item, Reading, ReadLink, ReadProject, Unreadable
from steerco.connect.protocol import Input, Notes, Opening, guarded, owned
from steerco.connect.safe_open import open_source
from steerco.connect.table.columns import Cells, Columns, shown
from steerco.connect.table.header import RESERVED, Header, NoHeader, find_header
from steerco.connect.table.mapping import COLUMNS, OWNED
from steerco.connect.table.others import OtherRows
from steerco.connect.table.risks import RiskRows
from steerco.connect.table.sheets import Sheet, read_sheets
from steerco.connect.table.work import Refused, WorkRows, indentation, is_header_again, level_of
from steerco.connect.tame import is_empty, key, line
from steerco.connect.vocabulary import plain

SYSTEM = "table"
LABEL = "Register or list in CSV or Excel"
_TOTALS = frozenset(
    {
        "total",
        "totals",
        "sum",
        "subtotal",
        "grand total",
        "gesamt",
        "summe",
        "somme",
        "suma",
        "totale",
        "average",
    }
)
_SAMPLES = (
    "example",
    "template",
    "sample",
    "instruction",
    "legend",
    "lists",
    "lookup",
    "beispiel",
    "vorlage",
    "exemple",
    "ejemplo",
    "plantilla",
    "exemplo",
    "anleitung",
    "readme",
    "guide",
    "how to",
)

_BESIDE = "Rows beside the table (legends, remarks, signatures) are not kept."
_PLACEHOLDER = re.compile(
    r"(?:task|item|story|risk|activity|milestone|aufgabe|tarea|tâche|tarefa)\s*#?\d{1,3}[.:]?", re.IGNORECASE
)


def claims(opening: Opening) -> int:
    """Hopeful about workbooks, and about text whose lines split into equally many cells."""
    if "xl/workbook.xml" in opening.members:
        return 60
    text = opening.text
    if (
        opening.members
        or opening.root
        or text.count("\ufffd") > 200
        or text.lstrip("\ufeff \n\r").startswith(("<", "%PDF"))
    ):
        return 0
    if "\x00" in text[:200] or opening.head.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{", b"BEGIN:")
    ):
        return 0
    rows = [row for row in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:60] if row.strip()]
    if not rows:
        return 0
    if opening.suffix in (".csv", ".tsv", ".tab"):
        return 30
    delimiter = delimiter_of([row + "\n" for row in rows])
    widths = Counter(row.count(delimiter) for row in rows[:-1] or rows)
    most, count = max(widths.items(), key=lambda item: item[1], default=(0, 0))
    return 15 if most >= 2 and count >= 3 and count >= 0.7 * sum(widths.values()) else 0


@guarded
def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """The registers in a table or workbook.

    `mapping` is {column: field} and may hold "register", "sheet" and "header_row". Raises Unreadable when no sheet is a
    register, naming why for each.
    """
    source = open_source(path_or_bytes, name)
    mapping = {str(column): str(field) for column, field in (mapping or {}).items()}
    _check(mapping, source.name)
    notes = Notes()
    sheets = read_sheets(source, notes)
    wanted = mapping.get("sheet", "")
    if wanted and wanted not in {sheet.name for sheet in sheets}:
        raise Unreadable(
            f"{source.name} has no sheet “{line(wanted, 60)}”.",
            f"Choose one of: {', '.join(sheet.name for sheet in sheets)}.",
        )
    chosen: list[tuple[Sheet, Header]] = []
    reasons: list[str] = []
    for sheet in sheets:
        if wanted and sheet.name != wanted:
            notes.lost(f"sheet {sheet.name}", "Another sheet was chosen.")
            continue
        header = find_header(sheet, mapping)
        called = f"sheet {sheet.name}" if sheet.name else "the table"
        if isinstance(header, NoHeader):
            reasons.append(f"{called}: {header.why}" if sheet.name else header.why)
            notes.lost(called, f"Nothing was taken from it: {header.why}.")
        else:
            chosen.append((sheet, header))
    if not chosen:
        if not any(sheet.rows for sheet in sheets):
            raise Unreadable(f"{source.name} has no rows.", "Check what was exported.")
        raise Unreadable(
            f"{source.name} holds no register that is known here: {'; '.join(reasons[:5])}.",
            "Put column names in one row (for example: Title, Start, Finish, Status or Risk, Probability, Impact), or say "
            "which column is which.",
        )
    chosen = _without_samples(chosen, notes)
    chosen = _without_repeats(chosen, notes)
    items: list[Item] = []
    links: list[ReadLink] = []
    shared = {r for r, count in Counter(header.register for _, header in chosen).items() if count > 1}
    for sheet, header in chosen:
        prefix = f"{sheet.name}/" if header.register in shared and sheet.name else ""
        more, linked = _read_sheet(sheet, header, prefix, notes)
        items += more
        links += linked
    registers = sorted({header.register for _, header in chosen})
    starts = [i.fields["planned_start"] for i in items if i.fields.get("planned_start")]
    return Reading(
        SYSTEM,
        source.name,
        ReadProject(start=min(starts, default=None)),
        tuple(items),
        tuple(links),
        notes=notes.all(),
        owned=frozenset().union(*(owned(register, OWNED[register]) for register in registers)),
    )


def _check(mapping: Mapping[str, str], name: str) -> None:
    register = mapping.get("register", "")
    if register and register not in COLUMNS:
        raise Unreadable(
            f"{name}: there is no register “{line(register, 40)}”.",
            f"Use one of: {', '.join(sorted(COLUMNS))}.",
        )
    known = set().union(*(set(columns.values()) for columns in COLUMNS.values()))
    wrong = sorted({f for c, f in mapping.items() if c not in RESERVED and f and f not in known})
    if wrong:
        raise Unreadable(
            f"{name}: the mapping names the fields {', '.join(line(f, 40) for f in wrong)}, which no register has.",
            f"Use some of: {', '.join(sorted(known))}.",
        )


def _without_samples(chosen: list[tuple[Sheet, Header]], notes: Notes) -> list[tuple[Sheet, Header]]:
    """Sheets that only show how to fill the others are left out when others are there."""
    kept = [pair for pair in chosen if not any(word in plain(pair[0].name) for word in _SAMPLES)]
    if not kept:
        return chosen
    for sheet, _ in chosen:
        if all(sheet is not other for other, _ in kept):
            notes.lost(
                f"sheet {sheet.name}",
                "It looks like an example or a template; name it as the sheet to read it.",
            )
    return kept


def _without_repeats(chosen: list[tuple[Sheet, Header]], notes: Notes) -> list[tuple[Sheet, Header]]:
    """A sheet whose titles mostly stand in an earlier sheet of the same register tells of the same things again."""
    kept: list[tuple[Sheet, Header]] = []
    seen: dict[str, set[str]] = {}
    for sheet, header in chosen:
        texts = {
            plain(str(cells[at]))
            for number, cells in sheet.rows
            if number > header.row
            for at, field in header.fields.items()
            if field in ("title", "cause", "event") and at < len(cells) and not is_empty(cells[at])
        }
        before = seen.setdefault(header.register, set())
        titles = header.columns("title")
        own = {
            plain(str(cells[at]))
            for number, cells in sheet.rows
            if number > header.row
            for at in titles
            if at < len(cells) and not is_empty(cells[at])
        }
        if own and len(own & before) > len(own) / 2:
            notes.lost(
                f"sheet {sheet.name}",
                f"{len(own & before)} of its {len(own)} titles stand in an earlier sheet.",
            )
            continue
        before |= texts
        kept.append((sheet, header))
    return kept


def _read_sheet(sheet: Sheet, header: Header, prefix: str, notes: Notes) -> tuple[list[Item], list[ReadLink]]:
    rows = [(number, cells) for number, cells in sheet.rows if number > header.row]
    columns = Columns.of(sheet, header, rows, notes)
    converter: WorkRows | RiskRows | OtherRows
    if header.register == "work-items":
        converter = WorkRows(columns, rows, notes)
    elif header.register == "risks":
        converter = RiskRows(columns, rows, notes)
    else:
        converter = OtherRows(columns, header.register, notes)
    _note_columns(columns, rows, notes)
    keys = _Keys(columns, rows, prefix, notes)
    items: list[Item] = []
    taken: list[tuple[str, str, Cells]] = []
    typical = _typical(header, rows)
    for number, cells in rows:
        where = f"{columns.place}row {number}"
        if is_header_again(columns, cells):
            continue
        filled = [at for at in header.fields if at < len(cells) and not is_empty(cells[at])]
        first = next((cells[at] for at in range(len(cells)) if not is_empty(cells[at])), "")
        if isinstance(first, str) and _is_total(first):
            notes.lost("totals", "Rows of totals are not kept; sums are computed here.", where=where)
            continue
        if len(filled) <= 2 and typical >= 5 and not columns.text(cells, "key"):
            notes.lost("rows beside the table", _BESIDE, where=where)
            continue
        try:
            fields = converter.fields(cells, where)
        except Refused as refused:
            notes.refused(refused.why, where=where, remedy=refused.remedy)
            continue
        if not fields.get("title"):
            if len(filled) < 3:
                notes.lost("rows beside the table", _BESIDE, where=where)
            else:
                notes.refused("The row has no title.", where=where, remedy="Give it one, or delete the row.")
            continue
        if len(filled) == 1 and _PLACEHOLDER.fullmatch(fields["title"]):
            notes.lost("placeholders", "Numbered rows that nobody has filled in are not kept.", where=where)
            continue
        identity, parent = keys.of(number, cells, fields, where)
        if not identity:
            continue
        _add_custom(fields, columns, cells)
        if header.register == "work-items":
            fields["position"] = len(items) + 1
        items.append(Item(header.register, identity, fields, where, parent))
        taken.append((identity, where, cells))
    if not items:
        notes.warn(
            "The table has a header and no rows that could be taken.", where=columns.place.rstrip(", ")
        )
    if isinstance(converter, WorkRows):
        return converter.finish(items), converter.links(taken, keys.names)
    return items, []


def _typical(header: Header, rows: list[tuple[int, Cells]]) -> int:
    """How many cells of known columns a row of the table usually fills: their median."""
    counts = sorted(
        sum(1 for at in header.fields if at < len(cells) and not is_empty(cells[at])) for _, cells in rows
    )
    return counts[len(counts) // 2] if counts else 0


def _is_total(first: str) -> bool:
    word = plain(first)
    return word in _TOTALS or word.startswith(
        ("total ", "grand total", "summe ", "gesamt ", "suma ", "somme ")
    )


class _Keys:
    """Identity and parent of rows: the id column, else the WBS code, else the title; outline by WBS, level or blanks."""

    def __init__(self, columns: Columns, rows: list[tuple[int, Cells]], prefix: str, notes: Notes) -> None:
        self._columns, self._prefix, self._notes = columns, prefix, notes
        self._field = "key" if columns.header.columns("key") else ""
        codes = [columns.text(cells, "wbs") for _, cells in rows if columns.text(cells, "wbs")]
        if not self._field and codes and len(set(codes)) == len(codes):
            self._field = "wbs"
        self._rows: dict[str, int] = {}  # key -> row
        self._at_row: dict[int, str] = {}
        self._by_wbs: dict[str, str] = {}
        self._stack: list[tuple[int, str]] = []
        self._blanks = any(indentation(columns, cells) >= 2 for _, cells in rows)
        self.names: dict[str, str] = {}  # what a predecessor column may call a row -> key
        if not self._field and rows:
            notes.warn(
                "The table has no column with ids: rows are recognised by their titles, and a row that is renamed comes in "
                "as a new one.",
                where=columns.place.rstrip(", "),
                remedy="Add a column “ID” that never changes.",
            )

    def of(self, number: int, cells: Cells, fields: Mapping[str, Any], where: str) -> tuple[str, str]:
        """(key, parent's key); ("", "") when the row was refused because its id is taken."""
        raw = key(self._columns.raw(cells, self._field)) if self._field else ""
        at = self._columns.at(self._field) if self._field else -1
        top = self._columns.sheet.merged_down.get((number, at), 0)
        merged = self._at_row.get(top, "") if not raw else ""
        if raw:
            identity = f"{self._prefix}{raw}"
            if identity in self._rows:
                self._notes.refused(
                    f"The id {raw} stands in row {self._rows[identity]} already.",
                    where=where,
                    remedy="Give one of the two rows its own id.",
                )
                return "", ""
        else:
            stem = merged or f"{self._prefix}{line(fields['title'], 150)}"
            identity, count = (f"{stem}.1", 1) if merged else (stem, 1)
            while identity in self._rows:
                count += 1
                identity = f"{stem}.{count}" if merged else f"{stem} #{count}"
            if self._field and not merged:
                self._notes.warn(
                    "The row has no id; its title stands in.", where=where, remedy="Give it an id."
                )
        parent = merged or self._parent(cells, fields, identity, where)
        self._rows[identity] = number
        self._at_row[number] = identity
        wbs = str(fields.get("wbs", ""))
        if wbs:
            self._by_wbs.setdefault(wbs.rstrip("."), identity)
            self.names.setdefault(wbs, identity)
        self.names[raw or identity] = identity
        return identity, parent

    def _parent(self, cells: Cells, fields: Mapping[str, Any], identity: str, where: str) -> str:
        columns = self._columns
        if columns.header.register != "work-items":
            return ""
        if said := key(columns.raw(cells, "parent")):
            found = self.names.get(said, "") or self._by_wbs.get(said, "")
            if not found:
                self._notes.warn(f"The parent “{line(said, 60)}” stands in no row above.", where=where)
            return found
        wbs = str(
            fields.get("wbs") or (columns.text(cells, "key") if "." in columns.text(cells, "key") else "")
        ).rstrip(".")
        if wbs:
            self._by_wbs.setdefault(wbs, identity)
            upper = wbs
            while "." in upper:
                upper = upper.rpartition(".")[0]
                if upper in self._by_wbs:
                    return self._by_wbs[upper]
            return ""
        level = level_of(columns, cells, where)
        if level is None:
            level = indentation(columns, cells) if self._blanks else None
        if level is None:
            return ""
        while self._stack and self._stack[-1][0] >= level:
            self._stack.pop()
        parent = self._stack[-1][1] if self._stack else ""
        self._stack.append((level, identity))
        return parent


def _add_custom(fields: dict[str, Any], columns: Columns, cells: Cells) -> None:
    extra = {
        title: shown(cells[at])
        for at, title in columns.header.titles.items()
        if at not in columns.header.fields and at < len(cells) and not is_empty(cells[at])
    }
    if extra:
        fields["custom"] = {**extra, **fields.get("custom", {})}


def _note_columns(columns: Columns, rows: list[tuple[int, Cells]], notes: Notes) -> None:
    header = columns.header
    widest = max((len(cells) for _, cells in rows), default=0)
    for at in range(widest):
        filled = sum(1 for _, cells in rows if at < len(cells) and not is_empty(cells[at]))
        if not filled:
            continue
        title = header.titles.get(at, "")
        if at in header.fields:
            notes.mapped(title, f"{header.register}.{header.fields[at]}", filled)
        elif title:
            notes.lost(
                title,
                f"The column “{title}” has no field here; its values are kept as text of the record.",
                filled,
            )
        else:
            notes.lost(
                f"column {at + 1}",
                "A column without a name is not kept.",
                filled,
                where=columns.place.rstrip(", "),
            )
