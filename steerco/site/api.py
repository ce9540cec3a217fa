"""The API's front door: one NinjaAPI with a router per register, and refusals turned into plain JSON."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

import steerco
from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.api import AUTH, router_of
from steerco.kit.refusals import Conflict, Invalid, Missing, Refused, VersionNeeded
from steerco.kit.register import registers
from steerco.kit.tree import Role

api = NinjaAPI(
    title="Steerco",
    version=steerco.__version__,
    description="Every register of the workspace, through the same gate and the same door as the pages.",
    docs_decorator=login_required,
    urls_namespace="api",
    auth=AUTH,
)
for register in registers():
    api.add_router(f"/{register.slug}", router_of(register))


@api.get("/nodes", response=list[dict[str, Any]], tags=["workspaces"], summary="List: workspaces")
def nodes(request: HttpRequest) -> Any:
    """The nodes of the tree you may see, with your role on each."""
    actor = Actor.of(request, "api")
    visible = list(access.nodes(actor).filter(archived_at__isnull=True).select_related("parent"))
    keys = {n.pk: n.key for n in visible}
    return [
        {
            "key": n.key,
            "kind": n.kind,
            "name": n.name,
            "parent": keys.get(n.parent_id) if n.parent_id else None,
            "role": Role(access.role_on(actor, n)).name.lower(),
        }
        for n in visible
    ]


def _answer(request: HttpRequest, status: int, detail: str, **more: Any) -> HttpResponse:
    return api.create_response(request, {"detail": detail, **more}, status=status)


@api.exception_handler(Missing)
def missing(request: HttpRequest, _exc: Missing) -> HttpResponse:
    return _answer(request, 404, "There is no such thing here for you.")


@api.exception_handler(Refused)
def refused(request: HttpRequest, exc: Refused) -> HttpResponse:
    return _answer(request, 403, str(exc))


@api.exception_handler(VersionNeeded)
def version_needed(request: HttpRequest, exc: VersionNeeded) -> HttpResponse:
    return _answer(request, 428, str(exc))


@api.exception_handler(Invalid)
def invalid(request: HttpRequest, exc: Invalid) -> HttpResponse:
    return _answer(request, 422, "Nothing was saved.", errors=exc.errors)


@api.exception_handler(Conflict)
def conflict(request: HttpRequest, exc: Conflict) -> HttpResponse:
    fields = [
        {"field": c.field.name, "base": c.base, "theirs": c.theirs, "yours": c.yours, "overlaps": c.overlaps}
        for c in exc.clashes
    ]
    return _answer(request, 409, str(exc), version=exc.record.version, fields=fields)


# The operations sign in by token or session themselves; the documents need a session.
urlpatterns, _, _ = api.urls
for pattern in urlpatterns:
    if not any(word in str(pattern.pattern) for word in ("docs", "openapi")):
        pattern.callback.login_required = False  # type: ignore[union-attr]
