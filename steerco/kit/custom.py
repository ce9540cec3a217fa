"""Custom fields: what a workspace adds to a register, valid for the node that defines it and everything below."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from steerco.kit.attached import CustomField
from steerco.kit.fields import KINDS, Field
from steerco.kit.register import Register
from steerco.kit.tree import Ancestor, Node

ALLOWED = ("text", "long_text", "number", "integer", "money", "percent", "date", "boolean", "choice", "tags")


def custom_fields(register: Register, node: Node) -> dict[str, Field]:
    """Custom fields of a register on a node, keyed `custom.<name>`; the nearest definition of a name wins."""
    above = dict(Ancestor.objects.filter(node=node).values_list("ancestor", "distance"))
    found = CustomField.objects.filter(register=register.slug, node__in=above, removed_at__isnull=True)
    nearest = sorted(found, key=lambda f: -above[f.node_id])
    return {
        f"custom.{f.name}": Field(
            name=f.name,
            label=f.label,
            kind=f.kind if f.kind in KINDS and f.kind in ALLOWED else "text",
            help=f.help,
            choices=tuple((c, c) for c in f.choices),
            custom=True,
        )
        for f in nearest
    }


def stored(value: Any) -> Any:
    """What a value is in the record's JSON: numbers as numbers, so that they compare; dates as ISO text, which sorts."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
