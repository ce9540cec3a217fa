"""Where a figure comes from: one reading with its inputs, rule, records and history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from steerco.kit import access, register
from steerco.kit.access import Actor
from steerco.kit.refusals import Missing
from steerco.kit.tree import Node, Role
from steerco.status.metrics import find
from steerco.status.overview import ReadingView, reading_view, record_address
from steerco.status.policy import for_node
from steerco.status.results import Reading


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record a reading rests on."""

    ref: str
    title: str
    register: str
    address: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reading opened up: what it is, what it was computed from, by which rule, and what it was before."""

    reading: ReadingView
    node_key: str
    unit: str
    as_of: date
    made_at: datetime
    inputs: tuple[str, ...]  # in words
    figures: dict[str, Any]
    needs: str
    coverage: float
    freshness_days: float | None
    confidence: float | None
    fingerprint: str
    snapshot_fingerprint: str
    policy: str
    rule_version: int
    thresholds: tuple[tuple[str, str], ...]  # colour, "at least 30"
    records: tuple[RecordView, ...]
    hidden_records: int  # that this reader may not see
    history: tuple[tuple[date, float | None], ...]  # newest first


def evidence(actor: Actor, reading_id: int) -> Evidence:
    """A reading for somebody who may read its node. Raises Missing for everybody else, and where there is none."""
    reading = Reading.objects.filter(pk=reading_id).select_related("node", "snapshot").first()
    if reading is None or access.role_on(actor, reading.node_id) < Role.READER:
        raise Missing
    node: Node = reading.node
    metric = find(reading.metric)
    refs = [str(r) for r in reading.inputs.get("refs", ())]
    records = _records(actor, node, refs)
    earlier = (
        Reading.objects.filter(node=node, metric=reading.metric, pk__lte=reading.pk)
        .order_by("-id")
        .values_list("as_of", "value")[:60]
    )
    return Evidence(
        reading=reading_view(node, reading),
        node_key=node.key,
        unit=reading.unit,
        as_of=reading.as_of,
        made_at=reading.snapshot.made_at,
        inputs=metric.inputs if metric else (),
        figures=reading.inputs.get("figures", {}),
        needs=str(metric.needs) if metric else "",
        coverage=reading.coverage,
        freshness_days=reading.freshness_days,
        confidence=reading.confidence,
        fingerprint=reading.fingerprint,
        snapshot_fingerprint=reading.snapshot.fingerprint,
        policy=reading.snapshot.policy,
        rule_version=reading.rule_version,
        thresholds=_thresholds(node, reading.metric),
        records=records,
        hidden_records=len(refs) - len(records),
        history=tuple(earlier),
    )


def readings(actor: Actor, node: Node) -> tuple[ReadingView, ...]:
    """All readings of a node's newest snapshot. Raises Missing for anybody below a reader."""
    if access.role_on(actor, node) < Role.READER:
        raise Missing
    newest = Reading.objects.filter(node=node).order_by("-id").values("snapshot")[:1]
    found = Reading.objects.filter(node=node, snapshot__in=newest).order_by("id")
    return tuple(reading_view(node, reading) for reading in found)


def _records(actor: Actor, node: Node, refs: list[str]) -> tuple[RecordView, ...]:
    """The records behind references, one query per register, in the order of the references."""
    wanted: dict[str, list[int]] = {}
    for ref in refs:
        found = register.of_ref(ref)
        number = found.number(ref) if found else None
        if found is not None and number is not None:
            wanted.setdefault(found.slug, []).append(number)
    views: dict[str, RecordView] = {}
    for slug, numbers in wanted.items():
        declared = register.get(slug)
        rows = access.rows(declared, actor, node).filter(number__in=numbers)
        for number, title in rows.values_list("number", "title"):
            ref = declared.ref(number)
            views[ref] = RecordView(ref, title, slug, record_address(node.key, slug, ref))
    return tuple(views[ref] for ref in refs if ref in views)


def _thresholds(node: Node, metric: str) -> tuple[tuple[str, str], ...]:
    policy, _problem = for_node(node.pk)
    for dimension in policy.dimensions:
        for rule in dimension.rules:
            if rule.metric == metric:
                pairs = (("red", rule.red), ("amber", rule.amber))
                return tuple(
                    (colour, f"{limit.how.replace('_', ' ')} {limit.limit:g}")
                    for colour, limit in pairs
                    if limit
                )
    return ()
