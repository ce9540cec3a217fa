"""Rows as the table shows them: each cell's text, its badge, and whether the reader may edit it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from steerco.kit.fields import Field
from steerco.kit.grouping import PLACE, Group
from steerco.kit.register import Register

PAGE = 50
UNGROUPED = object()  # unlike any place of a group, also the empty one


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `colour` makes it a badge, `editable` a button that opens the one-field form."""

    name: str
    label: str
    text: str
    align: str
    editable: bool
    computed: bool
    colour: str = ""
    is_title: bool = False
    edit_url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A record in a list."""

    record: Any
    ref: str
    url: str
    peek_url: str
    cells: Sequence[Cell]
    node: Any = None
    group: Group | None = None  # begins with this row
    sums: Sequence[tuple[str, str]] = ()  # of that group, under the columns after the first: (text, align)


def build(
    register: Register,
    records: Iterable[Any],
    columns: Sequence[Field],
    *,
    may_edit: bool,
    chosen: str = "",
    groups: Mapping[int, Group] | None = None,
) -> list[Row]:
    """Rows for records whose node and people are already fetched; `chosen` are the columns a reader asked for, so that
    an edited row comes back with the same ones; `groups` the groups that begin here, by the id of their first record."""
    today = timezone.localdate()
    rows = []
    for record in records:
        args = [record.node.key, register.slug, record.ref]
        base = reverse("record", args=args)
        cells = [_cell(register, record, spec, today, may_edit, base, chosen) for spec in columns]
        group = groups.get(record.pk) if groups else None
        sums = [(spec.show(group.sums.get(spec.name)), spec.align) for spec in columns[1:]] if group else ()
        rows.append(Row(record, record.ref, base, f"{base}peek", cells, record.node, group, sums))
    return rows


def _cell(
    register: Register, record: Any, spec: Field, today: date, may_edit: bool, base: str, chosen: str
) -> Cell:
    value = spec.of(record)
    text, colour = spec.show(value), ""
    key = f"custom.{spec.name}" if spec.custom else spec.name
    if spec.name == "status":
        colour = register.per_status_colour.get(record.status, "neutral")
    elif spec.name in register.deadlines and value and record.status not in register.flow.closed:
        day = value.date() if isinstance(value, datetime) else value
        late = (today - day).days
        if late > 0:
            colour = "red"
            text = ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}
        elif late > -7:
            colour = "amber"
    return Cell(
        name=key,
        label=str(spec.label),
        text=text,
        align=spec.align,
        editable=may_edit and spec.editable and not record.archived_at,
        computed=not spec.editable,
        colour=colour,
        is_title=spec.name == "title",
        edit_url=f"{base}cell/{key}" + (f"?columns={chosen}" if chosen else ""),
    )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, the token of the next one (empty at the end), and the group of the row before, if rows are grouped."""

    rows: list[Any]
    following: str
    reached: Any = UNGROUPED


def page_of(
    found: QuerySet[Any],
    sort: str,
    register: Register,
    after: str,
    size: int = PAGE,
    *,
    group: str = "",
) -> Page:
    """One page of sorted rows after a place token; with `group`, rows annotated by `grouping.placed` and sorted by it first.

    Pages are found by the sort values and id of the last row, so that deep pages cost what the first does and rows that
    arrive meanwhile shift nothing.
    """
    name, down = sort.removeprefix("-"), sort.startswith("-")
    spec = register.all_fields[name]
    path = {"person": f"{spec.path}__name", "reference": f"{spec.path}__number"}.get(spec.kind, spec.path)
    keys = [*([(PLACE, False)] if group else []), (path, down)]
    token = Signer(salt=f"{register.slug} by {sort}" + (f" in groups of {group}" if group else ""))
    reached = UNGROUPED
    if after:
        with contextlib.suppress(
            BadSignature, ValueError
        ):  # not one of ours, or of another sort: the first page
            *values, pk = token.unsign_object(after)
            found = found.filter(_beyond(keys, values, pk, down=down))
            reached = values[0] if group else UNGROUPED
    rows = list(found[: size + 1])
    if len(rows) <= size:
        return Page(rows, "", reached)
    last = rows[size - 1]
    return Page(rows[:size], token.sign_object([*(_value(last, path) for path, _ in keys), last.pk]), reached)


def _value(record: Any, path: str) -> Any:
    value: Any = record
    for step in path.split("__"):
        value = getattr(value, step) if value is not None else None
    return value if value is None or isinstance(value, (int, bool)) else str(value)


def _beyond(keys: Sequence[tuple[str, bool]], values: Sequence[Any], pk: int, *, down: bool) -> Q:
    """Rows after one with these values: beyond it in the first key, or level with it and beyond in the next, and so on."""
    beyond, level = Q(pk__in=[]), Q()
    for (path, falls), value in zip(keys, values, strict=True):
        if value is None:  # empty values stand last
            level &= Q(**{f"{path}__isnull": True})
            continue
        beyond |= level & (
            Q(**{f"{path}__{'lt' if falls else 'gt'}": value}) | Q(**{f"{path}__isnull": True})
        )
        level &= Q(**{path: value})
    return beyond | (level & Q(**{f"pk__{'lt' if down else 'gt'}": pk}))
