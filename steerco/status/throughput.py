"""When the open items of a backlog are done, from how many were finished per week."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import numpy as np
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steerco.engine.check import Finding, Severity
from steerco.engine.plan import to_minute
from steerco.engine.refused import Refused
from steerco.engine.throughput import ENOUGH_PERIODS, when
from steerco.status.calculation import MINUTES_A_DAY, Distribution, Missing
from steerco.status.facts import ItemFact, ProjectFacts
from steerco.status.network import PlanFacts
from steerco.status.policy import Policy

HORIZON = 156  # weeks


def items_of(facts: ProjectFacts, plan: PlanFacts) -> tuple[ItemFact, ...]:
    """The items whose pace is measured: an agile project's leaves, else what stands outside the network."""
    if facts.node.method == "agile":
        return tuple(i for i in facts.leaves if i.kind != "milestone")
    return plan.backlog if facts.node.method == "hybrid" or plan.plan is None else ()


def data_day(facts: ProjectFacts, items: Iterable[ItemFact], today: date) -> date:
    """The day up to which the items are known: the data date, else the last event of an export, else today.

    Weeks after an export's last event say nothing about the pace: nobody was looking.
    """
    if facts.node.status_date:
        return min(facts.node.status_date.date(), today)
    items = list(items)
    if not items or any(not i.origin_system for i in items):
        return today
    events = [m.date() for i in items for m in (i.created_on, i.finished_at) if m is not None]
    return min(max(events), today) if events else today


def throughput_of(
    facts: ProjectFacts, plan: PlanFacts, policy: Policy, seed: int, today: date
) -> tuple[Distribution | Missing | None, tuple[Finding, ...]]:
    """The finish of all open items with the scope held fixed, and whether more arrives than is finished.

    None where the project has no backlog; Missing where the history is too short or the end is out of sight.
    """
    items = items_of(facts, plan)
    open_items = sum(1 for i in items if not i.is_done)
    if not items or not open_items:
        return None, ()
    until = data_day(facts, items, today)
    weeks = int(policy.forecast["throughput_weeks"])
    history = per_week((i.finished_at for i in items), items, until, weeks)
    try:
        found = when(
            history, open_items, seed=seed, draws=int(policy.forecast["throughput_draws"]), horizon=HORIZON
        )
    except Refused as reason:
        return _refusal(reason, len(history)), ()
    findings = _growing(items, until, weeks, history)
    if found.beyond >= 0.2:
        figures = {"open": open_items, "years": HORIZON // 52}
        return Missing(
            _("At the present pace {open:count} open items are not done within {years:count} years."), figures
        ), findings
    begin = to_minute(datetime(until.year, until.month, until.day)) + MINUTES_A_DAY
    periods = np.where(np.isinf(found.periods), HORIZON, found.periods)
    finish = Distribution(
        sample=begin + periods * 7 * MINUTES_A_DAY,
        deterministic=None,
        seed=seed,
        method=gettext_noop("items finished per week, scope held fixed"),
    )
    return finish, findings


def _refusal(reason: Refused, weeks: int) -> Missing:
    if reason.missing == "periods of history":
        return Missing(
            _("Not enough history ({have:count} of {need:count} weeks)."),
            {"have": weeks, "need": ENOUGH_PERIODS},
        )
    return Missing(
        _("Not enough history ({have:count} of {need:count} items finished lately)."),
        {"have": reason.have, "need": reason.need},
    )


def per_week(
    moments: Iterable[datetime | None], items: Iterable[ItemFact], until: date, weeks: int
) -> list[int]:
    """Events in each whole week up to and with `until`, the oldest first, not before the first item was raised."""
    first = min((i.created_on or i.created_at).date() for i in items)
    days = [m.date() for m in moments if m is not None]
    first = min([first, *days])
    end = until + timedelta(days=1)
    whole = min(weeks, max((end - first).days, 0) // 7)
    counts = [0] * whole
    for day in days:
        back = (end - day).days - 1
        if 0 <= back < whole * 7:
            counts[whole - 1 - back // 7] += 1
    return counts


def _growing(items: tuple[ItemFact, ...], until: date, weeks: int, history: list[int]) -> tuple[Finding, ...]:
    raised = [i.created_on for i in items if i.created_on is not None]
    if len(raised) < len(items) / 2:
        return ()
    arrivals = per_week(raised, items, until, weeks)
    came, went = sum(arrivals[-12:]), sum(history[-12:])
    if came <= went or not went:
        return ()
    return (
        Finding(
            "scope-grows",
            Severity.WARNING,
            f"In the last 12 weeks {came} items were raised and {went} finished: the end moves away.",
            "Cut or freeze scope; the forecast holds it fixed.",
            value=float(came),
            threshold=float(went),
        ),
    )
