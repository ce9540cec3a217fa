"""What a draw consists of: the luck of every task and risk, and the task lengths, delays and money that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steerco.engine.distributions import Shape, quantile
from steerco.engine.draws import stratified, streams, uniforms
from steerco.engine.drivers import AssumedSpread, Correlation, Costs, Effect, RiskDriver
from steerco.engine.forward import Dates
from steerco.engine.forward_many import Length, Lengths
from steerco.engine.nodes import Nodes
from steerco.engine.normal import deviate, probability
from steerco.engine.order import leaves_under
from steerco.engine.special import ndtr, ndtri

Numbers = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROWS = 64  # tasks sampled at a time: 64 x 512 doubles stay in the processor's cache


@dataclass(slots=True)
class Luck:
    """Shares in (0, 1) of a block of draws: own luck per uncertain task, and which risks happen, how hard."""

    own: Numbers  # (uncertain tasks, draws)
    common: Numbers  # (draws,) standard normal
    happens: Bools  # (risks, draws)
    severity: Numbers  # (risks, draws)


class Sampler:
    """Everything uncertain about a plan, ready to be drawn in blocks.

    Raises ValueError when a risk, a cost or a correlation names a task that the plan does not have.
    """

    def __init__(
        self,
        net: Nodes,
        certain: Dates,
        *,
        seed: int,
        drivers: tuple[RiskDriver, ...],
        shape: Shape,
        correlation: Correlation,
        assumed_spread: AssumedSpread | None,
        latin_hypercube: bool,
    ) -> None:
        self.net, self.certain = net, certain
        self.drivers, self.shape, self.correlation = drivers, shape, correlation
        self._draw = stratified if latin_hypercube else uniforms
        self.open = {at for at in range(len(net.nodes)) if self._is_open(at)}
        self.targets = [self._targets(driver) for driver in drivers]
        self._estimates(assumed_spread)
        keys = [net.plan.tasks[at].key for at in self.positions]
        self._streams = streams(seed, [f"task {key}" for key in keys])
        self._happens = streams(seed, [f"risk {driver.key}" for driver in drivers])
        self._severity = streams(seed, [f"impact {driver.key}" for driver in drivers])
        self._common = streams(seed, ["common cause"])
        self._seed = seed
        self.correlation_adjusted = False
        self._mix = self._mixing(keys)

    def _is_open(self, at: int) -> bool:
        task = self.net.plan.tasks[at]
        return (
            self.net.is_leaf[at] and self.net.is_active[at] and not task.manual and task.actual_finish is None
        )

    def position(self, key: str, who: str) -> int:
        """Position of a task by its key, or a ValueError that says who named it."""
        at = self.net.position.get(key)
        if at is None:
            raise ValueError(f"{who} names task {key!r}, which the plan does not have")
        return at

    def _targets(self, driver: RiskDriver) -> list[int]:
        found = []
        for key in driver.tasks:
            at = self.position(key, f"risk {driver.key}")
            if not self.net.is_leaf[at]:
                below = [leaf for leaf in leaves_under(at, self.net.children) if leaf in self.open]
                at = max(below, key=lambda leaf: (self.certain.finish[leaf], -leaf), default=-1)
            if at in self.open and at not in found:
                found.append(at)
        return found

    def _estimates(self, assumed: AssumedSpread | None) -> None:
        struck = {
            at for targets, driver in zip(self.targets, self.drivers) if driver.impact for at in targets
        }
        self.assumed: list[str] = []
        rows: list[tuple[int, float, float, float, float, float]] = []
        self.with_work = 0
        for at in sorted(self.open):
            node, task = self.net.nodes[at], self.net.plan.tasks[at]
            self.with_work += bool(node.duration or task.estimate)
            points = (float(node.duration),) * 3
            if task.estimate is not None:
                points = (
                    float(task.estimate.optimistic),
                    float(task.estimate.most_likely),
                    float(task.estimate.pessimistic),
                )
            elif assumed is not None and node.duration:
                self.assumed.append(task.key)
                factors = (assumed.optimistic, assumed.most_likely, assumed.pessimistic)
                points = (node.duration * factors[0], node.duration * factors[1], node.duration * factors[2])
            if points[0] == points[2] == node.duration and at not in struck:
                continue
            # An estimate speaks of the whole task; of a task in progress its spread is left in the part left to do.
            share = node.remaining / node.duration if node.duration else 1.0
            rows.append((at, *points, share, node.duration - node.remaining))
        table = np.array(rows, dtype=float).reshape(len(rows), 6)
        self.positions = [int(at) for at in table[:, 0]]
        self.row = {at: row for row, at in enumerate(self.positions)}
        self.points = table[:, 1:4, None]
        self.share, self.done = table[:, 4, None], np.rint(table[:, 5, None]).astype(np.int64)
        self.spread = table[:, 3] > table[:, 1]

    def _mixing(self, keys: list[str]) -> tuple[list[int], Numbers] | None:
        """Rows of the tasks named in pairs, and what mixes their own luck once the common cause is taken out."""
        pairs = [
            (self.position(a, "a correlation"), self.position(b, "a correlation"), v)
            for a, b, v in self.correlation.pairs
        ]
        pairs = [(a, b, v) for a, b, v in pairs if a in self.row and b in self.row]
        if not pairs:
            return None
        rows = sorted({self.row[at] for a, b, _ in pairs for at in (a, b)})
        place = {row: n for n, row in enumerate(rows)}
        common = self.correlation.common
        matrix = np.full((len(rows), len(rows)), common)
        np.fill_diagonal(matrix, 1.0)
        for a, b, value in pairs:
            i, j = place[self.row[a]], place[self.row[b]]
            matrix[i, j] = matrix[j, i] = value
        values, vectors = np.linalg.eigh(matrix - common)
        self.correlation_adjusted = bool(values.min() < -1e-9)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        root *= np.sqrt((1 - common) / np.maximum((root**2).sum(axis=1, keepdims=True), 1e-12))
        return rows, root

    def luck(self, first: int, count: int) -> Luck:
        """The luck of draws first .. first + count - 1."""
        own = np.empty((len(self.positions), count))
        for begin in range(0, len(self.positions), ROWS):
            own[begin : begin + ROWS] = self._draw(self._streams[begin : begin + ROWS], first, count)
        chance = np.array([driver.probability for driver in self.drivers]).reshape(-1, 1)
        return Luck(
            own,
            ndtri(self._draw(self._common, first, count)[0]),
            self._draw(self._happens, first, count) < chance,
            self._draw(self._severity, first, count),
        )

    def own_luck(self, row: int, first: int, count: int) -> Numbers:
        """The own luck of one uncertain task again."""
        found: Numbers = self._draw(self._streams[row : row + 1], first, count)[0]
        return found

    def impacts(self, luck: Luck) -> Numbers:
        """Impact on time of each risk where it happens, shape (risks, draws); 0 (of a factor: 1) where it does not."""
        found = np.zeros(luck.happens.shape)
        for n, driver in enumerate(self.drivers):
            nothing = 1.0 if driver.effect is Effect.FACTOR else 0.0
            if driver.impact is None:
                found[n] = nothing
                continue
            point = driver.impact
            drawn = quantile(
                self.shape, point.optimistic, point.most_likely, point.pessimistic, luck.severity[n]
            )
            found[n] = np.where(luck.happens[n], drawn, nothing)
        return found

    def lengths(self, luck: Luck, impacts: Numbers) -> Lengths:
        """Whole and remaining length of every uncertain task in each draw, at least one minute."""
        count = luck.common.size
        rest = np.empty((len(self.positions), count))
        common = self.correlation.common
        deviates: Numbers | None = None
        if self._mix is not None:
            rows, root = self._mix
            deviates = root @ ndtri(luck.own[rows]) + np.sqrt(common) * luck.common
        shift = np.sqrt(common) * luck.common
        for begin in range(0, len(self.positions), ROWS):
            part = slice(begin, begin + ROWS)
            share = luck.own[part]
            if common > 0:
                share = probability(np.sqrt(1 - common) * deviate(share) + shift)
            low, mode, high = self.points[part, 0], self.points[part, 1], self.points[part, 2]
            rest[part] = quantile(self.shape, low, mode, high, share) * self.share[part]
        if deviates is not None:
            rows, _ = self._mix or ([], None)
            low, mode, high = (self.points[rows, n] for n in range(3))
            rest[rows] = quantile(self.shape, low, mode, high, ndtr(deviates)) * self.share[rows]
        for effect in (Effect.FACTOR, Effect.MINUTES):
            for n, driver in enumerate(self.drivers):
                if driver.effect is effect and driver.impact is not None:
                    for at in self.targets[n]:
                        row = rest[self.row[at]]
                        np.multiply(row, impacts[n], out=row) if effect is Effect.FACTOR else np.add(
                            row, impacts[n], out=row
                        )
        np.rint(rest, out=rest)
        left = np.maximum(rest, 1.0, out=rest).astype(np.int64)
        done = self.done[:, 0].tolist()
        return {
            at: Length(left[row] + done[row] if done[row] else left[row], left[row])
            for row, at in enumerate(self.positions)
        }

    def extremes(self) -> tuple[Lengths, Lengths]:
        """Shortest and longest lengths that draws can practically reach, as single draws."""
        found = []
        for share in (1e-9, 1 - 1e-9):
            severity = np.full((len(self.drivers), 1), share)
            luck = Luck(
                np.full((len(self.positions), 1), share),
                ndtri(np.array([share])),
                np.ones((len(self.drivers), 1), dtype=bool),
                severity,
            )
            impacts = self.impacts(luck)
            for n, driver in enumerate(self.drivers):
                # The shortest has no threat, the longest no opportunity.
                neutral = 1.0 if driver.effect is Effect.FACTOR else 0.0
                impacts[n] = (
                    np.minimum(impacts[n], neutral) if share < 0.5 else np.maximum(impacts[n], neutral)
                )
            found.append(self.lengths(luck, impacts))
        return found[0], found[1]

    def finish_delay(self, impacts: Numbers, remaining: NDArray[np.int64]) -> NDArray[np.int64]:
        """Working minutes that risks without tasks add to the finish, given the working minutes left until it."""
        delay = np.zeros(impacts.shape[1])
        for n, driver in enumerate(self.drivers):
            if driver.tasks or driver.impact is None:
                continue
            delay += (impacts[n] - 1) * remaining if driver.effect is Effect.FACTOR else impacts[n]
        return np.rint(delay).astype(np.int64)

    def money(
        self, costs: Costs, luck: Luck, lengths: Lengths, first: int, working: NDArray[np.int64]
    ) -> Numbers:
        """Total cost in each draw; `working` are the plan's working minutes still to go until the finish."""
        count = luck.common.size
        total = np.full(count, costs.spent) + costs.overhead_per_minute * np.maximum(working, 0)
        for key, cost in costs.tasks:
            at = self.position(key, "a cost")
            fixed = cost.fixed
            if fixed.optimistic == fixed.pessimistic:
                total += fixed.most_likely
            else:
                stream = streams(self._seed, [f"cost {key}"])
                total += quantile(
                    self.shape,
                    fixed.optimistic,
                    fixed.most_likely,
                    fixed.pessimistic,
                    self._draw(stream, first, count)[0],
                )
            length = lengths.get(at)
            total += cost.per_minute * (self.net.nodes[at].remaining if length is None else length.rest)
        for n, driver in enumerate(self.drivers):
            if driver.cost is not None:
                # A risk that hits hard in time hits hard in money: one severity serves both.
                point = driver.cost
                drawn = quantile(
                    self.shape, point.optimistic, point.most_likely, point.pessimistic, luck.severity[n]
                )
                total += np.where(luck.happens[n], drawn, 0.0)
        return total
