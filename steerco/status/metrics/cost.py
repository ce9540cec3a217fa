"""Metrics of money: the estimate at completion against the budget, cost performance, and how sure the cost is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from steerco.engine.earned import Method
from steerco.engine.refused import Refused
from steerco.status.calculation import Missing
from steerco.status.metrics.base import Subject, Value, metric
from steerco.status.metrics.schedule import refused

NO_BUDGET = Missing(_("The project has no budget."))


def estimate_at_completion(s: Subject) -> tuple[float, str] | Missing:
    """The estimate and its method: by cost performance once a fifth is earned, else actual plus remaining cost.

    Before that the index jumps with every booking (Christensen and Heise 1993 find it stable from 20 % on).
    """
    earned = s.calc.earned
    if not isinstance(earned, Missing) and earned.percent_complete >= 20:
        typical = earned.estimate_at_completion[Method.TYPICAL]
        if not isinstance(typical, Refused):
            return typical, "cost performance"
    spent = [float(i.actual_cost) for i in s.facts.leaves if i.actual_cost is not None]
    left = [
        float(i.remaining_cost)
        if i.remaining_cost is not None
        else max(float(i.planned_cost or 0) - float(i.actual_cost or 0), 0.0)
        for i in s.facts.leaves
        if not i.is_done and (i.remaining_cost is not None or i.planned_cost is not None)
    ]
    if not any(spent) and not any(left):  # a plan exported without costs writes zeros
        return Missing(_("No work item has a cost."))
    return sum(spent) + sum(left), "actual and remaining cost"


@metric(
    "eac_over_budget",
    _("Estimate at completion over budget"),
    unit="ratio",
    inputs=("budget", "actual cost", "remaining cost", "earned value"),
    better="lower",
    says=_("The estimate at completion is {eac:money}; the budget is {budget:money}."),
    needs=_("A budget, and costs on work items."),
)
def eac_over_budget(s: Subject) -> Value | Missing | None:
    if not s.facts.node.budget:
        return NO_BUDGET
    estimate = estimate_at_completion(s)
    if isinstance(estimate, Missing):
        return estimate
    budget, (eac, method) = float(s.facts.node.budget), estimate
    over = round(eac / budget - 1, 6)
    costed = sum(1 for i in s.facts.leaves if i.planned_cost is not None or i.actual_cost is not None)
    return Value(
        over,
        figures={"eac": round(eac, 2), "budget": budget, "over": over, "method": method},
        coverage=costed / max(len(s.facts.leaves), 1),
    )


@metric(
    "cpi",
    _("Cost performance, CPI"),
    unit="index",
    inputs=("baseline cost", "progress", "actual cost"),
    better="higher",
    says=_("Each unit of money spent earned {index:number} of plan."),
    needs=_("A baseline with costs, progress and booked actual costs."),
)
def cpi(s: Subject) -> Value | Missing | None:
    if isinstance(s.calc.earned, Missing):
        return s.calc.earned
    index = s.calc.earned.cost_performance_index
    if isinstance(index, Refused):
        return refused(index)
    earned = s.calc.earned
    return Value(
        round(index, 4),
        figures={"index": index, "earned": earned.earned_value, "planned": earned.planned_value},
    )


@metric(
    "cost_p80_over_budget",
    _("P80 cost over budget"),
    unit="ratio",
    inputs=("cost forecast", "budget"),
    better="lower",
    says=_("With 80 % confidence the cost stays below {p80:money}; the budget is {budget:money}."),
    needs=_("A budget, and costs on work items."),
)
def cost_p80_over_budget(s: Subject) -> Value | Missing | None:
    if not s.facts.node.budget:
        return NO_BUDGET
    if isinstance(s.calc.cost, Missing):
        return s.calc.cost
    budget, p80 = float(s.facts.node.budget), s.calc.cost.percentile(80)
    over = round(p80 / budget - 1, 6)
    return Value(
        over,
        tuple(d.ref for d in s.calc.cost.drivers[:5]),
        {"p80": round(p80, 2), "budget": budget, "over": over, "p50": round(s.calc.cost.percentile(50), 2)},
        coverage=1 - s.calc.cost.assumed_share,
    )
