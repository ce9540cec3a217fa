"""A project's work items in outline order, read as the plan page needs them: the order first, then only what is drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import F, FloatField, Func, IntegerField, QuerySet
from django.db.models.functions import Cast

from steerco.areas.plan.models import WorkItem
from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.register import get
from steerco.kit.tree import Node

MOMENTS = (
    "start", "finish", "baseline_start", "baseline_finish", "p80_finish", "deadline", "early_start", "levelled_start",
)  # fmt: skip


class Line(NamedTuple):
    """One work item's place: level 0 is the top."""

    id: int
    ref: str
    level: int
    is_parent: bool


class TimelineMinute(Func):
    """A moment's minutes since 1970, counted by the database: making datetimes of ten thousand rows was most of reading them."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="strftime('%%%%s', %(expressions)s) / 60", **more
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 60) AS bigint)"
        return super().as_sql(compiler, connection, template=template, **more)


def outline(actor: Actor, node: Node) -> list[Line]:
    """What the actor may see, in outline order; parents in a circle stand flat at the end rather than get lost."""
    ref = get("work-items").ref
    rows = list(_rows(actor, node).order_by("position", "number").values_list("id", "number", "parent_id"))
    known = {id_ for id_, _, _ in rows}
    children: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
    for id_, number, parent in rows:
        children[parent if parent in known else None].append((id_, number))
    ordered = []
    stack = [(*row, 0) for row in reversed(children[None])]
    while stack:
        id_, number, level = stack.pop()
        below = children.get(id_, ())
        ordered.append(Line(id_, ref(number), level, bool(below)))
        stack += [(*row, level + 1) for row in reversed(below)]
    if len(ordered) < len(rows):
        shown = {line.id for line in ordered}
        ordered += [Line(id_, ref(number), 0, False) for id_, number, _ in rows if id_ not in shown]
    return ordered


def values(
    actor: Actor, node: Node, names: Iterable[str], only: Iterable[int] | None = None
) -> dict[int, dict[str, Any]]:
    """Columns of the work items by id, of all or of `only` some; moments as timeline minutes, per cent as a float."""
    names = tuple(names)
    found = _rows(actor, node)
    if only is not None:
        found = found.filter(id__in=only)
    reading = {
        f"_{name}": TimelineMinute(name) if name in MOMENTS else Cast(name, FloatField()) if name == "percent_complete" else F(name)
        for name in names
    }  # fmt: skip
    return {
        row[0]: dict(zip(names, row[1:])) for row in found.annotate(**reading).values_list("id", *reading)
    }


def _rows(actor: Actor, node: Node) -> QuerySet[WorkItem]:
    return access.rows(get("work-items"), actor, node)
