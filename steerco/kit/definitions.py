"""The verbs of custom fields: a manager adds one to a register for a node and all below it, and takes it away again."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.attached import CustomField
from steerco.kit.custom import ALLOWED
from steerco.kit.fields import printable
from steerco.kit.refusals import Invalid, Missing, Refused
from steerco.kit.register import Register, find, registers
from steerco.kit.tree import Ancestor, Node
from steerco.kit.write import door

MOST = 60  # fields of one register on one node
MOST_CHOICES = 100
KIND_NAMES = {
    "text": gettext_lazy("Text, one line"), "long_text": gettext_lazy("Text, several lines"), "number": gettext_lazy("Number"),
    "integer": gettext_lazy("Whole number"), "money": gettext_lazy("Money"), "percent": gettext_lazy("Per cent"),
    "date": gettext_lazy("Date"), "boolean": gettext_lazy("Yes or no"), "choice": gettext_lazy("Choice from a list"),
    "tags": gettext_lazy("Tags"),
}  # fmt: skip


def definitions(actor: Actor, node: Node) -> list[tuple[Register, list[CustomField]]]:
    """Every register with the custom fields that hold on a node, its own and inherited ones. Raises Refused."""
    _may(actor, node)
    above = Ancestor.objects.filter(node=node).values("ancestor")
    found = CustomField.objects.filter(node__in=above, removed_at__isnull=True).select_related("node")
    by_register: dict[str, list[CustomField]] = {}
    for one in found.order_by("label"):
        by_register.setdefault(one.register, []).append(one)
    return [(register, by_register.get(register.slug, [])) for register in registers()]


def define(
    actor: Actor, node: Node, slug: str, *, label: str, kind: str, choices: str = "", help_text: str = ""
) -> CustomField:
    """A new field of a register. A name that was taken away here before comes back with the values it had.

    `choices` is one choice per line. Raises Refused, Invalid.
    """
    _may(actor, node)
    register = find(slug)
    label, help_text = printable(label).strip(), printable(help_text).strip()[:200]
    listed = [
        line for line in (printable(c).strip() for c in choices.replace("\r", "\n").split("\n")) if line
    ]
    listed = list(dict.fromkeys(listed))
    name = re.sub(r"[^a-z0-9_]", "", slugify(label).replace("-", "_"))[:40].strip("_")
    errors: dict[str, str] = {}
    if register is None:
        raise Invalid({"register": _("is not one of the registers")})
    taken = CustomField.objects.filter(node=node, register=slug, name=name).first()
    if not label or len(label) > 80:
        errors["label"] = _("needs 1 to 80 characters")
    elif not name or not name[0].isalpha():
        errors["label"] = _("must begin with a letter")
    elif taken is not None and taken.removed_at is None:
        errors["label"] = _("is taken: there is such a field already")
    if kind not in ALLOWED:
        errors["kind"] = _("is not one of the kinds")
    elif taken is not None and taken.kind != kind:
        errors["kind"] = _(
            "was “%(kind)s” when this field was last here; choose it again, or another name"
        ) % {"kind": KIND_NAMES[taken.kind]}
    if (kind == "choice" and not 1 <= len(listed) <= MOST_CHOICES) or any(len(c) > 80 for c in listed):
        errors["choices"] = _("needs 1 to 100 choices of at most 80 characters, one on each line")
    if CustomField.objects.filter(node=node, register=slug, removed_at__isnull=True).count() >= MOST:
        errors[""] = _("%(n)d custom fields are the most for one register.") % {"n": MOST}
    if errors:
        raise Invalid(errors)
    values: dict[str, Any] = {
        "label": label, "kind": kind, "choices": listed if kind == "choice" else [], "help": help_text, "removed_at": None,
    }  # fmt: skip
    with door(actor) as opened:
        found, _made = CustomField.objects.update_or_create(
            node=node, register=slug, name=name, defaults=values
        )
        told = {"register": slug, "label": label, "kind": kind} | ({"choices": listed} if listed else {})
        opened.note(node.pk, "custom-field", found.pk, f"{slug}.{name}", "create", {}, told)
    return found


def remove(actor: Actor, node: Node, field_id: int) -> CustomField:
    """Take a field away from the pages; the values stay in the records. Raises Refused, Missing."""
    _may(actor, node)
    found = CustomField.objects.filter(pk=field_id, node=node, removed_at__isnull=True).first()
    if found is None:
        raise Missing
    with door(actor) as opened:
        CustomField.objects.filter(pk=found.pk).update(removed_at=timezone.now())
        told = {"register": found.register, "label": found.label, "kind": found.kind}
        opened.note(node.pk, "custom-field", found.pk, f"{found.register}.{found.name}", "archive", told, {})
    return found


def _may(actor: Actor, node: Node) -> None:
    if not access.may_manage(actor, node):
        raise Refused(_("This needs the role “Manager” on %(node)s.") % {"node": node.name})
