"""Everything a project's first page says: the verdict and why, the forecast, levers, decisions, risks, money, changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import formats
from django.utils.translation import gettext as _

from steerco.areas.govern.models import Decision
from steerco.areas.raid.models import Risk
from steerco.engine.plan import to_moment
from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.queue import Stale
from steerco.kit.refusals import Missing
from steerco.kit.register import of_model
from steerco.kit.tree import Node, Role
from steerco.status.declared import Declared, standing
from steerco.status.health import colour_word
from steerco.status.movement import Movement, since_last_week
from steerco.status.readings import label_of, sentence_of, value_of
from steerco.status.results import Forecast, ForecastKind, Health, Reading, Snapshot, committed_day
from steerco.status.say import spoken

LEVER_DAYS = 0.5  # what closing a risk must buy of P80 to be called a lever
LEVER_MONEY = 1.0


@dataclass(frozen=True, slots=True)
class VerdictView:
    """One verdict as it is shown: colour with its word, the sentence why, further reasons, where the evidence is."""

    key: str
    label: str
    colour: str
    word: str
    sentence: str
    others: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One reading as it is shown: value or refusal, the sentence, and where the evidence is."""

    id: int
    metric: str
    label: str
    value: float | None
    shown: str
    sentence: str
    refused: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class ForecastView:
    """A published finish or cost. Finishes are wall-clock moments, costs floats in the node's currency."""

    id: int
    kind: str
    made_at: datetime
    p10: Any
    p50: Any
    p80: Any
    p95: Any
    mean: Any
    deterministic: Any
    committed: Any  # the date, or the budget
    chance: float | None
    needed: float | None
    edges: tuple[Any, ...]
    counts: tuple[int, ...]
    draws: int
    assumed_share: float
    method: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that can be done, and what it buys."""

    ref: str
    title: str
    sentence: str
    days: float
    money: float
    address: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision that waits. `days_left` is negative once it is overdue."""

    node_key: str
    ref: str
    title: str
    status: str
    owner: str
    needed_by: date | None
    days_left: int | None
    delay_days_per_week: Decimal | None
    cost_of_delay: Decimal | None
    address: str
    currency: str


@dataclass(frozen=True, slots=True)
class RiskView:
    """An open risk with its exposure."""

    node_key: str
    ref: str
    title: str
    probability: Decimal | None
    exposure_days: Decimal | None
    exposure_cost: Decimal | None
    response: str
    owner: str
    due: date | None
    is_overdue: bool
    address: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something wrong with the plan, with its remedy."""

    code: str
    severity: str
    sentence: str
    remedy: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What a person may see of a node's status. `is_visible` is False for guests: they see shared records alone."""

    node_id: int
    key: str
    name: str
    kind: str
    method: str
    project_type: str
    stage: str
    sponsor: str
    currency: str
    is_visible: bool
    is_stale: bool  # a newer calculation is on its way
    as_of: date | None
    made_at: datetime | None
    policy: str
    overall: VerdictView | None
    dimensions: tuple[VerdictView, ...]
    declared: Declared | None
    forecast: ForecastView | None
    cost: ForecastView | None
    readings: tuple[ReadingView, ...]
    levers: tuple[Lever, ...]
    decisions: tuple[DecisionView, ...]
    risks: tuple[RiskView, ...]
    movement: Movement | None
    sources: tuple[tuple[str, date, int], ...]  # system ("" is people here), last heard of, records
    findings: tuple[FindingView, ...]
    findings_count: dict[str, int]
    summary: dict[str, Any]
    budget: Decimal | None
    committed_finish: date | None
    committed_confidence: int
    snapshot: int  # id of the calculation all of this is from; 0 before the first

    def reading(self, metric: str) -> ReadingView | None:
        """The reading of one metric, where it applies."""
        return next((r for r in self.readings if r.metric == metric), None)


def evidence_address(key: str, reading_id: int) -> str:
    return f"/n/{key}/evidence/{reading_id}/"


def record_address(key: str, slug: str, ref: str) -> str:
    return f"/n/{key}/{slug}/{ref}/"


def overview(actor: Actor, node: Node, *, now: datetime) -> Overview:
    """The overview of a node for an actor. Raises Missing where the actor holds no role there.

    Status needs the role of a reader; a guest gets the records shared with them and nothing computed.
    """
    role = access.role_on(actor, node)
    if role < Role.GUEST:
        raise Missing
    today = now.astimezone(UTC).date()
    is_visible = role >= Role.READER
    snapshot = Snapshot.objects.filter(node=node).order_by("-id").first() if is_visible else None
    health = Health.objects.filter(snapshot=snapshot).first() if snapshot else None
    readings = list(Reading.objects.filter(snapshot=snapshot).order_by("id")) if snapshot else []
    forecasts = {f.kind: f for f in Forecast.objects.filter(snapshot=snapshot)} if snapshot else {}
    finish = forecasts.get(ForecastKind.SCHEDULE) or forecasts.get(ForecastKind.THROUGHPUT)
    by_metric = {r.metric: r for r in readings}
    declared = None
    if is_visible:
        computed = {node.pk: health.colour} if health else {}
        declared = standing(actor, [node], computed, today).get(node.pk)
    found = snapshot.findings if snapshot else []
    return Overview(
        node_id=node.pk,
        key=node.key,
        name=node.name,
        kind=node.kind,
        method=node.method,
        project_type=node.project_type,
        stage=node.stage,
        sponsor=node.sponsor,
        currency=node.currency,
        is_visible=is_visible,
        is_stale=is_visible and Stale.objects.filter(node=node).exists(),
        as_of=snapshot.as_of if snapshot else None,
        made_at=snapshot.made_at if snapshot else None,
        policy=snapshot.policy if snapshot else "",
        overall=overall_view(node.key, health) if health else None,
        dimensions=dimension_views(node.key, health, by_metric) if health else (),
        declared=declared,
        forecast=forecast_view(node.key, finish) if finish else None,
        cost=forecast_view(node.key, forecasts[ForecastKind.COST])
        if ForecastKind.COST in forecasts
        else None,
        readings=tuple(reading_view(node, r) for r in readings),
        levers=levers_of(node, finish) if finish else (),
        decisions=decisions_of(actor, node, today),
        risks=risks_of(actor, node, today),
        movement=since_last_week(node.pk, now) if snapshot else None,
        sources=_sources(by_metric.get("days_since_update")),
        findings=tuple(
            FindingView(f["code"], f["severity"], f["sentence"], f["remedy"], tuple(f["tasks"]))
            for f in found
        ),
        findings_count={s: n for s in ("error", "warning", "note") if (n := _count(found, s))},
        summary=snapshot.summary if snapshot else {},
        budget=node.budget if is_visible else None,
        committed_finish=node.committed_finish if is_visible else None,
        committed_confidence=node.committed_confidence,
        snapshot=snapshot.pk if snapshot else 0,
    )


def _count(findings: list[dict[str, Any]], severity: str) -> int:
    return sum(1 for f in findings if f["severity"] == severity)


def overall_view(key: str, health: Health) -> VerdictView:
    """The verdict over the whole node; its evidence is the dimension's that decided."""
    return VerdictView(
        "overall",
        _("Overall"),
        health.colour,
        colour_word(health.colour),
        spoken(health.sentences),
        tuple(spoken(s) for s in health.others),
        f"/n/{key}/evidence/",
    )


def dimension_views(key: str, health: Health, readings: dict[str, Reading]) -> tuple[VerdictView, ...]:
    """One view per dimension, leading to the reading that decided it."""
    found = []
    for d in health.dimensions:
        reading = readings.get(d["because"])
        found.append(
            VerdictView(
                d["key"],
                spoken(d["label"]),
                d["colour"],
                colour_word(d["colour"]),
                spoken(d["sentences"]),
                tuple(spoken(s) for s in d["others"]),
                evidence_address(key, reading.pk) if reading else f"/n/{key}/evidence/",
            )
        )
    return tuple(found)


def reading_view(node: Node, reading: Reading) -> ReadingView:
    return ReadingView(
        reading.pk,
        reading.metric,
        str(label_of(reading.metric)),
        reading.value,
        value_of(reading, currency=node.currency),
        sentence_of(reading, currency=node.currency),
        bool(reading.refused),
        evidence_address(node.key, reading.pk),
    )


def forecast_view(key: str, row: Forecast) -> ForecastView:
    """A forecast row with its numbers as people read them."""
    is_cost = row.kind == ForecastKind.COST

    def read(value: float | None) -> Any:
        return value if is_cost or value is None else to_moment(round(value))

    committed: Any = row.committed
    if committed is not None and not is_cost:
        committed = committed_day(committed)
    return ForecastView(
        id=row.pk,
        kind=row.kind,
        made_at=row.made_at,
        p10=read(row.p10),
        p50=read(row.p50),
        p80=read(row.p80),
        p95=read(row.p95),
        mean=read(row.mean),
        deterministic=read(row.deterministic),
        committed=committed,
        chance=row.committed_confidence,
        needed=row.needed_confidence,
        edges=tuple(read(e) for e in row.histogram.get("edges", ())),
        counts=tuple(row.histogram.get("counts", ())),
        draws=row.draws,
        assumed_share=row.assumed_share,
        method=row.method,
        evidence=f"/n/{key}/forecast/",
    )


def levers_of(node: Node, row: Forecast) -> tuple[Lever, ...]:
    """What can be done about the finish: risks whose closing buys at least half a day of P80, or money."""
    found = []
    for driver in row.drivers:
        days, money = float(driver["gain"]), float(driver["money"])
        if driver["kind"] != "risk" or (days < LEVER_DAYS and money < LEVER_MONEY):
            continue
        if days >= LEVER_DAYS:
            said = _("Closing %(ref)s buys %(days)s d") % {
                "ref": driver["ref"],
                "days": formats.number_format(days, 1),
            }
        else:
            said = _("Closing %(ref)s saves money, no time") % {"ref": driver["ref"]}
        address = record_address(node.key, "risks", driver["ref"])
        found.append(Lever(driver["ref"], driver["title"], said, days, money, address))
    return tuple(sorted(found, key=lambda lever: (-lever.days, -lever.money, lever.ref)))


def decisions_of(actor: Actor, node: Node, today: date, limit: int = 10) -> tuple[DecisionView, ...]:
    """Decisions that wait, in and below a node, the most urgent first; only those the actor may read."""
    rows = (
        access.rows(of_model(Decision), actor, node)
        .filter(status__in=("proposed", "needed"))
        .select_related("owner", "node")
    )
    found = [
        DecisionView(
            row.node.key,
            row.ref,
            row.title,
            row.status,
            row.owner.name if row.owner else "",
            row.needed_by,
            (row.needed_by - today).days if row.needed_by else None,
            row.delay_days_per_week,
            row.cost_of_delay,
            record_address(row.node.key, "decisions", row.ref),
            row.node.currency,
        )
        for row in rows.order_by("needed_by", "number")[: limit * 5]
    ]
    found.sort(key=lambda d: (d.needed_by is None, d.needed_by or date.max, d.node_key, d.ref))
    return tuple(found[:limit])


def risks_of(actor: Actor, node: Node, today: date, limit: int = 8) -> tuple[RiskView, ...]:
    """Open risks in and below a node, the greatest exposure first; only those the actor may read."""
    rows = (
        access.rows(of_model(Risk), actor, node)
        .filter(status__in=("open", "treating"))
        .select_related("owner", "node")
        .order_by(
            F("exposure_days").desc(nulls_last=True), F("exposure_cost").desc(nulls_last=True), "number"
        )
    )
    return tuple(
        RiskView(
            row.node.key,
            row.ref,
            row.title,
            row.probability,
            row.exposure_days,
            row.exposure_cost,
            row.get_response_display() if row.response else "",
            row.owner.name if row.owner else "",
            row.due,
            bool(row.due and row.due < today),
            record_address(row.node.key, "risks", row.ref),
        )
        for row in rows[:limit]
    )


def _sources(reading: Reading | None) -> tuple[tuple[str, date, int], ...]:
    if reading is None:
        return ()
    return tuple(
        (s["system"], date.fromisoformat(s["last"]), int(s["records"]))
        for s in reading.inputs.get("figures", {}).get("sources", ())
    )
