"""The register contract: promises that hold for every register, asked of each in the same order.

`CONTRACT` lists the registers found; `made(register, node, actor)` makes a record with every needed field filled, so that
a new register passes the contract without a line of its own.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.fields import Field
from steerco.kit.people import User
from steerco.kit.register import Register
from steerco.kit.tree import Node
from steerco.kit.write import create

_serial = itertools.count(1)


def sample(spec: Field, *, variant: int = 0) -> Any:
    """A value a person could type into a field."""
    if spec.kind == "choice":
        return spec.choices[variant % len(spec.choices)][0]
    if spec.kind in {"number", "integer", "money"}:
        low = spec.minimum if spec.minimum is not None else 0
        high = spec.maximum if spec.maximum is not None else low + 1000
        return str(min(low + 1 + variant, high) if isinstance(low, int) and high > 1 else high)
    if spec.kind == "percent":
        return f"{40 + variant} %"
    if spec.kind == "date":
        return (date.today() + timedelta(days=variant)).isoformat()
    if spec.kind == "datetime":
        return f"{(date.today() + timedelta(days=variant)).isoformat()} 08:00"
    if spec.kind == "minutes":
        return f"{3 + variant}d"
    if spec.kind == "boolean":
        return "1" if variant % 2 == 0 else ""
    if spec.kind == "tags":
        return f"tag-{variant}, second"
    return f"{spec.name} {variant}"


def filled(register: Register, owner: User | None = None, **fields: Any) -> dict[str, Any]:
    """The least a record needs."""
    values = {
        name: sample(spec)
        for name, spec in register.editable.items()
        if spec.required and spec.kind not in {"person", "reference"} and name != "status"
    }
    values["title"] = f"{register.noun} {next(_serial)}"
    if owner is not None:
        values["owner"] = owner
    return values | fields


def made(register: Register, node: Node, actor: Actor, **fields: Any) -> Any:
    """A record of any register."""
    made = create(actor, register, node, filled(register, **fields))
    return access.rows(register, Actor.system("cli")).select_related("node").get(pk=made.pk)
