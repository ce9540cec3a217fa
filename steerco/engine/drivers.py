"""Risks of the register as drivers of a simulation: with a probability, something happens to some tasks, the finish or the money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from steerco.engine.distributions import ThreePoint


class Effect(StrEnum):
    """What a risk's impact does to the work it hits."""

    MINUTES = "minutes"  # adds working minutes; negative ones are an opportunity
    FACTOR = "factor"  # multiplies what is left of the work; below 1 is an opportunity


@dataclass(frozen=True, slots=True)
class RiskDriver:
    """One risk: when it happens, every task it hits is struck by the same impact.

    `impact` is in working minutes of each task hit, or a factor on its remaining work; None has no impact on time.
    Without `tasks` it strikes the finish of the plan. A risk on a summary strikes the last of its tasks. `cost` is
    the money it takes when it happens, besides what longer work costs.
    """

    key: str
    probability: float
    impact: ThreePoint | None = None
    effect: Effect = Effect.MINUTES
    tasks: tuple[str, ...] = ()
    cost: ThreePoint | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"the probability of risk {self.key} must lie in 0..1, got {self.probability}")
        if self.effect is Effect.FACTOR and self.impact is not None and self.impact.optimistic < 0:
            raise ValueError(
                f"the factor of risk {self.key} cannot be negative, got {self.impact.optimistic}"
            )


@dataclass(frozen=True, slots=True)
class AssumedSpread:
    """Spread given to tasks without an estimate, as factors on their duration.

    The defaults are what 10,000 finished commercial tasks did: half within a quarter of the estimate, 80 % within 1.43
    times of it. Whoever uses them says so: the trial names the tasks.
    """

    optimistic: float = 0.9
    most_likely: float = 1.0
    pessimistic: float = 1.43

    def __post_init__(self) -> None:
        if not 0 < self.optimistic <= self.most_likely <= self.pessimistic:
            raise ValueError(
                "an assumed spread must rise and be positive, got "
                f"{self.optimistic}, {self.most_likely}, {self.pessimistic}"
            )


NOTHING = ThreePoint(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class TaskCost:
    """Money still to be spent on a task: an amount whatever it lasts, and a rate per working minute left."""

    fixed: ThreePoint = NOTHING
    per_minute: float = 0.0


@dataclass(frozen=True, slots=True)
class Costs:
    """The plan's money: spent already, per task key, and what each working minute until the finish costs by itself."""

    spent: float = 0.0
    tasks: tuple[tuple[str, TaskCost], ...] = ()
    overhead_per_minute: float = 0.0


@dataclass(frozen=True, slots=True)
class Correlation:
    """How durations hang together.

    `common` is the correlation of any two tasks through one common cause (the same team, tools, optimism); 0 makes
    tasks independent, which is what makes naive simulations overconfident. `pairs` sets single pairs otherwise
    (Gaussian copula); what cannot hold at once is moved to the nearest correlation that can.
    """

    common: float = 0.3
    pairs: tuple[tuple[str, str, float], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.common < 1:
            raise ValueError(f"the common correlation must lie in 0..1 (1 excluded), got {self.common}")
        for first, second, value in self.pairs:
            if first == second or not -1 <= value <= 1:
                raise ValueError(f"the correlation of {first} and {second} must lie in -1..1, got {value}")
