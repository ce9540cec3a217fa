"""The steering pack of a portfolio: one page to decide on, the board of projects, forecasts, decisions, exposure, each project."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steerco.kit.access import Actor
from steerco.kit.tree import Node
from steerco.report import blocks, words
from steerco.report.pack import Colour, Column, Figure, Figures, Pack, Section, Table, Verdict, Verdicts
from steerco.report.weekly import decisions_title, forecast_section, sources_of, verdict_section
from steerco.status.overview import overview
from steerco.status.portfolio import Portfolio, ProjectRow, portfolio
from steerco.status.say import money

PROJECTS = 12  # that get a page of their own, the worst first


def gather(actor: Actor, node: Node, *, now: datetime, language: str, base_url: str = "") -> Pack:
    """The steering pack of everything below a node that the actor may read. Raises Missing below a reader."""
    with translation.override(language):
        view = portfolio(actor, node, now=now)
        sections = [
            _summary(view, language),
            _forecasts(view),
            Section(
                decisions_title(view.decisions), (blocks.decisions_table(view.decisions, with_project=True),)
            ),
            _divergence(view),
            Section(_risk_title(view), (blocks.risks_table(view.risks, with_project=True),)),
            _money(view, language),
        ]
        sources: list[str] = []
        nodes = {n.pk: n for n in Node.objects.filter(pk__in=[r.node_id for r in view.rows[:PROJECTS]])}
        for row in view.rows[:PROJECTS]:
            one = nodes[row.node_id]
            detail = overview(actor, one, now=now)
            page = verdict_section(detail, language)
            sections.append(Section(f"{row.name}: {page.title}", page.blocks, page.note))
            if (forecast := forecast_section(actor, one, detail, language)) is not None:
                sections.append(
                    Section(f"{row.name}: {forecast.title}", forecast.blocks, forecast.note, forecast.aside)
                )
            sources += [f"{row.key}: {source}" for source in sources_of(detail, now)]
        left = len(view.rows) - PROJECTS
        if left > 0:
            sources.append(_("Projects without a page of their own: %(n)d") % {"n": left})
        made = [r.as_of for r in view.rows if r.as_of]
        return Pack(
            kind="steering",
            title=node.name,
            subtitle=_("Steering committee, %(day)s") % {"day": words.day(language, now.date())},
            as_of=view.made_at or now,
            made_at=now,
            made_by=actor.name,
            language=language,
            sections=tuple(s for s in sections if s is not None),
            sources=tuple(sources),
            base_url=base_url,
            facts=(("projects", str(len(view.rows))), ("oldest verdict", str(min(made)) if made else "–")),
        )


def _summary(view: Portfolio, language: str) -> Section:
    """One page: the verdict over all, and every project's colour with its reason."""
    title = view.overall.sentence if view.overall else _("There is no verdict yet.")
    found = []
    if view.overall is not None:
        found.append(
            Verdict(
                view.overall.label, Colour(view.overall.colour), view.overall.sentence, view.overall.evidence
            )
        )
    for row in view.rows:
        declared = row.declared
        found.append(
            Verdict(
                row.name,
                Colour(row.colour),
                row.sentence or _("Not calculated yet."),
                row.address,
                Colour(declared.colour) if declared and declared.stands else None,
                blocks.declared_note(declared, language),
            )
        )
    overdue = sum(1 for d in view.decisions if d.days_left is not None and d.days_left < 0)
    exposure = sum(r.exposure_days or 0 for r in view.rows)
    figures = Figures(
        (
            Figure(
                _("Projects"),
                str(len(view.rows)),
                _("%(red)d red, %(amber)d amber, %(green)d green, %(unknown)d unknown") % view.counts,
            ),
            Figure(
                _("Decisions needed"),
                str(len(view.decisions)),
                _("%(n)d overdue") % {"n": overdue} if overdue else "",
                "",
                Colour.RED if overdue else None,
            ),
            Figure(_("Exposure"), f"{words.number(language, exposure, 0)} {_('d')}", ""),
            Figure(
                _("Declared against computed"),
                str(len(view.diverging)),
                _("projects diverge") if view.diverging else _("nobody diverges"),
            ),
        )
    )
    return Section(title, (Verdicts(tuple(found), overall=view.overall is not None), figures))


def _forecasts(view: Portfolio) -> Section:
    late = [r for r in view.rows if _is_late(r)]
    known = [r for r in view.rows if r.p80 is not None and r.committed_finish is not None]
    title = (
        _("%(late)d of %(n)d projects with a commitment will not keep it with 80 %% confidence")
        % {"late": len(late), "n": len(known)}
        if late
        else _("All projects with a commitment keep it with 80 % confidence")
    )
    rows = tuple(
        (
            r.name,
            r.committed_finish,
            r.p50.date() if r.p50 else None,
            r.p80.date() if r.p80 else None,
            r.chance,
            blocks.moved_text(r.p80_moved_days),
            Colour(r.colour),
        )
        for r in view.rows
    )
    table = Table(
        (
            Column(_("Project"), "text", 2.4),
            Column(_("Committed"), "date", 1.1),
            Column("P50", "date", 1.1),
            Column("P80", "date", 1.1),
            Column(_("Chance"), "percent", 0.8),
            Column(_("P80 since last week"), "text", 1.0),
            Column(_("Health"), "health", 0.9),
        ),
        rows,
        tuple(f"{r.address}forecast/" for r in view.rows),
        _("There are no projects here."),
    )
    return Section(title, (table,))


def _is_late(row: ProjectRow) -> bool:
    return row.p80 is not None and row.committed_finish is not None and row.p80.date() > row.committed_finish


def _divergence(view: Portfolio) -> Section | None:
    found = view.diverging
    if not found:
        return None
    rows = tuple(
        (
            r.name,
            Colour(r.declared.colour),
            Colour(r.colour),
            r.declared.levels,
            r.declared.days,
            r.declared.reason,
            r.declared.who,
            r.declared.expires_on,
        )
        for r in found
        if r.declared is not None
    )
    table = Table(
        (
            Column(_("Project"), "text", 1.8),
            Column(_("Declared"), "health", 0.9),
            Column(_("Computed"), "health", 0.9),
            Column(_("Levels apart"), "number", 0.8),
            Column(_("Days apart"), "number", 0.8),
            Column(_("Reason given"), "text", 2.4),
            Column(_("By"), "text", 1.0),
            Column(_("Expires"), "date", 1.0),
        ),
        rows,
        tuple(r.address for r in found),
    )
    title = ngettext(
        "One project is declared other than its evidence says",
        "%(n)d projects are declared other than their evidence says",
        len(found),
    ) % {"n": len(found)}
    return Section(title, (table,))


def _risk_title(view: Portfolio) -> str:
    valued = [float(r.exposure_days) for r in view.risks if r.exposure_days is not None]
    total = sum(r.exposure_days or 0 for r in view.rows)
    if not valued or not total:
        return _("No exposure in days has been estimated")
    return _("The greatest risks (%(n)d) carry %(share)d %% of the exposure") % {
        "n": len(view.risks),
        "share": min(round(100 * sum(valued) / total), 100),
    }


def _money(view: Portfolio, language: str) -> Section | None:
    known = [r for r in view.rows if r.budget]
    if not known:
        return None
    over = [r for r in known if r.eac is not None and r.budget is not None and r.eac > float(r.budget)]
    rows = tuple(
        (
            r.name,
            money(float(r.budget or 0), language, r.currency),
            _("unknown") if r.eac is None else money(r.eac, language, r.currency),
            None if r.eac is None or not r.budget else r.eac / float(r.budget) - 1,
        )
        for r in known
    )
    table = Table(
        (
            Column(_("Project"), "text", 2.4),
            Column(_("Budget"), "text", 1.2),
            Column(_("Estimate at completion"), "text", 1.4),
            Column(_("Over budget"), "percent", 1.0),
        ),
        rows,
        tuple(r.address for r in known),
    )
    title = (
        _("%(over)d of %(n)d projects with a budget will exceed it") % {"over": len(over), "n": len(known)}
        if over
        else _("No project with a budget is estimated to exceed it")
    )
    return Section(title, (table,))
