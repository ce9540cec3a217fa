"""The result of a run as one JSON document. docs/run.md describes it; names in it stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from steerco.areas.plan.models import TaskLink, WorkItem
from steerco.connect.models import ImportRun
from steerco.engine.plan import to_moment
from steerco.kit.tree import Node
from steerco.status.results import Forecast, ForecastKind, Health, Snapshot, committed_day
from steerco.status.say import spoken

SCHEMA = 1
COLUMNS = (
    "pk", "number", "origin_system", "origin_key", "title", "wbs", "kind", "status", "parent__origin_key", "early_start",
    "early_finish", "late_start", "late_finish", "levelled_start", "levelled_finish", "p80_finish", "planned_start",
    "planned_finish", "actual_start", "actual_finish", "total_float", "free_float", "is_critical", "percent_complete",
    "duration_minutes", "points", "origin",
)  # fmt: skip
MOMENTS = (
    "early_start", "early_finish", "late_start", "late_finish", "levelled_start", "levelled_finish", "p80_finish",
    "planned_start", "planned_finish", "actual_start", "actual_finish",
)  # fmt: skip
# What the source computed itself -> our column for it.
STORED = {
    "early_start": "early_start",
    "early_finish": "early_finish",
    "late_start": "late_start",
    "late_finish": "late_finish",
    "total_slack_minutes": "total_float_minutes",
    "free_slack_minutes": "free_float_minutes",
}


def project_result(node: Node, sources: Iterable[Mapping[str, Any]], packs: Iterable[str]) -> dict[str, Any]:
    """Everything about one project after its calculation."""
    items = items_of(node)
    snapshot = Snapshot.objects.filter(node=node).order_by("-pk").first()
    compared = [item for item in items if item["agrees"] is not None]
    return {
        "key": node.key,
        "name": node.name,
        "sources": list(sources),
        "start": _moment(node.start),
        "status_date": _moment(node.status_date),
        "currency": node.currency,
        "items": items,
        "links": TaskLink.objects.filter(node=node).count(),
        "agreement": {"compared": len(compared), "agreeing": sum(item["agrees"] for item in compared)},
        **forecasts_of(snapshot),
        "health": health_of(snapshot),
        "findings": [
            {name: finding[name] for name in ("code", "severity", "sentence", "remedy", "tasks")}
            for finding in (snapshot.findings if snapshot else [])
        ],
        "summary": snapshot.summary if snapshot else {},
        "import": import_of(node),
        "packs": list(packs),
    }


def items_of(node: Node) -> list[dict[str, Any]]:
    """Every work item in the order of the plan, with what was computed of it and what the source says of itself."""
    rows = (
        WorkItem.objects.filter(node=node, archived_at__isnull=True)
        .order_by("position", "number")
        .values(*COLUMNS)
    )
    return [_item(row) for row in rows]


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "key": row["origin_key"],
        "origin_key": row["origin_key"],
        "source": row["origin_system"],
        "ref": f"T-{row['number']}",
        "title": row["title"],
        "wbs": row["wbs"],
        "kind": row["kind"],
        "status": row["status"],
        "parent": row["parent__origin_key"] or "",
        **{name: _moment(row[name]) for name in MOMENTS},
        "total_float_minutes": row["total_float"],
        "free_float_minutes": row["free_float"],
        "is_critical": row["is_critical"],
        "critical": row["is_critical"],
        "percent_complete": float(row["percent_complete"]),
        "duration_minutes": row["duration_minutes"],
        "points": None if row["points"] is None else float(row["points"]),
    }
    stored = dict((row["origin"] or {}).get("stored") or {})
    for name, value in stored.items():
        if isinstance(value, str) and len(value) >= 16:
            stored[name] = value[:16]
    item["stored"] = stored or None
    item["agrees"] = agrees(item, stored)
    return item


def agrees(item: Mapping[str, Any], stored: Mapping[str, Any]) -> bool | None:
    """Whether all that the source computed itself is what was computed here; None where there is nothing to compare."""
    pairs = [(stored[name], item[ours]) for name, ours in STORED.items() if stored.get(name) is not None]
    if not pairs or item["early_start"] is None:
        return None
    return all(theirs == ours for theirs, ours in pairs)


def forecasts_of(snapshot: Snapshot | None) -> dict[str, Any]:
    """The finish by simulation, the finish by throughput and the cost; None for each that cannot be said."""
    rows = {row.kind: row for row in Forecast.objects.filter(snapshot=snapshot)} if snapshot else {}
    return {
        "forecast": _forecast(rows.get(ForecastKind.SCHEDULE)),
        "throughput_forecast": _forecast(rows.get(ForecastKind.THROUGHPUT)),
        "cost_forecast": _forecast(rows.get(ForecastKind.COST)),
    }


def _forecast(row: Forecast | None) -> dict[str, Any] | None:
    if row is None:
        return None
    is_cost = row.kind == ForecastKind.COST

    def read(value: float | None) -> Any:
        return value if is_cost or value is None else _moment(to_moment(round(value)))

    committed: Any = row.committed
    if committed is not None and not is_cost:
        committed = committed_day(committed).isoformat()
    told = {name: read(getattr(row, name)) for name in PERCENTILES}
    return told | {
        "draws": row.draws,
        "seed": row.seed,
        "assumed_share": row.assumed_share,
        "committed": committed,
        "chance": row.committed_confidence,
        "method": row.method,
        "drivers": row.drivers,
    }


PERCENTILES = ("p10", "p25", "p50", "p75", "p80", "p90", "p95", "mean", "deterministic")


def health_of(snapshot: Snapshot | None) -> dict[str, Any]:
    """The verdict, overall and per dimension, each with its sentence and further reasons."""
    health = Health.objects.filter(snapshot=snapshot).first() if snapshot else None
    if health is None:
        return {
            "overall": "unknown",
            "sentence": "Nothing was calculated.",
            "because": "",
            "reasons": [],
            "dimensions": [],
        }
    return {
        "overall": health.colour,
        "sentence": str(spoken(health.sentences)),
        "because": health.because,
        "reasons": [str(spoken(other)) for other in health.others],
        "dimensions": [
            {
                "dimension": d["key"],
                "colour": d["colour"],
                "sentence": str(spoken(d["sentences"])),
                "because": d["because"],
                "reasons": [str(spoken(other)) for other in d["others"]],
            }
            for d in health.dimensions
        ],
        "policy": f"{health.policy} {health.policy_version}",
    }


def import_of(node: Node) -> dict[str, Any]:
    """What the imports of a project mapped, lost, refused and warned of, with counts."""
    told: dict[str, list[dict[str, Any]]] = {"mapped": [], "lost": [], "refused": [], "warnings": []}
    registers: dict[str, dict[str, int]] = {}
    files = []
    for run in ImportRun.objects.filter(node=node).order_by("pk"):
        for note in run.notes:
            kind = "warnings" if note["kind"] == "warning" else note["kind"]
            told[kind].append({"file": run.file} | {n: v for n, v in note.items() if n != "kind"})
        for slug, counts in run.counts.items():
            into = registers.setdefault(slug, {})
            for name, count in counts.items():
                into[name] = into.get(name, 0) + count
        files.append(
            {"file": run.file, "system": run.system, "sha256": run.sha256, "registers": run.counts}
            | run.receipt
        )
    counts = {kind: sum(note["count"] for note in notes) for kind, notes in told.items()}
    return {**told, "counts": counts, "registers": registers, "files": files}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=None).isoformat(timespec="minutes")
