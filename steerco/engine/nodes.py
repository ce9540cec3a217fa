"""A plan turned into positions, clocks and links, ready for the passes over the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steerco.engine.calendar import Calendar
from steerco.engine.order import children_of, leaves_under, sort, successors_of
from steerco.engine.plan import Constraint, LagCalendar, LagUnit, LinkType, Plan, Task
from steerco.engine.worktime import WorkTime

FS, SS, FF, SF = range(4)
CODES = {LinkType.FS.value: FS, LinkType.SS.value: SS, LinkType.FF.value: FF, LinkType.SF.value: SF}


@dataclass(slots=True)
class Lag:
    """Time between two dates: minutes on a clock, or elapsed when there is no clock."""

    minutes: int
    clock: WorkTime | None

    def after(self, minute: int) -> int:
        """The moment this much later."""
        if self.clock is None:
            return minute + self.minutes
        return self.clock.add(minute, self.minutes)

    def before(self, minute: int) -> int:
        """The moment this much earlier."""
        if self.clock is None:
            return minute - self.minutes
        return self.clock.add(minute, -self.minutes)

    def latest_before(self, minute: int) -> int:
        """The last moment from which the lag still ends in time: on the clock's next opening."""
        if self.clock is None:
            return minute - self.minutes
        return self.clock.start_at(self.clock.index(minute) - self.minutes)


@dataclass(slots=True)
class Part:
    """One resource's share of a task: working minutes on its clock, from a delay after the start."""

    clock: WorkTime
    span: int
    remaining: int
    delay: int = 0


# (other task, type, lag or None, position in plan.links)
Edge = tuple[int, int, Lag | None, int]


class Node:
    """A task as the passes see it: what it lasts, on whose time, and which rules hold it."""

    __slots__ = (
        "as_late",
        "at",
        "clock",
        "constraints",
        "duration",
        "parts",
        "predecessors",
        "remaining",
        "successors",
        "task",
    )

    def __init__(self, at: int, task: Task, clock: WorkTime, parts: list[Part]) -> None:
        self.at = at
        self.task = task
        self.clock = clock
        self.parts = parts  # empty: the task's own clock and duration
        self.duration = task.duration
        self.remaining = remaining_of(task)
        self.predecessors: list[Edge] = []
        self.successors: list[Edge] = []
        self.constraints: list[tuple[Constraint, int, bool]] = []  # kind, date, whether it beats the links
        self.as_late = Constraint.ALAP in (task.constraint, task.second_constraint)

    def finish_from(self, start: int) -> int:
        """When the whole task would finish, begun at a moment."""
        if self.parts:
            return max(p.clock.add(start, p.delay + p.span) for p in self.parts)
        return self.clock.add(start, self.duration) if self.duration else start

    def start_from(self, finish: int) -> int:
        """When the whole task would have to start to finish at a moment."""
        if self.parts:
            return min(p.clock.start_at(p.clock.index(finish) - p.span - p.delay) for p in self.parts)
        return self.clock.start_at(self.clock.index(finish) - self.duration) if self.duration else finish

    def finish_of_rest(self, resume: int) -> int:
        """When the remaining work would finish, resumed at a moment."""
        if self.parts:
            return max(p.clock.add(resume, p.remaining) for p in self.parts)
        return self.clock.add(resume, self.remaining) if self.remaining else resume

    def resume_from(self, finish: int) -> int:
        """When the remaining work would have to resume to finish at a moment."""
        if self.parts:
            return min(p.clock.start_at(p.clock.index(finish) - p.remaining) for p in self.parts)
        return self.clock.start_at(self.clock.index(finish) - self.remaining) if self.remaining else finish

    def opening(self, minute: int) -> int:
        """The moment as a start: moved to the next opening; a task without duration may sit on a closing."""
        if self.parts:
            return min(p.clock.next_open(minute) for p in self.parts)
        return self.clock.next_open(minute) if self.duration else self.clock.add(minute, 0)

    def closing(self, minute: int) -> int:
        """The moment as a finish: moved back to the closing before; a task without duration stays where work is."""
        if self.parts:
            return max(p.clock.previous_close(minute) for p in self.parts)
        if self.duration:
            return self.clock.previous_close(minute)
        return minute if self.clock.add(minute, 0) == minute else self.clock.previous_close(minute)


def remaining_of(task: Task) -> int:
    """Working minutes left of a task."""
    if task.actual_finish is not None:
        return 0
    if task.remaining is not None:
        return task.remaining
    return round(task.duration * (100 - task.percent_complete) / 100)


class Nodes:
    """The whole plan: nodes in the order of plan.tasks, the order of calculation, and who belongs to whom."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._clocks: dict[Calendar, WorkTime] = {}
        self._named: dict[str, WorkTime] = {}
        self._members: list[tuple[WorkTime, npt.NDArray[np.int64]]] = []
        known = [
            m
            for t in plan.tasks
            for m in (t.actual_start, t.constraint_date, t.manual_start)
            if m is not None
        ]
        self._span = min([plan.start, *known]), max([plan.start, *known])
        self.project_clock = self._clock(plan.calendars[plan.calendar], plan.calendar)
        self.always = self._clock(Calendar.around_the_clock(), "24 hours")
        self._resources = {r.key: r for r in plan.resources}
        self.position = {task.key: at for at, task in enumerate(plan.tasks)}
        self.children = children_of(plan, self.position)
        self.order = sort(successors_of(plan, self.position, self.children))
        self.nodes = [self._node(at, task) for at, task in enumerate(plan.tasks)]
        self.is_leaf = [not below for below in self.children]
        self.is_active = [not task.inactive for task in plan.tasks]
        self._connect()
        self._inherit_constraints()

    def members(self) -> list[tuple[WorkTime, npt.NDArray[np.int64]]]:
        """Each clock with the positions of the tasks that are measured on it."""
        if not self._members:
            groups: dict[int, tuple[WorkTime, list[int]]] = {}
            for at, node in enumerate(self.nodes):
                groups.setdefault(id(node.clock), (node.clock, []))[1].append(at)
            self._members = [(clock, np.array(positions, np.int64)) for clock, positions in groups.values()]
        return self._members

    def _clock(self, calendar: Calendar, name: str) -> WorkTime:
        clock = self._clocks.get(calendar)
        if clock is None:
            clock = self._clocks[calendar] = calendar.compile(*self._span, name=name)
        return clock

    def _own_clock(self, task: Task) -> WorkTime:
        if task.elapsed:
            return self.always
        if not task.calendar:
            return self.project_clock
        return self._by_name(task.calendar)

    def _by_name(self, key: str) -> WorkTime:
        # calendars are dear to compare, so their keys are looked up first
        clock = self._named.get(key)
        if clock is None:
            clock = self._named[key] = self._clock(self.plan.calendars[key], key)
        return clock

    def _node(self, at: int, task: Task) -> Node:
        own = self._own_clock(task)
        parts: list[Part] = []
        if task.demands and not (
            task.elapsed or task.fixed_duration or task.ignores_resource_calendars or self.children[at]
        ):
            parts = self._parts(task, own)
        node = Node(at, task, own, parts)
        if parts and all(p.clock is parts[0].clock and not p.delay for p in parts):
            # on one common calendar the task's duration says more than work / units, which tools round
            share = parts[0].clock
            node.parts = [] if share is own else [Part(share, node.duration, node.remaining)]
        if node.duration == 0:
            node.parts = []
        return node

    def _parts(self, task: Task, own: WorkTime) -> list[Part]:
        parts = []
        remaining = remaining_of(task)
        for demand in task.demands:
            if demand.units <= 0:
                continue
            clock = self._shared_clock(self._resources[demand.resource].calendar, task, own)
            span = task.duration if demand.work is None else round(demand.work / demand.units)
            rest = remaining
            if demand.remaining_work is not None:
                rest = round(demand.remaining_work / demand.units)
            elif demand.work is not None and task.duration:
                rest = round(span * remaining / task.duration)
            if span:
                parts.append(Part(clock, span, rest, demand.delay))
        return parts

    def _shared_clock(self, key: str, task: Task, own: WorkTime) -> WorkTime:
        """When a resource works on a task: on its calendar, and on the task's when the task has one."""
        if not key:
            return own
        if not task.calendar:
            return self._by_name(key)
        pair = f"{key} & {task.calendar}"
        clock = self._named.get(pair)
        if clock is None:
            calendar = self.plan.calendars[key].intersect(self.plan.calendars[task.calendar])
            clock = self._named[pair] = self._clock(calendar, pair)
        return clock

    def _connect(self) -> None:
        for number, link in enumerate(self.plan.links):
            before, after = self.position[link.predecessor], self.position[link.successor]
            if not self.is_active[before]:
                continue
            kind = CODES[str(link.type)]
            targets = [after] if self.is_leaf[after] else leaves_under(after, self.children)
            for target in targets:
                lag = (
                    self._lag(link.lag, link.lag_unit, self.nodes[before], self.nodes[target])
                    if link.lag
                    else None
                )
                self.nodes[target].predecessors.append((before, kind, lag, number))
                if self.is_active[target]:
                    self.nodes[before].successors.append((target, kind, lag, number))

    def _lag(self, lag: float, unit: LagUnit, before: Node, after: Node) -> Lag | None:
        minutes = round(lag)
        if unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT):
            minutes = round(lag * before.duration / 100)
        if not minutes:
            return None
        rule = self.plan.options.lag_calendar
        if unit in (LagUnit.ELAPSED, LagUnit.ELAPSED_PERCENT) or rule is LagCalendar.ELAPSED:
            return Lag(minutes, None)
        if rule is LagCalendar.PROJECT:
            return Lag(minutes, self.project_clock)
        task = (before if rule is LagCalendar.PREDECESSOR else after).task
        if not task.calendar:
            return Lag(minutes, self.project_clock)
        return Lag(minutes, self._by_name(task.calendar))

    def _inherit_constraints(self) -> None:
        honour = self.plan.options.honour_constraints
        own: list[list[tuple[Constraint, int, bool]]] = []
        for task in self.plan.tasks:
            if task.constraint_date is None and task.second_constraint_date is None:
                own.append([])
                continue
            pairs = (
                (task.constraint, task.constraint_date),
                (task.second_constraint, task.second_constraint_date),
            )
            own.append([(kind, date, honour or task.mandatory) for kind, date in pairs if date is not None])
        for node in self.nodes:
            if not self.is_leaf[node.at]:
                continue
            above: int | None = node.at
            while above is not None:
                node.constraints += own[above]
                parent = self.plan.tasks[above].parent
                above = self.position[parent] if parent else None
