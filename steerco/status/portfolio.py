"""A portfolio or programme at a glance: one row per project below it, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max

from steerco.engine.plan import to_moment
from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.refusals import Missing
from steerco.kit.tree import Node, NodeKind, Role
from steerco.status.calculation import MINUTES_A_DAY
from steerco.status.declared import Declared, standing
from steerco.status.health import colour_word
from steerco.status.overview import (
    DecisionView,
    RiskView,
    VerdictView,
    decisions_of,
    dimension_views,
    overall_view,
    risks_of,
)
from steerco.status.policy import LEVELS
from steerco.status.recompute import latest_health
from steerco.status.results import Forecast, Health, Reading, Snapshot
from steerco.status.say import spoken

BEFORE_NOTHING = {
    "red": 0,
    "amber": 1,
    "unknown": 2,
    "green": 3,
}  # the order in which people want to see them


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project of a portfolio: verdict, forecast against commitment, money, exposure, age of the evidence."""

    node_id: int
    key: str
    name: str
    above: str  # name of the programme or portfolio it stands in
    project_type: str
    method: str
    stage: str
    currency: str
    colour: str
    word: str
    sentence: str
    dimensions: tuple[VerdictView, ...]
    declared: Declared | None
    committed_finish: date | None
    p50: datetime | None
    p80: datetime | None
    p80_moved_days: float | None  # since a week ago
    chance: float | None
    needed: float | None
    budget: Decimal | None
    eac: float | None
    exposure_days: float | None
    exposure_cost: float | None
    age_days: float | None
    as_of: date | None
    address: str


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A node with everything below it that the actor may read."""

    node_id: int
    key: str
    name: str
    kind: str
    overall: VerdictView | None
    made_at: datetime | None
    rows: tuple[ProjectRow, ...]  # worst first
    decisions: tuple[DecisionView, ...]
    risks: tuple[RiskView, ...]
    counts: dict[str, int]  # projects by colour

    @property
    def diverging(self) -> tuple[ProjectRow, ...]:
        """Projects whose declared colour is not what the evidence says, the widest gap first."""
        found = [r for r in self.rows if r.declared is not None and r.declared.diverges]
        return tuple(
            sorted(
                found, key=lambda r: (-(r.declared.levels or 0), -r.declared.days) if r.declared else (0, 0)
            )
        )


def portfolio(actor: Actor, node: Node, *, now: datetime) -> Portfolio:
    """All projects below a node that the actor may read as a reader. Raises Missing without that role on the node."""
    if access.role_on(actor, node) < Role.READER:
        raise Missing
    today = now.astimezone(UTC).date()
    projects = list(
        access.nodes(actor, Role.READER)
        .filter(above__ancestor=node, kind=NodeKind.PROJECT, archived_at__isnull=True)
        .select_related("parent")
        .order_by("parent__position", "position", "key")
    )
    ids = [p.pk for p in projects]
    verdicts = latest_health([*ids, node.pk])
    snapshots = [h.snapshot_id for h in verdicts.values()]
    readings: dict[int, dict[str, Reading]] = {}
    for reading in Reading.objects.filter(snapshot__in=snapshots):
        readings.setdefault(reading.node_id, {})[reading.metric] = reading
    forecasts: dict[int, Forecast] = {}
    for forecast in Forecast.objects.filter(snapshot__in=snapshots).exclude(kind="cost").order_by("kind"):
        forecasts.setdefault(forecast.node_id, forecast)  # "schedule" sorts before "throughput"
    earlier = _week_ago(ids, now)
    computed = {node_id: health.colour for node_id, health in verdicts.items()}
    declared = standing(actor, projects, computed, today)
    rows = [
        _row(
            p,
            verdicts.get(p.pk),
            readings.get(p.pk, {}),
            forecasts.get(p.pk),
            earlier.get(p.pk),
            declared.get(p.pk),
        )
        for p in projects
    ]
    rows.sort(key=lambda r: (BEFORE_NOTHING[r.colour], r.chance if r.chance is not None else 2.0, r.key))
    mine = verdicts.get(node.pk)
    return Portfolio(
        node.pk,
        node.key,
        node.name,
        node.kind,
        overall_view(node.key, mine) if mine else None,
        mine.made_at if mine else None,
        tuple(rows),
        decisions_of(actor, node, today, limit=20),
        risks_of(actor, node, today, limit=12),
        {colour: sum(1 for r in rows if r.colour == colour) for colour in (*LEVELS, "unknown")},
    )


def _week_ago(ids: list[int], now: datetime) -> dict[int, Forecast]:
    """The finish forecast each project had a week ago, by node id."""
    old = (
        Snapshot.objects.filter(node__in=ids, made_at__lte=now - timedelta(days=7))
        .values("node")
        .annotate(last=Max("id"))
        .values("last")
    )
    found: dict[int, Forecast] = {}
    for forecast in Forecast.objects.filter(snapshot__in=old).exclude(kind="cost").order_by("kind"):
        found.setdefault(forecast.node_id, forecast)
    return found


def _row(
    node: Node,
    health: Health | None,
    readings: dict[str, Reading],
    forecast: Forecast | None,
    earlier: Forecast | None,
    declared: Declared | None,
) -> ProjectRow:
    moved = None
    if forecast is not None and earlier is not None and forecast.kind == earlier.kind:
        moved = round((forecast.p80 - earlier.p80) / MINUTES_A_DAY, 1)
    colour = health.colour if health else "unknown"
    return ProjectRow(
        node_id=node.pk,
        key=node.key,
        name=node.name,
        above=node.parent.name if node.parent else "",
        project_type=node.project_type,
        method=node.method,
        stage=node.stage,
        currency=node.currency,
        colour=colour,
        word=colour_word(colour),
        sentence=spoken(health.sentences) if health else "",
        dimensions=dimension_views(node.key, health, readings) if health else (),
        declared=declared,
        committed_finish=node.committed_finish,
        p50=to_moment(round(forecast.p50)) if forecast else None,
        p80=to_moment(round(forecast.p80)) if forecast else None,
        p80_moved_days=moved,
        chance=forecast.committed_confidence if forecast else None,
        needed=forecast.needed_confidence if forecast else None,
        budget=node.budget,
        eac=_figure(readings, "eac_over_budget", "eac"),
        exposure_days=_value(readings, "exposure_days"),
        exposure_cost=_figure(readings, "exposure_money", "money"),
        age_days=_value(readings, "days_since_update"),
        as_of=health.as_of if health else None,
        address=f"/n/{node.key}/",
    )


def _value(readings: dict[str, Reading], metric: str) -> float | None:
    reading = readings.get(metric)
    return reading.value if reading else None


def _figure(readings: dict[str, Reading], metric: str, name: str) -> float | None:
    reading = readings.get(metric)
    if reading is None:
        return None
    found = reading.inputs.get("figures", {}).get(name)
    return float(found) if found is not None else None
