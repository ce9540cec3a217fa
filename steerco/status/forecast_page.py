"""The forecast page's data: distribution, S-curve, tornado, and how earlier forecasts came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from steerco.engine.plan import to_moment
from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.refusals import Missing
from steerco.kit.tree import Node, Role
from steerco.status.overview import ForecastView, Lever, forecast_view, levers_of
from steerco.status.results import Forecast, ForecastKind


@dataclass(frozen=True, slots=True)
class DriverView:
    """A bar of the tornado, in calendar days around the mean, and what closing it would buy of P80."""

    ref: str
    title: str
    kind: str
    better: float
    worse: float
    gain: float
    money: float
    share: float


@dataclass(frozen=True, slots=True)
class Track:
    """How published forecasts held: counts of those whose truth is known, and the mean pinball loss (days or money)."""

    scored: int
    held_p50: int
    held_p80: int
    held_p95: int
    pinball_loss: float | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier forecast: a point of the milestone trend."""

    as_of: date
    p50: Any
    p80: Any
    committed: Any
    actual: Any
    chance: float | None


@dataclass(frozen=True, slots=True)
class ForecastPage:
    """One kind of forecast of a node with everything beside it."""

    forecast: ForecastView
    curve: tuple[tuple[Any, float], ...]  # upper edge of a bin, share of draws at or below it
    drivers: tuple[DriverView, ...]
    levers: tuple[Lever, ...]
    trend: tuple[Earlier, ...]  # oldest first
    track: Track
    seed: int
    fingerprint: str


def forecast_page(actor: Actor, node: Node, kind: str = ForecastKind.SCHEDULE) -> ForecastPage | None:
    """The newest forecast of a kind; None where there is none yet. Raises Missing for anybody below a reader."""
    if access.role_on(actor, node) < Role.READER:
        raise Missing
    newest = Forecast.objects.filter(node=node, kind=kind).order_by("-id").first()
    if newest is None:
        return None
    view = forecast_view(node.key, newest)
    total = sum(view.counts) or 1
    return ForecastPage(
        forecast=view,
        curve=tuple((edge, share / total) for edge, share in zip(view.edges[1:], accumulate(view.counts))),
        drivers=tuple(
            DriverView(
                d["ref"], d["title"], d["kind"], d["better"], d["worse"], d["gain"], d["money"], d["share"]
            )
            for d in newest.drivers
        ),
        levers=levers_of(node, newest),
        trend=_trend(node, kind),
        track=track_record([node.pk], kind),
        seed=newest.seed,
        fingerprint=newest.fingerprint,
    )


def _trend(node: Node, kind: str, limit: int = 52) -> tuple[Earlier, ...]:
    """The last forecast of each day, the oldest first."""
    rows = (
        Forecast.objects.filter(node=node, kind=kind)
        .order_by("-id")
        .values_list("as_of", "p50", "p80", "committed", "actual", "committed_confidence")[: limit * 8]
    )
    by_day: dict[date, tuple[Any, ...]] = {}
    for row in rows:
        by_day.setdefault(row[0], row)
    is_cost = kind == ForecastKind.COST

    def read(value: float | None) -> float | datetime | None:
        return value if is_cost or value is None else to_moment(round(value))

    def promised(value: float | None) -> float | datetime | None:
        return (
            value if is_cost or value is None else to_moment(round(value) - 1)
        )  # kept as the end of its day

    days = sorted(by_day)[-limit:]
    return tuple(
        Earlier(day, read(p50), read(p80), promised(committed), read(actual), chance)
        for day, p50, p80, committed, actual, chance in (by_day[day] for day in days)
    )


def track_record(node_ids: list[int], kind: str) -> Track:
    """How the scored forecasts of some nodes came out, one per node and day so that busy days do not count double."""
    rows = (
        Forecast.objects.filter(node__in=node_ids, kind=kind, actual__isnull=False)
        .order_by("id")
        .values_list("node_id", "as_of", "held_p50", "held_p80", "held_p95", "pinball_loss")
    )
    last = {(node, day): (p50, p80, p95, loss) for node, day, p50, p80, p95, loss in rows}
    found = list(last.values())
    return Track(
        len(found),
        sum(1 for h in found if h[0]),
        sum(1 for h in found if h[1]),
        sum(1 for h in found if h[2]),
        round(sum(h[3] or 0.0 for h in found) / len(found), 2) if found else None,
    )
