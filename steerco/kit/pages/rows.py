"""Rows as the table shows them: each cell's text, its badge, and whether the reader may edit it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from steerco.kit.fields import Field
from steerco.kit.register import Register

PAGE = 50


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


def build(
    register: Register, records: Iterable[Any], columns: Sequence[Field], *, may_edit: bool, chosen: str = ""
) -> list[Row]:
    """Rows for records whose node and people are already fetched; `chosen` are the columns a reader asked for, so that
    an edited row comes back with the same ones."""
    today = timezone.localdate()
    rows = []
    for record in records:
        args = [record.node.key, register.slug, record.ref]
        base = reverse("record", args=args)
        cells = [_cell(register, record, spec, today, may_edit, base, chosen) for spec in columns]
        rows.append(Row(record, record.ref, base, f"{base}peek", cells, record.node))
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


def page_of(
    found: QuerySet[Any], sort: str, register: Register, after: str, size: int = PAGE
) -> tuple[list[Any], str]:
    """One page of sorted rows after a place token, and the token of the next page, empty at the end.

    Pages are found by the sort value and id of the last row, so that deep pages cost what the first does and rows that
    arrive meanwhile shift nothing.
    """
    name = sort.removeprefix("-")
    spec = register.all_fields[name]
    path = {"person": f"{spec.path}__name", "reference": f"{spec.path}__number"}.get(spec.kind, spec.path)
    place = Signer(salt=f"{register.slug} by {sort}")
    if after:
        with contextlib.suppress(BadSignature):  # not one of ours, or of another sort: the first page
            reached, pk = place.unsign_object(after)
            found = found.filter(_beyond(path, reached, pk, down=sort.startswith("-")))
    rows = list(found[: size + 1])
    if len(rows) <= size:
        return rows, ""
    last = rows[size - 1]
    value: Any = last
    for step in path.split("__"):
        value = getattr(value, step) if value is not None else None
    plain = value if value is None or isinstance(value, (int, bool)) else str(value)
    return rows[:size], place.sign_object([plain, last.pk])


def _beyond(path: str, value: Any, pk: int, *, down: bool) -> Q:
    more = "lt" if down else "gt"
    if value is None:
        return Q(**{f"{path}__isnull": True, f"pk__{more}": pk})
    return (
        Q(**{f"{path}__{more}": value})
        | Q(**{path: value, f"pk__{more}": pk})
        | Q(**{f"{path}__isnull": True})
    )
