"""Items of a reading sorted against the records that are here: new, changed, the same, refused, vanished.

A dry run and an import sort by the same code, chunk by chunk, so that a preview cannot promise what the import does
not do. Values are cleaned by the register's own fields and compared set by set, not row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import NOT_PROVIDED, ForeignKey

from steerco.connect.here import Edited, People, put_away_by_import
from steerco.connect.items import Item, Reading
from steerco.connect.protocol import Notes
from steerco.connect.receipts import SHOWN, Difference, Standing, Vanished
from steerco.kit.bulk import Mould
from steerco.kit.custom import custom_fields
from steerco.kit.fields import Bad, Field
from steerco.kit.register import Register
from steerco.kit.tree import Node

CHUNK = 500
TEXTS = {"text", "long_text", "choice"}
SPECIAL = {"parent", "custom"}
WORD = re.compile(r"[^\W\d_]+")
PASSING = re.compile(r"\(\d+\)|\b(?:copy|kopie|final|latest|draft|export|v|rev|version)\b|\d+")


@dataclass(slots=True)
class Fresh:
    """A record to be made: cleaned values (people by id, below zero when unborn) and what goes into its origin."""

    item: Item
    values: dict[str, Any]
    origin: dict[str, Any]
    parent: int | None = None


@dataclass(slots=True)
class Differing:
    """A record to be changed: only what differs; `origin` None where it is the same."""

    pk: int
    version: int
    values: dict[str, Any]
    origin: dict[str, Any] | None
    restore: bool = False


Candidate = tuple[Item, dict[str, Any], Differing]  # with the stored row


@dataclass(slots=True)
class Sorted:
    """One chunk of items, sorted."""

    fresh: list[Fresh] = field(default_factory=list)
    differing: list[Differing] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    same: int = 0
    kept: int = 0
    conflicts: int = 0


class Sorter:
    """Sorts the items of one register. `ids` maps keys to record ids; the caller adds those of records it makes."""

    def __init__(
        self, register: Register, node: Node, reading: Reading, people: People, edited: Edited, notes: Notes
    ) -> None:
        self.register, self.node, self.system = register, node, system_of(reading)
        self.people, self.edited, self.notes = people, edited, notes
        self.specs: dict[str, Field] = register.editable | custom_fields(register, node)
        self._custom = {
            name.casefold(): path
            for path, spec in self.specs.items()
            if spec.custom
            for name in (spec.name, str(spec.label))
        }
        self._owned = {
            name.partition(".")[2] for name in reading.owned if name.partition(".")[0] == register.slug
        }
        self._mould = Mould(register.model)
        self.calendars: Mapping[str, str] = {}
        self.refused = 0
        self._told = {True: 0, False: 0}  # differences, by whether they are conflicts
        self._items = self._distinct([item for item in reading.items if item.register == register.slug])
        stored = register.model.objects.filter(node=node, origin_system=self.system)
        self.ids: dict[str, int] = dict(stored.values_list("origin_key", "pk").iterator())
        self._here = set(self.ids)
        self._adopt_parents()
        spoken = {name for item in self._items.values() for name in item.fields}
        self._names = [
            n
            for n, s in self.specs.items()
            if n in spoken | self._owned and n not in SPECIAL and not s.custom
        ]
        self._columns = {n: register.model._meta.get_field(n) for n in self._names}
        # A plan speaks of all it owns: what it leaves out is empty. A table speaks of the columns it has.
        speaks = self._owned if reading.calendars else spoken
        self._absent = {
            n: self._default(n) for n in self._names if n in self._owned & speaks - {"title", "status"}
        }
        self._has_parents = "parent" in self.specs and any(item.parent for item in self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def fresh_count(self) -> int:
        """How many items are not here yet, refused ones included."""
        return sum(key not in self._here for key in self._items)

    def places(self) -> dict[str, int]:
        """Key -> place among the fresh items in the order of the file: numbers follow it."""
        return {key: place for place, key in enumerate(k for k in self._items if k not in self._here)}

    def vanished(self) -> list[Vanished]:
        """Records of this source, not archived, that the reading no longer has."""
        gone = [pk for key, pk in self.ids.items() if key in self._here and key not in self._items]
        found = []
        for part in parts(gone):
            rows = self.register.model.objects.filter(pk__in=part, archived_at__isnull=True)
            for number, key, title in rows.order_by("number").values_list("number", "origin_key", "title"):
                found.append(Vanished(self.register.slug, self.register.ref(number), key, title))
        return found

    def chunks(self) -> Iterator[Sorted]:
        """The items sorted, parents before their children. The caller makes the fresh ones before it asks for more."""
        for level in self._levels():
            for part in parts(level):
                yield self._sort([self._items[key] for key in part])

    # -- order -----------------------------------------------------------------------------------------------------

    def _distinct(self, items: Sequence[Item]) -> dict[str, Item]:
        distinct: dict[str, Item] = {}
        for item in items:
            if item.key in distinct:
                self._refuse(
                    item, f"{item.key} stands in the file twice; the first was taken.", "Remove one of them."
                )
            else:
                distinct[item.key] = item
        return distinct

    def _adopt_parents(self) -> None:
        """Forget parents that nobody knows and those that run in a circle."""
        self._parents: dict[str, str] = {}
        for key, item in self._items.items():
            if not item.parent:
                continue
            if item.parent in self._items or item.parent in self.ids:
                self._parents[key] = item.parent
            else:
                self.notes.warn(
                    "A parent is not in the file; the item stands at the top.",
                    where=f"{item.where}: {item.parent}",
                    remedy="Export the parents too, or set “part of” here.",
                )
        sound: set[str] = set()
        for start in list(self._parents):
            chain = {start: None}  # keys in order, quick to look into
            at = start
            while (above := self._parents.get(at)) is not None and above not in sound:
                if above in chain:
                    self.notes.warn(
                        "Parents run in a circle; the item stands at the top.",
                        where=self._items[at].where,
                        remedy="Correct the hierarchy in the source.",
                    )
                    del self._parents[at]
                    break
                chain[above] = None
                at = above
            sound.update(chain)

    def _levels(self) -> list[list[str]]:
        depth: dict[str, int] = {}
        for key in self._items:
            chain = []
            while key not in depth and self._parents.get(key) in self._items:
                chain.append(key)
                key = self._parents[key]
            level = depth.setdefault(key, 0)
            for below in reversed(chain):
                level += 1
                depth[below] = level
        levels: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
        for key in self._items:
            levels[depth[key]].append(key)
        return levels

    # -- sorting ---------------------------------------------------------------------------------------------------

    def _sort(self, items: Sequence[Item]) -> Sorted:
        found = Sorted()
        stored = self._stored([item.key for item in items])
        candidates: list[Candidate] = []
        for item in items:
            cleaned = self._clean(item)
            if cleaned is None:
                continue
            values, origin = cleaned
            parent = self._parent_id(item)
            row = stored.get(item.key)
            if row is None:
                self._make(item, values, origin, parent, found)
                continue
            if self._has_parents:
                values["parent"] = parent
            differing = self._compare(item, values, origin, row, found)
            if differing is None:
                found.same += 1
            else:
                candidates.append((item, row, differing))
        self._check_changed(candidates, found)
        return found

    def _make(
        self, item: Item, values: dict[str, Any], origin: dict[str, Any], parent: int | None, found: Sorted
    ) -> None:
        record = self._mould.row()
        for name, value in values.items():
            self._set(record, name, value)
        if errors := self._errors(record):
            for name in set(errors) & set(values):
                self._left_out(item, name, errors[name])
                setattr(record, name, self._default(name))
                del values[name]
            if errors := self._errors(record):
                self._refuse(item, self._sentence(errors), "Correct the row in the source and import again.")
                return
        found.fresh.append(Fresh(item, values, origin, parent))

    def _compare(
        self, item: Item, values: dict[str, Any], origin: dict[str, Any], row: dict[str, Any], found: Sorted
    ) -> Differing | None:
        edited = self.edited.get(row["pk"], {})
        changed: dict[str, Any] = {}
        for name, value in values.items():
            here = row["custom"].get(self.specs[name].name) if name.startswith("custom.") else row[name]
            if value == here:
                continue
            owned = name in self._owned or name == "parent"
            standing = Standing.SOURCE_CHANGED
            if name in edited:
                moved = self._plain(name, value) != edited[name]
                if not owned and not moved:
                    found.kept += 1
                    continue
                if moved:
                    standing = Standing.CONFLICT_SOURCE if owned else Standing.CONFLICT_HERE
                else:
                    standing = Standing.TAKEN_BACK
            if standing == Standing.CONFLICT_HERE:
                found.kept += 1
            else:
                changed[name] = value
            self._differ(item, row, name, here, value, standing, found)
        for name, default in self._absent.items():
            if name not in values and row[name] != default and name not in edited:
                changed[name] = default
                self._differ(item, row, name, row[name], default, Standing.SOURCE_CHANGED, found)
        if row["archived_at"] and row["pk"] not in self._to_restore:
            self.notes.warn(
                "A record was archived here and stays archived, though the file still has it.",
                where=f"{item.where}: {self.register.ref(row['number'])}",
                remedy="Restore it here if the work goes on.",
            )
        restore = row["pk"] in self._to_restore
        fresh_origin = origin if origin != row["origin"] else None
        if not changed and fresh_origin is None and not restore:
            return None
        return Differing(row["pk"], row["version"], changed, fresh_origin, restore)

    def _check_changed(self, candidates: list[Candidate], found: Sorted) -> None:
        """Hold the changed records against the noun's own rules; a value that breaks one stays as it is here."""
        records = self.register.model.objects.in_bulk([c[2].pk for c in candidates if c[2].values])
        for item, row, differing in candidates:
            if (record := records.get(differing.pk)) is not None:
                for name, value in differing.values.items():
                    self._set(record, name, value)
                errors = self._errors(record)
                for name in set(errors) & set(differing.values):
                    self._left_out(item, name, errors[name])
                    self._set(record, name, row[name])
                    del differing.values[name]
                if errors and (errors := self._errors(record)):
                    self._refuse(
                        item, self._sentence(errors), "Correct the row in the source and import again."
                    )
                    continue
            if not differing.values and not differing.restore:
                found.same += 1
            if differing.values or differing.restore or differing.origin is not None:
                found.differing.append(differing)

    def _set(self, record: Any, name: str, value: Any) -> None:
        if name in self._columns and not self._is_person(name):
            setattr(record, name, value)

    # -- values ----------------------------------------------------------------------------------------------------

    def _clean(self, item: Item) -> tuple[dict[str, Any], dict[str, Any]] | None:
        values: dict[str, Any] = {}
        origin: dict[str, Any] = {}
        for name, raw in item.fields.items():
            spec = self.specs.get(name)
            if name == "custom" and isinstance(raw, Mapping):
                self._take_custom(item, raw, values, origin)
            elif spec is None or name in SPECIAL:
                if raw not in (None, "", {}, []):
                    origin[name] = plain(raw)
            elif raw is None and not spec.null and spec.kind not in TEXTS | {"tags", "boolean"}:
                continue  # the column knows no empty value: its default stands
            elif spec.kind == "person":
                person = self.people.id_of(str(raw)) if raw else None
                if person is not None or not raw:
                    values[name] = person
                else:
                    self._left_out(item, name, f"“{raw}” names two people here")
            else:
                try:
                    values[name] = spec.clean(self.calendars.get(raw, raw) if name == "calendar" else raw)
                except Bad as bad:
                    if spec.required and name != "status":
                        self._refuse(item, f"{spec.label} {bad}.", "Fill it in the source and import again.")
                        return None
                    self._left_out(item, name, str(bad))
        if not values.get("title"):
            self._refuse(item, "The row has no title.", "Fill it in the source and import again.")
            return None
        return values, origin

    def _take_custom(
        self, item: Item, raw: Mapping[str, Any], values: dict[str, Any], origin: dict[str, Any]
    ) -> None:
        kept = {}
        for label, value in raw.items():
            path = self._custom.get(label.casefold())
            try:
                cleaned = self.specs[path].clean(value) if path else None
            except Bad as bad:
                self._left_out(item, path or label, str(bad))
                continue
            if path and isinstance(cleaned, (str, bool, int, list)):
                values[path] = cleaned
            elif value not in (None, ""):
                kept[label] = plain(value)
        if kept:
            origin["custom"] = kept

    def _parent_id(self, item: Item) -> int | None:
        parent = self._parents.get(item.key)
        if parent is None:
            return None
        if parent not in self.ids:
            self.notes.warn(
                "A parent was refused; the item stands at the top.",
                where=f"{item.where}: {parent}",
                remedy="Correct the parent's row and import again.",
            )
        return self.ids.get(parent)

    def _stored(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        here = [key for key in keys if key in self._here]
        self._to_restore: set[int] = set()
        if not here:
            return {}
        columns = {n: c.attname for n, c in self._columns.items()}
        if self._has_parents:
            columns["parent"] = "parent_id"
        wanted = {
            *columns.values(),
            "pk",
            "origin_key",
            "version",
            "number",
            "title",
            "origin",
            "custom",
            "archived_at",
        }
        rows = self.register.model.objects.filter(
            node=self.node, origin_system=self.system, origin_key__in=here
        ).values(*wanted)
        stored = {}
        for row in rows:
            for name, attname in columns.items():
                row[name] = row[attname]
            stored[row["origin_key"]] = row
        away = [row["pk"] for row in stored.values() if row["archived_at"]]
        if away:
            self._to_restore = put_away_by_import(self.node, self.register, away)
        return stored

    def _default(self, name: str) -> Any:
        column = self.register.model._meta.get_field(name)
        if isinstance(column, ForeignKey) or (column.null and column.default is NOT_PROVIDED):
            return None
        return self.specs[name].clean(default) if (default := column.get_default()) else default

    def _is_person(self, name: str) -> bool:
        return self.specs[name].kind == "person"

    def _errors(self, record: Any) -> dict[str, str]:
        return dict(self.register.check(record))

    # -- telling ---------------------------------------------------------------------------------------------------

    def _differ(
        self,
        item: Item,
        row: dict[str, Any],
        name: str,
        here: Any,
        source: Any,
        standing: Standing,
        found: Sorted,
    ) -> None:
        conflict = standing in (Standing.CONFLICT_SOURCE, Standing.CONFLICT_HERE)
        found.conflicts += conflict
        self._told[conflict] += 1
        if self._told[conflict] > SHOWN:
            return
        difference = Difference(
            register=self.register.slug,
            ref=self.register.ref(row["number"]),
            key=item.key,
            title=row["title"],
            field=name,
            here=self._show(name, here),
            source=self._show(name, source),
            standing=standing,
        )
        found.differences.append(difference)

    def _show(self, name: str, value: Any) -> str:
        if name == "parent":
            return next((key for key, pk in self.ids.items() if pk == value), "") if value else ""
        if self._is_person(name):
            return self.people.name_of(value)
        return str(self.specs[name].raw(value))

    def _plain(self, name: str, value: Any) -> Any:
        if self._is_person(name):
            return {"id": value, "name": self.people.name_of(value)} if value else None
        if name == "parent":
            number = self.register.model.objects.filter(pk=value).values_list("number", flat=True).first()
            return self.register.ref(number) if number else None
        return self.specs[name].plain(value)

    def _left_out(self, item: Item, name: str, why: str) -> None:
        label = self.specs[name].label if name in self.specs else name
        self.notes.warn(
            f"{label} {why} and was left out.",
            where=item.where,
            field=name,
            remedy="Correct it in the source and import again.",
        )

    def _refuse(self, item: Item, text: str, remedy: str) -> None:
        self.refused += 1
        self.notes.refused(text, where=item.where, remedy=remedy)

    def _sentence(self, errors: Mapping[str, str]) -> str:
        found = [f"{self.specs[n].label if n in self.specs else n} {text}" for n, text in errors.items()]
        return "; ".join(found) + "."


def system_of(reading: Reading) -> str:
    """The name under which a reading's keys are unique within a node.

    Rows of a table are numbered anew in each table, so a table is a source of its own, told by its name without what
    changes from one export to the next (dates, versions, copies).
    """
    if reading.system != "table":
        return reading.system
    stem = PASSING.sub(" ", Path(reading.file).stem.casefold())
    return f"table:{'-'.join(WORD.findall(stem))}"[:40].rstrip("-:")


def parts(rows: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """A sequence in pieces."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def plain(value: Any) -> Any:
    """A value as JSON keeps it, so that what comes back from the database compares equal."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
