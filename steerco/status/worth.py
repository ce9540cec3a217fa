"""Earned value and earned schedule of a project's baseline."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from steerco.engine.earned import (
    EarnedSchedule,
    EarnedValue,
    Work,
    earned_schedule,
    earned_value,
    earned_value_of,
    planned_value_curve,
)
from steerco.engine.plan import to_minute
from steerco.engine.refused import Refused
from steerco.status.calculation import Missing
from steerco.status.facts import ItemFact, ProjectFacts

WEEK = 7 * 1440
NO_BASELINE = Missing(_("There is no baseline with costs."))
NO_DATES = Missing(_("There is no baseline to compare with."))
NO_DATA_DATE = Missing(_("The project has no data date, and no progress was reported."))


def earned(facts: ProjectFacts, at: int | None) -> EarnedValue | Missing:
    """Earned value at a timeline minute, over the leaves whose baseline has a cost."""
    work = [_work(i, float(i.baseline_cost or 0)) for i in facts.leaves if _is_based(i) and i.baseline_cost]
    if not work:
        return NO_BASELINE
    if at is None:
        return NO_DATA_DATE
    curve = planned_value_curve(work)
    booked = [float(i.actual_cost) for i in facts.leaves if i.actual_cost is not None]
    return earned_value(
        budget_at_completion=curve.budget_at_completion,
        planned_value=min(curve.at(at), curve.budget_at_completion),
        earned_value=min(earned_value_of(work), curve.budget_at_completion),
        actual_cost=sum(booked) if booked else None,
    )


def earned_in_time(facts: ProjectFacts, at: int | None) -> EarnedSchedule | Missing:
    """Earned schedule in weeks, by baseline cost where there is any, else by baseline duration."""
    based = [i for i in facts.leaves if _is_based(i)]
    by_cost = any(i.baseline_cost for i in based)
    weights = {i.id: float(i.baseline_cost or 0) if by_cost else _length(i) for i in based}
    work = [_work(i, weights[i.id], WEEK) for i in based if weights[i.id] > 0]
    if not work:
        return NO_DATES
    if at is None:
        return NO_DATA_DATE
    try:
        curve = planned_value_curve(work)
        done = min(earned_value_of(work), curve.budget_at_completion)
        finished = [i.actual_finish or i.finished_on for i in based if i.is_done]
        if done >= curve.budget_at_completion and all(finished):
            at = to_minute(max(f for f in finished if f is not None))
        return earned_schedule(curve, earned_value=done, at=at / WEEK)
    except Refused as reason:
        return Missing(
            _("Missing: {missing}. {remedy}"), {"missing": reason.missing, "remedy": reason.remedy}
        )
    except ValueError:  # the data date lies before the plan's start
        return Missing(_("The data date lies before the start of the baseline."))


def _is_based(item: ItemFact) -> bool:
    start, finish = item.baseline_start, item.baseline_finish
    return start is not None and finish is not None and finish >= start


def _length(item: ItemFact) -> float:
    """Minutes of baseline work, else of the baseline's span."""
    assert isinstance(item.baseline_start, datetime) and isinstance(item.baseline_finish, datetime)
    span = (item.baseline_finish - item.baseline_start).total_seconds() / 60
    return float(item.baseline_duration if item.baseline_duration is not None else span)


def _work(item: ItemFact, budget: float, unit: float = 1.0) -> Work:
    assert item.baseline_start is not None and item.baseline_finish is not None
    share = 100.0 if item.is_done else min(max(float(item.percent), 0.0), 100.0)
    return Work(budget, to_minute(item.baseline_start) / unit, to_minute(item.baseline_finish) / unit, share)
