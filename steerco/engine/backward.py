"""Backward pass: the latest start and finish of every task that keep the finish and all hard dates."""

from __future__ import annotations

from steerco.engine.forward import Dates
from steerco.engine.nodes import FF, FS, SF, SS, Node, Nodes
from steerco.engine.order import leaves_under
from steerco.engine.plan import Constraint


def backward(net: Nodes, early: Dates, project_finish: int) -> Dates:
    """Latest dates of all tasks, for a network that may finish at `project_finish`.

    A started task's late start is its actual start, whatever its late finish; links to completed successors do not
    count. Summaries span the late dates of their children.
    """
    count = len(net.nodes)
    late = Dates([project_finish] * count, [project_finish] * count)
    begins = [project_finish] * count  # late start of the work that is left: what holds predecessors
    ceilings = [
        project_finish
    ] * count  # latest finish that links and deadlines of its summaries leave to a task
    start_ceilings: dict[int, int] = {}  # latest start that links from its summary's start leave to a task
    for at in reversed(net.order):
        node = net.nodes[at]
        task = node.task
        ceiling = ceilings[net.position[task.parent]] if task.parent else project_finish
        finish, start = _ceilings_of_links(net, node, late, begins)
        if finish is not None and finish < ceiling:
            ceiling = finish
        if not net.is_leaf[at]:
            ceilings[at] = ceiling if task.deadline is None else min(ceiling, task.deadline)
            if start is not None:
                first = min(
                    (leaf for leaf in leaves_under(at, net.children) if net.is_active[leaf]),
                    key=lambda leaf: (early.start[leaf], leaf),
                )
                start_ceilings[first] = min(start, start_ceilings.get(first, start))
            continue
        if task.actual_finish is not None and task.actual_start is not None:
            late.start[at] = begins[at] = task.actual_start
            late.finish[at] = task.actual_finish
            continue
        if not net.is_active[at]:
            late.start[at], late.finish[at] = early.start[at], early.finish[at]
            continue
        if at in start_ceilings:
            start = start_ceilings[at] if start is None else min(start, start_ceilings[at])
        if start is not None and task.actual_start is None:
            ceiling = min(ceiling, node.finish_from(start))
        if node.constraints:
            ceiling = _constrained(node, ceiling, net.plan.options.schedule_from_finish)
        if task.deadline is not None and task.deadline < ceiling:
            ceiling = task.deadline
        # MS Project leaves a pinned task's late finish on the opening that its successor starts at
        late.finish[at] = ceiling = ceiling if task.manual else node.closing(ceiling)
        if task.actual_start is None:
            begins[at] = late.start[at] = node.start_from(ceiling)
        else:
            begins[at] = node.resume_from(ceiling)
            late.start[at] = task.actual_start
    _roll_up(net, late, early)
    return late


def _ceilings_of_links(
    net: Nodes, node: Node, late: Dates, begins: list[int]
) -> tuple[int | None, int | None]:
    """The latest finish and the latest start that a task's successors allow; None where none says anything."""
    finish: int | None = None
    start: int | None = None
    for after, kind, lag, _ in node.successors:
        target = net.nodes[after]
        started = target.task.actual_start
        if target.task.actual_finish is not None:
            continue
        if kind == SS and started is not None:
            # its start cannot move any more; MS Project holds the predecessor to the end of the work done
            if target.successors and not net.plan.options.reschedule_after_data_date:
                date = target.clock.add(started, target.duration - target.remaining)
                start = date if start is None else min(start, date)
            continue
        date = begins[after] if kind in (FS, SS) else late.finish[after]
        if kind in (FF, SF) and target.clock is not node.clock:
            # any moment up to the successor's next opening is as good as its late finish
            date = max(date, target.clock.start_at(target.clock.index(date)))
        if lag is not None:
            date = lag.before(date) if lag.clock is node.clock else lag.latest_before(date)
        if kind in (FS, FF):
            if finish is None or date < finish:
                finish = date
        elif start is None or date < start:
            start = date
    return finish, start


def _constrained(node: Node, finish: int, from_finish: bool) -> int:
    """The late finish moved by the task's constraints: what must be comes last."""
    for kind, date, hard in node.constraints:
        if kind is Constraint.SNLT or (kind is Constraint.MSO and not hard):
            finish = min(finish, node.finish_from(date))
        elif kind is Constraint.FNLT or (kind is Constraint.MFO and not hard):
            finish = min(finish, date)
        elif kind is Constraint.SNET and hard and from_finish:
            finish = max(finish, node.finish_from(date))
        elif kind is Constraint.FNET and hard and from_finish:
            finish = max(finish, date)
    for kind, date, hard in node.constraints:
        if kind is Constraint.MSO and hard:
            finish = node.finish_from(date)
        elif kind is Constraint.MFO and hard:
            finish = date
    return finish


def _roll_up(net: Nodes, late: Dates, early: Dates) -> None:
    for at in net.order:
        if net.is_leaf[at]:
            continue
        starts, finishes = [], []
        for child in net.children[at]:
            if net.is_active[child]:
                # a pinned task cannot move, so its summary has no later date from it
                source = early if net.nodes[child].task.manual and net.is_leaf[child] else late
                starts.append(source.start[child])
                finishes.append(source.finish[child])
        if starts:
            late.start[at], late.finish[at] = min(starts), max(finishes)
