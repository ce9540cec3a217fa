"""Writing results: snapshots with all that belongs to them in one transaction, scores once, and nothing ever changed.

These rows are no records: nobody edits them, they follow from records, and each is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from steerco.kit.queue import Stale
from steerco.kit.tree import Node
from steerco.status.calculation import LEVELS, MINUTES_A_DAY, Distribution
from steerco.status.health import Verdict
from steerco.status.policy import Policy
from steerco.status.readings import Read, row_of
from steerco.status.results import Forecast, ForecastKind, Health, Reading, Snapshot


def answer_stale(node_id: int) -> Stale | None:
    """Take a node's mark of staleness away and return it. Called before anything is read.

    A change that lands later marks the node again and queues another calculation, so none is ever missed.
    """
    with transaction.atomic():
        mark = Stale.objects.select_for_update().filter(node=node_id).first()
        if mark is not None:
            Stale.objects.filter(pk=mark.pk).delete()
    return mark


def latest(node_id: int) -> Snapshot | None:
    """The last snapshot of a node."""
    return Snapshot.objects.filter(node=node_id).order_by("-id").first()


def keep(
    snapshot: Snapshot,
    *,
    forecasts: Sequence[Forecast],
    reads: Sequence[Read],
    overall: Verdict,
    dimensions: Sequence[Verdict],
    policy: Policy,
) -> Snapshot:
    """Write a snapshot and everything that belongs to it, or nothing at all.

    Two calculations of one node that end together leave two snapshots in the order they were kept, never a mixture.
    """
    with transaction.atomic():
        Node.objects.select_for_update().get(pk=snapshot.node_id)
        snapshot.save()
        for forecast in forecasts:
            forecast.snapshot = snapshot
        Forecast.objects.bulk_create(forecasts)
        Reading.objects.bulk_create(
            row_of(read, node_id=snapshot.node_id, snapshot=snapshot, as_of=snapshot.as_of) for read in reads
        )
        Health.objects.create(
            node_id=snapshot.node_id,
            snapshot=snapshot,
            as_of=snapshot.as_of,
            made_at=snapshot.made_at,
            colour=overall.colour,
            sentences=dict(overall.sentences),
            because=overall.because,
            others=[dict(sentences) for sentences in overall.others],
            dimensions=[verdict.plain() for verdict in dimensions],
            policy=policy.name,
            policy_version=policy.version,
        )
    return snapshot


def forecast_row(
    node_id: int,
    kind: ForecastKind,
    found: Distribution,
    *,
    as_of: date,
    made_at: datetime,
    fingerprint: str,
    committed: float | None,
    needed: float | None,
) -> Forecast:
    """A forecast ready to be kept with its snapshot."""
    values: dict[str, Any] = {f"p{level}": found.percentile(level) for level in LEVELS}
    return Forecast(
        node_id=node_id,
        kind=kind,
        as_of=as_of,
        made_at=made_at,
        mean=found.mean,
        deterministic=found.deterministic,
        committed=committed,
        committed_confidence=None if committed is None else found.chance(committed),
        needed_confidence=needed,
        histogram=found.bins(step=None if kind == ForecastKind.COST else MINUTES_A_DAY),
        drivers=[asdict(driver) for driver in found.drivers],
        draws=found.draws,
        seed=found.seed,
        assumed_share=round(found.assumed_share, 4),
        fingerprint=fingerprint,
        method=found.method,
        **values,
    )


def score(node_id: int, kinds: Sequence[str], actual: float, at: datetime) -> int:
    """Hold every unscored forecast of these kinds against what really happened; how many there were.

    A percentile held where the truth did not lie beyond it. The pinball loss is the mean over the published
    percentiles, in days for finishes and in money for costs. Source: Koenker and Bassett (1978).
    """
    scored = 0
    with transaction.atomic():
        waiting = Forecast.objects.select_for_update().filter(
            node=node_id, kind__in=kinds, actual__isnull=True
        )
        for forecast in waiting:
            unit = 1.0 if forecast.kind == ForecastKind.COST else float(MINUTES_A_DAY)
            scored += Forecast.objects.filter(pk=forecast.pk, actual__isnull=True).update(
                actual=actual,
                scored_at=at,
                held_p50=actual <= forecast.p50,
                held_p80=actual <= forecast.p80,
                held_p95=actual <= forecast.p95,
                pinball_loss=pinball({n: getattr(forecast, f"p{n}") for n in LEVELS}, actual) / unit,
            )
    return scored


def pinball(percentiles: dict[int, float], actual: float) -> float:
    """Mean pinball loss of published percentiles (level in per cent to value)."""
    losses = [
        max((level / 100) * (actual - value), (level / 100 - 1) * (actual - value))
        for level, value in percentiles.items()
    ]
    return sum(losses) / len(losses)
