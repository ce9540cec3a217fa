"""Risks and money of a project as the simulation takes them."""

from __future__ import annotations

from decimal import Decimal

from steerco.engine.distributions import ThreePoint
from steerco.engine.drivers import Costs, RiskDriver, TaskCost
from steerco.engine.schedule import Schedule
from steerco.status.facts import ProjectFacts
from steerco.status.network import PlanFacts


def risk_drivers(facts: ProjectFacts, plan: PlanFacts) -> tuple[RiskDriver, ...]:
    """Open risks with a probability and an impact on days or money, the greatest exposure first.

    A risk that threatens work items strikes these; one that threatens none strikes the finish. Days become working
    minutes of the plan's day.
    """
    day = plan.plan.options.minutes_per_day if plan.plan else 480
    ranked = sorted(facts.open_risks, key=lambda r: (-float(r.exposure_days or 0), r.number))
    found = []
    for risk in ranked:
        impact = _range(risk.days_low, risk.days_likely, risk.days_high, day)
        cost = _range(risk.cost_low, risk.cost_likely, risk.cost_high, 1)
        if not risk.probability or (impact is None and cost is None):
            continue
        tasks = tuple(ref for i in risk.threatens if (ref := facts.refs.get(i, "")) in plan.ids)
        found.append(RiskDriver(risk.ref, float(risk.probability), impact, tasks=tasks, cost=cost))
    return tuple(found)


def _range(
    low: Decimal | None, likely: Decimal | None, high: Decimal | None, unit: float
) -> ThreePoint | None:
    """Low, likely and high, a missing end being the likely value; None without a likely one."""
    if likely is None:
        return None
    points = sorted(float(likely if end is None else end) * unit for end in (low, likely, high))
    return ThreePoint(*points)


def costs_of(facts: ProjectFacts, plan: PlanFacts, schedule: Schedule | None) -> Costs | None:
    """Money spent and still to be spent; None where no work item has a cost.

    What is left of a task is spread over its remaining minutes, so that longer work costs more. Tasks outside the
    network, and those without minutes left, cost what was planned.
    """
    costed = [i for i in facts.leaves if (i.planned_cost, i.actual_cost, i.remaining_cost) != (None,) * 3]
    if not costed:
        return None
    spent = sum(float(i.actual_cost or 0) for i in costed)
    tasks: list[tuple[str, TaskCost]] = []
    open_tasks = {t.key: t for t in plan.plan.tasks} if plan.plan and schedule else {}
    for item in costed:
        if item.is_done:
            continue
        left = remaining_cost(item.remaining_cost, item.planned_cost, item.actual_cost)
        task = open_tasks.get(item.ref)
        if task is None or left <= 0:
            spent += left
            continue
        minutes = task.remaining
        if minutes is None:
            minutes = round(task.duration * (1 - task.percent_complete / 100))
        if minutes > 0:
            tasks.append((item.ref, TaskCost(per_minute=left / minutes)))
        else:
            tasks.append((item.ref, TaskCost(fixed=ThreePoint.certain(left))))
    return Costs(spent=spent, tasks=tuple(tasks))


def remaining_cost(remaining: Decimal | None, planned: Decimal | None, actual: Decimal | None) -> float:
    """What is still to be paid: as estimated, else what of the plan is not spent."""
    if remaining is not None:
        return float(remaining)
    return max(float(planned or 0) - float(actual or 0), 0.0)


def planned_total(facts: ProjectFacts) -> float:
    """Spent and still to be paid, nothing going wrong."""
    return sum(
        float(i.actual_cost or 0)
        + (0.0 if i.is_done else remaining_cost(i.remaining_cost, i.planned_cost, i.actual_cost))
        for i in facts.leaves
    )
