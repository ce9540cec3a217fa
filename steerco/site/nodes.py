"""Pages of the tree's nodes: home, my work, overview, forecast, evidence, what changed, settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steerco.kit import access, jobs, workspace
from steerco.kit.access import Actor
from steerco.kit.pages.common import page, problem
from steerco.kit.queue import Job, JobState, Stale
from steerco.kit.refusals import Conflict, Invalid, Refused
from steerco.kit.register import registers
from steerco.kit.tree import NodeKind, Role


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """One page for what does not exist and for what is not yours: they read the same."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    text = _("There is no such page, or it is not shared with you.")
    return problem(request, 404, _("Not found"), text)


@require_GET
@page
def home(request: HttpRequest) -> HttpResponse:
    """The node highest up that the reader may see, or what to do when there is none."""
    actor = Actor.of(request)
    visible = list(access.nodes(actor).filter(archived_at__isnull=True))
    ids = {n.pk for n in visible}
    tops = [n for n in visible if n.parent_id not in ids]
    if len(tops) == 1:
        return redirect("node", key=tops[0].key)
    return render(request, "site/home.html", {"tops": tops})


@require_GET
@page
def my_work(request: HttpRequest) -> HttpResponse:
    """What is mine to do: overdue, this week, later, waiting; without project vocabulary."""
    actor = Actor.of(request)
    today = timezone.localdate()
    groups: dict[str, list[Any]] = {"late": [], "week": [], "later": [], "undated": []}
    for register in registers():
        mine = (
            access.rows(register, actor).filter(owner=actor.user_id).exclude(status__in=register.flow.closed)
        )
        due = next(iter(register.deadlines), "")
        for record in mine.select_related("node").order_by("id")[:500]:
            value = getattr(record, due) if due else None
            value = value or (record.finish if register.slug == "work-items" else None)
            day = value.date() if hasattr(value, "date") else value
            name = (
                "undated"
                if day is None
                else "late"
                if day < today
                else "week"
                if day < today + timedelta(7)
                else "later"
            )
            groups[name].append({"register": register, "record": record, "day": day})
    for found in groups.values():
        found.sort(key=lambda entry: (entry["day"] or today, entry["record"].pk))
    titles = {
        "late": _("Late"),
        "week": _("Next seven days"),
        "later": _("Later"),
        "undated": _("Without a date"),
    }
    return render(request, "site/my_work.html", {"groups": [(titles[k], v) for k, v in groups.items() if v]})


@require_GET
@page
def pulse(request: HttpRequest, key: str) -> HttpResponse:
    """The forecast and health in one line; while a calculation is under way it says so and asks again."""
    from steerco.status import overview as seen

    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    pending = (
        Stale.objects.filter(node=node).exists()
        or Job.objects.filter(
            node=node, name="recompute", state__in=[JobState.WAITING, JobState.RUNNING]
        ).exists()
    )
    return render(
        request,
        "site/fragments/pulse.html",
        {
            "node": node,
            "pending": pending,
            "pulse": seen.pulse(actor, node),
            "url": reverse("pulse", args=[node.key]),
        },
    )


@require_POST
@page
def recompute(request: HttpRequest, key: str) -> HttpResponse:
    """Queue a calculation by hand."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    if not access.may_edit(actor, node):
        raise Refused(_("This needs the role “Contributor” here."))
    jobs.enqueue(
        "recompute", {"node": node.pk}, node_id=node.pk, made_by_id=actor.user_id, once=f"recompute:{node.pk}"
    )
    return redirect("node", key=node.key)


@require_http_methods(["GET", "POST"])
@page
def node_new(request: HttpRequest, key: str) -> HttpResponse:
    """A new project or programme under a node."""
    actor = Actor.of(request)
    parent = workspace.get_node(actor, key, Role.READER)
    if not access.may_manage(actor, parent) or parent.is_project:
        raise Refused(_("This needs the role “Manager” on a portfolio or programme."))
    errors: dict[str, str] = {}
    if request.method == "POST":
        given = {n: request.POST[n] for n in workspace.EDITABLE if request.POST.get(n)}
        try:
            node = workspace.create_node(
                actor,
                parent,
                request.POST.get("kind", ""),
                given.pop("name", ""),
                key=request.POST.get("key", ""),
                **given,
            )
        except Invalid as invalid:
            errors = invalid.errors
        else:
            return redirect("import" if node.is_project else "node", key=node.key)
    kinds = [(k.value, k.label) for k in NodeKind if k in workspace.MAY_HOLD[NodeKind(parent.kind)]]
    fields = [
        (n, s, request.POST.get(n, ""))
        for n, s in workspace.node_fields().items()
        if n
        in {"name", "project_type", "method", "start", "committed_finish", "budget", "currency", "sponsor"}
    ]
    context = {
        "node": parent,
        "kinds": kinds,
        "fields": [(n, s, raw, errors.get(n, "")) for n, s, raw in fields],
        "errors": errors,
        "given": request.POST,
    }
    return render(request, "site/node_new.html", context, status=400 if errors else 200)


@require_http_methods(["GET", "POST"])
@page
def node_settings(request: HttpRequest, key: str) -> HttpResponse:
    """What was promised for a node and how it is run."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    if not access.may_manage(actor, node):
        raise Refused(_("This needs the role “Manager” here."))
    specs = workspace.node_fields()
    errors: dict[str, str] = {}
    values = {n: s.raw(getattr(node, n)) for n, s in specs.items()}
    if request.method == "POST":
        given = {n: request.POST.get(n, "") for n in specs if n in request.POST}
        version = request.POST.get("version", "")
        try:
            workspace.change_node(actor, node, given, version=int(version) if version.isdigit() else 0)
        except Invalid as invalid:
            errors, values = invalid.errors, values | given
        except Conflict as conflict:
            errors, values = (
                {"": str(conflict) + " " + _("Look at what is there now; what you typed is kept below.")},
                values | given,
            )
        else:
            messages.success(request, _("Saved."))
            return redirect("node-settings", key=node.key)
    context = {
        "node": node,
        "fields": [(n, s, values[n], errors.get(n, "")) for n, s in specs.items()],
        "errors": errors,
    }
    return render(request, "site/node_settings.html", context, status=400 if errors else 200)


def overview(request, key):
    return render(request, "kit/base.html", {"node": workspace.get_node(Actor.of(request), key)})


declare = changes = evidence = forecast = overview
