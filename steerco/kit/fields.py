"""Fields: one `Field` serves list, filter, form, import, export, API and history of a register.

Most come from the model's columns; what a column cannot say a register overrides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from steerco.kit.kinds import KINDS, Bad, Kind, Person, printable, relative_day, whole, working_time

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register. Most come from the model; a register overrides what the model cannot say.

    `editable` False marks what the system computes or keeps; `path` is the ORM path for sorting and filtering, empty
    when the value exists only in Python.
    """

    name: str
    label: Label
    kind: str = "text"
    help: Label = ""
    unit: Label = ""
    choices: tuple[tuple[str, Label], ...] = ()
    editable: bool = True
    required: bool = False
    null: bool = True  # None where the model knows None, "" otherwise
    default: Any = None  # what stands where nothing was given and the model knows no None
    minimum: float | None = None
    maximum: float | None = None
    decimals: int | None = None
    max_length: int | None = None
    path: str = ""
    register: str = ""  # slug a reference points into
    value: Callable[[Any], Any] | None = field(default=None, compare=False)
    custom: bool = False
    total: bool = False  # adding it up over records means something: groups of a list show the sum

    @property
    def behaviour(self) -> Kind:
        return KINDS[self.kind]

    @property
    def align(self) -> str:
        return self.behaviour.align

    def empty(self) -> Any:
        if self.kind == "tags":
            return []
        if self.kind == "boolean":
            return False
        if self.default is not None:
            return self.default
        return None if self.null else ""

    def clean(self, raw: Any) -> Any:
        """Python value of wild input. Raises Bad."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            if self.required:
                raise Bad(_("is needed"))
            return self.empty()
        value = self.behaviour.clean(raw, self)
        if self.required and value in ("", None, []):
            raise Bad(_("is needed"))
        return value

    def of(self, record: Any) -> Any:
        """The record's value; for a guest only such references as lead to what is shared too."""
        if self.kind == "reference" and getattr(record, "for_guest", False):
            other = getattr(record, self.name)
            return other if other is not None and other.shared and not other.archived_at else None
        if self.custom:
            stored = record.custom.get(self.name)
            return None if stored is None else KINDS[self.kind].clean(stored, self)
        return self.value(record) if self.value else getattr(record, self.name)

    def is_empty(self, value: Any) -> bool:
        return value is None or value == "" or value == []

    def show(self, value: Any) -> str:
        return "" if self.is_empty(value) else self.behaviour.show(value, self)

    def export(self, value: Any) -> Any:
        return None if self.is_empty(value) else self.behaviour.export(value, self)

    def plain(self, value: Any) -> Any:
        return None if value is None else self.behaviour.plain(value)

    def raw(self, value: Any) -> str:
        return "" if self.is_empty(value) else self.behaviour.raw(value, self)


def kind_of(column: models.Field[Any, Any]) -> str:
    """The kind a model field has unless its register says otherwise."""
    if isinstance(column, models.ForeignKey):
        return "person" if column.related_model._meta.label == "kit.User" else "reference"
    if column.choices:
        return "choice"
    order: Sequence[tuple[type[models.Field[Any, Any]], str]] = (
        (models.BooleanField, "boolean"),
        (models.DecimalField, "number"),
        (models.IntegerField, "integer"),
        (models.FloatField, "number"),
        (models.DateTimeField, "datetime"),
        (models.DateField, "date"),
        (models.TextField, "long_text"),
        (models.JSONField, "tags"),
        (models.CharField, "text"),
    )
    for cls, kind in order:
        if isinstance(column, cls):
            return kind
    raise TypeError(f"{column} has no kind: declare it in the register's `fields`")


def _label(column: models.Field[Any, Any]) -> Label:
    """What a column is called; Django names those that do not say it after themselves, in English."""
    return gettext_lazy(column.verbose_name) if isinstance(column.verbose_name, str) else column.verbose_name


NAMED_BY_THEMSELVES = (gettext_noop("created by"), gettext_noop("changed by"))


def from_model(column: models.Field[Any, Any]) -> Field:
    """The field a model column yields."""
    if isinstance(column, models.GeneratedField):
        inner = column.output_field
        return Field(
            name=column.name,
            label=_label(column),
            kind=kind_of(inner),  # type: ignore[arg-type]
            editable=False,
            path=column.name,
            decimals=getattr(inner, "decimal_places", None),
        )
    kind = kind_of(column)
    limits = _limits(column)
    return Field(
        name=column.name,
        label=_label(column),
        kind=kind,
        help=column.help_text,
        choices=tuple((str(v), label) for v, label in column.flatchoices) if kind == "choice" else (),
        editable=column.editable,
        required=not column.blank and not column.has_default() and kind != "boolean",
        null=column.null,
        default=_default(column, kind),
        minimum=limits[0],
        maximum=limits[1],
        decimals=getattr(column, "decimal_places", None),
        max_length=column.max_length if isinstance(column, models.CharField) else None,
        path=column.name,
    )


def _default(column: models.Field[Any, Any], kind: str) -> Any:
    """What stands in a column that cannot be empty when nothing was given; None where empty is possible."""
    if column.null or not column.has_default() or kind in {"tags", "boolean"}:
        return None
    default = column.get_default()
    return str(default) if kind == "choice" else default


def _limits(column: models.Field[Any, Any]) -> tuple[float | None, float | None]:
    """Least and greatest value of a number column: its validators', and what both databases can hold."""
    given = {type(v).__name__: v.limit_value for v in column.validators if hasattr(v, "limit_value")}
    low, high = given.get("MinValueValidator"), given.get("MaxValueValidator")
    if isinstance(column, models.DecimalField):
        most = float(10 ** (column.max_digits - column.decimal_places) - 1)
        return (-most if low is None else low), (most if high is None else min(high, most))
    if not isinstance(column, models.IntegerField):
        return low, high
    small, big = (
        isinstance(column, models.PositiveSmallIntegerField | models.SmallIntegerField),
        "Big" in type(column).__name__,
    )
    most = 32_767 if small else 10**13 if big else 2_147_483_647
    least = 0 if type(column).__name__.startswith("Positive") else -most
    return max(low if low is not None else least, least), min(high if high is not None else most, most)


__all__ = [
    "KINDS", "Bad", "Field", "Kind", "Person", "from_model", "kind_of", "printable", "relative_day", "whole", "working_time",
]  # fmt: skip
