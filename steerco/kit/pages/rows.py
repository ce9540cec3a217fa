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
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steerco.kit.fields import Field
from steerco.kit.grouping import PLACE, Group
from steerco.kit.register import Register
from steerco.kit.tree import Node

PAGE = 50
UNGROUPED = object()  # unlike any place of a group, also the empty one


# A row is one pattern filled once and not a template: with one, the whole list took about twice as long.
CELL = '<td data-field="{}" class="{}">{}</td>'
BADGE = '<td data-field="{}" class="{}"><span class="badge badge-{}">{}</span></td>'
EDIT = (
    '<td data-field="{}" class="{}"><button type="button" class="cell-edit" hx-get="{}cell/{}{}" hx-target="closest td"'
    ' aria-label="{}: {}, {}">'
)
EDIT_END = "{}</button></td>"
EDIT_BADGE_END = '<span class="badge badge-{}">{}</span></button></td>'
SELECT = (
    '<td class="select"><label><input type="checkbox" name="ref" value="{}" aria-label="{}"></label></td>'
)
REF = '<th scope="row" data-field="ref"><a href="{}" data-open hx-get="{}peek" hx-target="#inspector">{}</a></th>'
PROJECT = '<td data-field="node"><a class="quiet" href="{}">{}</a></td>'


@dataclass(frozen=True, slots=True)
class Column:
    """A field as a column: what is the same in each of its cells, escaped once."""

    spec: Field
    key: str
    label: str
    classes: str
    editable: bool

    @classmethod
    def of(cls, spec: Field, may_edit: bool) -> Column:
        words = ["number"] if spec.align == "end" else []
        words += [] if spec.editable else ["is-computed"]
        words += ["title"] if spec.name == "title" else []
        key = escape(f"custom.{spec.name}" if spec.custom else spec.name)
        label = escape(capfirst(str(spec.label)))
        return cls(spec, key, label, escape(" ".join(words)), may_edit and spec.editable)


@dataclass(frozen=True, slots=True)
class Row:
    """A record in a list: its markup, and the group that begins with it."""

    record: Any
    markup: SafeString
    group: Group | None = None
    sums: Sequence[str] = ()  # of that group, under the columns after the first


def build(
    register: Register,
    records: Iterable[Any],
    columns: Sequence[Field],
    *,
    node: Node,
    may_edit: bool,
    chosen: str = "",
    groups: Mapping[int, Group] | None = None,
) -> list[Row]:
    """Rows for records whose node and people are already fetched; `chosen` are the columns a reader asked for, so that
    an edited row comes back with the same ones; `groups` the groups that begin here, by the id of their first record."""
    today = timezone.localdate()
    edit, empty = escape(_("edit")), escape(_("empty"))
    heads = [Column.of(spec, may_edit) for spec in columns]
    suffix = escape(f"?columns={chosen}" if chosen else "")
    rows = []
    for record in records:
        base = escape(reverse("record", args=[record.node.key, register.slug, record.ref]))
        pattern, filled = _lead(record, base, node, may_edit)
        for column in heads:
            text, colour = _told(register, record, column.spec, today)
            parts: list[str] = [column.key, column.classes]
            if column.editable and not record.archived_at:
                pattern.append(EDIT + (EDIT_BADGE_END if colour else EDIT_END))
                parts += [base, column.key, suffix, column.label, text or empty, edit]
            else:
                pattern.append(BADGE if colour else CELL)
            filled += [*parts, colour, text] if colour else [*parts, text]
        group = groups.get(record.pk) if groups else None
        sums = [spec.show(group.sums.get(spec.name)) for spec in columns[1:]] if group else ()
        rows.append(Row(record, format_html("".join(pattern) + "</tr>", *filled), group, sums))
    return rows


def _lead(record: Any, base: str, node: Node, may_edit: bool) -> tuple[list[str], list[str]]:
    """The row's beginning: the box that selects it, its reference, and above projects the project it is of."""
    ref = escape(record.ref)
    pattern = ['<tr data-ref="{}" aria-selected="false">']
    filled: list[str] = [ref]
    if may_edit and node.is_project:
        pattern.append(SELECT)
        filled += [ref, escape(_("Select %(ref)s") % {"ref": record.ref})]
    pattern.append(REF)
    filled += [base, base, ref]
    if not node.is_project:
        pattern.append(PROJECT)
        filled += [reverse("node", args=[record.node.key]), record.node.name]
    return pattern, filled


def _told(register: Register, record: Any, spec: Field, today: date) -> tuple[str, str]:
    """A cell's escaped text, and the colour of its badge: of a status, and of a deadline that is near."""
    value = spec.of(record)
    if spec.name == "status":
        return escape(spec.show(value)), register.per_status_colour.get(record.status, "neutral")
    if spec.name in register.deadlines and value and record.status not in register.flow.closed:
        day = value.date() if isinstance(value, datetime) else value
        late = (today - day).days
        if late > 0:
            return escape(ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}), "red"
        if late > -7:
            return escape(spec.show(value)), "amber"
    return escape(spec.show(value)), ""


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
