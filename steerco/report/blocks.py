"""Blocks that weekly and steering packs share, made from what a person may see of a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steerco.report import words
from steerco.report.pack import (
    Bullets,
    Chart,
    Colour,
    Column,
    Figure,
    Figures,
    Marker,
    Section,
    Series,
    Table,
    Verdict,
    Verdicts,
)
from steerco.status.declared import Declared
from steerco.status.forecast_page import DriverView
from steerco.status.movement import Movement, signed
from steerco.status.overview import (
    DecisionView,
    ForecastView,
    Lever,
    Overview,
    ReadingView,
    RiskView,
    VerdictView,
)
from steerco.status.say import money as said_money

SHOWN_BARS = 8


def money(language: str, amount: float, currency: str) -> str:
    """An amount with its currency, millions shortened."""
    return said_money(amount, language, currency)


def verdicts(
    overall: VerdictView | None, dimensions: Iterable[VerdictView], declared: Declared | None, language: str
) -> Verdicts:
    """The health board of a project: the whole first, what was declared beside it.

    The section's title is the verdict's sentence already, so its card goes on with the further reasons.
    """
    found = []
    if overall is not None:
        found.append(
            Verdict(
                overall.label,
                Colour(overall.colour),
                " ".join(overall.others) or overall.sentence,
                overall.evidence,
                Colour(declared.colour) if declared and declared.stands else None,
                declared_note(declared, language),
            )
        )
    found += [Verdict(d.label, Colour(d.colour), d.sentence, d.evidence) for d in dimensions]
    return Verdicts(tuple(found), overall=overall is not None)


def declared_note(declared: Declared | None, language: str) -> str:
    """Who declared it, why, until when, and how far it lies from the evidence."""
    if declared is None or not declared.stands:
        return ""
    parts = [f"“{declared.reason}”", declared.who]
    parts.append(_("until %(day)s") % {"day": words.day(language, declared.expires_on)})
    if declared.reviewer:
        parts.append(_("review: %(who)s") % {"who": declared.reviewer})
    if declared.diverges:
        levels = ngettext("diverges by %(n)d level", "diverges by %(n)d levels", declared.levels or 0)
        days = (
            ngettext("for %(n)d day", "for %(n)d days", declared.days) if declared.days else _("since today")
        )
        parts.append(f"{levels % {'n': declared.levels or 0}} {days % {'n': declared.days}}")
    return ", ".join(part for part in parts if part)


def key_figures(view: Overview, language: str) -> Figures:
    """P80, commitment, money and exposure; each refused in words where the evidence is missing."""
    found = []
    f = view.forecast
    if f is not None:
        moved = view.movement.headline if view.movement else ""
        found.append(Figure(_("P80 finish"), words.day(language, f.p80), moved, f.evidence, _schedule(view)))
        if f.committed is not None and f.chance is not None:
            note = _("%(chance)s %% chance, %(needed)s %% was committed") % {
                "chance": round(f.chance * 100),
                "needed": view.committed_confidence,
            }
            found.append(Figure(_("Committed"), words.day(language, f.committed), note, f.evidence))
    else:
        found.append(Figure(_("P80 finish"), _("No forecast"), "", "", Colour.UNKNOWN))
    for metric, label in (
        ("eac_over_budget", _("Estimate at completion")),
        ("cpi", _("Cost performance")),
        ("exposure_days", _("Exposure")),
    ):
        reading = view.reading(metric)
        if reading is not None:
            found.append(_figure(reading, label, view, language))
    return Figures(tuple(found))


def _schedule(view: Overview) -> Colour | None:
    return next((Colour(d.colour) for d in view.dimensions if d.key == "schedule"), None)


def _figure(reading: ReadingView, label: str, view: Overview, language: str) -> Figure:
    shown = reading.shown
    if reading.metric == "eac_over_budget" and reading.value is not None and view.budget:
        budget = float(view.budget)
        shown = money(language, (1 + reading.value) * budget, view.currency)
    colour = Colour.UNKNOWN if reading.refused else None
    note = "" if reading.refused else reading.sentence
    return Figure(label, shown, note, reading.evidence, colour)


def finish_chart(f: ForecastView, language: str, items: int, risks: int) -> Chart:
    """The distribution of finishes as touching columns, with the commitment, P50 and P80 on it."""
    edges: Sequence[Any] = f.edges
    labels = tuple(_tick(edge, language) for edge in edges[:-1])
    markers = [
        Marker(f"P50 {_tick(f.p50, language)}", _position(f.p50, edges), "p50"),
        Marker(f"P80 {_tick(f.p80, language)}", _position(f.p80, edges), "p80"),
    ]
    if f.committed is not None and f.chance is not None:
        end = datetime(f.committed.year, f.committed.month, f.committed.day, 23, 59)
        place = _position(end, edges)
        if -0.5 <= place <= len(labels) - 0.5:
            markers.insert(
                0,
                Marker(
                    _("committed %(day)s · %(chance)s %%")
                    % {"day": _tick(f.committed, language), "chance": round(f.chance * 100)},
                    place,
                    "committed",
                ),
            )
    caption = _("%(draws)s draws, %(items)s items, %(risks)s risks as drivers; %(method)s.") % {
        "draws": words.number(language, f.draws, 0),
        "items": items,
        "risks": risks,
        "method": _(f.method),
    }
    if f.assumed_share > 0:
        share = round(f.assumed_share * 100)
        caption += " " + _("The spread of %(share)s %% of the open work is assumed.") % {"share": share}
    low, high = _position(f.p10, edges), _position(f.p80, edges)
    return Chart(
        _("When the finish lands"),
        "histogram",
        labels,
        (Series(_("Runs"), tuple(float(c) for c in f.counts)),),
        _("runs"),
        tuple(markers),
        caption,
        (low, high) if high > low else None,
    )


def _tick(moment: date, language: str) -> str:
    return (
        f"{moment.day}. {moment.month}."
        if language == "de"
        else f"{moment.day} {words.month('en', moment)[:3]}"
    )


def _position(value: Any, edges: Sequence[Any]) -> float:
    """Place of a moment on the category axis, where the first category's middle is 0."""
    width = (edges[1] - edges[0]).total_seconds()
    return float(round((value - edges[0]).total_seconds() / width - 0.5, 3))


def tornado(drivers: Sequence[DriverView]) -> Chart | None:
    """What moves the finish, the widest bar on top; None without any."""
    shown = [d for d in drivers if d.worse - d.better > 0.05][:SHOWN_BARS]
    if not shown:
        return None
    return Chart(
        _("What moves the finish most"),
        "tornado",
        tuple(f"{d.ref} {d.title}"[:48] for d in shown),
        (
            Series(_("if better"), tuple(min(round(d.better, 1), 0.0) for d in shown)),
            Series(_("if worse"), tuple(max(round(d.worse, 1), 0.0) for d in shown)),
        ),
        _("days"),
    )


def lever_list(levers: Sequence[Lever]) -> Bullets:
    """What can be done and what it buys."""
    return Bullets(tuple((f"{lever.sentence}: {lever.title}", lever.address) for lever in levers[:6]))


def decisions_table(decisions: Sequence[DecisionView], *, with_project: bool, currency: str = "") -> Table:
    """Decisions with their needed-by date and what each week of waiting costs."""
    columns = [
        Column(_("Ref"), "text", 0.7),
        Column(_("Decision"), "text", 3.2),
        Column(_("Owner"), "text", 1.2),
        Column(_("Needed by"), "date", 1.1),
        Column(_("Days per week late"), "number", 1.0),
        Column(_("Cost per week late") + (f", {currency}" if currency else ""), "money", 1.2),
        Column(_("State"), "health", 0.9),
    ]
    if with_project:
        columns.insert(0, Column(_("Project"), "text", 0.9))
    rows = []
    for d in decisions:
        state = Colour.GREEN
        if d.needed_by is None:
            state = Colour.UNKNOWN
        elif d.days_left is not None and d.days_left < 0:
            state = Colour.RED
        elif d.days_left is not None and d.days_left <= 14:
            state = Colour.AMBER
        row = (d.ref, d.title, d.owner, d.needed_by, d.delay_days_per_week, d.cost_of_delay, state)
        rows.append((d.node_key, *row) if with_project else row)
    return Table(tuple(columns), tuple(rows), tuple(d.address for d in decisions), _("No decision is open."))


def risks_table(risks: Sequence[RiskView], *, with_project: bool, currency: str = "") -> Table:
    """Open risks by exposure."""
    columns = [
        Column(_("Ref"), "text", 0.7),
        Column(_("Risk"), "text", 3.2),
        Column(_("Probability"), "percent", 1.0),
        Column(_("Exposure, days"), "number", 1.0, 1),
        Column(_("Exposure, money") + (f", {currency}" if currency else ""), "money", 1.1),
        Column(_("Response"), "text", 1.0),
        Column(_("Owner"), "text", 1.2),
        Column(_("Due"), "date", 1.0),
    ]
    if with_project:
        columns.insert(0, Column(_("Project"), "text", 0.9))
    rows = []
    for r in risks:
        row = (
            r.ref, r.title, r.probability, r.exposure_days, r.exposure_cost, r.response, r.owner, r.due,
        )  # fmt: skip
        rows.append((r.node_key, *row) if with_project else row)
    return Table(tuple(columns), tuple(rows), tuple(r.address for r in risks), _("No risk is open."))


def changes_section(movement: Movement | None, key: str, language: str) -> Section | None:
    """What moved since last week and which records did it; None where there is nothing to compare with."""
    if movement is None:
        return None
    items = tuple(
        (b.sentence, f"/n/{key}/{b.register}/{b.ref}/" if b.register and "-" in b.ref else "")
        for b in movement.because[:8]
    )
    rows = tuple(
        (
            m.label,
            _written(m.before, m.unit, language),
            _written(m.after, m.unit, language),
            Colour.UNKNOWN if m.worse is None else Colour.RED if m.worse else Colour.GREEN,
        )
        for m in movement.readings[:10]
    )
    table = Table(
        (
            Column(_("Figure"), "text", 2.4),
            Column(_("Before"), "text", 1.0),
            Column(_("Now"), "text", 1.0),
            Column(_("Direction"), "health", 0.8),
        ),
        rows,
        empty=_("No figure has changed."),
    )
    title = movement.headline
    if movement.colour_before != movement.colour_after:
        title += " " + _("The verdict went from %(before)s to %(after)s.") % {
            "before": words.word(language, movement.colour_before).lower(),
            "after": words.word(language, movement.colour_after).lower(),
        }
    note = _("Compared with the calculation of %(day)s.") % {
        "day": words.day(language, movement.since.date())
    }
    blocks = (Bullets(items), table) if items else (table,)
    return Section(title, blocks, note)


def _written(value: float | None, unit: str, language: str) -> str:
    if value is None:
        return "–"
    if unit in {"ratio", "%"}:
        return f"{words.number(language, value * 100, 0)} %"
    text = words.number(language, value, None)
    return f"{text} {_('d')}" if unit == "d" else text


def moved_text(days: float | None) -> str:
    """+4 d, or nothing."""
    return "" if days is None or abs(days) < 0.05 else f"{signed(days)} {_('d')}"
