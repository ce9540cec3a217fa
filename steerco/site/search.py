"""Search over all registers the reader may see, and the palette's answers: go, find, create."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steerco.kit import access, query
from steerco.kit import register as registers
from steerco.kit.access import Actor
from steerco.kit.fields import printable
from steerco.kit.pages.common import page
from steerco.kit.refusals import Missing
from steerco.kit.tree import Node
from steerco.kit.workspace import get_node
from steerco.site.shell import pages_of

EACH = 8


def hits(actor: Actor, text: str, node: Node | None, each: int = EACH) -> list[tuple[Any, Any]]:
    """(register, record) for records that match every word, a reference first; only what the actor may read."""
    text = printable(text).strip()[:200]
    if len(text) < 2:
        return []
    found: list[tuple[Any, Any]] = []
    key, _slash, ref = text.rpartition("/")
    named = registers.of_ref(ref)
    if named is not None and (number := named.number(ref)) is not None:
        rows = access.rows(named, actor, None if key else node).filter(number=number)
        if key:
            rows = rows.filter(node__key__iexact=key)
        found += [(named, row) for row in rows.select_related("node")[:each]]
    for register in registers.registers():
        words = query.Query(text, tuple(query.Term(w, value=w) for w in text.split()[:8]))
        rows = query.apply(access.rows(register, actor, node), words, register, actor)
        found += [
            (register, row)
            for row in rows.select_related("node").order_by("-id")[:each]
            if (register, row) not in found
        ]
    return found


def _scope(request: HttpRequest, actor: Actor) -> Node | None:
    key = request.GET.get("node", "")
    if not key:
        return None
    try:
        return get_node(actor, key)
    except Missing:
        return None


@require_GET
@page
def search(request: HttpRequest) -> HttpResponse:
    """The results page."""
    actor = Actor.of(request)
    text = request.GET.get("q", "")
    found = hits(actor, text, None, 25)
    return render(
        request, "site/search.html", {"text": text, "hits": found, "short": 0 < len(text.strip()) < 2}
    )


@require_GET
@page
def palette(request: HttpRequest) -> HttpResponse:
    """Lines for the palette: pages of the current node, workspaces, create, and records."""
    actor = Actor.of(request)
    text = request.GET.get("q", "").strip()[:200]
    node = _scope(request, actor)
    lines: list[dict[str, str]] = []
    if node is not None:
        role = access.role_on(actor, node)
        entries = [(label, url) for label, url, _least in pages_of(node, role)]
        entries += [
            (capfirst(str(r.nouns)), reverse("register", args=[node.key, r.slug]))
            for r in registers.registers()
        ]
        if access.may_edit(actor, node) and node.is_project:
            entries += [
                (_("New %(noun)s") % {"noun": r.noun}, reverse("record-new", args=[node.key, r.slug]))
                for r in registers.registers()
            ]
        lines += [{"ref": "", "title": label, "url": url, "kind": _("page")} for label, url in entries]
    lines += [
        {"ref": n.key, "title": n.name, "url": reverse("node", args=[n.key]), "kind": n.get_kind_display()}
        for n in access.nodes(actor).filter(archived_at__isnull=True)[:200]
    ]
    folded = text.casefold()
    lines = [
        line
        for line in lines
        if all(w in f"{line['ref']} {line['title']}".casefold() for w in folded.split())
    ][:12]
    for register, record in hits(actor, text, None):
        url = reverse("record", args=[record.node.key, register.slug, record.ref])
        lines.append(
            {
                "ref": record.ref,
                "title": record.title,
                "url": url,
                "kind": f"{register.noun}, {record.node.name}",
            }
        )
    return JsonResponse(lines[:40], safe=False)
