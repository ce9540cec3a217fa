"""The verbs of saved views: keep a list as it is shown, for oneself or for all who read here and below."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q
from django.utils.translation import gettext as _

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.attached import SavedView
from steerco.kit.fields import printable
from steerco.kit.refusals import Invalid, Missing, Refused, VersionNeeded
from steerco.kit.register import Register
from steerco.kit.tree import Ancestor, Node, Role
from steerco.kit.write import door

SHOWS = ("q", "sort", "columns", "group", "archived")  # what a view keeps, as an address spells it
MOST = 50  # of one person on one node and register
LONGEST = 500


def on(actor: Actor, node: Node, register: Register) -> list[SavedView]:
    """The views an actor may open on a node: their own and shared ones, of this node and those above. Guests have none."""
    if actor.user_id is None or access.role_on(actor, node) < Role.READER:
        return []
    above = Ancestor.objects.filter(node=node).values("ancestor")
    found = SavedView.objects.filter(Q(owner=actor.user_id) | Q(shared=True), node__in=above)
    return list(found.filter(register=register.slug).order_by("name", "pk"))


def first(views: list[SavedView], actor: Actor, node: Node) -> SavedView | None:
    """The view a list opens with: one's own before a shared one, this node's before those above it."""
    wanted = [view for view in views if view.is_default]
    order = dict(Ancestor.objects.filter(node=node).values_list("ancestor", "distance"))
    return min(
        wanted,
        key=lambda view: (view.shared or view.owner_id != actor.user_id, order.get(view.node_id, 0), view.pk),
        default=None,
    )


def may_change(actor: Actor, view: SavedView) -> bool:
    """Its maker may; a shared one also whoever manages where it stands, and alone what the list opens with for all."""
    role = access.role_on(actor, view.node_id)
    if view.shared:
        makes = view.owner_id == actor.user_id and not view.is_default and role >= Role.CONTRIBUTOR
        return makes or role >= Role.MANAGER
    return view.owner_id == actor.user_id and role >= Role.READER


def keep(
    actor: Actor,
    node: Node,
    register: Register,
    *,
    name: str,
    shows: Mapping[str, str],
    shared: bool = False,
    is_default: bool = False,
) -> SavedView:
    """Keep a list under a name. Sharing needs the role Contributor, opening it first for all Manager.

    Raises Refused, Missing, Invalid.
    """
    if actor.user_id is None or access.role_on(actor, node) < Role.READER:
        raise Missing
    _may_share(actor, node, shared, is_default)
    view = SavedView(node=node, register=register.slug, owner_id=actor.user_id)
    mine = SavedView.objects.filter(node=node, register=register.slug, owner=actor.user_id)
    if mine.count() >= MOST:
        raise Invalid({"name": _("is one too many: %(n)d views are kept here; remove one") % {"n": MOST}})
    _fill(view, name, shared, is_default)
    view.shows = _shows(shows)
    with door(actor) as opened:
        view.save()
        _only_one_first(view)
        if shared:
            opened.note(
                node.pk, "saved-view", view.pk, f"{register.slug} {view.name}", "create", {}, told(view)
            )
    return view


def change(
    actor: Actor,
    node: Node,
    register: Register,
    view_id: int,
    *,
    version: int | None,
    shows: Mapping[str, str] | None = None,
    name: str | None = None,
    shared: bool | None = None,
    is_default: bool | None = None,
) -> SavedView:
    """Keep something else under a view's name, or give it another name or reach; None leaves as it is.

    Raises Missing, Refused, VersionNeeded, Invalid (also when it was changed meanwhile).
    """
    view = _one(actor, node, register, view_id)
    if version is None:
        raise VersionNeeded
    before, was_shared = told(view), view.shared
    if shared is not None or is_default is not None:
        shared = view.shared if shared is None else shared
        is_default = view.is_default if is_default is None else is_default
        _may_share(actor, view.node, shared, is_default)
    _fill(
        view,
        view.name if name is None else name,
        view.shared if shared is None else shared,
        view.is_default if is_default is None else is_default,
    )
    if shows is not None:
        view.shows = _shows(shows)
    with door(actor) as opened:
        kept = SavedView.objects.filter(pk=view.pk, version=version).update(
            name=view.name, shared=view.shared, is_default=view.is_default, shows=view.shows, version=view.version + 1
        )  # fmt: skip
        if not kept:
            raise Invalid({"": _("This view was changed meanwhile; open it again and repeat your change.")})
        _only_one_first(view)
        if was_shared or view.shared:
            ref = f"{register.slug} {view.name}"
            opened.note(view.node_id, "saved-view", view.pk, ref, "change", before, told(view))
    view.version += 1
    return view


def remove(actor: Actor, node: Node, register: Register, view_id: int) -> SavedView:
    """Forget a view; no record changes. Raises Missing, Refused."""
    view = _one(actor, node, register, view_id)
    before, pk = told(view), view.pk
    with door(actor) as opened:
        SavedView.objects.filter(pk=pk).delete()
        if view.shared:
            ref = f"{register.slug} {view.name}"
            opened.note(view.node_id, "saved-view", pk, ref, "archive", before, {})
    return view


def told(view: SavedView) -> dict[str, object]:
    """A view as the trail tells it."""
    return {
        "name": view.name,
        "shared": view.shared,
        "is_default": view.is_default,
        "shows": dict(view.shows),
    }


def _one(actor: Actor, node: Node, register: Register, view_id: int) -> SavedView:
    view = next((v for v in on(actor, node, register) if v.pk == view_id), None)
    if view is None:
        raise Missing
    if not may_change(actor, view):
        raise Refused(_("Only who made this view or a manager may change it."))
    return view


def _may_share(actor: Actor, node: Node, shared: bool, is_default: bool) -> None:
    needed = Role.MANAGER if shared and is_default else Role.CONTRIBUTOR if shared else Role.READER
    if access.role_on(actor, node) < needed:
        raise Refused(
            _("This needs the role “%(role)s” here; an owner can grant it.") % {"role": needed.label}
        )


def _fill(view: SavedView, name: str, shared: bool, is_default: bool) -> None:
    name = " ".join(printable(name).split())
    if not name or len(name) > 80:
        raise Invalid({"name": _("needs 1 to 80 characters")})
    same = SavedView.objects.filter(node=view.node_id, register=view.register, name=name).exclude(pk=view.pk)
    if same.filter(shared=True).exists() if shared else same.filter(owner=view.owner_id).exists():
        raise Invalid({"name": _("is taken: there is such a view already; choose another name")})
    view.name, view.shared, view.is_default = name, shared, is_default


def _shows(shows: Mapping[str, str]) -> dict[str, str]:
    return {key: printable(shows[key])[:LONGEST] for key in SHOWS if shows.get(key)}


def _only_one_first(view: SavedView) -> None:
    """A list opens with one view: the newest that was chosen for it, apart for each person and for all."""
    if not view.is_default:
        return
    others = SavedView.objects.filter(
        node=view.node_id, register=view.register, shared=view.shared, is_default=True
    )
    if not view.shared:
        others = others.filter(owner=view.owner_id)
    others.exclude(pk=view.pk).update(is_default=False)
