"""Monte Carlo of a plan: when it finishes and what it costs, as distributions, and what drives them.

Method, sources, assumptions and limits: docs/engine/simulate.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from steerco.engine.check import refuse_faults
from steerco.engine.dial import Outrun
from steerco.engine.distributions import Shape
from steerco.engine.drivers import AssumedSpread, Correlation, Costs, RiskDriver
from steerco.engine.forward import Dates, forward
from steerco.engine.forward_many import Lengths, ManyForward
from steerco.engine.network import schedule_nodes
from steerco.engine.nodes import Nodes
from steerco.engine.plan import Plan
from steerco.engine.sampling import Luck, Sampler
from steerco.engine.trial import Bar, Closing, Minutes, Numbers, Trial, quantile_of, rank_of

CELLS = 2_000_000  # dates of one kind held at once: bounds memory, and sets how many draws are taken together
KEPT = 40_000_000  # task finishes held at once; above, task percentiles are averages over blocks
BARS = 15

Result = TypeVar("Result")


def simulate(
    plan: Plan,
    *,
    seed: int,
    draws: int = 2000,
    drivers: tuple[RiskDriver, ...] = (),
    shape: Shape = Shape.TRIANGULAR,
    correlation: Correlation | float = 0.3,
    assumed_spread: AssumedSpread | None = None,
    costs: Costs | None = None,
    status_date: int | None = None,
    criticality: bool = True,
    latin_hypercube: bool = False,
) -> Trial:
    """Finish and cost of the plan in `draws` trials.

    Tasks with an estimate vary as `shape` says; tasks without one stay what the plan says, unless `assumed_spread`
    gives them a spread, which the trial then owns up to. Finished tasks are certain, of tasks in progress only the
    rest varies. `correlation` as a number is the common cause (see Correlation); risks happen independently.
    `status_date` moves all remaining work behind this timeline minute, whatever the plan's options say; without it a
    plan may forecast a finish in the past. A risk's severity strikes all its tasks alike.

    The same seed gives the same arrays; scenarios with the same seed share their luck task by task and risk by risk.
    Raises Cycle and PlanError as `schedule` does, ValueError when a risk or a cost names an unknown task.
    Merge bias is what this exists to show: see Van Slyke (1963).
    """
    if draws < 1:
        raise ValueError(f"at least one draw is needed, got {draws}")
    run = _Run(plan, seed, drivers, shape, correlation, assumed_spread, costs, status_date, latin_hypercube)
    return run.within_reach(lambda: run.trial(draws, criticality))


def what_closing_buys(
    plan: Plan,
    *,
    seed: int,
    drivers: tuple[RiskDriver, ...],
    draws: int = 2000,
    level: float = 0.8,
    shape: Shape = Shape.TRIANGULAR,
    correlation: Correlation | float = 0.3,
    assumed_spread: AssumedSpread | None = None,
    costs: Costs | None = None,
    status_date: int | None = None,
    latin_hypercube: bool = False,
) -> tuple[Closing, ...]:
    """For each risk, the finish and cost at `level` with it and without it, in the order of `drivers`.

    All else is drawn alike (common random numbers), so small differences are real and not noise; only the draws in
    which a risk happens are calculated again.
    """
    run = _Run(plan, seed, drivers, shape, correlation, assumed_spread, costs, status_date, latin_hypercube)
    return run.within_reach(lambda: run.closings(draws, level))


class _Run:
    """One plan with its uncertainty, compiled once and passed over in blocks."""

    def __init__(
        self,
        plan: Plan,
        seed: int,
        drivers: tuple[RiskDriver, ...],
        shape: Shape,
        correlation: Correlation | float,
        assumed_spread: AssumedSpread | None,
        costs: Costs | None,
        status_date: int | None,
        latin_hypercube: bool,
    ) -> None:
        if len({driver.key for driver in drivers}) != len(drivers):
            raise ValueError("two risks have the same key: their luck would be the same")
        if status_date is not None:
            options = replace(plan.options, reschedule_after_data_date=True)
            plan = replace(plan, data_date=status_date, options=options)
        refuse_faults(plan)
        self.plan, self.seed, self.drivers, self.costs = plan, seed, drivers, costs
        self.net = Nodes(plan)
        self.schedule = schedule_nodes(self.net)
        self.start = self.schedule.project_start
        self.now = self.start if plan.data_date is None else max(self.start, plan.data_date)
        # Part of the result's identity when draws are stratified, so it depends on the plan alone.
        self.block = min(4096, max(256, CELLS // max(len(plan.tasks), 1)))
        self.certain: Dates = forward(self.net, self.start)
        self.leaves = [
            at for at in range(len(self.net.nodes)) if self.net.is_leaf[at] and self.net.is_active[at]
        ]
        self.sampler = Sampler(
            self.net,
            self.certain,
            seed=seed,
            drivers=drivers,
            shape=shape,
            correlation=correlation if isinstance(correlation, Correlation) else Correlation(correlation),
            assumed_spread=assumed_spread,
            latin_hypercube=latin_hypercube,
        )
        self.many = self._pass(self._likely_stretch())

    def within_reach(self, work: Callable[[], Result]) -> Result:
        """Do the work with date tables over the likely stretch, else the longest possible one, else by search."""
        try:
            return work()
        except Outrun:
            self.many = self._pass(None)
        try:
            self.many = self._pass(self._longest_stretch())
            return work()
        except Outrun:
            self.many = self._pass(None)
            return work()

    def _pass(self, stretch: tuple[int, int] | None) -> ManyForward:
        return ManyForward(self.net, self.start, self.certain, set(self.sampler.positions), stretch)

    def _likely_stretch(self) -> tuple[int, int]:
        first = min([self.start, *(self.certain.start[at] for at in self.leaves)])
        last = max([self.now, *(self.certain.finish[at] for at in self.leaves)])
        return first - 90 * 1440, last + (last - first) + 90 * 1440

    def _longest_stretch(self) -> tuple[int, int]:
        """Where the shortest and the longest of all draws lie, with room on both sides."""
        low, high = [self.start], [self.start]
        for lengths in self.sampler.extremes():
            starts, finishes = self.many.run(lengths)
            low.append(min((int(np.min(starts[at])) for at in self.leaves), default=self.start))
            high.append(max((int(np.max(finishes[at])) for at in self.leaves), default=self.start))
        room = 90 * 1440 + (max(high) - min(low)) // 20
        return min(low) - room, max(high) + room

    def _end(self, finishes: list[Minutes], count: int) -> Minutes:
        """Finish of the network in each draw, before risks that strike the plan's finish."""
        moved = [finishes[at] for at in self.leaves if self.many.moved[at]]
        still = max((int(finishes[at]) for at in self.leaves if not self.many.moved[at]), default=self.start)
        end = np.full(count, still, dtype=np.int64)
        for finish in moved:
            np.maximum(end, finish, out=end)
        return end

    def _finish(self, end: Minutes, impacts: Numbers) -> tuple[Minutes, NDArray[np.int64]]:
        """Finish of the plan, and the working minutes until it from the data date (or the plan's start)."""
        clock = self.net.project_clock
        index, begin = clock.index_of(end), clock.index(self.now)
        delay = self.sampler.finish_delay(impacts, np.maximum(index - begin, 0))
        late = delay != 0
        if late.any():
            end = end.copy()
            end[late] = clock.finishes_at(np.maximum(index[late] + delay[late], begin + 1))
        return end, clock.index_of(end) - begin

    def trial(self, draws: int, criticality: bool) -> Trial:
        count = len(self.net.nodes)
        moved = [at for at in range(count) if self.many.moved[at]]
        kept = np.empty((len(moved), draws), dtype=np.int64) if len(moved) * draws <= KEPT else None
        blocks: list[tuple[Minutes, int]] = []
        finishes, money = np.empty(draws, dtype=np.int64), np.empty(draws)
        common = np.empty(draws)
        happened = np.empty((len(self.drivers), draws), dtype=bool)
        marks, ranks = np.zeros(count), np.zeros(len(self.sampler.positions))
        sums = np.zeros((2, len(self.sampler.positions)))
        working = np.empty(draws, dtype=np.int64)
        for first in range(0, draws, self.block):
            size = min(self.block, draws - first)
            here = slice(first, first + size)
            luck = self.sampler.luck(first, size)
            impacts = self.sampler.impacts(luck)
            lengths = self.sampler.lengths(luck, impacts)
            starts, ends = self.many.run(lengths)
            finishes[here], working[here] = self._finish(self._end(ends, size), impacts)
            common[here], happened[:, here] = luck.common, luck.happens
            if self.costs is not None:
                money[here] = self.sampler.money(self.costs, luck, lengths, first, working[here])
            if criticality:
                for at, where in self.many.critical(starts, ends, lengths, size).items():
                    marks[at] += np.count_nonzero(where)
            ranks += size * _grades(luck.own, finishes[here])
            for row, at in enumerate(self.sampler.positions):
                rest = lengths[at].rest
                sums[:, row] += rest.sum(), np.dot(rest, rest)
            if kept is not None:
                for row, at in enumerate(moved):
                    kept[row, here] = ends[at]
            elif moved:
                part = np.array([np.broadcast_to(ends[at], size) for at in moved])
                blocks.append((_levels(part), size))
        for at in reversed(self.net.order):  # a summary is critical when one of its tasks is
            if not self.net.is_leaf[at]:
                marks[at] = max((marks[child] for child in self.net.children[at]), default=0.0)
        levels = np.array([self.certain.finish, self.certain.finish], dtype=np.int64)
        if moved:
            levels[:, moved] = _levels(kept) if kept is not None else _averaged(blocks)
        cruciality, sensitivity = np.zeros(count), np.zeros(count)
        spread = np.sqrt(np.maximum(sums[1] / draws - (sums[0] / draws) ** 2, 0.0))
        whole = float(working.std())
        cruciality[self.sampler.positions] = np.where(self.sampler.spread, ranks / draws, 0.0)
        if whole > 0:
            sensitivity[self.sampler.positions] = marks[self.sampler.positions] / draws * spread / whole
        open_tasks = max(self.sampler.with_work, 1)
        spread_tasks = int(self.sampler.spread.sum())
        return Trial(
            seed=self.seed,
            draws=draws,
            keys=tuple(task.key for task in self.plan.tasks),
            finishes=finishes,
            deterministic_finish=self.schedule.project_finish,
            costs=money if self.costs is not None else None,
            task_p50=levels[0],
            task_p80=levels[1],
            criticality=marks / draws,
            cruciality=cruciality,
            sensitivity=sensitivity,
            tornado=self._tornado(finishes, common, happened, cruciality),
            risk_happened=tuple((d.key, float(happened[n].mean())) for n, d in enumerate(self.drivers)),
            idle_risks=tuple(
                d.key for d, at in zip(self.drivers, self.sampler.targets) if d.tasks and not at
            ),
            assumed=tuple(self.sampler.assumed),
            assumed_share=len(self.sampler.assumed) / open_tasks,
            certain_share=max(self.sampler.with_work - spread_tasks, 0) / open_tasks,
            correlation_adjusted=self.sampler.correlation_adjusted,
        )

    def _tornado(
        self, finishes: Minutes, common: Numbers, happened: NDArray[np.bool_], cruciality: Numbers
    ) -> tuple[Bar, ...]:
        bars = []
        draws = finishes.size
        if self.sampler.correlation.common > 0 and self.sampler.spread.any():
            bars.append(_fifths("common cause", "", common, finishes))
        for n, driver in enumerate(self.drivers):
            yes = happened[n]
            if 0 < yes.sum() < draws:
                bars.append(
                    Bar("risk", driver.key, float(finishes[~yes].mean()), float(finishes[yes].mean()))
                )
        strong = sorted(self.sampler.positions, key=lambda at: (-abs(cruciality[at]), at))[:BARS]
        for at in strong:
            if cruciality[at] != 0:
                row = self.sampler.row[at]
                parts = [
                    self.sampler.own_luck(row, f, min(self.block, draws - f))
                    for f in range(0, draws, self.block)
                ]
                bars.append(_fifths("task", self.plan.tasks[at].key, np.concatenate(parts), finishes))
        return tuple(sorted(bars, key=lambda bar: (-abs(bar.swing), bar.kind, bar.key)))

    def closings(self, draws: int, level: float) -> tuple[Closing, ...]:
        risks = len(self.drivers)
        finishes, money = np.empty(draws, dtype=np.int64), np.zeros(draws)
        without = np.empty((risks, draws), dtype=np.int64)
        spared = np.zeros((risks, draws))
        for first in range(0, draws, self.block):
            size = min(self.block, draws - first)
            here = slice(first, first + size)
            luck = self.sampler.luck(first, size)
            finishes[here], money[here] = self._outcome(luck, first)
            for n in range(risks):
                without[n, here], spared[n, here] = finishes[here], money[here]
                if luck.happens[n].any():
                    happens = luck.happens.copy()
                    happens[n] = False
                    closed = Luck(luck.own, luck.common, happens, luck.severity)
                    without[n, here], spared[n, here] = self._outcome(closed, first)
        with_costs = self.costs is not None
        found = []
        for n, driver in enumerate(self.drivers):
            found.append(
                Closing(
                    key=driver.key,
                    finish_with=quantile_of(finishes, level).value,
                    finish_without=quantile_of(without[n], level).value,
                    mean_minutes=float((finishes - without[n]).mean()),
                    money=quantile_of(money, level).value - quantile_of(spared[n], level).value
                    if with_costs
                    else None,
                    mean_money=float((money - spared[n]).mean()) if with_costs else None,
                    level=level,
                )
            )
        return tuple(found)

    def _outcome(self, luck: Luck, first: int) -> tuple[Minutes, Numbers]:
        impacts = self.sampler.impacts(luck)
        lengths: Lengths = self.sampler.lengths(luck, impacts)
        _, ends = self.many.run(lengths)
        finish, working = self._finish(self._end(ends, luck.common.size), impacts)
        if self.costs is None:
            return finish, np.zeros(luck.common.size)
        return finish, self.sampler.money(self.costs, luck, lengths, first, working)


def _grades(own: Numbers, finishes: Minutes) -> Numbers:
    """Rank correlation of each row of uniform luck with the finishes of a block, ties sharing a rank."""
    values, where, counts = np.unique(finishes, return_inverse=True, return_counts=True)
    if values.size < 2:
        return np.zeros(own.shape[0])
    rank = (np.cumsum(counts) - (counts - 1) / 2)[where]
    rank = rank - rank.mean()
    centred = own - own.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).sum(axis=1) * (rank**2).sum())
    found: Numbers = np.divide(centred @ rank, scale, out=np.zeros(own.shape[0]), where=scale > 0)
    return found


def _levels(finishes: Minutes) -> Minutes:
    """50th and 80th percentile of each row, shape (2, rows)."""
    size = finishes.shape[1]
    ranks = (rank_of(0.5, size), rank_of(0.8, size))
    part = np.partition(finishes, ranks, axis=1)
    return np.stack([part[:, rank] for rank in ranks])


def _averaged(blocks: list[tuple[Minutes, int]]) -> Minutes:
    total = sum(size for _, size in blocks)
    return np.rint(sum(levels * (size / total) for levels, size in blocks)).astype(np.int64)


def _fifths(kind: str, key: str, luck: Numbers, finishes: Minutes) -> Bar:
    low, high = np.quantile(luck, (0.2, 0.8))
    return Bar(kind, key, float(finishes[luck <= low].mean()), float(finishes[luck >= high].mean()))
