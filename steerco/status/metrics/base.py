"""What a metric is: declared once with its name, unit, inputs, function, refusal and plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from steerco.kit.fields import Label
from steerco.status.calculation import Calculation, Missing
from steerco.status.facts import ProjectFacts
from steerco.status.network import PlanFacts
from steerco.status.policy import Policy


@dataclass(frozen=True, slots=True)
class Subject:
    """What a metric is computed over: facts, what the engine made of them, the policy, and the day it is."""

    facts: ProjectFacts
    plan: PlanFacts
    calc: Calculation
    policy: Policy
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Value:
    """A computed value with its evidence. `figures` feed the sentences: plain JSON values by name."""

    value: float
    refs: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    coverage: float = 1.0
    freshness_days: float | None = None
    confidence: float | None = None
    text: str = ""


Compute = Callable[[Subject], "Value | Missing | None"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `compute` gives a Value, a Missing (refused, and why), or None where it does not apply at all."""

    slug: str
    label: Label
    unit: str  # d, %, count, money, index, ratio, score, points
    subject: str  # what it is measured of
    inputs: tuple[str, ...]
    better: str  # lower, higher, neutral
    says: Label  # template with figures, see say.py
    needs: Label  # when it refuses, in words
    compute: Compute
    version: int = 1


_metrics: dict[str, Metric] = {}


def metric(
    slug: str,
    label: Label,
    *,
    unit: str,
    inputs: Iterable[str],
    better: str,
    says: Label,
    needs: Label,
    subject: str = "project",
    version: int = 1,
) -> Callable[[Compute], Compute]:
    """Declare a metric over the function that computes it. Raises TypeError where the slug is taken."""

    def put(compute: Compute) -> Compute:
        if slug in _metrics:
            raise TypeError(f"metric {slug} is declared twice")
        _metrics[slug] = Metric(
            slug, label, unit, subject, tuple(inputs), better, says, needs, compute, version
        )
        return compute

    return put


def all_metrics() -> tuple[Metric, ...]:
    """Every metric in the order of declaration."""
    return tuple(_metrics.values())


def find(slug: str) -> Metric | None:
    return _metrics.get(slug)
