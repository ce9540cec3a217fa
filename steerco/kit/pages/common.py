"""What pages share: finding node, register and record for the reader, and turning refusals into answers."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from steerco.kit import access, saved_views, workspace
from steerco.kit.access import Actor
from steerco.kit.attached import SavedView
from steerco.kit.custom import custom_fields
from steerco.kit.fields import Field
from steerco.kit.refusals import Invalid, Missing, Refused, VersionNeeded
from steerco.kit.register import Register, find
from steerco.kit.tree import Node, Role

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Place:
    """Where a request is: who asks, on which node, in which register."""

    actor: Actor
    node: Node
    role: int
    register: Register

    @property
    def may_edit(self) -> bool:
        return self.role >= Role.CONTRIBUTOR

    @functools.cached_property
    def extra(self) -> dict[str, Field]:
        return custom_fields(self.register, self.node)

    @functools.cached_property
    def views(self) -> list[SavedView]:
        """The saved views the reader may open here."""
        return saved_views.on(self.actor, self.node, self.register)

    def url(self, name: str, *more: Any) -> str:
        return reverse(name, args=[self.node.key, self.register.slug, *more])


def page(view: View) -> View:
    """Turn what the door and the gate say into HTTP: 404 for what does not exist for this reader, 403, 428, 400."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (Missing, LookupError) as missing:
            if isinstance(missing, LookupError) and not isinstance(missing, Missing) and not str(missing):
                raise
            raise Http404 from missing
        except Refused as refused:
            return problem(request, 403, _("Not allowed"), str(refused))
        except VersionNeeded as needed:
            return problem(request, 428, _("Version needed"), str(needed))
        except Invalid as invalid:
            return problem(request, 400, _("Not saved"), str(invalid))

    return answer


def problem(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A refusal as a page, or as a short notice where only a part of a page was asked for."""
    template = "kit/fragments/problem.html" if request.headers.get("HX-Request") else "kit/problem.html"
    return render(request, template, {"title": title, "text": text}, status=status)


def place(request: HttpRequest, key: str, slug: str) -> Place:
    """Node and register of an address. Raises Missing where either does not exist for the reader."""
    actor = Actor.of(request)
    register = find(slug)
    if register is None:
        raise Missing
    node = workspace.get_node(actor, key)
    return Place(actor, node, access.role_on(actor, node), register)


def record_at(here: Place, ref: str, *, archived: bool = True) -> Any:
    """The record of a reference in this very node. Raises Missing."""
    number = here.register.number(ref)
    if number is None:
        raise Missing
    found = (
        access.rows(here.register, here.actor, here.node, archived=archived)
        .filter(node=here.node, number=number)
        .select_related("node", *here.register.related)
        .first()
    )
    if found is None:
        raise Missing
    return found


def toast(response: HttpResponse, text: str, *, kind: str = "done", undo_url: str = "") -> HttpResponse:
    """Tell the page to show a short message, with an undo where there is one."""
    response["HX-Trigger"] = json.dumps(
        {"toast": {"text": text, "kind": kind, "undo_url": undo_url}, "stale": {}}
    )
    return response
