"""Metrics of scope: what was added since the baseline, and whether points burn fast enough."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from steerco.status.calculation import Missing
from steerco.status.metrics.base import Subject, Value, metric

WEEKS = 8  # of finished points that count as the recent pace
ENOUGH = 3  # weeks with a finished item


@metric(
    "items_added",
    _("Items added since the baseline"),
    unit="count",
    inputs=("baseline dates", "work items"),
    better="neutral",
    says=_("Items added since the baseline: {added:count}, to {baseline:count} before."),
    needs=_("A baseline."),
)
def items_added(s: Subject) -> Value | Missing | None:
    leaves = s.facts.leaves
    if not leaves:
        return None
    based = [i for i in leaves if i.baseline_finish is not None or i.baseline_duration is not None]
    if not based:
        return Missing(_("There is no baseline to compare with."))
    added = [i for i in leaves if i.baseline_finish is None and i.baseline_duration is None]
    return Value(
        float(len(added)),
        tuple(i.ref for i in added[:20]),
        {"added": len(added), "baseline": len(based)},
    )


@metric(
    "scope_growth",
    _("Scope growth"),
    unit="ratio",
    inputs=("baseline durations", "work items without a baseline"),
    better="lower",
    says=_("The work has grown by {growth:percent} since the baseline."),
    needs=_("A baseline."),
)
def scope_growth(s: Subject) -> Value | Missing | None:
    added = items_added(s)
    if not isinstance(added, Value):
        return added
    before, now = 0.0, 0.0
    for item in s.facts.leaves:
        is_based = item.baseline_finish is not None or item.baseline_duration is not None
        length = float((item.baseline_duration if is_based else None) or item.duration or 0)
        before += (
            length if is_based else 0.0
        )  # a task that takes longer is late, not larger: schedule speaks of it
        now += length
    grown = now / before - 1 if before > 0 else added.value / max(added.figures["baseline"], 1)
    growth = round(grown, 6)
    return Value(growth, added.refs, {**added.figures, "growth": growth})


@metric(
    "points_pace",
    _("Pace needed over recent pace"),
    unit="ratio",
    inputs=("points", "finish dates", "committed finish"),
    better="lower",
    says=_("{left:number} points are left; finishing on time needs {ratio:number} times the recent pace."),
    needs=_("Points, a committed finish, and three weeks with finished items."),
)
def points_pace(s: Subject) -> Value | Missing | None:
    pointed = [i for i in s.facts.leaves if i.points]
    if not pointed:
        return None
    if s.facts.node.committed_finish is None:
        return Missing(_("No finish date has been committed."))
    since = s.today - timedelta(weeks=WEEKS)
    done = [i for i in pointed if i.finished_at is not None and since <= i.finished_at.date() <= s.today]
    weeks = {(s.today - i.finished_at.date()).days // 7 for i in done if i.finished_at is not None}
    if len(weeks) < ENOUGH:
        return Missing(
            _("Not enough history ({have:count} of {need:count} weeks with finished points)."),
            {"have": len(weeks), "need": ENOUGH},
        )
    left = sum(float(i.points or 0) for i in pointed if not i.is_done)
    pace = sum(float(i.points or 0) for i in done) / WEEKS
    ahead = max((s.facts.node.committed_finish - s.today).days / 7, 0.0)
    ratio = 0.0 if not left else (left / ahead / pace if ahead > 0 else 99.0)
    return Value(
        round(min(ratio, 99.0), 4),
        figures={"left": left, "pace": round(pace, 2), "weeks": round(ahead, 1), "ratio": min(ratio, 99.0)},
        coverage=len(pointed) / len(s.facts.leaves),
    )
