"""The calculation of a node, from its rows to a new snapshot; and upwards to what stands above it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import DateField, Max, OuterRef, Subquery
from django.utils import timezone

from steerco.areas.plan.models import WorkItem
from steerco.engine.check import Finding, Severity
from steerco.engine.plan import to_minute, to_moment
from steerco.kit import jobs
from steerco.kit.queue import Job
from steerco.kit.register import of_model
from steerco.kit.tree import Node, NodeKind
from steerco.kit.write import store_computed
from steerco.status import changes, store
from steerco.status.calculate import calculate, quiet
from steerco.status.calculation import Calculation, Distribution
from steerco.status.facts import ProjectFacts, read
from steerco.status.health import Child, judge, roll_up
from steerco.status.metrics import Subject
from steerco.status.metrics.schedule import committed_minute, finish_name
from steerco.status.network import PlanFacts, plan_from
from steerco.status.policy import Policy, for_node
from steerco.status.readings import compute
from steerco.status.results import Forecast, ForecastKind, Health, Snapshot

STEPS = (
    "facts",
    "network",
    "levelling",
    "simulation",
    "levers",
    "earned value",
    "readings",
    "changes",
    "keeping",
)
SYSTEM = (
    "early_start", "early_finish", "late_start", "late_finish", "levelled_start", "levelled_finish", "p80_finish",
    "total_float", "free_float", "is_critical",
)  # fmt: skip


@jobs.job("recompute")
def recompute_job(current: Job, node: int) -> Mapping[str, Any]:
    """The job every change of a record queues for its project."""

    def say(step: str) -> None:
        done = STEPS.index(step) if step in STEPS else 0
        jobs.progress(current, done, len(STEPS), step)

    snapshot = recompute(node, now=timezone.now(), say=say)
    return {"snapshot": snapshot.pk} if snapshot else {}


@jobs.each_day
def recompute_what_is_of_yesterday(today: date) -> None:
    """Days pass without anybody touching a record, and dates, ages and declarations run out."""
    latest = Snapshot.objects.filter(node=OuterRef("pk")).order_by("-pk").values("as_of")[:1]
    old = Node.objects.filter(kind=NodeKind.PROJECT, archived_at__isnull=True).alias(
        as_of=Subquery(latest, output_field=DateField())
    )
    for node_id in old.filter(as_of__lt=today).values_list("pk", flat=True):
        jobs.enqueue("recompute", {"node": node_id}, node_id=node_id, once=f"recompute:{node_id}")


def recompute(node_id: int, *, now: datetime, say: Callable[[str], None] = quiet) -> Snapshot | None:
    """Calculate a node and keep the result; the last snapshot itself where nothing it depends on has changed.

    None where the node is gone. A project is calculated from its records, anything above from its children.
    """
    mark = store.answer_stale(node_id)
    node = Node.objects.filter(pk=node_id, archived_at__isnull=True).first()
    if node is None:
        return None
    before = store.latest(node_id)
    snapshot = _project(node, before, now, say) if node.is_project else _above(node, before, now)
    is_new = before is None or snapshot.pk != before.pk
    if node.parent_id and (is_new or mark is not None):
        jobs.enqueue(
            "recompute", {"node": node.parent_id}, node_id=node.parent_id, once=f"recompute:{node.parent_id}"
        )
    return snapshot


def _project(node: Node, before: Snapshot | None, now: datetime, say: Callable[[str], None]) -> Snapshot:
    started = time.monotonic()
    say("facts")
    facts = read(node)
    policy, problem = for_node(node.pk)
    today = now.astimezone(UTC).date()
    if before is not None and _is_same(before, facts.fingerprint, policy, today):
        return before
    plan = plan_from(facts, today)
    calc = calculate(facts, plan, policy, today, say)
    say("readings")
    subject = Subject(facts, plan, calc, policy, today, now)
    reads = compute(subject)
    overall, dimensions = judge(reads, policy, today=today, currency=node.currency)
    write_columns(plan, calc)
    say("changes")
    causes = _causes(facts, before, policy, today)
    say("keeping")
    findings = list(calc.findings)
    if problem:
        findings.append(Finding("policy", Severity.WARNING, problem, "Correct the workspace's policy."))
    snapshot = Snapshot(
        node=node,
        made_at=now,
        as_of=today,
        fingerprint=facts.fingerprint,
        policy=policy.label,
        trail_seq=facts.trail_seq,
        findings=[_plain(f) for f in findings],
        summary=summary_of(subject),
        changes=[cause.plain() for cause in causes],
        seconds=round(time.monotonic() - started, 2),
    )
    forecasts = forecasts_of(subject)
    store.keep(
        snapshot, forecasts=forecasts, reads=reads, overall=overall, dimensions=dimensions, policy=policy
    )
    score_if_finished(facts, now)
    return snapshot


def _is_same(before: Snapshot, fingerprint: str, policy: Policy, today: date) -> bool:
    return (before.fingerprint, before.policy, before.as_of) == (fingerprint, policy.label, today)


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "sentence": finding.sentence,
        "remedy": finding.remedy,
        "tasks": list(finding.tasks)[:50],
        "value": finding.value,
        "threshold": finding.threshold,
    }


def _causes(facts: ProjectFacts, before: Snapshot | None, policy: Policy, today: date) -> list[changes.Cause]:
    if before is None or facts.trail_seq <= before.trail_seq:
        return []
    titles = {r.ref: r.title for r in facts.risks} | {i.ref: i.title for i in facts.items}
    titles |= {d.ref: d.title for d in facts.decisions}
    causes = changes.told(facts.node.id, before.trail_seq, facts.trail_seq, titles)
    return changes.attribute(facts, policy, causes, today)[: changes.KEPT]


def forecasts_of(subject: Subject) -> list[Forecast]:
    """The forecasts to publish: the network's finish, the backlog's, and the cost."""
    node, calc = subject.facts.node, subject.calc
    committed = committed_minute(subject)
    needed = node.committed_confidence / 100 if committed is not None else None
    found: list[Forecast] = []
    kinds: tuple[tuple[ForecastKind, Any], ...] = (
        (ForecastKind.SCHEDULE, calc.finish),
        (ForecastKind.THROUGHPUT, calc.throughput),
        (ForecastKind.COST, calc.cost),
    )
    for kind, distribution in kinds:
        if not isinstance(distribution, Distribution):
            continue
        is_cost = kind == ForecastKind.COST
        promised = (float(node.budget) if node.budget else None) if is_cost else committed
        found.append(
            store.forecast_row(
                node.id,
                kind,
                distribution,
                as_of=subject.today,
                made_at=subject.now,
                fingerprint=subject.facts.fingerprint,
                committed=None if promised is None else float(promised),
                needed=0.8 if is_cost and promised is not None else needed,
            )
        )
    return found


def summary_of(subject: Subject) -> dict[str, Any]:
    """What pages show of the schedule beside its readings; moments as wall-clock text."""
    facts, calc, schedule = subject.facts, subject.calc, subject.calc.schedule
    leaves = facts.leaves
    found: dict[str, Any] = {
        "items": len(leaves),
        "done": sum(1 for i in leaves if i.is_done),
        "started": sum(1 for i in leaves if i.is_started and not i.is_done),
        "backlog_open": sum(1 for i in subject.plan.backlog if not i.is_done),
        "points": float(sum(i.points or 0 for i in leaves)),
        "points_done": float(sum(i.points or 0 for i in leaves if i.is_done)),
        "finish_name": finish_name(subject),
        "data_date": _text(subject.plan.forecast_from),
    }
    if schedule is not None:
        levelled = max((finish for _start, finish in calc.levelled.values()), default=None)
        leaf = ~schedule.is_summary
        found |= {
            "tasks": int(leaf.sum()),
            "critical": int((schedule.is_critical & leaf).sum()),
            "start": _text(schedule.project_start),
            "finish": _text(schedule.project_finish),
            "levelled_finish": _text(levelled),
        }
    return found


def _text(minute: int | None) -> str | None:
    return None if minute is None else to_moment(minute).isoformat(timespec="minutes")


def write_columns(plan: PlanFacts, calc: Calculation) -> int:
    """Write the computed dates and floats into work items whose columns differ; how many that were."""
    if calc.schedule is None:
        return 0
    register = of_model(WorkItem)
    ids = list(plan.ids.values())
    stored = {
        row[0]: row[1:]
        for start in range(0, len(ids), 5000)
        for row in WorkItem.objects.filter(pk__in=ids[start : start + 5000]).values_list("id", *SYSTEM)
    }
    wanted: dict[int, dict[str, Any]] = {}
    for task in calc.schedule:
        pk = plan.ids[task.key]
        levelled = calc.levelled.get(task.key, (None, None))
        row = (
            _moment(task.early_start),
            _moment(task.early_finish),
            _moment(task.late_start),
            _moment(task.late_finish),
            _moment(levelled[0]),
            _moment(levelled[1]),
            _moment(calc.p80_of_task.get(task.key)),
            task.total_float,
            task.free_float,
            task.is_critical,
        )
        if stored.get(pk) != row:
            wanted[pk] = dict(zip(SYSTEM, row))
    store_computed(register, wanted)
    return len(wanted)


def _moment(minute: int | None) -> datetime | None:
    return None if minute is None else to_moment(minute).replace(tzinfo=UTC)


def score_if_finished(facts: ProjectFacts, now: datetime) -> int:
    """Hold all published forecasts against the truth once every work item is done; how many were scored."""
    leaves = facts.leaves
    ends = [i.finished_at for i in leaves]
    if not leaves or not all(i.is_done for i in leaves) or not any(ends):
        return 0
    finish = float(to_minute(max(e for e in ends if e is not None)))
    scored = store.score(facts.node.id, [ForecastKind.SCHEDULE, ForecastKind.THROUGHPUT], finish, now)
    spent = [float(i.actual_cost) for i in leaves if i.actual_cost is not None]
    return scored + (store.score(facts.node.id, [ForecastKind.COST], sum(spent), now) if spent else 0)


def _above(node: Node, before: Snapshot | None, now: datetime) -> Snapshot:
    """A portfolio or programme from the latest verdicts of the projects below it."""
    policy, problem = for_node(node.pk)
    today = now.astimezone(UTC).date()
    children, seen = children_of(node)
    told = [[c.key, c.colour, c.weight] for c in children] + [seen]
    fingerprint = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    if before is not None and _is_same(before, fingerprint, policy, today):
        return before
    verdict = roll_up(children, policy, today=today)
    colours = [c.colour for c in children]
    snapshot = Snapshot(
        node=node,
        made_at=now,
        as_of=today,
        fingerprint=fingerprint,
        policy=policy.label,
        findings=[{"code": "policy", "severity": "warning", "sentence": problem, "remedy": "", "tasks": []}]
        if problem
        else [],
        summary={"children": len(children)}
        | {c: colours.count(c) for c in ("red", "amber", "green", "unknown")},
    )
    return store.keep(snapshot, forecasts=(), reads=(), overall=verdict, dimensions=(), policy=policy)


def children_of(node: Node) -> tuple[list[Child], list[str]]:
    """The projects below a node with their latest colour, and the fingerprints of what they were judged by.

    A programme in between weighs nothing of its own: two red projects are two, however they are grouped.
    """
    children = list(
        Node.objects.filter(above__ancestor=node, kind=NodeKind.PROJECT, archived_at__isnull=True).order_by(
            "key"
        )
    )
    verdicts = latest_health([c.pk for c in children])
    found, seen = [], []
    for child in children:
        health = verdicts.get(child.pk)
        found.append(
            Child(
                child.key,
                child.name,
                health.colour if health else "unknown",
                float(child.budget) if child.budget else None,
            )
        )
        seen.append(health.snapshot.fingerprint if health else "")
    return found, seen


def latest_health(node_ids: list[int]) -> dict[int, Health]:
    """The newest verdict of each node, by node id, its snapshot fetched with it."""
    newest = Health.objects.filter(node__in=node_ids).values("node").annotate(last=Max("id")).values("last")
    return {h.node_id: h for h in Health.objects.filter(pk__in=newest).select_related("snapshot")}
