"""Metrics of risk: exposure in days and money, risks nobody answers, and what is overdue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from steerco.status.calculation import Missing
from steerco.status.metrics.base import Subject, Value, metric

HIGH_DAYS = 3  # expected days from which a risk counts as high
HIGH_SHARE = 0.02  # of the budget, from which its expected cost does

NO_RISKS = Missing(_("No risk has been written down."))


@metric(
    "exposure_days",
    _("Exposure in days"),
    unit="d",
    inputs=("open risks", "probability", "impact in days"),
    better="lower",
    says=_("{days:days} of expected delay; {valued:count} of {open:count} open risks are valued."),
    needs=_("At least one risk with probability and impact."),
)
def exposure_days(s: Subject) -> Value | Missing | None:
    if not s.facts.risks:
        return NO_RISKS
    found = s.facts.open_risks
    valued = [r for r in found if r.exposure_days is not None]
    if found and not any(r.exposure_days is not None or r.exposure_cost is not None for r in found):
        return Missing(
            _("No open risk has a probability and an impact (0 of {open:count})."), {"open": len(found)}
        )
    ranked = sorted(valued, key=lambda r: (-float(r.exposure_days or 0), r.number))
    days = round(sum(float(r.exposure_days or 0) for r in valued), 2)
    return Value(
        days,
        tuple(r.ref for r in ranked[:10]),
        {
            "days": days,
            "open": len(found),
            "valued": len(valued),
            "ref": ranked[0].ref if ranked else "",
        },
        coverage=len(valued) / len(found) if found else 1.0,
    )


@metric(
    "exposure_money",
    _("Exposure in money"),
    unit="ratio",
    inputs=("open risks", "probability", "impact in money", "budget"),
    better="lower",
    says=_("{money:money} of expected cost, {share:percent} of the budget."),
    needs=_("A budget, and one risk with probability and cost."),
)
def exposure_money(s: Subject) -> Value | Missing | None:
    if not s.facts.risks:
        return NO_RISKS
    valued = [r for r in s.facts.open_risks if r.exposure_cost is not None]
    if not valued:
        return Missing(_("No open risk has a cost.")) if s.facts.open_risks else None
    if not s.facts.node.budget:
        return Missing(_("The project has no budget."))
    amount = round(sum(float(r.exposure_cost or 0) for r in valued), 2)
    share = round(amount / float(s.facts.node.budget), 6)
    ranked = sorted(valued, key=lambda r: (-float(r.exposure_cost or 0), r.number))
    return Value(
        share,
        tuple(r.ref for r in ranked[:10]),
        {"money": amount, "share": share, "open": len(s.facts.open_risks)},
        coverage=len(valued) / len(s.facts.open_risks),
    )


@metric(
    "unanswered_risks",
    _("High risks without response or owner"),
    unit="count",
    inputs=("open risks", "response", "owner"),
    better="lower",
    says=_("High risks without response or owner: {count:count} of {high:count}."),
    needs=_("At least one risk."),
)
def unanswered_risks(s: Subject) -> Value | Missing | None:
    if not s.facts.risks:
        return NO_RISKS
    budget = float(s.facts.node.budget or 0)
    high = [
        r
        for r in s.facts.open_risks
        if float(r.exposure_days or 0) >= HIGH_DAYS
        or (budget > 0 and float(r.exposure_cost or 0) >= HIGH_SHARE * budget)
    ]
    bare = sorted(
        (r for r in high if not r.response or r.owner is None),
        key=lambda r: (-float(r.exposure_days or 0), r.number),
    )
    refs = tuple(r.ref for r in bare)
    return Value(
        float(len(bare)), refs, {"count": len(bare), "high": len(high), "ref": refs[0] if refs else ""}
    )


@metric(
    "overdue_risks",
    _("Overdue risks"),
    unit="count",
    inputs=("open risks", "due date"),
    better="lower",
    says=_("Open risks past their due date: {count:count}."),
    needs=_("At least one risk."),
)
def overdue_risks(s: Subject) -> Value | Missing | None:
    if not s.facts.risks:
        return NO_RISKS
    late = sorted(
        (r for r in s.facts.open_risks if r.due and r.due < s.today), key=lambda r: (r.due, r.number)
    )
    refs = tuple(r.ref for r in late)
    dated = sum(1 for r in s.facts.open_risks if r.due)
    return Value(
        float(len(late)),
        refs,
        {"count": len(late), "ref": refs[0] if refs else ""},
        coverage=dated / len(s.facts.open_risks) if s.facts.open_risks else 1.0,
    )


@metric(
    "overdue_decisions",
    _("Overdue decisions"),
    unit="count",
    inputs=("decisions", "needed-by date"),
    better="lower",
    says=_("Decisions past the day they are needed: {count:count}."),
    needs=_("At least one open decision."),
)
def overdue_decisions(s: Subject) -> Value | Missing | None:
    waiting = [d for d in s.facts.decisions if d.status in {"proposed", "needed"}]
    if not waiting:
        return None
    late = sorted(
        (d for d in waiting if d.needed_by and d.needed_by < s.today), key=lambda d: (d.needed_by, d.number)
    )
    refs = tuple(d.ref for d in late)
    return Value(float(len(late)), refs, {"count": len(late), "ref": refs[0] if refs else ""})
