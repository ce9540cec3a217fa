"""Rows of a list in groups: which fields group, in what order the groups stand, and what each adds up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Expression, F, IntegerField, QuerySet, Sum, Value, When
from django.utils.translation import gettext as _

from steerco.kit.fields import Field, Label
from steerco.kit.register import Register
from steerco.kit.tree import Node

KINDS = frozenset({"choice", "person", "boolean"})
PROJECT = "node"
PLACE = "group_place"  # the annotation rows are sorted by


@dataclass(frozen=True, slots=True)
class Group:
    """What stands above the rows of one group: how many there are, and sums by field name where sums mean something."""

    label: str
    count: int
    sums: dict[str, Any]


def groupable(register: Register, node: Node) -> dict[str, Label]:
    """Names and labels of what a list may be grouped by: choices, people, yes or no, and projects above them."""
    found: dict[str, Label] = {
        name: spec.label for name, spec in register.all_fields.items() if spec.kind in KINDS and spec.path
    }
    if not node.is_project:
        found = {PROJECT: _("project"), **found}
    return found


def placed(found: QuerySet[Any], name: str, register: Register) -> QuerySet[Any]:
    """Rows annotated with the place of their group: choices in their own order, people and projects by name."""
    rows: QuerySet[Any] = found.annotate(**{PLACE: _place(name, register)})
    return rows


def label_of(record: Any, name: str, register: Register) -> str:
    """What the record's group is called."""
    if name == PROJECT:
        return str(record.node.name)
    spec = register.all_fields[name]
    return spec.show(spec.of(record)) or _("not filled in")


def totals(
    found: QuerySet[Any], columns: Iterable[Field], node: Node
) -> dict[Any, tuple[int, dict[str, Any]]]:
    """Count and sums of every group by its place, over all rows and not only those of a page.

    Money is added up within one currency only.
    """
    summed = [spec for spec in columns if spec.total and spec.path and not spec.custom]
    if any(spec.kind == "money" for spec in summed) and not node.is_project:
        currencies = found.order_by().values_list("node__currency", flat=True).distinct()[:2]
        if len(currencies) > 1:
            summed = [spec for spec in summed if spec.kind != "money"]
    sums = {f"sum_{spec.name}": Sum(spec.path) for spec in summed}
    rows = found.order_by().values(PLACE).annotate(count_of_group=Count("pk"), **sums)
    return {
        row[PLACE]: (row["count_of_group"], {spec.name: row[f"sum_{spec.name}"] for spec in summed})
        for row in rows
    }


def headings(
    records: Sequence[Any],
    reached: Any,
    name: str,
    register: Register,
    totals: Callable[[], dict[Any, tuple[int, dict[str, Any]]]],
) -> dict[int, Group]:
    """The groups that begin on a page, by the id of their first record there; `reached` is the place of the row before.

    `totals` is asked for only where one begins: further rows of a long group need none.
    """
    found: dict[int, Group] = {}
    sizes: dict[Any, tuple[int, dict[str, Any]]] | None = None
    for record in records:
        place = getattr(record, PLACE)
        if place != reached:
            sizes = totals() if sizes is None else sizes
            count, sums = sizes.get(place, (0, {}))
            found[record.pk] = Group(label_of(record, name, register), count, sums)
        reached = place
    return found


def _place(name: str, register: Register) -> Expression | F:
    if name == PROJECT:
        return F("node__name")
    spec = register.all_fields[name]
    if spec.kind == "person":
        return F(f"{spec.path}__name")
    values = [value for value, _label in spec.choices] if spec.kind == "choice" else [True, False]
    return Case(
        *(When(**{spec.path: value}, then=Value(at)) for at, value in enumerate(values)),
        default=Value(len(values)),
        output_field=IntegerField(),
    )
