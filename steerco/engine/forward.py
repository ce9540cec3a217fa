"""Forward pass: the earliest start and finish of every task, and what drives its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from steerco.engine.nodes import FF, FS, SS, Node, Nodes
from steerco.engine.plan import Constraint, Progress


class DriverKind(IntEnum):
    """What a task's start follows from."""

    PROJECT_START = 0
    LINK = 1
    CONSTRAINT = 2
    DATA_DATE = 3
    ACTUAL = 4
    MANUAL = 5
    LEVELLING = 6
    CHILDREN = 7
    AS_LATE_AS_POSSIBLE = 8


@dataclass(slots=True)
class Dates:
    """Starts and finishes in the order of plan.tasks, with the drivers of the starts (link: position in plan.links)."""

    start: list[int]
    finish: list[int]
    driver: list[DriverKind] = field(default_factory=list)
    link: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Pull:
    """The latest start that the links ask for, and the finish behind it when a finish drives it."""

    start: int | None = None
    finish: int | None = None
    link: int = -1


def forward(net: Nodes, project_start: int, late: Dates | None = None) -> Dates:
    """Earliest dates of all tasks.

    `late` holds late dates: given, as-late-as-possible predecessors drive their other successors by them.
    """
    count = len(net.nodes)
    dates = Dates(
        [project_start] * count, [project_start] * count, [DriverKind.PROJECT_START] * count, [-1] * count
    )
    floor = floor_of(net, project_start)
    for at in net.order:
        if not net.is_leaf[at]:
            roll_up(net, at, dates, late)
            continue
        node = net.nodes[at]
        task = node.task
        if task.actual_finish is not None and task.actual_start is not None:
            _set(dates, at, task.actual_start, task.actual_finish, DriverKind.ACTUAL)
        elif task.manual:
            start = task.manual_start if task.manual_start is not None else node.opening(project_start)
            finish = task.manual_finish if task.manual_finish is not None else node.finish_from(start)
            _set(dates, at, start, finish, DriverKind.MANUAL)
        elif task.actual_start is not None:
            _started(net, node, dates, late, floor)
        else:
            place(net, node, dates, late, project_start, floor)
    return dates


def floor_of(net: Nodes, project_start: int) -> int:
    """No remaining work before this: the project's start, and the data date where the plan keeps to it."""
    if net.plan.options.reschedule_after_data_date and net.plan.data_date is not None:
        return max(project_start, net.plan.data_date)
    return project_start


def _set(dates: Dates, at: int, start: int, finish: int, kind: DriverKind, link: int = -1) -> None:
    dates.start[at], dates.finish[at], dates.driver[at], dates.link[at] = start, finish, kind, link


def roll_up(net: Nodes, at: int, dates: Dates, late: Dates | None = None) -> None:
    """Let a summary span its active children."""
    starts, finishes = [], []
    for child in net.children[at]:
        if net.is_active[child]:
            source = late if late is not None and net.nodes[child].as_late and net.is_leaf[child] else dates
            starts.append(source.start[child])
            finishes.append(source.finish[child])
    if starts:
        _set(dates, at, min(starts), max(finishes), DriverKind.CHILDREN)


def _pull(net: Nodes, node: Node, dates: Dates, late: Dates | None, floor: int, rest: bool = False) -> _Pull:
    """What the predecessors ask for; with `rest`, of the remaining work and where progress lets them."""
    pull = _Pull()
    ignores_open = rest and net.plan.options.progress is Progress.PROGRESS_OVERRIDE
    for before, kind, lag, number in node.predecessors:
        if ignores_open and net.nodes[before].task.actual_finish is None:
            continue
        source = dates
        if late is not None and net.nodes[before].as_late and not node.as_late:
            source = late
        finish: int | None = None
        if kind in (FS, SS):
            start = source.finish[before] if kind == FS else source.start[before]
            if lag is not None:
                start = lag.after(start)
        else:
            finish = source.finish[before] if kind == FF else source.start[before]
            start = node.resume_from(finish) if rest else node.start_from(finish)
            if lag is not None:
                start, finish = lag.after(start), None
            if start < floor:
                start, finish = floor, None
        if pull.start is None or start > pull.start:
            pull.start, pull.finish, pull.link = start, finish, number
    return pull


def place(net: Nodes, node: Node, dates: Dates, late: Dates | None, project_start: int, floor: int) -> None:
    """Set the earliest dates of a task that has not started, from its predecessors' dates."""
    options = net.plan.options
    kind, link = DriverKind.PROJECT_START, -1
    finish: int | None = None
    if node.predecessors:
        pull = _pull(net, node, dates, late, floor)
        start = floor if pull.start is None else pull.start
        finish, kind, link = pull.finish, DriverKind.LINK, pull.link
    else:
        start = floor
        floors = [d for d in (_earliest(node, c, date) for c, date, _ in node.constraints) if d is not None]
        # MS Project lets such a constraint of a task without predecessors reach before the project's start
        if floors and not options.reschedule_after_data_date:
            start, kind = max(floors), DriverKind.CONSTRAINT
    if options.reschedule_after_data_date and start <= floor:
        if start < floor:
            start, finish, link = floor, None, -1
        if floor > project_start and link < 0:
            kind = DriverKind.DATA_DATE
    # a milestone that only the project's start holds stands on it, open or not (MS Project)
    if node.duration or kind is not DriverKind.PROJECT_START or options.reschedule_after_data_date:
        start = node.opening(start)
    if node.constraints:
        moved = _constrained(node, start)
        if moved != start:
            start, finish, kind, link = moved, None, DriverKind.CONSTRAINT, -1
    if node.task.levelling_delay:
        start, finish, kind, link = (
            node.opening(start + node.task.levelling_delay),
            None,
            DriverKind.LEVELLING,
            -1,
        )
    end = node.finish_from(start)
    # a finish that a link puts on an opening stays there (start-to-finish from Monday 08:00)
    clock = node.clock
    if (
        finish is not None
        and finish > end
        and clock.index(finish) == clock.index(end)
        and clock.is_open(finish)
    ):
        end = finish
    _set(dates, node.at, start, end, kind, link)


def _earliest(node: Node, kind: Constraint, date: int) -> int | None:
    if kind is Constraint.SNET:
        return date
    if kind is Constraint.FNET:
        return node.start_from(date)
    return None


def _constrained(node: Node, start: int) -> int:
    """The start moved by the task's constraints: floors first, then ceilings, then what must be."""
    for kind, date, hard in node.constraints:
        if kind is Constraint.SNET or (kind is Constraint.MSO and not hard):
            start = max(start, node.opening(date))
        elif kind is Constraint.FNET or (kind is Constraint.MFO and not hard):
            start = max(start, node.opening(node.start_from(date)))
    for kind, date, hard in node.constraints:
        if kind is Constraint.SNLT and hard:
            start = min(start, node.opening(date))
        elif kind is Constraint.FNLT and hard:
            start = min(start, node.start_from(date))
    for kind, date, hard in node.constraints:
        if kind is Constraint.MSO and hard:
            start = node.opening(date)
        elif kind is Constraint.MFO and hard:
            start = node.start_from(date)
    return start


def _started(net: Nodes, node: Node, dates: Dates, late: Dates | None, floor: int) -> None:
    task = node.task
    start = task.actual_start
    assert start is not None
    if net.plan.options.reschedule_after_data_date:
        resume = max(floor, start, task.resume or start)
        if node.predecessors:
            resume = max(resume, _pull(net, node, dates, late, floor, rest=True).start or resume)
        finish = node.finish_of_rest(node.opening(resume))
    elif task.resume is not None and task.stop is not None and start < task.stop < task.resume:
        finish = node.finish_of_rest(task.resume)
    else:
        finish = node.finish_from(start)
    for kind, date, _ in node.constraints:
        if kind is Constraint.FNET:
            finish = max(finish, date)
    _set(dates, node.at, start, finish, DriverKind.ACTUAL)
