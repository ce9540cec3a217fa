"""The health policy: read from YAML, checked against its schema, overridable by a workspace, quoted by version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from steerco.kit.tree import Ancestor

FOLDER = Path(__file__).resolve().parent.parent / "policies"
OVERRIDE = "health_policy"  # the key in a node's options
COLOURS = ("green", "unknown", "amber", "red")  # from the best to the worst
LEVELS = {"green": 0, "amber": 1, "red": 2}


class PolicyError(ValueError):
    """A policy that breaks its schema or names what there is not; the text says where."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit a value is held against: at_least, above, at_most or below."""

    how: str
    limit: float

    def met_by(self, value: float) -> bool:
        """Whether the value is on the bad side. Values within a millionth of the limit count as equal to it."""
        gap = value - self.limit
        same = abs(gap) <= 1e-6 * max(1.0, abs(self.limit))
        match self.how:
            case "at_least":
                return gap > 0 or same
            case "above":
                return gap > 0 and not same
            case "at_most":
                return gap < 0 or same
            case _:
                return gap < 0 and not same


@dataclass(frozen=True, slots=True)
class Rule:
    """When one metric turns its dimension red or amber, and what is said then."""

    metric: str
    red: Threshold | None
    amber: Threshold | None
    sentence: Mapping[str, str]
    green: Mapping[str, str] | None

    def colour(self, value: float) -> str:
        """green, amber or red."""
        if self.red and self.red.met_by(value):
            return "red"
        return "amber" if self.amber and self.amber.met_by(value) else "green"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that is judged, by rules in order; `decided_by` are the metrics it cannot be green without."""

    key: str
    label: Mapping[str, str]
    decided_by: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Policy:
    """A checked policy. `document` is the YAML as it was read, overrides included."""

    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.document["policy"])

    @property
    def version(self) -> int:
        return int(self.document["version"])

    @cached_property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with any word of the policy."""
        text = json.dumps(self.document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def label(self) -> str:
        """`health 1 3f2a9c01`: what a snapshot says it was judged by."""
        return f"{self.name} {self.version} {self.digest}"

    @property
    def forecast(self) -> Mapping[str, Any]:
        return self.document["forecast"]  # type: ignore[no-any-return]

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        return tuple(
            Dimension(
                key,
                entry["label"],
                tuple(entry["decided_by"]),
                tuple(
                    Rule(
                        rule["metric"],
                        _threshold(rule.get("red")),
                        _threshold(rule.get("amber")),
                        rule["sentence"],
                        rule.get("green"),
                    )
                    for rule in entry["rules"]
                ),
            )
            for key, entry in self.document["dimensions"].items()
        )

    @property
    def overall(self) -> Mapping[str, Any]:
        return self.document["overall"]  # type: ignore[no-any-return]

    @property
    def rollup(self) -> Mapping[str, Any]:
        return self.document["rollup"]  # type: ignore[no-any-return]


def _threshold(entry: Mapping[str, float] | None) -> Threshold | None:
    if not entry:
        return None
    how, limit = next(iter(entry.items()))
    return Threshold(how, float(limit))


@lru_cache(maxsize=4)
def _document(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@lru_cache(maxsize=4)
def _schema(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def checked(document: Mapping[str, Any]) -> Policy:
    """The policy of a document. Raises PolicyError naming the place."""
    import jsonschema  # slow to load, and most commands judge nothing

    try:
        jsonschema.validate(document, _schema("health"))
    except jsonschema.ValidationError as error:
        where = "/".join(str(part) for part in error.absolute_path) or "the policy"
        raise PolicyError(f"{where}: {error.message}") from None
    unknown = [d for d in document["overall"]["order"] if d not in document["dimensions"]]
    if unknown:
        raise PolicyError(f"overall/order names {unknown[0]!r}, which is no dimension of the policy")
    return Policy(document)


def standard() -> Policy:
    """The policy that comes with Steerco."""
    return checked(_document("health"))


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the values of `over` laid on top: mappings key by key, everything else as a whole."""
    found = dict(base)
    for key, value in over.items():
        mine = found.get(key)
        both = isinstance(value, Mapping) and isinstance(mine, Mapping)
        found[key] = merged(mine, value) if both else value  # type: ignore[arg-type]
    return found


def for_node(node_id: int) -> tuple[Policy, str]:
    """The policy that holds for a node, and a sentence where an override could not be used (else "").

    A workspace overrides with `options["health_policy"]`; the nearest one wins, and a broken one is said, not obeyed.
    """
    options = (
        Ancestor.objects.filter(node=node_id)
        .order_by("-distance")
        .values_list("ancestor__options", flat=True)
    )
    document: dict[str, Any] = dict(_document("health"))
    for own in options:
        if isinstance(own, Mapping) and isinstance(own.get(OVERRIDE), Mapping):
            document = merged(document, own[OVERRIDE])
    try:
        return checked(document), ""
    except PolicyError as error:
        return standard(), f"The workspace's health policy was not used: {error}."
