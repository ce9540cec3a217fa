"""Forward pass for many draws at once: the rules of `forward`, on arrays, with what drives the finish traced back.

Certain dates stay single numbers; only what an uncertain task can move becomes an array of shape (draws,). The rules
are those of `steerco.engine.forward` line by line, and a test holds the two equal. Tasks as late as possible are
taken as early as possible here: sliding them within their float does not move the finish.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steerco.engine.dial import LONGEST, Clock, Dial, Minutes, Outrun, add, settled
from steerco.engine.forward import Dates
from steerco.engine.nodes import FF, FS, SS, Edge, Node, Nodes
from steerco.engine.plan import Constraint, LagUnit, Progress
from steerco.engine.worktime import WorkTime


@dataclass(slots=True)
class Length:
    """Working minutes of a task in each draw: the whole of it, and what is left to do."""

    whole: Minutes
    rest: Minutes


Bools = NDArray[np.bool_]
Lengths = dict[int, Length]  # by position in plan.tasks; a task that is not there lasts what the plan says


class ManyForward:
    """A network laid out for repeated passes over blocks of draws.

    `certain` are the dates of the plan as it stands, used for every task that no uncertain one can move. `stretch` are
    two timeline minutes that no draw is expected to leave; one that does raises Outrun, and the pass can be repeated
    with `stretch` None, which converts dates by search: slower, without a horizon.
    """

    def __init__(
        self, net: Nodes, start: int, certain: Dates, uncertain: set[int], stretch: tuple[int, int] | None
    ) -> None:
        self.net = net
        self.start = start
        self.floor = start
        options = net.plan.options
        if options.reschedule_after_data_date and net.plan.data_date is not None:
            self.floor = max(start, net.plan.data_date)
        self.certain = certain
        self.moved = self._moved_by(uncertain)
        if stretch is not None and stretch[1] - stretch[0] > LONGEST:
            stretch = None
        self.stretch = stretch
        self._plain = [self._is_plain(node) for node in net.nodes]
        self._clocks: dict[int, Clock] = {
            id(clock): clock if stretch is None else Dial(clock, *stretch) for clock in self._used()
        }

    def _moved_by(self, uncertain: set[int]) -> list[bool]:
        moved = [False] * len(self.net.nodes)
        for at in self.net.order:
            if not self.net.is_leaf[at]:
                moved[at] = any(moved[child] for child in self.net.children[at])
                continue
            task = self.net.nodes[at].task
            pinned = task.manual or (task.actual_start is not None and task.actual_finish is not None)
            moved[at] = not pinned and (
                at in uncertain or any(moved[before] for before, *_ in self.net.nodes[at].predecessors)
            )
        return moved

    def _used(self) -> list[WorkTime]:
        clocks: dict[int, WorkTime] = {}
        for at, node in enumerate(self.net.nodes):
            if not self.moved[at]:
                continue
            for clock in (node.clock, *(part.clock for part in node.parts)):
                clocks[id(clock)] = clock
            for _, _, lag, _ in node.predecessors:
                if lag is not None and lag.clock is not None:
                    clocks[id(lag.clock)] = lag.clock
        return list(clocks.values())

    def _clock(self, clock: WorkTime) -> Clock:
        return self._clocks.get(id(clock), clock)

    # lengths on clocks

    def _spans(self, node: Node, length: Length | None, rest: bool) -> list[tuple[Clock, Minutes | int, int]]:
        """(clock, working minutes, delay) of each resource's share, or of the task itself."""
        if not node.parts:
            if length is None:
                return [(self._clock(node.clock), node.remaining if rest else node.duration, 0)]
            return [(self._clock(node.clock), length.rest if rest else length.whole, 0)]
        found: list[tuple[Clock, Minutes | int, int]] = []
        for part in node.parts:
            planned = part.remaining if rest else part.span
            span: Minutes | int = planned
            if length is not None:
                base = node.remaining if rest else node.duration
                sampled = length.rest if rest else length.whole
                span = np.rint(sampled * (planned / base)).astype(np.int64) if base else sampled
            found.append((self._clock(part.clock), span, 0 if rest else part.delay))
        return found

    def _works(self, node: Node, length: Length | None) -> bool:
        return bool(node.duration) or length is not None

    def _finish(self, node: Node, begin: Minutes, length: Length | None, rest: bool = False) -> Minutes:
        spans = self._spans(node, length, rest)
        if not self._works(node, length) or (rest and length is None and not node.remaining):
            return begin
        ends = [clock.finishes_at(clock.index_of(begin) + delay + span) for clock, span, delay in spans]
        return ends[0] if len(ends) == 1 else np.maximum.reduce(np.broadcast_arrays(*ends))

    def _begin(self, node: Node, finish: Minutes, length: Length | None, rest: bool = False) -> Minutes:
        spans = self._spans(node, length, rest)
        if not self._works(node, length) or (rest and length is None and not node.remaining):
            return finish
        starts = [clock.starts_at(clock.index_of(finish) - span - delay) for clock, span, delay in spans]
        return starts[0] if len(starts) == 1 else np.minimum.reduce(np.broadcast_arrays(*starts))

    def _opening(self, node: Node, minutes: Minutes, length: Length | None) -> Minutes:
        if node.parts:
            opens = [(c := self._clock(p.clock)).starts_at(c.index_of(minutes)) for p in node.parts]
            return opens[0] if len(opens) == 1 else np.minimum.reduce(opens)
        clock = self._clock(node.clock)
        return (
            clock.starts_at(clock.index_of(minutes)) if self._works(node, length) else settled(clock, minutes)
        )

    # the pass

    def run(self, lengths: Lengths) -> tuple[list[Minutes], list[Minutes]]:
        """Starts and finishes of all tasks in the order of plan.tasks, numbers or arrays of shape (draws,).

        Raises Outrun, with the task's key, when a draw leaves the stretch.
        """
        starts = [np.asarray(d, dtype=np.int64) for d in self.certain.start]
        finishes = [np.asarray(d, dtype=np.int64) for d in self.certain.finish]
        for at in self.net.order:
            if not self.moved[at]:
                continue
            if not self.net.is_leaf[at]:
                below = [child for child in self.net.children[at] if self.net.is_active[child]]
                if below:
                    starts[at] = np.minimum.reduce(np.broadcast_arrays(*(starts[child] for child in below)))
                    finishes[at] = np.maximum.reduce(
                        np.broadcast_arrays(*(finishes[child] for child in below))
                    )
                continue
            node, length = self.net.nodes[at], lengths.get(at)
            if self._plain[at]:
                self._after_finishes(node, length, starts, finishes)
                continue
            if node.task.actual_start is not None:
                finishes[at] = self._started(node, length, starts, finishes, lengths)
                starts[at] = np.asarray(node.task.actual_start, dtype=np.int64)
            else:
                starts[at], finishes[at] = self._not_started(node, length, starts, finishes, lengths)
        self._stay_inside(starts, finishes)
        return starts, finishes

    def _after_finishes(
        self, node: Node, length: Length | None, starts: list[Minutes], finishes: list[Minutes]
    ) -> None:
        """The usual task, begun when its predecessors are done: the general rules without what it does not have."""
        clock = self._clock(node.clock)
        start = finishes[node.predecessors[0][0]]
        for before, *_ in node.predecessors[1:]:
            start = np.maximum(start, finishes[before])
        index = clock.index_of(start)
        starts[node.at] = clock.starts_at(index)
        finishes[node.at] = clock.finishes_at(index + (node.duration if length is None else length.whole))

    def _is_plain(self, node: Node) -> bool:
        options = self.net.plan.options
        return bool(
            node.predecessors
            and all(kind == FS and lag is None for _, kind, lag, _ in node.predecessors)
            and node.duration
            and not (node.parts or node.constraints or node.task.levelling_delay)
            and node.task.actual_start is None
            and not options.reschedule_after_data_date
        )

    def _stay_inside(self, starts: list[Minutes], finishes: list[Minutes]) -> None:
        if self.stretch is None:
            return
        for at, moved in enumerate(self.moved):
            if moved and (starts[at].min() < self.stretch[0] or finishes[at].max() >= self.stretch[1]):
                raise Outrun(self.net.plan.tasks[at].key)

    def _asks(
        self,
        node: Node,
        edge: Edge,
        length: Length | None,
        starts: list[Minutes],
        finishes: list[Minutes],
        lengths: Lengths,
        rest: bool,
    ) -> tuple[Minutes, Minutes | None]:
        """The start one link asks for, and the finish behind it when a finish drives it."""
        before, kind = edge[:2]
        if kind in (FS, SS):
            return self._lagged(finishes[before] if kind == FS else starts[before], edge, lengths), None
        finish = finishes[before] if kind == FF else starts[before]
        start = self._begin(node, finish, length, rest)
        if edge[2] is not None:  # a lag ends where its clock says, so no finish is left on an opening
            return np.maximum(self._lagged(start, edge, lengths), self.floor), None
        return np.maximum(start, self.floor), np.where(start < self.floor, -1, finish)

    def _lagged(self, minutes: Minutes, edge: Edge, lengths: Lengths) -> Minutes:
        before, _, lag, number = edge
        if lag is None:
            return minutes
        amount: Minutes | int = lag.minutes
        link = self.net.plan.links[number]
        if before in lengths and link.lag_unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT):
            amount = np.rint(lengths[before].whole * (link.lag / 100)).astype(np.int64)
        if lag.clock is None:
            return minutes + amount
        return add(self._clock(lag.clock), minutes, amount)

    def _pull(
        self,
        node: Node,
        length: Length | None,
        starts: list[Minutes],
        finishes: list[Minutes],
        lengths: Lengths,
        rest: bool = False,
    ) -> tuple[Minutes | None, Minutes | None]:
        start: Minutes | None = None
        finish: Minutes | None = None
        for edge in self._holding(node, rest):
            asked, behind = self._asks(node, edge, length, starts, finishes, lengths, rest)
            if start is None:
                start, finish = asked, behind
                continue
            if behind is not None or finish is not None:
                later = asked > start
                finish = np.where(later, -1 if behind is None else behind, -1 if finish is None else finish)
            start = np.maximum(start, asked)
        return start, finish

    def _holding(self, node: Node, rest: bool) -> list[Edge]:
        if rest and self.net.plan.options.progress is Progress.PROGRESS_OVERRIDE:
            return [e for e in node.predecessors if self.net.nodes[e[0]].task.actual_finish is not None]
        return node.predecessors

    def _not_started(
        self,
        node: Node,
        length: Length | None,
        starts: list[Minutes],
        finishes: list[Minutes],
        lengths: Lengths,
    ) -> tuple[Minutes, Minutes]:
        reschedule = self.net.plan.options.reschedule_after_data_date
        floor = np.asarray(self.floor, dtype=np.int64)
        start, finish = self._pull(node, length, starts, finishes, lengths)
        if not node.predecessors and not reschedule:
            start = self._own_floor(node, length)
        if start is None:
            start = floor
        if reschedule:
            if finish is not None:
                finish = np.where(start < floor, -1, finish)
            start = np.maximum(start, floor)
        start = self._opening(node, start, length)
        if node.constraints:
            held = self._constrained(node, start, length)
            if finish is not None:
                finish = np.where(held != start, -1, finish)
            start = held
        if node.task.levelling_delay:
            start, finish = self._opening(node, start + node.task.levelling_delay, length), None
        end = self._finish(node, start, length)
        if finish is not None:
            end = self._on_an_opening(node, end, finish)
        return start, end

    def _on_an_opening(self, node: Node, end: Minutes, finish: Minutes) -> Minutes:
        clock = self._clock(node.clock)
        same = (finish > end) & (clock.index_of(finish) == clock.index_of(end))
        is_open = clock.index_of(finish + 1) > clock.index_of(finish)
        return np.where(same & is_open, finish, end)

    def _own_floor(self, node: Node, length: Length | None) -> Minutes | None:
        """MS Project lets such a constraint of a task without predecessors reach before the project's start."""
        floors = []
        for kind, date, _ in node.constraints:
            if kind is Constraint.SNET:
                floors.append(np.asarray(date, dtype=np.int64))
            elif kind is Constraint.FNET:
                floors.append(self._begin(node, np.asarray(date, dtype=np.int64), length))
        return np.maximum.reduce(np.broadcast_arrays(*floors)) if floors else None

    def _constrained(self, node: Node, start: Minutes, length: Length | None) -> Minutes:
        def opened(date: int) -> Minutes:
            return self._opening(node, np.asarray(date, dtype=np.int64), length)

        def ending(date: int) -> Minutes:
            return self._begin(node, np.asarray(date, dtype=np.int64), length)

        for kind, date, hard in node.constraints:
            if kind is Constraint.SNET or (kind is Constraint.MSO and not hard):
                start = np.maximum(start, opened(date))
            elif kind is Constraint.FNET or (kind is Constraint.MFO and not hard):
                start = np.maximum(start, self._opening(node, ending(date), length))
        for kind, date, hard in node.constraints:
            if kind is Constraint.SNLT and hard:
                start = np.minimum(start, opened(date))
            elif kind is Constraint.FNLT and hard:
                start = np.minimum(start, ending(date))
        for kind, date, hard in node.constraints:
            if kind is Constraint.MSO and hard:
                start = opened(date)
            elif kind is Constraint.MFO and hard:
                start = ending(date)
        return start

    def _started(
        self,
        node: Node,
        length: Length | None,
        starts: list[Minutes],
        finishes: list[Minutes],
        lengths: Lengths,
    ) -> Minutes:
        task = node.task
        begun = task.actual_start if task.actual_start is not None else self.start
        if self.net.plan.options.reschedule_after_data_date:
            resume = np.asarray(max(self.floor, begun, task.resume or begun), dtype=np.int64)
            asked, _ = self._pull(node, length, starts, finishes, lengths, rest=True)
            if asked is not None:
                resume = np.maximum(resume, asked)
            finish = self._finish(node, self._opening(node, resume, length), length, rest=True)
        elif task.resume is not None and task.stop is not None and begun < task.stop < task.resume:
            finish = self._finish(node, np.asarray(task.resume, dtype=np.int64), length, rest=True)
        else:
            finish = self._finish(node, np.asarray(begun, dtype=np.int64), length)
        for kind, date, _ in node.constraints:
            if kind is Constraint.FNET:
                finish = np.maximum(finish, date)
        return finish

    # what drives the finish

    def critical(
        self, starts: list[Minutes], finishes: list[Minutes], lengths: Lengths, draws: int
    ) -> dict[int, Bools]:
        """Which tasks lie on a driving path to the plan's finish in each draw: arrays of shape (draws,) by position.

        A link drives when the start it asks for is the start the task has, in working time; all ties count.
        """
        net = self.net
        leaves = [at for at in range(len(net.nodes)) if net.is_leaf[at] and net.is_active[at]]
        end = np.maximum.reduce(np.broadcast_arrays(*(finishes[at] for at in leaves)))
        marks: dict[int, Bools] = {}

        def mark(at: int, where: Bools) -> None:
            if where.any():
                marks[at] = marks[at] | where if at in marks else np.array(np.broadcast_to(where, (draws,)))

        for at in leaves:
            mark(at, np.asarray(finishes[at] == end))
        for at in reversed(net.order):
            if at not in marks or not net.is_leaf[at]:
                continue
            node = net.nodes[at]
            task = node.task
            if task.manual or (
                task.actual_start is not None and not net.plan.options.reschedule_after_data_date
            ):
                continue
            rest, length = task.actual_start is not None, lengths.get(at)
            if rest and task.actual_finish is not None:
                continue
            began = self._begin(node, finishes[at], length, rest=True) if rest else starts[at]
            clock = self._clock(node.clock)
            index = clock.index_of(began)
            for edge in self._holding(node, rest):
                asked, _ = self._asks(node, edge, length, starts, finishes, lengths, rest)
                if task.levelling_delay and not rest:
                    asked = self._opening(node, asked, length) + task.levelling_delay
                drives = marks[at] & (clock.index_of(np.asarray(asked)) == index)
                self._mark_before(edge, drives, starts, finishes, mark)
        return marks

    def _mark_before(
        self,
        edge: Edge,
        drives: Bools,
        starts: list[Minutes],
        finishes: list[Minutes],
        mark: Callable[[int, Bools], None],
    ) -> None:
        before, kind, _, _ = edge
        if self.net.is_leaf[before]:
            mark(before, drives)
            return
        # A link on a summary hangs on whichever child gives the summary its date.
        dates, own = (finishes, finishes[before]) if kind in (FS, FF) else (starts, starts[before])
        below = [before]
        while below:
            at = below.pop()
            for child in self.net.children[at]:
                if self.net.is_leaf[child]:
                    mark(child, drives & (dates[child] == own))
                else:
                    below.append(child)
