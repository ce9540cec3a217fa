"""Who may see and do what: the one gate for reading and the one rule for writing. Default is no.

A role granted on a node holds for everything below it. Which rows exist for a person is `rows(register, actor)`; every
page, export, API, link, search hit and report asks it. Guests see records marked as shared, on nodes they are granted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.http import HttpRequest

from steerco.kit.people import User
from steerco.kit.register import Register
from steerco.kit.tree import Ancestor, Grant, Node, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, and by which way. The system actor is the operator at the command line or a calculation."""

    user_id: int | None
    via: str  # page, api, import, job, cli
    name: str = ""
    is_system: bool = False

    @classmethod
    def of(cls, request: HttpRequest, via: str = "page") -> Actor:
        """The signed-in person of a request, or nobody."""
        user = request.user
        if not user.is_authenticated or not user.is_active:
            return NOBODY
        return cls(user.pk, via, user.name)

    @classmethod
    def person(cls, user: User, via: str = "page") -> Actor:
        """An account acting; one that may not sign in is nobody."""
        return cls(user.pk, via, user.name) if user.is_active else NOBODY

    @classmethod
    def system(cls, via: str, name: str = "") -> Actor:
        return cls(None, via, name or via, is_system=True)


NOBODY = Actor(None, "nobody")


def _granted(actor: Actor, node_path: str, minimum: int) -> Exists:
    return Exists(
        Ancestor.objects.filter(
            node=OuterRef(node_path),
            ancestor__grants__user=actor.user_id,
            ancestor__grants__role__gte=minimum,
        )
    )


def role_on(actor: Actor, node: Node | int) -> int:
    """The highest role the actor holds on a node, 0 for none."""
    if actor.is_system:
        return Role.OWNER
    if actor.user_id is None:
        return 0
    node_id = node if isinstance(node, int) else node.pk
    found = Grant.objects.filter(
        user=actor.user_id, user__is_active=True, node__below__node=node_id
    ).aggregate(top=Max("role"))
    return found["top"] or 0


def nodes(actor: Actor, minimum: int = Role.GUEST) -> QuerySet[Node]:
    """The nodes on which the actor holds at least this role."""
    if actor.is_system:
        return Node.objects.all()
    if actor.user_id is None:
        return Node.objects.none()
    return Node.objects.filter(_granted(actor, "pk", minimum))


def rows(
    register: Register, actor: Actor, node: Node | None = None, *, archived: bool = False
) -> QuerySet[Any]:
    """The records of a register that exist for the actor: in one node and below it, or everywhere.

    Asking for one project costs one role query and then a plain filter, so a list of 100,000 rows stays quick. A row that
    a guest gets says so in `for_guest`, where its register refers to records: `Field.of` then keeps to itself what is not
    shared.
    """
    found: QuerySet[Any] = register.model.objects.all()
    if not archived:
        found = found.filter(archived_at__isnull=True)
    if node is not None and node.is_project:
        role = role_on(actor, node)
        if role >= Role.READER:
            return found.filter(node=node)
        found = found.filter(node=node, shared=True) if role >= Role.GUEST else found.none()
        return found.annotate(for_guest=Value(True)) if register.refers else found
    if node is not None:
        found = found.filter(Exists(Ancestor.objects.filter(node=OuterRef("node"), ancestor=node)))
    if actor.is_system:
        return found
    if actor.user_id is None:
        return found.none()
    reads = _granted(actor, "node", Role.READER)
    found = found.filter(Q(reads) | (Q(shared=True) & Q(_granted(actor, "node", Role.GUEST))))
    return found.annotate(for_guest=~reads) if register.refers else found


def may_edit(actor: Actor, node: Node | int) -> bool:
    return role_on(actor, node) >= Role.CONTRIBUTOR


def may_manage(actor: Actor, node: Node | int) -> bool:
    return role_on(actor, node) >= Role.MANAGER


def may_own(actor: Actor, node: Node | int) -> bool:
    return role_on(actor, node) >= Role.OWNER


def people(actor: Actor, node: Node | int) -> QuerySet[User]:
    """The people an actor may name on a node: those who hold a role there, and names imports brought to it.

    A guest may name nobody.
    """
    if role_on(actor, node) < Role.READER:
        return User.objects.none()
    node_id = node if isinstance(node, int) else node.pk
    above = Ancestor.objects.filter(node=node_id).values("ancestor")
    return (
        User.objects.filter(Q(grants__node__in=above) | Q(named_on__node__in=above))
        .distinct()
        .order_by(F("name"))
    )
