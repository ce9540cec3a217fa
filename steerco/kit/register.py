"""The register declaration: one class beside its model, from which lists, forms, API, exports and rules follow.

    @register
    class Risks(Register):
        model = Risk
        area, slug, prefix = "raid", "risks", "R"
        noun, nouns = _("risk"), _("risks")
        columns = ["title", "probability", "exposure_days", "response", "owner", "due", "status"]
        flow = Flow({"open": ["treating", "closed"], ...})

Fields come from the model; `fields` overrides what a model column cannot say, `computed` adds values made in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from steerco.kit.fields import Field, Label, from_model, whole
from steerco.kit.record import Record


@dataclass(frozen=True)
class Flow:
    """Statuses in order and the moves allowed between them; the first is where a record begins.

    `closed` names the statuses in which a record needs no more attention; `needs` the fields that must be filled before
    a record may enter a status.
    """

    moves: Mapping[str, Sequence[str]]
    closed: frozenset[str] = frozenset()
    needs: Mapping[str, Sequence[str]] = None  # type: ignore[assignment]

    @property
    def initial(self) -> str:
        return next(iter(self.moves))

    def may(self, before: str, after: str) -> bool:
        return before == after or after in self.moves.get(before, ())

    def needed(self, status: str) -> Sequence[str]:
        return (self.needs or {}).get(status, ())


class Register:
    """What one noun is to Steerco. Subclass, fill in, decorate with `register`."""

    model: ClassVar[type[Any]]
    area: ClassVar[str]
    slug: ClassVar[str]  # in addresses, files and the API: "risks"
    prefix: ClassVar[str]  # of references: "R"
    noun: ClassVar[Label]
    nouns: ClassVar[Label]
    help: ClassVar[Label] = ""  # one sentence in the field's standard words, shown over an empty list
    flow: ClassVar[Flow]
    columns: ClassVar[Sequence[str]]  # of the list, in order; the reference always comes first
    form: ClassVar[Sequence[str]] = ()  # fields of the record page in order; () is every editable field
    sort: ClassVar[str] = "-number"  # default order; a field name, "-" before it for descending
    search: ClassVar[Sequence[str]] = ("title",)
    fields: ClassVar[Mapping[str, Mapping[str, Any]]] = {}  # overrides: {"probability": {"kind": "percent"}}
    computed: ClassVar[Sequence[Field]] = ()  # values made in Python, never written
    system: ClassVar[frozenset[str]] = frozenset()  # columns only calculations write
    deadlines: ClassVar[frozenset[str]] = (
        frozenset()
    )  # dates that are late once past while the record is not closed
    wakes: ClassVar[frozenset[str]] = frozenset()  # a change of these makes the project's calculations stale
    hidden: ClassVar[frozenset[str]] = frozenset(
        {"custom", "origin", "origin_system", "origin_key", "archived_at"}
    )
    per_status_colour: ClassVar[Mapping[str, str]] = {}  # status -> green, amber, red, neutral

    @classmethod
    def check(cls, record: Any) -> Iterable[tuple[str, str]]:
        """The noun's own rules over a whole record: (field, sentence) for each that fails. Pure, no queries."""
        return ()

    @cached_property
    def all_fields(self) -> dict[str, Field]:
        """Every field by name, reference first, computed last."""
        found: dict[str, Field] = {
            "number": Field("number", gettext_lazy("Ref"), "integer", editable=False, path="number"),
        }
        for column in self.model._meta.get_fields():
            if not isinstance(column, models.Field) or column.name in self.hidden | {
                "id",
                "node",
                "number",
                "version",
            }:
                continue
            spec = from_model(column)
            if column.name == "status":
                spec = replace(spec, required=True, choices=self.statuses)
            if column.name in self.system:
                spec = replace(spec, editable=False)
            spec = replace(spec, **self.fields.get(column.name, {}))
            if spec.kind == "reference" and not spec.register:
                spec = replace(spec, register=of_model(column.related_model).slug)  # type: ignore[arg-type]
            found[spec.name] = spec
        unknown = set(self.fields) - set(found)
        if unknown:
            raise TypeError(
                f"{type(self).__name__}.fields names {sorted(unknown)}, which {self.model.__name__} has not"
            )
        for spec in self.computed:
            found[spec.name] = replace(spec, editable=False)
        return found

    @cached_property
    def statuses(self) -> tuple[tuple[str, Label], ...]:
        """(value, label) of every status, in the flow's order."""
        labels = dict(self.model._meta.get_field("status").flatchoices)
        return tuple((s, labels.get(s, s.replace("_", " ").capitalize())) for s in self.flow.moves)

    @cached_property
    def editable(self) -> dict[str, Field]:
        return {name: spec for name, spec in self.all_fields.items() if spec.editable}

    @cached_property
    def form_fields(self) -> list[Field]:
        names = self.form or [n for n in self.editable if n not in {"shared", "tags"}] + ["tags", "shared"]
        return [self.all_fields[n] for n in names]

    @cached_property
    def list_columns(self) -> list[Field]:
        return [self.all_fields[n] for n in self.columns]

    @cached_property
    def related(self) -> list[str]:
        """Foreign keys to fetch with the rows of a list."""
        return [n for n, s in self.all_fields.items() if s.kind in {"person", "reference"} and s.path]

    @cached_property
    def refers(self) -> bool:
        """True where a field names another record."""
        return any(spec.kind == "reference" for spec in self.all_fields.values())

    def ref(self, number: int) -> str:
        return f"{self.prefix}-{number}"

    def number(self, ref: str) -> int | None:
        """The number in `R-12`; None for anything that is no reference of this register."""
        head, _dash, tail = ref.rpartition("-")
        return whole(tail) if head.upper() == self.prefix and len(tail) < 10 else None

    def describe(self) -> dict[str, Any]:
        """What the declaration yields, for `steerco describe` and the generated documentation."""
        return {
            "register": self.slug,
            "area": self.area,
            "prefix": self.prefix,
            "noun": str(self.noun),
            "nouns": str(self.nouns),
            "help": str(self.help),
            "statuses": {s: list(self.flow.moves[s]) for s in self.flow.moves},
            "closed": sorted(self.flow.closed),
            "needed": {s: list(f) for s, f in (self.flow.needs or {}).items()},
            "fields": [
                {
                    "name": f.name,
                    "label": str(f.label),
                    "kind": f.kind,
                    "unit": str(f.unit),
                    "editable": f.editable,
                    "required": f.required,
                    "choices": [c for c, _label in f.choices],
                    "help": str(f.help),
                }
                for f in self.all_fields.values()
            ],
            "columns": list(self.columns),
            "wakes": sorted(self.wakes),
            "pages": [f"/n/<key>/{self.slug}/", f"/n/<key>/{self.slug}/<ref>/"],
            "api": [f"/api/v1/{self.slug}", f"/api/v1/{self.slug}/<id>"],
        }


_by_slug: dict[str, Register] = {}
_by_model: dict[type[models.Model], Register] = {}


def register(cls: type[Register]) -> type[Register]:
    """Put a declaration in its place. Raises TypeError where it is incomplete or clashes."""
    for name in ("model", "area", "slug", "prefix", "noun", "nouns", "flow", "columns"):
        if not hasattr(cls, name):
            raise TypeError(f"register {cls.__name__} lacks `{name}`")
    if not issubclass(cls.model, Record):
        raise TypeError(f"register {cls.__name__}: {cls.model.__name__} is not a Record")
    clash = _by_slug.get(cls.slug) or next((r for r in _by_slug.values() if r.prefix == cls.prefix), None)
    if clash:
        raise TypeError(f"register {cls.__name__}: slug or prefix is taken by {type(clash).__name__}")
    instance = cls()
    _by_slug[cls.slug] = instance
    _by_model[cls.model] = instance
    return cls


def registers() -> list[Register]:
    """Every register, by area then slug."""
    return sorted(_by_slug.values(), key=lambda r: (r.area, r.slug))


def find(slug: str) -> Register | None:
    return _by_slug.get(slug)


def get(slug: str) -> Register:
    """The register of a slug. Raises LookupError with what there is."""
    if slug not in _by_slug:
        raise LookupError(
            _("There is no register “%(slug)s”. There are: %(known)s.")
            % {"slug": slug, "known": ", ".join(sorted(_by_slug))}
        )
    return _by_slug[slug]


def of_model(model: type[models.Model]) -> Register:
    return _by_model[model]


def of_ref(ref: str) -> Register | None:
    """The register a reference belongs to by its prefix."""
    head = ref.rpartition("-")[0].upper()
    return next((r for r in _by_slug.values() if r.prefix == head), None)


Check = Callable[[Any], Iterable[tuple[str, str]]]
