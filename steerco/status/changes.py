"""What moved between two snapshots and which changes of records did it, each tried without on the same luck."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max

from steerco.engine.check import PlanError
from steerco.engine.level import level
from steerco.engine.network import schedule as network_schedule
from steerco.engine.trial import quantile_of
from steerco.engine.worktime import CalendarError
from steerco.kit.trail import Change
from steerco.status.calculate import DRIVER_CELLS, draws_for, trial_of, with_resource_order
from steerco.status.calculation import MINUTES_A_DAY
from steerco.status.facts import ITEM_COLUMNS, RISK_COLUMNS, ItemFact, ProjectFacts, RiskFact
from steerco.status.network import plan_from
from steerco.status.policy import Policy

TRIED = 6  # changes that are tried without, the latest first
SECONDS = 10.0  # that trying may take
KEPT = 40  # causes kept with a snapshot; more are counted
SPELLED = 25  # changes of one import that are told one by one; more are one cause with their count
LOOKED_AT = 2000  # other changes, the latest
SILENT = ("comment", "attach", "grant", "revoke")  # say nothing about numbers
RISK_FIELDS = dict(zip(RISK_COLUMNS, (f.name for f in fields(RiskFact))))
ITEM_FIELDS = dict(zip(ITEM_COLUMNS, (f.name for f in fields(ItemFact))))


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened to one record between two snapshots, and by how many days it moved P50 and P80.

    `fields` maps a field to its value before and after, as plain JSON. Days are None where the effect was not tried
    (too many changes at once) or cannot be tried (a link, a calendar).
    """

    ref: str
    register: str
    record_id: int
    title: str
    action: str
    fields: Mapping[str, tuple[Any, Any]]
    who: str
    via: str
    reason: str
    seq: int
    p50_days: float | None = None
    p80_days: float | None = None
    batch: str = ""

    def plain(self) -> dict[str, Any]:
        """JSON for a snapshot's row."""
        return asdict(self) | {"fields": {name: list(pair) for name, pair in self.fields.items()}}


def told(node_id: int, after: int, until: int, titles: Mapping[str, str]) -> list[Cause]:
    """Changes of a node's records in the trail after one position and up to another, merged per record, newest first."""
    found = Change.objects.filter(node=node_id, seq__gt=after, seq__lte=until).exclude(action__in=SILENT)
    many = [
        Cause(str(count), "work-items", 0, "", "import", {}, who or "import", "import", "", last, batch=batch)
        for batch, who, count, last in found.filter(via="import")
        .values_list("batch", "actor__name")
        .annotate(count=Count("seq"), last=Max("seq"))
        .filter(count__gt=SPELLED)
    ]
    rows = (
        found.exclude(batch__in=[cause.batch for cause in many])
        .order_by("-seq")
        .values_list(
            "register", "record_id", "ref", "action", "before", "after", "actor__name", "via", "reason", "seq", "batch"
        )
    )  # fmt: skip
    merged: dict[tuple[str, int], Cause] = {}
    for register, record, ref, action, before, now, who, via, reason, seq, batch in reversed(
        rows[:LOOKED_AT]
    ):
        earlier = merged.pop((register, record), None)
        pairs = {name: (before.get(name), now.get(name)) for name in {*before, *now}}
        if earlier is not None:
            for name, (old, new) in pairs.items():
                pairs[name] = (earlier.fields[name][0] if name in earlier.fields else old, new)
            pairs = {**earlier.fields, **pairs}
            action = "create" if earlier.action == "create" else action
        title = titles.get(ref, "")
        merged[register, record] = Cause(
            ref, register, record, title, action, pairs, who or via, via, reason, seq, batch=batch
        )
    return sorted([*merged.values(), *many], key=lambda cause: -cause.seq)


def attribute(facts: ProjectFacts, policy: Policy, causes: Sequence[Cause], today: date) -> list[Cause]:
    """The causes with the days each moved P50 and P80: the forecast as it is, against it with that change undone.

    Both are drawn with the same luck, so the difference is the change and not noise. The latest few are tried.
    """
    tried = [c for c in causes if _before(facts, c) is not None][:TRIED]
    if not tried:
        return list(causes)
    started = time.monotonic()
    now = _percentiles(facts, policy, today)
    effects: dict[int, tuple[float, float]] = {}
    for cause in tried:
        if now is None or time.monotonic() - started > SECONDS:
            break
        before = _before(facts, cause)
        then = _percentiles(before, policy, today) if before is not None else None
        if then is not None:
            p50, p80 = ((a - b) / MINUTES_A_DAY for a, b in zip(now, then))
            effects[cause.seq] = (round(p50, 2), round(p80, 2))
    found = [
        replace(c, p50_days=effects[c.seq][0], p80_days=effects[c.seq][1]) if c.seq in effects else c
        for c in causes
    ]
    return sorted(found, key=lambda c: (-abs(c.p80_days or 0.0), -c.seq))


def _percentiles(facts: ProjectFacts, policy: Policy, today: date) -> tuple[float, float] | None:
    plan = plan_from(facts, today)
    if plan.plan is None:
        return None
    draws = draws_for(plan.plan, int(policy.forecast["driver_draws"]), DRIVER_CELLS)
    try:
        found = network_schedule(plan.plan)
        if policy.forecast["levelled"] and any(t.demands for t in plan.plan.tasks):
            plan = with_resource_order(plan, level(plan.plan, found))
        trial = trial_of(facts, plan, policy, found, draws=draws, criticality=False)
    except (PlanError, CalendarError):
        return None
    return quantile_of(trial.finishes, 0.5).value, quantile_of(trial.finishes, 0.8).value


def _before(facts: ProjectFacts, cause: Cause) -> ProjectFacts | None:
    """The facts as if one change had not been made; None where that cannot be told from the trail."""
    if cause.register == "risks":
        rows = [r for r in facts.risks if r.id == cause.record_id]
        if cause.action == "create" and rows:
            return replace(facts, risks=tuple(r for r in facts.risks if r.id != cause.record_id))
        if not rows or not (old := _undone(rows[0], cause, RISK_FIELDS)):
            return None
        return replace(facts, risks=tuple(old if r.id == old.id else r for r in facts.risks))
    if cause.register == "work-items":
        items = [i for i in facts.items if i.id == cause.record_id]
        if cause.action == "create" or not items or not (undone := _undone(items[0], cause, ITEM_FIELDS)):
            return None
        return replace(facts, items=tuple(undone if i.id == undone.id else i for i in facts.items))
    return None


def _undone(row: Any, cause: Cause, names: Mapping[str, str]) -> Any:
    """The row with the changed fields as they were; None where no field that counts was changed."""
    values: dict[str, Any] = {}
    for name, (before, _after) in cause.fields.items():
        target = names.get(name)
        if target is None or target in {"id", "number", "title", "origin", "parent", "owner"}:
            continue
        values[target] = _typed(before, getattr(row, target))
    return replace(row, **values) if values else None


def _typed(plain: Any, like: Any) -> Any:
    """A value of the trail's JSON as the facts hold it."""
    if plain is None or isinstance(plain, (bool, int, float)):
        return plain
    text = str(plain)
    if isinstance(like, str):
        return text
    if isinstance(like, datetime) or (len(text) >= 16 and text[4:5] == "-" and "T" in text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    try:
        return Decimal(text)
    except ArithmeticError:
        return text
