"""What makes a pack quotable: it is checked, written as canonical JSON, read back, and named by its hash."""

from __future__ import annotations

import hashlib
import json
import math
import types
import typing
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import chain

from steerco.report import pack as contract
from steerco.report.pack import Chart, Colour, Matrix, Pack, Table, Timeline

FORMAT = "steerco-pack-1"
CHART_KINDS = ("column", "bar", "line", "area", "stacked", "histogram", "tornado")
COLUMN_KINDS = ("text", "number", "money", "date", "percent", "health")
MARKER_KINDS = ("committed", "p50", "p80", "today", "neutral")

_CLASSES: dict[str, typing.Any] = {name: kind for name, kind in vars(contract).items() if is_dataclass(kind)}
_HINTS = {kind: typing.get_type_hints(kind) for kind in _CLASSES.values()}


def seal(pack: Pack) -> str:
    """Hexadecimal SHA-256 over the pack's canonical JSON: what a reader quotes to prove which pack they hold."""
    return hashlib.sha256(to_json(pack).encode("ascii")).hexdigest()


def to_json(pack: Pack) -> str:
    """Canonical JSON of a valid pack: ASCII, sorted keys, ISO dates, decimals as text, each object with its type.

    Raises ValueError where `validate` does.
    """
    validate(pack)
    document = {"format": FORMAT, "pack": _plain(pack)}
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def from_json(text: str) -> Pack:
    """The pack that `to_json` wrote. Raises ValueError on anything else."""
    try:
        document = json.loads(text)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not a pack: {error}") from error
    if (
        not isinstance(document, dict)
        or document.get("format") != FORMAT
        or set(document) != {"format", "pack"}
    ):
        raise ValueError(f"not a pack: expected format {FORMAT}")
    try:
        pack = _rebuilt(document["pack"])
    except (TypeError, KeyError, InvalidOperation, AttributeError, RecursionError) as error:
        raise ValueError(f"not a pack: {error}") from error
    if not isinstance(pack, Pack):
        raise ValueError("not a pack: the outermost object has another type")
    validate(pack)
    return pack


def validate(pack: Pack) -> None:
    """Raise ValueError naming the place where the pack breaks its rules: types, lengths, kinds, non-finite numbers."""
    _check_type(pack, Pack, "pack")
    if pack.base_url and not pack.base_url.startswith(("https://", "http://", "/")):
        raise ValueError(f"pack.base_url: {pack.base_url!r} is neither http, https nor relative")
    for number, section in enumerate(pack.sections):
        for position, block in enumerate(chain(section.blocks, section.aside)):
            where = f"pack.sections[{number}] block {position} ({type(block).__name__})"
            for rule in (_table_rules, _chart_rules, _timeline_rules, _matrix_rules):
                rule(block, where)


def _table_rules(block: object, where: str) -> None:
    if not isinstance(block, Table):
        return
    _demand(bool(block.columns), where, "a table needs a column")
    for column in block.columns:
        _demand(column.kind in COLUMN_KINDS, where, f"unknown column kind {column.kind!r}")
        _demand(column.width > 0, where, f"column width {column.width} is not positive")
    for number, row in enumerate(block.rows):
        _demand(
            len(row) == len(block.columns),
            where,
            f"row {number} has {len(row)} cells, not {len(block.columns)}",
        )
        for cell in row:
            _demand(not isinstance(cell, Decimal) or cell.is_finite(), where, f"row {number} holds {cell}")
    _demand(len(block.evidence) in (0, len(block.rows)), where, "evidence is given for some rows only")


def _chart_rules(block: object, where: str) -> None:
    if not isinstance(block, Chart):
        return
    _demand(block.kind in CHART_KINDS, where, f"unknown chart kind {block.kind!r}")
    _demand(block.kind != "histogram" or len(block.series) <= 1, where, "a histogram has one series")
    for series in block.series:
        given, wanted = len(series.values), len(block.categories)
        _demand(given == wanted, where, f"series {series.name!r} has {given} values for {wanted} categories")
    lying = block.kind in ("bar", "tornado")
    _demand(not (lying and block.markers), where, "marks need a category axis that runs from left to right")
    for marker in block.markers:
        _demand(marker.kind in MARKER_KINDS, where, f"unknown marker kind {marker.kind!r}")


def _timeline_rules(block: object, where: str) -> None:
    if not isinstance(block, Timeline):
        return
    moments = [block.today]
    for bar in block.bars:
        _demand(bar.finish >= bar.start, where, f"{bar.label!r} finishes before it starts")
        _demand(0 <= bar.done <= 1, where, f"{bar.label!r} is {bar.done} done, not a part of 1")
        _demand(0 <= bar.level <= 20, where, f"{bar.label!r} has outline level {bar.level}")
        _demand(
            (bar.baseline_start is None) == (bar.baseline_finish is None),
            where,
            f"{bar.label!r} has half a baseline",
        )
        moments += [bar.start, bar.finish]
        moments += [moment for moment in (bar.baseline_start, bar.baseline_finish, bar.p80) if moment]
    _demand(not any(moment.tzinfo for moment in moments), where, "wall-clock moments carry no time zone")


def _matrix_rules(block: object, where: str) -> None:
    if not isinstance(block, Matrix):
        return
    _demand(bool(block.rows and block.columns), where, "a matrix needs rows and columns")
    _demand(max(len(block.rows), len(block.columns)) <= 10, where, "a matrix has at most 10 rows and columns")
    shape = [len(line) for line in block.colours]
    _demand(shape == [len(block.columns)] * len(block.rows), where, "colours do not cover rows x columns")
    for item in block.items:
        inside = 0 <= item.row < len(block.rows) and 0 <= item.column < len(block.columns)
        _demand(inside, where, f"{item.label!r} lies outside the matrix")


def _demand(met: bool, where: str, reason: str) -> None:
    if not met:
        raise ValueError(f"{where}: {reason}")


def _check_type(value: object, hint: object, where: str) -> None:
    """The value is what the contract's annotation says, all the way down; a whole number is fine for a float."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        # 1. The exact class decides first: a date is not a datetime, True is not 1.
        options = [option for option in inner if type(value) is (typing.get_origin(option) or option)]
        if not options and not any(_is_plain(value, option) for option in inner if isinstance(option, type)):
            raise ValueError(f"{where}: {type(value).__name__} is not allowed here")
        for option in options[:1]:
            _check_type(value, option, where)
    elif origin is tuple:
        if not isinstance(value, tuple):
            raise ValueError(f"{where}: a {type(value).__name__} instead of a tuple")
        wanted = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        if len(wanted) != len(value):
            raise ValueError(f"{where}: {len(value)} parts instead of {len(wanted)}")
        for number, (part, kind) in enumerate(zip(value, wanted)):
            _check_type(part, kind, f"{where}[{number}]")
    elif is_dataclass(hint):
        if type(value) is not hint:
            raise ValueError(f"{where}: {type(value).__name__} instead of {getattr(hint, '__name__', hint)}")
        for name, kind in _HINTS[typing.cast(type, hint)].items():
            _check_type(getattr(value, name), kind, f"{where}.{name}")
    elif not _is_plain(value, hint):
        raise ValueError(f"{where}: {type(value).__name__} instead of {getattr(hint, '__name__', hint)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where}: {value} is not a number a reader can use")


def _is_plain(value: object, hint: object) -> bool:
    if hint is float:
        # Beyond that a whole number has no float to be drawn as.
        is_whole = isinstance(value, int) and not isinstance(value, bool) and -(10**300) < value < 10**300
        return is_whole or isinstance(value, float)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, typing.cast(type, hint))


def _plain(value: object) -> object:
    if is_dataclass(value):
        parts = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        return {"type": type(value).__name__, **parts}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Colour):
        return {"type": "colour", "value": value.value}
    if isinstance(value, Decimal):
        return {"type": "decimal", "value": str(value)}
    if isinstance(value, datetime):
        return {"type": "moment", "value": value.isoformat()}
    if isinstance(value, date):
        return {"type": "day", "value": value.isoformat()}
    if isinstance(value, float):
        return float(value)  # a numpy float prints like the Python one
    return value


_SCALARS: dict[str, typing.Callable[[str], object]] = {
    "colour": Colour,
    "decimal": Decimal,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
}


def _rebuilt(value: typing.Any) -> typing.Any:
    if isinstance(value, list):
        return tuple(_rebuilt(part) for part in value)
    if not isinstance(value, dict):
        return value
    kind = value["type"]
    if kind in _SCALARS:
        return _SCALARS[kind](value["value"])
    parts = {name: _rebuilt(part) for name, part in value.items() if name != "type"}
    return _CLASSES[kind](**parts)
