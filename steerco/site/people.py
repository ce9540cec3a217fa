"""People and access of a node: who holds which role, from where; grant, revoke, and one-time sign-in links."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steerco.kit import access, workspace
from steerco.kit.access import Actor
from steerco.kit.fields import printable, whole
from steerco.kit.pages.common import page
from steerco.kit.people import User
from steerco.kit.refusals import Invalid, Missing, Refused
from steerco.kit.tree import Grant, Node, Role
from steerco.kit.write import door
from steerco.site.accounts import new_one_time_link


def _owned(request: HttpRequest, key: str) -> tuple[Actor, Node]:
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    if not access.may_own(actor, node):
        raise Refused(_("Only an owner of %(node)s sees and changes who has access.") % {"node": node.name})
    return actor, node


@require_GET
@page
def people(request: HttpRequest, key: str) -> HttpResponse:
    """Who holds a role here, own or inherited."""
    _actor, node = _owned(request, key)
    grants = (
        Grant.objects.filter(node__below__node=node)
        .select_related("user", "node")
        .order_by("-role", "user__name")
    )
    context = {
        "node": node,
        "grants": grants,
        "roles": Role.choices,
        "link": request.session.pop("one_time_link", ""),
    }
    return render(request, "site/people.html", context)


@require_POST
@page
def grant(request: HttpRequest, key: str) -> HttpResponse:
    """Give a role to an address; an address nobody has yet becomes an account that signs in by one-time link."""
    actor, node = _owned(request, key)
    email = request.POST.get("email", "").strip().lower()[:254]
    role = request.POST.get("role", "")
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid({"email": _("is no e-mail address")}) from None
    if whole(role) not in Role.values:
        raise Invalid({"role": _("is unknown")})
    user = User.objects.filter(email=email).first()
    if user is None:
        name = printable(request.POST.get("name", "")).strip()[:200] or email.split("@")[0]
        with door(actor) as opened:
            user = User.objects.create_user(email, name)
            opened.note(node.pk, "account", user.pk, node.key, "create", {}, {"name": name})
    workspace.grant(actor, node, user, int(role))
    messages.success(
        request, _("%(name)s is now %(role)s.") % {"name": user.name, "role": Role(int(role)).label}
    )
    return redirect("people", key=node.key)


def _holder(request: HttpRequest, node: Node) -> User:
    """The person a form names, who must hold a role on this node or above."""
    text = request.POST.get("user", "")
    found = User.objects.filter(pk=whole(text) or 0, grants__node__below__node=node).first()
    if found is None:
        raise Missing
    return found


@require_POST
@page
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    """Take a role given on this node away."""
    actor, node = _owned(request, key)
    workspace.revoke(actor, node, _holder(request, node))
    return redirect("people", key=node.key)


@require_POST
@page
def one_time_link(request: HttpRequest, key: str) -> HttpResponse:
    """A sign-in link for somebody below the actor's own role; shown once, on the page that follows."""
    actor, node = _owned(request, key)
    user = _holder(request, node)
    above = Grant.objects.filter(user=user).exclude(node__in=access.nodes(actor, Role.OWNER))
    if not user.is_active or not user.email or above.exists():
        raise Refused(_("You can make a link only for people whose every role lies under what you own."))
    token = secrets.token_urlsafe(32)
    with door(actor) as opened:
        new_one_time_link(user, token)
        opened.note(node.pk, "account", user.pk, node.key, "sign-in link", {}, {"user": user.pk})
    path = reverse("sign-in-once", args=[token])
    request.session["one_time_link"] = request.build_absolute_uri(path)
    return redirect("people", key=node.key)
