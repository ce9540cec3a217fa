"""Total and free float of every task, in working minutes of its calendar (elapsed tasks: of the clock)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steerco.engine.forward import Dates
from steerco.engine.nodes import FS, SF, SS, Nodes
from steerco.engine.order import leaves_under
from steerco.engine.plan import FloatFrom

Minutes = npt.NDArray[np.int64]
FAR = np.iinfo(np.int64).max


@dataclass(slots=True)
class Floats:
    """Working minutes each, in the order of plan.tasks."""

    total: Minutes
    free: Minutes
    start: Minutes
    finish: Minutes


def floats(net: Nodes, early: Dates, late: Dates, planned: Dates, project_finish: int) -> Floats:
    """Floats from early and late dates; `planned` are the dates that successors are held to for free float."""
    early_start, early_finish = indices(net, early.start), indices(net, early.finish)
    start = indices(net, late.start) - early_start
    finish = indices(net, late.finish) - early_finish
    for at, node in enumerate(net.nodes):
        if node.as_late and net.plan.options.as_late == "total_float":
            start[at] = finish[at] = 0
    rule = net.plan.options.total_float
    total = {FloatFrom.START: start, FloatFrom.FINISH: finish, FloatFrom.SMALLER: np.minimum(start, finish)}[
        rule
    ].copy()
    if rule is FloatFrom.SMALLER:
        started = np.array([node.task.actual_start is not None for node in net.nodes], bool)
        total = np.where(started, finish, total)
    return Floats(total, _free(net, planned, total, project_finish), start, finish)


def indices(net: Nodes, minutes: list[int]) -> Minutes:
    """Working index of one moment per task, each on the task's own clock."""
    values = np.array(minutes, np.int64)
    for clock, members in net.members():
        values[members] = clock.index_of(values[members])
    return values


def _free(net: Nodes, planned: Dates, total: Minutes, project_finish: int) -> Minutes:
    """Working minutes until the first successor has to move, never below 0; without successors the total float.

    Primavera: without successors up to the project's finish. Gaps count on the predecessor's clock, less the lag.
    """
    count = len(net.nodes)
    open_end = total
    if net.plan.options.reschedule_after_data_date:
        open_end = indices(net, [project_finish] * count) - indices(net, planned.finish)
    gaps = np.full(count, FAR, np.int64)
    before, after, kind, lag, elapsed = _edges(net)
    if before.size:
        starts, finishes = np.array(planned.start, np.int64), np.array(planned.finish, np.int64)
        begins = np.where((kind == SS) | (kind == SF), starts[before], finishes[before])
        ends = np.where((kind == FS) | (kind == SS), starts[after], finishes[after])
        ends_of_lag = begins + np.where(elapsed, lag, 0)
        found = np.empty(before.size, np.int64)
        group = np.empty(count, np.int64)
        clocks = net.members()
        for number, (_, members) in enumerate(clocks):
            group[members] = number
        for number, (clock, _) in enumerate(clocks):
            mine = group[before] == number
            found[mine] = clock.index_of(ends[mine]) - clock.index_of(ends_of_lag[mine])
        np.minimum.at(gaps, before, found - np.where(elapsed, 0, lag))
    free = np.maximum(np.where(gaps < FAR, gaps, open_end), 0)
    idle = [
        node.task.actual_finish is not None or not active for node, active in zip(net.nodes, net.is_active)
    ]
    free[np.array(idle, bool)] = 0
    return free


def _edges(net: Nodes) -> tuple[Minutes, Minutes, Minutes, Minutes, npt.NDArray[np.bool_]]:
    """All links to open successors: predecessor, successor, type, lag, whether it is elapsed; a summary's are those of its tasks to others too."""
    rows: list[tuple[int, int, int, int, bool]] = []
    for at, node in enumerate(net.nodes):
        edges = node.successors
        if not net.is_leaf[at]:
            below = set(leaves_under(at, net.children))
            edges = edges + [e for leaf in below for e in net.nodes[leaf].successors if e[0] not in below]
        for after, kind, lag, _ in edges:
            if net.nodes[after].task.actual_finish is None:
                rows.append(
                    (
                        at,
                        after,
                        kind,
                        0 if lag is None else lag.minutes,
                        lag is not None and lag.clock is None,
                    )
                )
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    return columns[0], columns[1], columns[2], columns[3], columns[4].astype(bool)
