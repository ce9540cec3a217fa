"""Facts of a project as a plan the engine can calculate, and the rest of its work as a backlog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from steerco.areas.plan.calendars import calendar_from_json, options_from_json
from steerco.engine.calendar import Calendar
from steerco.engine.check import Finding, Severity
from steerco.engine.network import schedule
from steerco.engine.plan import (
    Constraint,
    Demand,
    Estimate,
    LagUnit,
    Link,
    LinkType,
    Plan,
    Resource,
    Task,
    to_minute,
    to_moment,
)
from steerco.engine.schedule import Schedule
from steerco.kit.trail import Change
from steerco.kit.tree import Node
from steerco.status.facts import CalendarFact, ItemFact, ProjectFacts, read
from steerco.status.mend import mend

SCHEDULERS = frozenset({"mspdi", "mpp", "xer", "pmxml", "gan", "tjcsv"})  # their dates follow from links
DAY = 480
MOST_FINDINGS = 400


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The network part of a project. `plan` is None where nothing has a duration or dates.

    `ids` maps a task's key (its reference) to the work item's id. `forecast_from` is the timeline minute before which
    no remaining work can lie: the data date, else the day of calculation once the plan has begun.
    """

    plan: Plan | None
    ids: Mapping[str, int]
    findings: tuple[Finding, ...]
    backlog: tuple[
        ItemFact, ...
    ]  # leaves without duration and dates: work for throughput, not for the network
    forecast_from: int | None
    fingerprint: str


def plan_of(node: Node, today: date) -> PlanFacts:
    """A project's plan, read from its rows."""
    return plan_from(read(node), today)


def planned(node: Node, today: date) -> tuple[Plan | None, Schedule | None]:
    """A project's plan and its dates, kept while nothing of the project changes: a hand dragging a bar asks many times.

    The last entry of the project's trail stands for its state, as every write leaves one.
    """
    last = Change.objects.filter(node=node).order_by("-seq").values_list("hash", flat=True).first()
    return _planned(node, today, last) if last else _planned.__wrapped__(node, today, None)


@lru_cache(maxsize=4)
def _planned(node: Node, today: date, _state: str | None) -> tuple[Plan | None, Schedule | None]:
    plan = plan_of(node, today).plan
    return plan, schedule(plan) if plan else None


def plan_from(facts: ProjectFacts, today: date) -> PlanFacts:
    """A project's plan from its facts. Faults become findings, and the rest stays calculable."""
    linked = {end for link in facts.links for end in (link.predecessor, link.successor)}
    followers = {link.successor for link in facts.links}
    inside = _in_network(facts, linked)
    backlog = tuple(i for i in facts.leaves if i.id not in inside)
    if not any(i.id in inside and i.id not in facts.parents for i in facts.items):
        return PlanFacts(None, {}, (), backlog, None, facts.fingerprint)
    found: list[Finding] = []
    calendars, default = _calendars(facts.calendars, found)
    start = _start(facts, [i for i in facts.items if i.id in inside])
    demands = _demands(facts)
    clock = calendars[default].compile(start)
    tasks = []
    for item in facts.items:
        if item.id in inside:
            tasks.append(_task(item, facts, calendars, demands, followers, clock, found))
    links = tuple(
        Link(
            facts.refs[x.predecessor],
            facts.refs[x.successor],
            LinkType(x.type),
            x.lag,
            LagUnit(x.lag_unit),
        )
        for x in facts.links
        if x.predecessor in inside and x.successor in inside
    )
    node = facts.node
    plan = Plan(
        start=start,
        tasks=tuple(tasks),
        links=links,
        calendars=calendars,
        calendar=default,
        data_date=to_minute(node.status_date) if node.status_date else None,
        resources=tuple(
            Resource(r.key, r.capacity, r.calendar if r.calendar in calendars else "")
            for r in facts.resources
            if r.kind == "work"
        ),
        options=options_from_json(node.options.get("scheduling") or {}),
    )
    plan, mended = mend(plan)
    found += mended
    if len(found) > MOST_FINDINGS:
        more = len(found) - MOST_FINDINGS
        found = found[:MOST_FINDINGS]
        found.append(Finding("more", Severity.WARNING, f"{more} more findings.", "Start with those above."))
    ids = {item.ref: item.id for item in facts.items if item.id in inside}
    forecast_from = _forecast_from(facts, start, today)
    if forecast_from is not None and not node.status_date:
        found.append(
            Finding(
                "no-data-date",
                Severity.NOTE,
                f"No data date is set, so what is not reported as done is forecast from {to_moment(forecast_from):%Y-%m-%d} on.",
                "Set the data date in the project's settings, or import a plan that carries one.",
            )
        )
    return PlanFacts(plan, ids, tuple(found), backlog, forecast_from, facts.fingerprint)


def _in_network(facts: ProjectFacts, linked: set[int]) -> set[int]:
    """Ids of the items that stand in the network, with the summaries above them."""
    above = {item.id: item.parent for item in facts.items}
    inside: set[int] = set()
    for item in facts.items:
        if item.status == "cancelled" or item.id in facts.parents or item.kind in {"summary", "epic"}:
            continue
        timed = item.duration is not None or (item.planned_start and item.planned_finish) or item.manual
        if not (timed or item.id in linked or item.kind == "milestone"):
            continue
        at: int | None = item.id
        while at is not None and at not in inside and at in above:
            inside.add(at)
            at = above[at]
    return inside


def _task(
    item: ItemFact,
    facts: ProjectFacts,
    calendars: Mapping[str, Calendar],
    demands: Mapping[int, tuple[Demand, ...]],
    followers: set[int],
    clock: Any,
    found: list[Finding],
) -> Task:
    duration = 0 if item.id in facts.parents else _duration(item, clock, found)
    constraint, constraint_date = Constraint(item.constraint), _minute(item.constraint_date)
    if _is_pinned_by_plan(item, followers) and constraint is Constraint.ASAP:
        constraint, constraint_date = Constraint.SNET, _minute(item.planned_start)
    more = item.origin or {}
    task = Task(
        key=item.ref,
        duration=duration,
        calendar=item.calendar if item.calendar in calendars else "",
        parent=facts.refs.get(item.parent, "") if item.parent else "",
        milestone=item.kind == "milestone",
        elapsed=item.elapsed,
        manual=item.manual and item.planned_start is not None,
        inactive=item.inactive,
        manual_start=_minute(item.planned_start) if item.manual else None,
        manual_finish=_minute(item.planned_finish) if item.manual else None,
        constraint=constraint,
        constraint_date=constraint_date,
        deadline=_minute(item.deadline),
        actual_start=_minute(item.actual_start),
        actual_finish=_minute(item.actual_finish),
        remaining=item.remaining,
        percent_complete=float(item.percent),
        stop=_minute(item.stop),
        resume=_minute(item.resume),
        levelling_delay=item.levelling_delay,
        ignores_resource_calendars=item.ignores_resource_calendars,
        fixed_duration=bool(more.get("fixed_duration", False)),
        effort_driven=item.effort_driven,
        estimate=_estimate(item),
        demands=demands.get(item.id, ()),
        priority=item.priority,
    )
    if more.get("second_constraint") in {c.value for c in Constraint} and more.get("second_constraint_date"):
        second = datetime.fromisoformat(str(more["second_constraint_date"]))
        task = replace(
            task,
            second_constraint=Constraint(more["second_constraint"]),
            second_constraint_date=to_minute(second),
            mandatory=bool(more.get("mandatory", False)),
        )
    return task


def _is_pinned_by_plan(item: ItemFact, followers: set[int]) -> bool:
    """A start somebody typed here, or in a table, with nothing before it, is meant: it is not computed anywhere."""
    return (
        item.planned_start is not None
        and item.origin_system not in SCHEDULERS
        and item.id not in followers
        and not item.manual
        and item.actual_start is None
    )


def _duration(item: ItemFact, clock: Any, found: list[Finding]) -> int:
    if item.planned_start and item.planned_finish and item.planned_finish < item.planned_start:
        found.append(
            Finding(
                "ends-before-start",
                Severity.ERROR,
                f"Task '{item.ref}' ends before it starts: planned finish {item.planned_finish:%Y-%m-%d} is before "
                f"planned start {item.planned_start:%Y-%m-%d}. Its duration alone was used.",
                "Correct one of the two dates.",
                (item.ref,),
            )
        )
        return item.duration if item.duration is not None else 0
    if item.duration is not None:
        return item.duration
    if item.kind == "milestone":
        return 0
    if item.planned_start and item.planned_finish:
        start, finish = to_minute(item.planned_start), to_minute(item.planned_finish)
        if finish % 1440 == 0:  # a date without a time of day names the whole day
            finish += 1440
        return max(int(clock.between(start, finish)), 0)
    if item.most_likely is not None:
        return item.most_likely
    found.append(
        Finding(
            "no-duration",
            Severity.WARNING,
            f"Task '{item.ref}' is linked but has no duration. One day was assumed.",
            "Estimate how long it takes.",
            (item.ref,),
        )
    )
    return DAY


def _estimate(item: ItemFact) -> Estimate | None:
    low, mode, high = item.optimistic, item.most_likely, item.pessimistic
    if low is None or mode is None or high is None or not 0 <= low <= mode <= high:
        return None
    return Estimate(low, mode, high)


def _demands(facts: ProjectFacts) -> dict[int, tuple[Demand, ...]]:
    workers = {r.id: r.key for r in facts.resources if r.kind == "work"}
    found: dict[int, list[Demand]] = defaultdict(list)
    for use in facts.assignments:
        if use.resource in workers:
            found[use.item].append(
                Demand(workers[use.resource], use.units, use.work or None, use.remaining, use.delay)
            )
    return {item: tuple(uses) for item, uses in found.items()}


def _start(facts: ProjectFacts, items: Iterable[ItemFact]) -> int:
    """The plan's first minute: as promised, else the first date anybody wrote down, else the day it was made."""
    if facts.node.start:
        return to_minute(facts.node.start)
    dates = [d for i in items for d in (i.planned_start, i.actual_start, i.constraint_date) if d is not None]
    if dates:
        return to_minute(min(dates))
    made = facts.node.status_date or facts.node.created_at
    return to_minute(made.replace(hour=8, minute=0, second=0, microsecond=0))


def _forecast_from(facts: ProjectFacts, start: int, today: date) -> int | None:
    """Work nobody reported is not done: without a data date it lies ahead of today, even where its plan is long past."""
    if facts.node.status_date:
        return to_minute(facts.node.status_date)
    reported = [d for i in facts.items for d in (i.actual_start, i.actual_finish, i.stop) if d is not None]
    now = to_minute(datetime(today.year, today.month, today.day, tzinfo=UTC))
    if reported:
        return max(now, to_minute(max(reported)))
    return now if now > start else None


def _minute(moment: datetime | None) -> int | None:
    return None if moment is None else to_minute(moment)


def _calendars(rows: Iterable[CalendarFact], found: list[Finding]) -> tuple[dict[str, Calendar], str]:
    """The calendars by key, and the key of the plan's own; the standard week where none is named."""
    calendars: dict[str, Calendar] = {}
    default = ""
    for row in rows:
        try:
            calendars[row.key] = calendar_from_json(row.definition)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            calendars[row.key] = Calendar.standard()
            found.append(
                Finding(
                    "bad-calendar",
                    Severity.ERROR,
                    f"Calendar '{row.name}' cannot be read: {error}. Monday to Friday, 8 to 17, was used in its place.",
                    "Correct the calendar's working hours.",
                )
            )
        if row.is_default:
            default = row.key
    if default not in calendars:
        calendars[""] = Calendar.standard()
        default = ""
    return calendars, default
