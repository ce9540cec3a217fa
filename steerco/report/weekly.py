"""The weekly status of a project: verdict, what changed, forecast, plan, risks, decisions, money, next steps, sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steerco.areas.plan.models import WorkItem
from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.refusals import Missing
from steerco.kit.register import of_model
from steerco.kit.tree import Node
from steerco.report import blocks, words
from steerco.report.pack import (
    Bar,
    Block,
    Bullets,
    Colour,
    Column,
    Pack,
    Prose,
    Section,
    Table,
    Timeline,
)
from steerco.status.forecast_page import forecast_page
from steerco.status.overview import Overview, overview, record_address

BARS = 24
MILESTONES = 12
AHEAD = timedelta(days=14)
COLUMNS = (
    "number", "title", "kind", "status", "parent_id", "start", "finish", "percent_complete", "is_critical",
    "baseline_start", "baseline_finish", "p80_finish", "deadline", "owner__name", "actual_finish",
)  # fmt: skip


def gather(actor: Actor, node: Node, *, now: datetime, language: str, base_url: str = "") -> Pack:
    """The weekly pack of a project as the actor may see it. Raises Missing for anybody below a reader."""
    with translation.override(language):
        view = overview(actor, node, now=now)
        if not view.is_visible:
            raise Missing
        return Pack(
            kind="weekly",
            title=node.name,
            subtitle=_("Weekly status, week %(week)s of %(year)s")
            % {"week": now.isocalendar().week, "year": now.isocalendar().year},
            as_of=view.made_at or now,
            made_at=now,
            made_by=actor.name,
            language=language,
            sections=tuple(project_sections(actor, node, view, now=now, language=language)),
            sources=sources_of(view, now),
            base_url=base_url,
            facts=(("policy", view.policy), ("snapshot", str(view.made_at or ""))),
        )


def project_sections(
    actor: Actor, node: Node, view: Overview, *, now: datetime, language: str
) -> list[Section]:
    """All sections of a project's report in reading order; what has nothing to say is left out."""
    items = _items(actor, node)
    found = [
        verdict_section(view, language),
        blocks.changes_section(view.movement, view.key, language),
        forecast_section(actor, node, view, language),
        _plan(node, items, now, language),
        _milestones(node, items, language),
        _risks(view),
        _decisions(view),
        _money(view, language),
        _next(items, node, now, language),
        _findings(view),
    ]
    return [section for section in found if section is not None]


def verdict_section(view: Overview, language: str) -> Section:
    """The verdict with its reason as the title."""
    title = view.overall.sentence if view.overall else _("There is no calculation yet.")
    board = blocks.verdicts(view.overall, view.dimensions, view.declared, language)
    note = _(
        "Health: policy %(policy)s. Colours are computed, never typed in; a declared colour stands beside."
    ) % {"policy": view.policy or "–"}
    if view.movement is None:
        note += " " + _("There is no earlier calculation to compare with.")
    return Section(title, (board, blocks.key_figures(view, language)), note)


def forecast_section(actor: Actor, node: Node, view: Overview, language: str) -> Section | None:
    """The distribution of the finish, its drivers and levers."""
    f = view.forecast
    if f is None:
        return None
    page = forecast_page(actor, node, f.kind)
    if f.committed is None:
        title = _("P80 is %(p80)s; no date has been committed") % {"p80": words.day(language, f.p80)}
    else:
        days = (f.p80.date() - f.committed).days
        facts = {"p80": words.day(language, f.p80), "days": abs(days)}
        title = (
            _("P80 is %(p80)s, %(days)d days past the commitment") % facts
            if days > 0
            else _("P80 is %(p80)s and keeps the commitment") % facts
        )
    if view.levers:
        title += "; " + _("the strongest lever is %(ref)s") % {"ref": view.levers[0].ref}
    count = int(view.summary.get("tasks") or view.summary.get("items") or 0)
    risks = sum(1 for d in page.drivers if d.kind == "risk") if page else 0
    aside: list[Block] = []
    if view.levers:
        aside.append(blocks.lever_list(view.levers))
    if page and (chart := blocks.tornado(page.drivers)):
        aside.append(chart)
    note = ""
    if page and page.track.scored:
        note = _("Of %(n)d scored forecasts here, P80 held %(held)d times.") % {
            "n": page.track.scored,
            "held": page.track.held_p80,
        }
    return Section(title, (blocks.finish_chart(f, language, count, risks),), note, tuple(aside))


def _items(actor: Actor, node: Node) -> list[dict[str, Any]]:
    found = access.rows(of_model(WorkItem), actor, node).exclude(status="cancelled")
    return list(found.order_by("position", "number").values("id", *COLUMNS))


def _plan(node: Node, items: list[dict[str, Any]], now: datetime, language: str) -> Section | None:
    """Top-level items as bars; a plan with a single root opens one level more."""
    dated = [i for i in items if i["start"] and i["finish"] and i["finish"] >= i["start"]]
    tops = [i for i in dated if i["parent_id"] is None]
    children = {i["parent_id"] for i in items if i["parent_id"] is not None}
    shown: list[tuple[dict[str, Any], int]] = [(i, 0) for i in tops]
    if len(tops) <= 6:
        shown = []
        for top in tops:
            shown.append((top, 0))
            shown += [(i, 1) for i in dated if i["parent_id"] == top["id"]]
    if not shown:
        return None
    bars = tuple(
        Bar(
            label=f"{item['title']}"[:80],
            start=_naive(item["start"]),
            finish=_naive(item["finish"]),
            critical=bool(item["is_critical"]),
            milestone=item["kind"] == "milestone",
            done=min(float(item["percent_complete"] or 0) / 100, 1.0),
            baseline_start=_naive(item["baseline_start"]) if _has_baseline(item) else None,
            baseline_finish=_naive(item["baseline_finish"]) if _has_baseline(item) else None,
            p80=_naive(item["p80_finish"]) if item["p80_finish"] else None,
            level=level,
        )
        for item, level in shown[:BARS]
    )
    critical = sum(1 for i in items if i["is_critical"] and i["id"] not in children)
    title = _("Open items on the critical path: %(n)d; the plan ends on %(day)s") % {
        "n": critical,
        "day": words.day(language, max(i["finish"] for i in dated).date()),
    }
    left = len(shown) - len(bars)
    caption = _("More items in the plan: %(n)d") % {"n": left} if left > 0 else ""
    return Section(title, (Timeline(_("Plan and 80 % finish"), bars, _naive(now), caption),))


def _has_baseline(item: dict[str, Any]) -> bool:
    start, finish = item["baseline_start"], item["baseline_finish"]
    return start is not None and finish is not None and finish >= start


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _milestones(node: Node, items: list[dict[str, Any]], language: str) -> Section | None:
    found = sorted(
        (i for i in items if i["kind"] == "milestone" and i["finish"]),
        key=lambda i: (i["finish"], i["number"]),
    )
    if not found:
        return None
    waiting = [i for i in found if i["status"] != "done" and not i["actual_finish"]]
    shown = (waiting or found)[:MILESTONES]
    rows, late = [], 0
    for item in shown:
        due = item["deadline"] or item["baseline_finish"]
        colour = Colour.UNKNOWN
        if due is not None:
            p80 = item["p80_finish"] or item["finish"]
            colour = Colour.RED if item["finish"] > due else Colour.AMBER if p80 > due else Colour.GREEN
            late += colour is Colour.RED
        rows.append(
            (
                f"T-{item['number']}",
                item["title"],
                due.date() if due else None,
                item["finish"].date(),
                item["p80_finish"].date() if item["p80_finish"] else None,
                colour,
            )
        )
    table = Table(
        (
            Column(_("Ref"), "text", 0.7),
            Column(_("Milestone"), "text", 3.0),
            Column(_("Due or baseline"), "date", 1.1),
            Column(_("Plan"), "date", 1.1),
            Column("P80", "date", 1.1),
            Column(_("State"), "health", 0.9),
        ),
        tuple(rows),
        tuple(record_address(node.key, "work-items", row[0]) for row in rows),
    )
    if late:
        title = _("%(late)d of %(n)d open milestones late") % {"late": late, "n": len(shown)}
    elif waiting:
        title = _("Next milestone: %(title)s on %(day)s") % {
            "title": shown[0]["title"],
            "day": words.day(language, shown[0]["finish"].date()),
        }
    else:
        title = _("All milestones are reached")
    return Section(title, (table,))


def _risks(view: Overview) -> Section:
    exposure = view.reading("exposure_days")
    title = exposure.sentence if exposure else _("Risks")
    return Section(title, (blocks.risks_table(view.risks, with_project=False, currency=view.currency),))


def _decisions(view: Overview) -> Section:
    table = blocks.decisions_table(view.decisions, with_project=False, currency=view.currency)
    return Section(decisions_title(view.decisions), (table,))


def decisions_title(decisions: Any) -> str:
    """How many decisions are needed, and how many are overdue."""
    if not decisions:
        return _("No decision is needed")
    count = len(decisions)
    title = ngettext("One decision is needed", "%(n)d decisions are needed", count) % {"n": count}
    overdue = sum(1 for d in decisions if d.days_left is not None and d.days_left < 0)
    return title + (", " + _("overdue: %(late)d") % {"late": overdue} if overdue else "")


def _money(view: Overview, language: str) -> Section | None:
    reading = view.reading("eac_over_budget")
    if reading is None or (reading.refused and view.cost is None):
        return None
    shown = [
        r
        for r in view.readings
        if r.metric in {"eac_over_budget", "cost_p80_over_budget", "cpi", "exposure_money"}
    ]
    rows: list[tuple[Any, ...]] = [(r.label, r.shown, r.sentence) for r in shown]
    evidence = [r.evidence for r in shown]
    if view.cost is not None:
        for level in (50, 80):
            amount = blocks.money(language, getattr(view.cost, f"p{level}"), view.currency)
            rows.append((_("Cost, P%(level)d") % {"level": level}, amount, _(view.cost.method)))
            evidence.append(view.cost.evidence)
    table = Table(
        (
            Column(_("Figure"), "text", 1.6),
            Column(_("Value"), "text", 1.2),
            Column(_("What it says"), "text", 3.4),
        ),
        tuple(rows),
        tuple(evidence),
    )
    return Section(reading.sentence, (table,))


def _next(items: list[dict[str, Any]], node: Node, now: datetime, language: str) -> Section | None:
    """What starts or ends within two weeks of the data."""
    children = {i["parent_id"] for i in items if i["parent_id"] is not None}
    until = now + AHEAD
    found = [
        i
        for i in items
        if i["id"] not in children
        and i["status"] != "done"
        and not i["actual_finish"]
        and i["finish"]
        and (now <= i["finish"] <= until or (i["start"] and now <= i["start"] <= until))
    ]
    if not found:
        return None
    found.sort(key=lambda i: (i["finish"], i["number"]))
    rows = tuple(
        (f"T-{i['number']}", i["title"], i["owner__name"] or "", i["start"].date(), i["finish"].date())
        for i in found[:14]
    )
    more = _("More items that start or end in these two weeks: %(n)d") % {"n": len(found) - 14}
    table = Table(
        (
            Column(_("Ref"), "text", 0.7),
            Column(_("Item"), "text", 3.4),
            Column(_("Owner"), "text", 1.3),
            Column(_("Start"), "date", 1.0),
            Column(_("Finish"), "date", 1.0),
        ),
        rows,
        tuple(record_address(node.key, "work-items", row[0]) for row in rows),
        more=more if len(found) > 14 else "",
    )
    title = _("Next two weeks, until %(day)s: items that start or end: %(n)d") % {
        "n": len(found),
        "day": words.day(language, until.date()),
    }
    return Section(title, (table,))


def _findings(view: Overview) -> Section | None:
    if not view.findings:
        return None
    serious = [f for f in view.findings if f.severity != "note"]
    shown = (serious or list(view.findings))[:10]
    title = ngettext(
        "One finding in the plan needs attention", "%(n)d findings in the plan need attention", len(serious)
    ) % {"n": len(serious)}
    items = tuple((f"{f.sentence} {f.remedy}", "") for f in shown)
    left = len(serious or view.findings) - len(shown)
    note = _("More findings in the workspace: %(n)d") % {"n": left} if left > 0 else ""
    if not serious:
        title = _("The plan has no serious findings")
    more: tuple[Block, ...] = (Prose((note,)),) if note else ()
    return Section(title, (Bullets(items), *more))


def sources_of(view: Overview, now: datetime) -> tuple[str, ...]:
    """Where the data came from and how old it is."""
    found = []
    for system, last, records in view.sources:
        age = max((now.date() - last).days, 0)
        name = system or _("entered here")
        found.append(
            _("%(name)s: records %(records)d, age in days %(age)d")
            % {"name": name, "records": records, "age": age}
        )
    return tuple(found)
