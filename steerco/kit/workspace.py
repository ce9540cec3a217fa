"""The verbs of the tree: make, change and move nodes, grant and revoke roles, each told in the trail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.fields import Bad, Field, from_model, printable
from steerco.kit.people import OneTimeLink, User
from steerco.kit.refusals import Conflict, Invalid, Missing, Refused
from steerco.kit.tree import Ancestor, Grant, Node, NodeKind, Role
from steerco.kit.write import door

EDITABLE = (
    "name", "description", "project_type", "method", "stage", "sponsor", "start", "committed_finish",
    "committed_confidence", "status_date", "budget", "currency",
)  # fmt: skip
KEY = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,19}")
WAKES = {"start", "committed_finish", "committed_confidence", "status_date", "budget"}
MAY_HOLD = {
    NodeKind.PORTFOLIO: {NodeKind.PORTFOLIO, NodeKind.PROGRAMME, NodeKind.PROJECT},
    NodeKind.PROGRAMME: {NodeKind.PROJECT},
    NodeKind.PROJECT: set(),
}


def node_fields() -> dict[str, Field]:
    """The editable fields of a node, as the registers' fields are."""
    return {n: from_model(Node._meta.get_field(n)) for n in EDITABLE}  # type: ignore[arg-type]


def get_node(actor: Actor, key: str, minimum: int = Role.GUEST) -> Node:
    """The node of a key for an actor who holds at least this role there. Raises Missing, whichever is the reason."""
    node = access.nodes(actor, minimum).filter(key__iexact=printable(key)).first()
    if node is None:
        raise Missing
    return node


def free_key(name: str) -> str:
    """A short unique key made from a name: initials, else the first letters, with a number where taken."""
    words = slugify(name).upper().split("-")
    base = ("".join(w[0] for w in words if w) if len(words) > 2 else "".join(words)[:8]) or "NODE"
    base = base[:12]
    key, count = base, 1
    while Node.objects.filter(key__iexact=key).exists():
        count += 1
        key = f"{base}{count}"
    return key


def create_node(
    actor: Actor, parent: Node | None, kind: str, name: str, *, key: str = "", **fields: Any
) -> Node:
    """A new node under a parent the actor owns or manages. Only the system makes roots. Raises Refused, Invalid."""
    if parent is None and not actor.is_system:
        raise Refused(_("Only the first set-up makes a top portfolio."))
    if parent is not None and not access.may_manage(actor, parent):
        raise Refused(_("This needs the role “Manager” on %(parent)s.") % {"parent": parent.name})
    if kind not in NodeKind.values:
        raise Invalid({"kind": _("must be portfolio, programme or project")})
    if parent is not None and kind not in MAY_HOLD[NodeKind(parent.kind)]:
        raise Invalid({"kind": _("cannot stand under a %(parent)s") % {"parent": parent.get_kind_display()}})
    values = _clean({"name": name, **fields})
    key = key.strip().upper() or free_key(values["name"])
    if not KEY.fullmatch(key):
        raise Invalid({"key": _("must be up to 20 letters A to Z, digits and hyphens")})
    if Node.objects.filter(key__iexact=key).exists():
        raise Invalid({"key": _("“%(key)s” is taken") % {"key": key}})
    with door(actor) as opened:
        node = Node.objects.create(
            key=key,
            kind=kind,
            parent=parent,
            position=Node.objects.filter(parent=parent).count(),
            **values,
        )
        above = list(Ancestor.objects.filter(node=parent)) if parent else []
        Ancestor.objects.bulk_create(
            [Ancestor(node=node, ancestor=node, distance=0)]
            + [Ancestor(node=node, ancestor_id=a.ancestor_id, distance=a.distance + 1) for a in above]
        )
        specs = node_fields()
        opened.note(
            node.pk,
            "workspace",
            node.pk,
            node.key,
            "create",
            {},
            {"kind": kind} | {n: specs[n].plain(v) for n, v in values.items()},
        )
    return node


def change_node(actor: Actor, node: Node, fields: Mapping[str, Any], *, version: int) -> Node:
    """The node after the change. Raises Refused, Invalid, Conflict."""
    if not access.may_manage(actor, node):
        raise Refused(_("This needs the role “Manager” on %(node)s.") % {"node": node.name})
    values = _clean(fields)
    specs = node_fields()
    changed = {n: v for n, v in values.items() if v != getattr(node, n)}
    if not changed and node.version == version:
        return node
    with door(actor) as opened:
        written = Node.objects.filter(pk=node.pk, version=version).update(**changed, version=F("version") + 1)
        if not written:
            raise Conflict(_Named(Node.objects.get(pk=node.pk)), [], _("somebody else"))
        before = {n: specs[n].plain(getattr(node, n)) for n in changed}
        opened.note(
            node.pk,
            "workspace",
            node.pk,
            node.key,
            "change",
            before,
            {n: specs[n].plain(v) for n, v in changed.items()},
        )
        if WAKES & set(changed):
            opened.wake(node.pk, node.key)
    return Node.objects.get(pk=node.pk)


class _Named:
    """A node seen as a record by the texts of a conflict."""

    def __init__(self, node: Node) -> None:
        self.node, self.ref, self.version = node, node.key, node.version


def grant(actor: Actor, node: Node, user: User, role: int) -> Grant:
    """Give a role, never one above the giver's own. Raises Refused."""
    mine = access.role_on(actor, node)
    held = Grant.objects.filter(node=node, user=user).first()
    if mine < Role.OWNER:
        raise Refused(_("Only an owner of %(node)s grants roles on it.") % {"node": node.name})
    if role not in Role.values or role > mine:
        raise Invalid({"role": _("is above your own or unknown")})
    with door(actor) as opened:
        if held and held.role == Role.OWNER and role < Role.OWNER:
            _keep_an_owner(node, user)
        # Made by somebody who owned all there was to reach until now.
        OneTimeLink.objects.filter(user=user, used_at__isnull=True).delete()
        made, _new = Grant.objects.update_or_create(
            node=node, user=user, defaults={"role": role, "granted_by_id": actor.user_id}
        )
        opened.note(
            node.pk,
            "role",
            made.pk,
            node.key,
            "grant",
            {"role": held.role if held else None},
            {"user": user.pk, "role": role},
        )
    return made


def revoke(actor: Actor, node: Node, user: User) -> None:
    """Take a role away; the last owner of a top node stays. Raises Refused, Missing."""
    if access.role_on(actor, node) < Role.OWNER:
        raise Refused(_("Only an owner of %(node)s takes roles away.") % {"node": node.name})
    held = Grant.objects.filter(node=node, user=user).first()
    if held is None:
        raise Missing
    with door(actor) as opened:
        if held.role == Role.OWNER:
            _keep_an_owner(node, user)
        opened.note(node.pk, "role", held.pk, node.key, "revoke", {"user": user.pk, "role": held.role}, {})
        held.delete()


def _keep_an_owner(node: Node, leaving: User) -> None:
    owners = Grant.objects.select_for_update().filter(
        node__below__node=node, role=Role.OWNER, user__is_active=True
    )
    if not owners.exclude(user=leaving, node=node).exists():
        raise Refused(_("The last owner stays: make somebody else an owner first."))


def _clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    specs, values, errors = node_fields(), {}, {}
    for name, raw in fields.items():
        if name not in specs:
            errors[name] = _("is not a field of a workspace")
            continue
        try:
            values[name] = specs[name].clean(raw)
        except Bad as bad:
            errors[name] = str(bad)
    if errors:
        raise Invalid(errors)
    return values
