"""References as people type them: `R-12` in the same project, `EDGE/R-12` elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from steerco.kit import access
from steerco.kit import register as registers
from steerco.kit.access import Actor
from steerco.kit.fields import printable
from steerco.kit.refusals import Invalid
from steerco.kit.register import Register


def seen(actor: Actor, action: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a change says, for a reader: a link is told only where its other end is readable."""
    if action != "link":
        return dict(values)
    return {kind: text for kind, text in values.items() if _readable(actor, str(text))}


def _readable(actor: Actor, text: str) -> bool:
    key, _slash, ref = text.rpartition("/")
    target = registers.of_ref(ref)
    if target is None:
        return False
    found = access.rows(target, actor, archived=True).filter(node__key=key, number=target.number(ref))
    return found.exists()


def resolve(actor: Actor, text: str, here: str) -> tuple[Register, Any]:
    """Register and record of `R-12` or `EDGE/R-12` that the actor may read. Raises Invalid."""
    key, _slash, ref = printable(text).strip().rpartition("/")
    target = registers.of_ref(ref)
    number = target.number(ref) if target else None
    if target is None or number is None:
        raise Invalid({"to": _("is no reference such as R-12 or EDGE/R-12")})
    found = access.rows(target, actor).filter(node__key__iexact=key or here, number=number).first()
    if found is None:
        raise Invalid({"to": _("is no record you can see")})
    return target, found
