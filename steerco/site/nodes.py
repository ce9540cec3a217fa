"""Pages of the tree's nodes: home, my work, overview, forecast, evidence, what changed, settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steerco.kit import access, jobs, workspace
from steerco.kit.access import Actor
from steerco.kit.fields import whole
from steerco.kit.pages.common import page, problem
from steerco.kit.queue import Job, JobState, Stale
from steerco.kit.refusals import Conflict, Invalid, Missing, Refused
from steerco.kit.register import get, registers
from steerco.kit.templatetags.shown import amount, percent
from steerco.kit.tree import NodeKind, Role
from steerco.site import charts
from steerco.status.evidence import evidence as reading_evidence
from steerco.status.forecast_page import ForecastPage, forecast_page
from steerco.status.movement import between
from steerco.status.movement import since_last_week as moved_since
from steerco.status.overview import forecast_view, overall_view
from steerco.status.overview import overview as seen_by
from steerco.status.portfolio import portfolio
from steerco.status.results import Forecast, ForecastKind, Health, Snapshot

MONEY = ("eac_over_budget", "cpi", "cost_p80_over_budget")
LONG_AGO = 36_525  # days; further back is before any trail


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
            day = value.date() if isinstance(value, datetime) else value
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
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    pending = (
        Stale.objects.filter(node=node).exists()
        or Job.objects.filter(
            node=node, name="recompute", state__in=[JobState.WAITING, JobState.RUNNING]
        ).exists()
    )
    health = Health.objects.filter(node=node).order_by("-id").first()
    row = Forecast.objects.filter(node=node).exclude(kind="cost").order_by("-id").first()
    context: dict[str, Any] = {
        "node": node,
        "pending": pending,
        "health": overall_view(node.key, health) if health else None,
        "forecast": forecast_view(node.key, row) if row else None,
        "snapshot": health.snapshot_id if health else 0,
        "seen": request.GET.get("seen", ""),
    }
    answer = render(request, "site/fragments/pulse.html", context)
    if health and not pending and context["seen"] not in ("", str(health.snapshot_id)):
        before = Snapshot.objects.filter(node=node, pk=whole(context["seen"]) or 0).first()
        if before:
            context |= {"moved": between(before, health.snapshot).headline, "seen": ""}
            answer = render(request, "site/fragments/pulse.html", context)
        answer["HX-Trigger-After-Settle"] = "recomputed"
    return answer


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
            workspace.change_node(actor, node, given, version=whole(version) or 0)
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


@require_GET
@page
def overview(request: HttpRequest, key: str) -> HttpResponse:
    """The first page of a node: the verdict and why, the forecast, what needs a person; a portfolio's board."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key)
    now = timezone.now()
    role = access.role_on(actor, node)
    context: dict[str, Any] = {"node": node, "role": role, "may_edit": role >= Role.CONTRIBUTOR}
    if not node.is_project:
        view = portfolio(actor, node, now=now)
        return render(request, "site/portfolio.html", context | {"view": view, "chart": charts.bubbles(view)})
    seen = seen_by(actor, node, now=now)
    if not seen.is_visible:
        shared = [(r, access.rows(r, actor, node).count()) for r in registers()]
        return render(request, "site/guest.html", context | {"shared": [(r, n) for r, n in shared if n]})
    empty = not access.rows(get("work-items"), actor, node).exists()
    more = {
        "view": seen,
        "chart": charts.histogram(seen.forecast) if seen.forecast else None,
        "empty": empty,
        "money": [r for r in (seen.reading(m) for m in MONEY) if r],
        "may_declare": role >= Role.MANAGER,
    }
    return render(request, "site/overview.html", context | more)


@require_GET
@page
def forecast(request: HttpRequest, key: str) -> HttpResponse:
    """When will it end and what will it cost: distributions, what drives them, and how earlier forecasts held."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    pages = []
    for kind in ForecastKind:
        found = forecast_page(actor, node, kind)
        if found:
            pages.append(_told(found, kind, node.currency) | charts.of_forecast(found))
    return render(request, "site/forecast.html", {"node": node, "pages": pages})


def _told(found: ForecastPage, kind: ForecastKind, currency: str) -> dict[str, Any]:
    """A forecast's figures, earlier values and track record in words."""

    def said(value: Any) -> str:
        if value is None:
            return "–"
        if isinstance(value, float | int):
            return f"{amount(value)} {currency}"
        return date_format(value, "j M Y")

    f, track = found.forecast, found.track
    figures = [
        (_("Committed") if kind != ForecastKind.COST else _("Budget"), said(f.committed)),
        (_("Chance to keep it"), "–" if f.chance is None else f"{percent(f.chance)} %"),
        ("P50", said(f.p50)),
        ("P80", said(f.p80)),
        ("P95", said(f.p95)),
        (_("Mean"), said(f.mean)),
    ]
    if f.deterministic is not None:
        figures.append((_("By the network alone"), said(f.deterministic)))
    if track.scored:
        record = _("Of %(n)d earlier forecasts whose truth is known, P50 held in %(p50)d, P80 in %(p80)d and P95 in %(p95)d.") % {
            "n": track.scored, "p50": track.held_p50, "p80": track.held_p80, "p95": track.held_p95,
        }  # fmt: skip
    else:
        record = _("No earlier forecast can be scored yet: none of what they spoke of has happened.")
    trend = [
        {"as_of": said(e.as_of), "p50": said(e.p50), "p80": said(e.p80), "committed": said(e.committed),
         "chance": "–" if e.chance is None else f"{percent(e.chance)} %"}
        for e in found.trend
    ]  # fmt: skip
    return {"page": found, "kind": kind, "figures": figures, "record": record, "trend": trend[-26:]}


@require_GET
@page
def evidence(request: HttpRequest, key: str, reading_id: int) -> HttpResponse:
    """How do we know: one reading opened down to its inputs, rule, records and history."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    found = reading_evidence(actor, reading_id)
    if found.node_key != node.key:
        raise Missing
    return render(request, "site/evidence.html", {"node": node, "view": found})


@require_GET
@page
def evidence_list(request: HttpRequest, key: str) -> HttpResponse:
    """Every reading behind a verdict, by dimension, and the findings about the plan."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    seen = seen_by(actor, node, now=timezone.now())
    return render(request, "site/evidence_list.html", {"node": node, "view": seen})


@require_GET
@page
def changes(request: HttpRequest, key: str) -> HttpResponse:
    """What changed since last week, or since a day that was asked for, and which records did it."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    try:
        since = parse_date(request.GET.get("since", "")[:10])
    except ValueError:  # spelt like a date, such as 2026-02-30
        since = None
    days = (timezone.localdate() - since).days if since and since <= timezone.localdate() else 7
    moved = moved_since(node.pk, timezone.now(), timedelta(days=min(days, LONG_AGO)))
    context = {"node": node, "moved": moved, "since": since or timezone.localdate() - timedelta(days=7)}
    return render(request, "site/changes.html", context)
