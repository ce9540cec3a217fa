"""Metrics of people and machines: overbooking before levelling, what levelling costs, and work that nobody has."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from steerco.engine.plan import to_moment
from steerco.status.calculation import MINUTES_A_DAY, Missing
from steerco.status.metrics.base import Subject, Value, metric

NO_ASSIGNMENTS = Missing(_("No work is assigned to a resource."))


@metric(
    "overallocation",
    _("Highest load before levelling"),
    unit="ratio",
    inputs=("assignments", "capacity", "early dates"),
    better="lower",
    says=_("{resource} is booked at {load:percent} on {day:date}; overbooked resources: {count:count}."),
    needs=_("Assignments of resources to planned work."),
)
def overallocation(s: Subject) -> Value | Missing | None:
    if s.calc.schedule is None:
        return None
    if not s.calc.loads:
        return NO_ASSIGNMENTS
    names = {r.key: r.name for r in s.facts.resources}
    key, (load, at) = max(s.calc.loads.items(), key=lambda pair: (pair[1][0], pair[0]))
    over = sum(1 for found, _at in s.calc.loads.values() if found > 1 + 1e-9)
    assigned = {a.item for a in s.facts.assignments}
    planned = [i for i in s.facts.leaves if i.ref in s.plan.ids and not i.is_done]
    return Value(
        round(load, 4),
        figures={
            "resource": names.get(key, key),
            "load": load,
            "day": to_moment(at).date().isoformat(),
            "count": over,
        },
        coverage=sum(1 for i in planned if i.id in assigned) / len(planned) if planned else 1.0,
    )


@metric(
    "levelling_delay",
    _("Delay by levelling"),
    unit="d",
    inputs=("levelled dates", "early dates"),
    better="lower",
    says=_("Levelling moves the finish by {days:days}."),
    needs=_("Assignments of resources to planned work."),
)
def levelling_delay(s: Subject) -> Value | Missing | None:
    if s.calc.schedule is None:
        return None
    if not s.calc.levelled:
        return NO_ASSIGNMENTS
    finish = max(finish for _start, finish in s.calc.levelled.values())
    days = round(max(finish - s.calc.schedule.project_finish, 0) / MINUTES_A_DAY, 1)
    return Value(days, figures={"days": days, "finish": to_moment(finish).date().isoformat()})


@metric(
    "unassigned_share",
    _("Open work without anyone"),
    unit="ratio",
    inputs=("assignments", "owners", "open work items"),
    better="lower",
    says=_("Open items without anyone: {count:count} of {open:count}."),
    needs=_("At least one open work item."),
)
def unassigned_share(s: Subject) -> Value | Missing | None:
    waiting = [i for i in s.facts.leaves if not i.is_done and i.kind != "milestone"]
    if not waiting:
        return None
    assigned = {a.item for a in s.facts.assignments}
    bare = [i for i in waiting if i.owner is None and i.id not in assigned]
    share = round(len(bare) / len(waiting), 6)
    return Value(
        share,
        tuple(i.ref for i in bare[:20]),
        {"count": len(bare), "open": len(waiting), "share": share},
    )
