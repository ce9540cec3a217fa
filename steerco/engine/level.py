"""Resource levelling: tasks wait until the people and devices they need are free, and say for whom they wait.

A serial schedule generation scheme (Kelley 1963; Kolisch 1996): of the tasks whose predecessors are placed, the one
first in the order of priority is placed at the earliest moment from which every resource it needs is free for the
whole of the task. A resource is held from a task's start to its finish, nights and weekends in between included.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from steerco.engine.check import Finding, Severity
from steerco.engine.forward import Dates, DriverKind, floor_of, place, roll_up
from steerco.engine.network import compile_plan, schedule_nodes
from steerco.engine.nodes import Node, Nodes
from steerco.engine.order import successors_of
from steerco.engine.plan import Constraint, Plan, to_moment
from steerco.engine.schedule import Schedule

Minutes = npt.NDArray[np.int64]
Rank = Callable[[Schedule, int], tuple[float, ...]]
NEVER_LEVELLED = 1000  # MS Project's highest priority
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Move:
    """Why a task starts later than without levelling.

    `resource` was not free at first, because `blockers` held it; both are empty when the task only follows a moved
    predecessor. `working_minutes` counts on the task's calendar.
    """

    task: str
    start_before: int
    start: int
    working_minutes: int
    resource: str = ""
    blockers: tuple[str, ...] = ()
    predecessor: str = ""

    @property
    def sentence(self) -> str:
        """The move in words."""
        when = f"{to_moment(self.start_before):%Y-%m-%d %H:%M} to {to_moment(self.start):%Y-%m-%d %H:%M}"
        if self.resource:
            held = ", ".join(self.blockers)
            return f"{self.task} moves from {when}, {self.working_minutes} working minutes: {self.resource} is held by {held}."
        return f"{self.task} moves from {when}, {self.working_minutes} working minutes: it follows {self.predecessor}."


@dataclass(frozen=True, slots=True, eq=False)
class Levelled:
    """Dates after levelling, in the order of plan.tasks (timeline minutes), with a reason for every moved task.

    `delay` is the elapsed time each task waits beyond its predecessors and constraints: what MS Project stores as
    levelling delay.
    """

    keys: tuple[str, ...]
    start: Minutes
    finish: Minutes
    delay: Minutes
    moves: tuple[Move, ...]
    findings: tuple[Finding, ...]
    project_finish: int
    position: dict[str, int]

    def __getitem__(self, key: str) -> tuple[int, int]:
        """Start and finish of a task."""
        at = self.position[key]
        return int(self.start[at]), int(self.finish[at])


class Bookings:
    """Who holds a resource when: a step function of units, with the tasks behind it."""

    def __init__(self, capacity: float) -> None:
        self.capacity = capacity
        self.times: list[int] = []
        self.used: list[float] = []  # from times[i] to times[i + 1]
        self.held: list[tuple[int, int, str]] = []

    def book(self, start: int, finish: int, units: float, task: str) -> None:
        """Hold units from start to finish."""
        if finish <= start:
            return
        first, last = self._cut(start), self._cut(finish)
        for at in range(first, last):
            self.used[at] += units
        self.held.append((start, finish, task))

    def _cut(self, minute: int) -> int:
        at = bisect_right(self.times, minute) - 1
        if at >= 0 and self.times[at] == minute:
            return at
        self.times.insert(at + 1, minute)
        self.used.insert(at + 1, self.used[at] if at >= 0 else 0.0)
        return at + 1

    def clash(self, start: int, finish: int, units: float) -> tuple[int, int] | None:
        """The last stretch within [start, finish) in which so many units are not free; None when they are."""
        found = None
        at = max(bisect_right(self.times, start) - 1, 0)
        limit = self.capacity - units + ROUNDING
        while at < len(self.times) and self.times[at] < finish:
            end = self.times[at + 1] if at + 1 < len(self.times) else finish
            if end > start and self.used[at] > limit:
                found = (self.times[at], end)
            at += 1
        return found

    def holders(self, start: int, finish: int) -> tuple[str, ...]:
        """Tasks that hold the resource within [start, finish)."""
        return tuple(task for begin, end, task in self.held if begin < finish and end > start)


def by_priority_and_float(schedule: Schedule, at: int) -> tuple[float, ...]:
    """Least total float first, then earliest late finish: for equal priorities."""
    return (float(schedule.total_float[at]), float(schedule.late_finish[at]))


def level(plan: Plan, schedule: Schedule | None = None, *, rank: Rank = by_priority_and_float) -> Levelled:
    """Dates at which no resource is asked for more than it has, none earlier than without levelling.

    Parameters
    ----------
    plan
        Its tasks' `demands` on its `resources` are levelled; task priority 1000 means: never move.
    schedule
        The plan's dates without levelling, when they are known already.
    rank
        Breaks ties between tasks of equal priority; smaller comes first.

    Started, finished and manual tasks, tasks with a hard must-start-on or must-finish-on, and those of priority 1000
    stay where they are and are booked first; where they alone overload a resource, a finding says so. A task that
    needs more than a resource has is placed when it has the whole resource, and a finding says so.
    """
    net = compile_plan(plan)
    before = schedule_nodes(net) if schedule is None else schedule
    findings: list[Finding] = []
    needs = _needs(net, findings)
    bookings = {r.key: Bookings(r.capacity) for r in plan.resources}
    fixed = [_is_fixed(net, node) for node in net.nodes]
    dates = Dates(
        before.start.tolist(), before.finish.tolist(), [DriverKind.ACTUAL] * len(fixed), [-1] * len(fixed)
    )
    for at, stays in enumerate(fixed):
        if stays and net.is_leaf[at] and net.is_active[at]:
            for resource, units in needs[at]:
                bookings[resource].book(dates.start[at], dates.finish[at], units, plan.tasks[at].key)
    findings += _overloads(bookings)
    delay = np.zeros(len(fixed), np.int64)
    moves: list[Move] = []
    for at in _order(net, before, rank):
        if not net.is_leaf[at]:
            roll_up(net, at, dates)
        elif not fixed[at] and net.is_active[at]:
            delay[at] = _place(net, at, dates, before, needs[at], bookings, moves)
    leaves = [at for at in range(len(fixed)) if net.is_leaf[at] and net.is_active[at]]
    findings += _broken_links(net, dates, before, fixed)
    return Levelled(
        keys=before.keys,
        start=np.array(dates.start, np.int64),
        finish=np.array(dates.finish, np.int64),
        delay=delay,
        moves=tuple(moves),
        findings=tuple(findings),
        project_finish=max((dates.finish[at] for at in leaves), default=before.project_finish),
        position=net.position,
    )


def with_delays(plan: Plan, levelled: Levelled) -> Plan:
    """The plan with the levelling as delays of its tasks, so that `schedule` gives the levelled dates."""
    tasks = (replace(t, levelling_delay=int(d)) if d else t for t, d in zip(plan.tasks, levelled.delay))
    return replace(plan, tasks=tuple(tasks))


def _needs(net: Nodes, findings: list[Finding]) -> list[list[tuple[str, float]]]:
    """Per task the units it holds of each resource: never more than there are."""
    capacity = {r.key: r.capacity for r in net.plan.resources}
    needs: list[list[tuple[str, float]]] = []
    for task in net.plan.tasks:
        wanted: dict[str, float] = {}
        for demand in task.demands:
            wanted[demand.resource] = wanted.get(demand.resource, 0.0) + demand.units
        for resource, units in wanted.items():
            if units > capacity[resource] + ROUNDING:
                findings.append(
                    Finding(
                        "over-demand",
                        Severity.WARNING,
                        f"Task {task.key!r} needs {units:g} of {resource!r}, which has {capacity[resource]:g}; it is placed when the whole of it is free.",
                        "Raise the capacity, lower the demand or lengthen the task.",
                        (task.key,),
                        units,
                        capacity[resource],
                    )
                )
        needs.append([(r, min(u, capacity[r])) for r, u in wanted.items() if u > 0 and capacity[r] > 0])
    return needs


def _is_fixed(net: Nodes, node: Node) -> bool:
    task = node.task
    if task.actual_start is not None or task.manual or task.priority >= NEVER_LEVELLED:
        return True
    return any(hard and kind in (Constraint.MSO, Constraint.MFO) for kind, _, hard in node.constraints)


def _order(net: Nodes, before: Schedule, rank: Rank) -> Sequence[int]:
    """All positions, predecessors first, among the free ones highest priority first."""
    after = successors_of(net.plan, net.position, net.children)
    waiting = [0] * len(after)
    for targets in after:
        for target in targets:
            waiting[target] += 1
    ready: list[tuple[tuple[float, ...], int]] = []

    def admit(at: int) -> None:
        # summaries only span their children: at once
        key = (
            (-float("inf"),)
            if not net.is_leaf[at]
            else (-float(net.plan.tasks[at].priority), *rank(before, at))
        )
        heappush(ready, (key, at))

    for at, count in enumerate(waiting):
        if not count:
            admit(at)
    order = []
    while ready:
        _, at = heappop(ready)
        order.append(at)
        for target in after[at]:
            waiting[target] -= 1
            if not waiting[target]:
                admit(target)
    return order


def _place(
    net: Nodes,
    at: int,
    dates: Dates,
    before: Schedule,
    needs: list[tuple[str, float]],
    bookings: dict[str, Bookings],
    moves: list[Move],
) -> int:
    """Place one task; returns the elapsed minutes it waits for resources."""
    node = net.nodes[at]
    key = node.task.key
    place(net, node, dates, None, before.project_start, floor_of(net, before.project_start))
    unlevelled, start, finish = int(before.start[at]), dates.start[at], dates.finish[at]
    driver, link = dates.driver[at], dates.link[at]
    asked = start - node.task.levelling_delay if driver is DriverKind.LEVELLING else start
    if start < unlevelled:
        start, finish = unlevelled, int(before.finish[at])
    blocked: tuple[str, int, int] | None = None
    searching = finish > start
    while searching:
        searching = False
        for resource, units in needs:
            clash = bookings[resource].clash(start, finish, units)
            if clash is not None:
                blocked = (resource, *clash)
                start = node.opening(clash[1])
                finish = node.finish_from(start)
                searching = True
    dates.start[at], dates.finish[at] = start, finish
    for resource, units in needs:
        bookings[resource].book(start, finish, units, key)
    if start > unlevelled:
        minutes = node.clock.between(unlevelled, start)
        if blocked is not None:
            holders = tuple(k for k in bookings[blocked[0]].holders(blocked[1], blocked[2]) if k != key)
            moves.append(Move(key, unlevelled, start, minutes, blocked[0], holders))
        else:
            predecessor = net.plan.links[link].predecessor if link >= 0 else ""
            moves.append(Move(key, unlevelled, start, minutes, predecessor=predecessor))
    return max(start - asked, 0)


def _overloads(bookings: dict[str, Bookings]) -> list[Finding]:
    found = []
    for resource, book in bookings.items():
        peak = max(book.used, default=0.0)
        if peak > book.capacity + ROUNDING:
            at = book.used.index(peak)
            tasks = book.holders(book.times[at], book.times[at] + 1)
            found.append(
                Finding(
                    "fixed-overload",
                    Severity.WARNING,
                    f"Tasks that cannot be moved ask for {peak:g} of {resource!r} from {to_moment(book.times[at]):%Y-%m-%d %H:%M}, which has {book.capacity:g}.",
                    "Release one of them (started, manual, must-start or priority 1000) or add capacity.",
                    tasks,
                    peak,
                    book.capacity,
                )
            )
    return found


def _broken_links(net: Nodes, dates: Dates, before: Schedule, fixed: list[bool]) -> list[Finding]:
    """Fixed tasks that begin before a moved predecessor lets them."""
    found = []
    for node in net.nodes:
        if not fixed[node.at] or node.task.actual_start is not None or not net.is_leaf[node.at]:
            continue
        for other, kind, _, _ in node.predecessors:
            moved = dates.finish[other] > int(before.finish[other])
            if moved and kind == 0 and dates.finish[other] > dates.start[node.at]:
                keys = (net.plan.tasks[other].key, node.task.key)
                found.append(
                    Finding(
                        "fixed-before-predecessor",
                        Severity.WARNING,
                        f"{keys[0]!r} was levelled past the start of {keys[1]!r}, which cannot be moved.",
                        "Let the fixed task move or give its predecessor a higher priority.",
                        keys,
                    )
                )
    return found
