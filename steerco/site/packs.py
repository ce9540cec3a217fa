"""Packs of a node: build and seal one, list the sealed ones, download them in any format, always the same bytes."""

from __future__ import annotations

import importlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from steerco.kit import access, jobs, workspace
from steerco.kit.access import Actor
from steerco.kit.pages.common import page
from steerco.kit.people import User
from steerco.kit.queue import Job, JobState
from steerco.kit.refusals import Invalid, Missing, Refused
from steerco.kit.tree import Node, Role
from steerco.report import seal

FORMATS = ("pptx", "pdf", "html", "xlsx")
KINDS = {"weekly": gettext_lazy("Weekly status"), "steering": gettext_lazy("Steering pack")}


def _kinds(node: Node) -> dict[str, Any]:
    return {"weekly": KINDS["weekly"]} if node.is_project else {"steering": KINDS["steering"]}


@require_GET
@page
def packs(request: HttpRequest, key: str) -> HttpResponse:
    """Sealed packs, newest first, and the one being built."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    building = Job.objects.filter(
        node=node, name="pack", state__in=[JobState.WAITING, JobState.RUNNING]
    ).first()
    failed = Job.objects.filter(node=node, name="pack").order_by("-id").first()
    context = {
        "node": node,
        "packs": seal.packs(actor, node),
        "kinds": _kinds(node).items(),
        "formats": FORMATS,
        "may_edit": access.may_edit(actor, node),
        "building": building,
        "failed": failed if failed and failed.state == JobState.FAILED else None,
        "names": KINDS,
    }
    if request.headers.get("HX-Request") and not building:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    template = "site/fragments/pack_progress.html" if request.headers.get("HX-Request") else "site/packs.html"
    return render(request, template, context)


@require_POST
@page
def build(request: HttpRequest, key: str) -> HttpResponse:
    """Queue a pack of what is computed now."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    if not access.may_edit(actor, node):
        raise Refused(_("This needs the role “Contributor” here; an owner can grant it."))
    kind, language = request.POST.get("kind", ""), request.POST.get("language", "en")
    if kind not in _kinds(node) or language not in {"en", "de"}:
        raise Invalid({"kind": _("is not a pack of this workspace")})
    base = request.build_absolute_uri("/").rstrip("/")
    arguments = {"node": node.pk, "kind": kind, "language": language, "user": actor.user_id, "base_url": base}
    jobs.enqueue(
        "pack", arguments, node_id=node.pk, made_by_id=actor.user_id, once=f"pack:{node.pk}:{kind}:{language}"
    )
    return redirect("packs", key=node.key)


@require_GET
@page
def download(request: HttpRequest, key: str, pack_id: int, suffix: str) -> HttpResponse:
    """A sealed pack as a file, rebuilt from what was sealed."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    if suffix not in FORMATS or not any(p.pk == pack_id for p in seal.packs(actor, node)):
        raise Missing
    pack = seal.opened_pack(actor, pack_id)
    writer = importlib.import_module(f"steerco.report.to_{suffix}")
    answer = HttpResponse(writer.write(pack), content_type=writer.MEDIA_TYPE)
    name = re.sub(r"[^\w.-]+", "-", f"{node.key}-{pack.kind}-{pack.as_of:%Y-%m-%d}")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return answer


@jobs.job("pack")
def pack_job(job: Job, *, node: int, kind: str, language: str, user: int, base_url: str) -> dict[str, Any]:
    """Gather and seal, as the person who asked, with the rights they have now."""
    actor = Actor.person(User.objects.get(pk=user))
    at = Node.objects.get(pk=node)
    jobs.progress(job, 0, 2, _("Gathering"))
    with translation.override(language):
        gather = importlib.import_module(f"steerco.report.{kind}").gather
        pack = gather(actor, at, now=timezone.now(), language=language, base_url=base_url)
    jobs.progress(job, 1, 2, _("Sealing"))
    kept = seal.keep(actor, at, pack)
    return {"pack": kept.pk, "url": reverse("packs", args=[at.key])}
