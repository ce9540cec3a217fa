"""A plan with faults made calculable: what offends is left out one by one, each with a finding that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from steerco.engine.calendar import Calendar
from steerco.engine.check import Finding, Severity, check
from steerco.engine.plan import Constraint, Link, Plan, Task
from steerco.engine.worktime import CalendarError

ROUNDS = 200  # circles cut one by one before all links between the tasks of a circle go


def mend(plan: Plan) -> tuple[Plan, tuple[Finding, ...]]:
    """A plan that `check` finds nothing wrong with, and the faults that were taken out of it.

    Findings keep the engine's sentence; what was left out is added to it. A circle loses the link that closes it.
    """
    plan, found = _open_calendars(plan)
    for attempt in range(ROUNDS + 1):
        faults = check(plan)
        if not faults:
            return plan, tuple(found)
        for code in dict.fromkeys(fault.code for fault in faults):
            alike = [fault for fault in faults if fault.code == code]
            plan, left_out = _without(plan, code, alike, thorough=attempt == ROUNDS)
            found += [replace(f, severity=Severity.ERROR, sentence=f"{f.sentence} {left_out}") for f in alike]
    return replace(plan, links=()), tuple(found)


def _without(plan: Plan, code: str, alike: list[Finding], *, thorough: bool) -> tuple[Plan, str]:
    """The plan without all faults of one kind: 10,000 of them cost one pass, not 10,000."""
    if code == "cycle":
        return _cut(plan, alike[0].tasks, thorough=thorough)
    if code in {"self-link", "unknown-task", "link-to-own-summary"}:
        return _drop_links(plan, code, alike), "The link was left out."
    if code == "duplicate-key":
        return replace(plan, tasks=tuple({t.key: t for t in plan.tasks}.values())), "The last one counts."
    repair, left_out = REPAIRS[code]
    wanted = {key for fault in alike for key in fault.tasks}
    tasks = tuple(repair(plan, t) if t.key in wanted or not wanted else t for t in plan.tasks)
    return replace(plan, tasks=tasks), left_out


def _cut(plan: Plan, circle: tuple[str, ...], *, thorough: bool) -> tuple[Plan, str]:
    """Drop the link from the circle's last task back to its first; summaries may carry it for their children."""
    inside = set(circle)
    if thorough:
        kept = tuple(
            x for x in plan.links if not {x.predecessor, x.successor} <= inside | _above(plan, inside)
        )
        return replace(plan, links=kept), "All links between these tasks were left out."
    first, last = {circle[0]} | _above(plan, {circle[0]}), {circle[-1]} | _above(plan, {circle[-1]})
    closing = [x for x in plan.links if x.predecessor in last and x.successor in first]
    if not closing:
        around = inside | _above(plan, inside)
        closing = [x for x in plan.links if x.predecessor in around and x.successor in around][-1:]
    kept = tuple(x for x in plan.links if x not in closing)
    names = ", ".join(f"{x.predecessor} to {x.successor}" for x in closing)
    return replace(plan, links=kept), f"The link from {names} was left out."


def _above(plan: Plan, keys: Iterable[str]) -> set[str]:
    parents = {t.key: t.parent for t in plan.tasks}
    found: set[str] = set()
    for key in keys:
        above = parents.get(key, "")
        while above and above not in found:
            found.add(above)
            above = parents.get(above, "")
    return found


def _drop_links(plan: Plan, code: str, alike: list[Finding]) -> Plan:
    known = {t.key for t in plan.tasks}
    named = {frozenset(fault.tasks) for fault in alike}

    def offends(link: Link) -> bool:
        ends = frozenset({link.predecessor, link.successor})
        return not ends <= known if code == "unknown-task" else ends in named

    return replace(plan, links=tuple(x for x in plan.links if not offends(x)))


def _open_calendars(plan: Plan) -> tuple[Plan, list[Finding]]:
    """Calendars without working time give way to the standard week: nothing could ever be scheduled on them."""
    found: list[Finding] = []
    calendars = dict(plan.calendars)
    for key, calendar in plan.calendars.items():
        try:
            calendar.compile(plan.start, name=key).add(plan.start, 1)
        except CalendarError:
            calendars[key] = Calendar.standard()
            found.append(
                Finding(
                    "closed-calendar",
                    Severity.ERROR,
                    f"Calendar {key!r} never opens. Monday to Friday, 8 to 17, was used in its place.",
                    "Give the calendar working hours.",
                )
            )
    return replace(plan, calendars=calendars), found


def _dates_in_order(_plan: Plan, task: Task) -> Task:
    if task.actual_start is not None and (task.actual_finish or task.actual_start) < task.actual_start:
        task = replace(task, actual_finish=None)
    if task.manual_start is not None and (task.manual_finish or task.manual_start) < task.manual_start:
        task = replace(task, manual_finish=None)
    return task


def _known_people(plan: Plan, task: Task) -> Task:
    known = {r.key for r in plan.resources}
    return replace(task, demands=tuple(d for d in task.demands if d.resource in known))


def _known_calendar(plan: Plan, task: Task) -> Task:
    return task if task.calendar in plan.calendars else replace(task, calendar="")


REPAIRS: dict[str, tuple[Callable[[Plan, Task], Task], str]] = {
    "ends-before-start": (_dates_in_order, "The finish was left out."),
    "finish-without-start": (
        lambda _p, t: replace(t, actual_start=t.actual_finish),
        "It was taken to have started when it finished.",
    ),
    "negative-duration": (
        lambda _p, t: replace(
            t, duration=max(t.duration, 0), remaining=None if t.remaining is None else max(t.remaining, 0)
        ),
        "0 was used.",
    ),
    "percent": (
        lambda _p, t: replace(t, percent_complete=min(max(t.percent_complete, 0.0), 100.0)),
        "The nearest possible percentage was used.",
    ),
    "constraint-date": (
        lambda _p, t: replace(
            t,
            constraint=Constraint.ASAP if t.constraint_date is None else t.constraint,
            second_constraint=Constraint.ASAP if t.second_constraint_date is None else t.second_constraint,
        ),
        "The constraint was left out.",
    ),
    "unknown-parent": (lambda _p, t: replace(t, parent=""), "It was taken as standing at the top."),
    "parent-circle": (lambda _p, t: replace(t, parent=""), "It was taken as standing at the top."),
    "unknown-resource": (_known_people, "The assignment was left out."),
    "unknown-calendar": (_known_calendar, "The plan's calendar was used."),
    "negative-demand": (
        lambda _p, t: replace(
            t, demands=tuple(d for d in t.demands if d.units >= 0 and (d.work is None or d.work >= 0))
        ),
        "The assignment was left out.",
    ),
}
