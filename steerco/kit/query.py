"""The query language of lists, exports, saved views and the API: `owner:me status:open,treating probability>=50% text`.

A term is `field:value`, a comparison, or a bare word that is searched for. `-` before a term turns it round. Names come from
the register's fields only; what cannot be understood is explained, never guessed, and never an error page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from steerco.kit.access import Actor
from steerco.kit.custom import stored
from steerco.kit.fields import Bad, Field, printable, whole
from steerco.kit.register import Register

TERM = re.compile(
    r"""(?P<not>-)?(?:(?P<field>[A-Za-z][\w.]*)(?P<op>>=|<=|!=|:|=|>|<))?(?P<value>"[^"]*"?|[^\s"]+)""",
    re.VERBOSE,
)
LOOKUPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Term:
    """One piece of a query as a chip shows it."""

    text: str
    field: str = ""
    op: str = ""
    value: str = ""
    negated: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; `problems` are sentences for the reader, the other terms still hold."""

    text: str
    terms: tuple[Term, ...]

    @property
    def problems(self) -> list[str]:
        return [term.problem for term in self.terms if term.problem]

    def without(self, term: Term) -> str:
        """The query's text with one term left out: what a chip's cross leads to."""
        return " ".join(other.text for other in self.terms if other is not term)


def parse(text: str, register: Register, extra: Mapping[str, Field] | None = None) -> Query:
    """Split a query into terms and name what is wrong with each."""
    text = printable(text[:LONGEST]).strip()
    fields = names(register, extra)
    terms = []
    for match in TERM.finditer(text):
        field, op, value = match["field"] or "", match["op"] or "", match["value"].strip('"')
        problem = ""
        if field and field not in fields:
            problem = _("“%(field)s” is no field here. Try: %(some)s.") % {
                "field": field,
                "some": ", ".join(sorted(fields)[:12]),
            }
        elif field:
            spec = fields[field]
            if op not in (":", "!=", "=") and op not in spec.behaviour.compare:
                problem = _("“%(field)s” cannot be compared with %(op)s; use a colon.") % {
                    "field": field,
                    "op": op,
                }
            else:
                problem = _value_problem(spec, op, value)
        terms.append(Term(match[0], field, op, value, bool(match["not"]), problem))
    return Query(text, tuple(terms))


def names(register: Register, extra: Mapping[str, Field] | None = None) -> dict[str, Field]:
    """Fields a query may name: those with a column, and custom ones."""
    return {n: f for n, f in register.all_fields.items() if f.path} | dict(extra or {})


def apply(
    found: QuerySet[Any],
    query: Query,
    register: Register,
    actor: Actor,
    extra: Mapping[str, Field] | None = None,
) -> QuerySet[Any]:
    """The rows a query leaves."""
    fields = names(register, extra)
    for term in query.terms:
        if term.problem:
            continue
        condition = _field(fields[term.field], term, actor) if term.field else _words(register, term.value)
        found = found.exclude(condition) if term.negated != (term.op == "!=") else found.filter(condition)
    return found


def order(found: QuerySet[Any], sort: str, register: Register, first: str = "") -> tuple[QuerySet[Any], str]:
    """Rows sorted by a field the register knows (else by its default), and the sort that was used.

    `first` is an annotation to sort by before it.
    """
    name = sort.removeprefix("-")
    spec = register.all_fields.get(name)
    if spec is None or not spec.path or spec.kind in {"tags", "long_text"}:
        sort = register.sort
        name = sort.removeprefix("-")
        spec = register.all_fields[name]
    path = (
        f"{spec.path}__name"
        if spec.kind == "person"
        else f"{spec.path}__number"
        if spec.kind == "reference"
        else spec.path
    )
    down = sort.startswith("-")
    key = F(path).desc(nulls_last=True) if down else F(path).asc(nulls_last=True)
    keys = [F(first).asc(nulls_last=True), key] if first else [key]
    return found.order_by(*keys, "-id" if down else "id"), sort


def _value_problem(spec: Field, op: str, value: str) -> str:
    for one in _values(spec, op, value):
        if op not in LOOKUPS and (one in {"", "none"} or (one == "me" and spec.kind == "person")):
            continue
        if spec.kind in {"text", "long_text", "person", "reference", "tags"}:
            continue
        try:
            spec.behaviour.clean(one, spec)
        except Bad as bad:
            return f"{spec.label} {bad}."
    return ""


def _values(spec: Field, op: str, value: str) -> list[str]:
    return (
        value.split(",")
        if op in {":", "!=", "="} and spec.kind in {"choice", "person", "tags", "reference"}
        else [value]
    )


def _field(spec: Field, term: Term, actor: Actor) -> Q:
    path = f"custom__{spec.name}" if spec.custom else spec.path
    if term.op in LOOKUPS:
        return Q(**{f"{path}__{LOOKUPS[term.op]}": _plain(spec, spec.behaviour.clean(term.value, spec))})
    condition = Q(pk__in=[])
    for one in _values(spec, term.op, term.value):
        condition |= _equal(spec, path, one.strip(), actor)
    return condition


def _equal(spec: Field, path: str, value: str, actor: Actor) -> Q:
    if value in {"", "none"}:
        empty = Q(**{f"{path}__isnull": True})
        if spec.custom:  # never set, or set to nothing
            empty |= Q(**{path: None})
        return empty | Q(**{path: ""}) if spec.kind in {"text", "long_text", "choice"} else empty
    if spec.kind == "person":
        if value == "me":
            return Q(**{path: actor.user_id})
        return Q(**{f"{path}__name__icontains": value}) | Q(**{f"{path}__email": value.lower()})
    if spec.kind == "reference":
        number = whole(value.rpartition("-")[2])
        return Q(pk__in=[]) if number is None else Q(**{f"{path}__number": number})
    if spec.kind == "tags":
        return Q(**{f"{path}__icontains": f'"{value}"'})
    if spec.kind in {"text", "long_text"}:
        return Q(**{f"{path}__icontains": value})
    cleaned = _plain(spec, spec.behaviour.clean(value, spec))
    if spec.kind == "datetime":
        return Q(**{f"{path}__date": cleaned.date()})
    return Q(**{path: cleaned})


def _plain(spec: Field, value: Any) -> Any:
    return stored(value) if spec.custom else value


def _words(register: Register, text: str) -> Q:
    """Rows in which the word occurs in a searched field, or whose reference it is."""
    number = register.number(text)
    condition = Q(number=number) if number is not None else Q(pk__in=[])
    for path in register.search:
        condition |= Q(**{f"{path}__icontains": text})
    return condition
