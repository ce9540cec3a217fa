"""Columns of TaskJuggler task reports, by the titles its report writer gives them."""

from __future__ import annotations

COLUMNS = {
    "name": "name",
    "id": "id",
    "bsi": "bsi",
    "wbs": "bsi",
    "index": "index",
    "no": "number",
    "no.": "number",
    "start": "start",
    "end": "end",
    "duration": "duration",
    "effort": "effort",
    "effort left": "effort_left",
    "completion": "complete",
    "complete": "complete",
    "completed": "complete",
    "gauge": "gauge",
    "status": "source_status",
    "priority": "priority",
    "note": "note",
    "resources": "resources",
    "responsible": "responsible",
    "cost": "cost",
    "precursors": "precursors",
    "predecessors": "precursors",
    "followers": "followers",
    "successors": "followers",
    "criticalness": "criticalness",
    "path criticalness": "criticalness",
    "scenario": "scenario",
    "targets": "targets",
    "flags": "flags",
}

TARGETS = {
    "name": "title",
    "bsi": "wbs",
    "start": "planned_start",
    "end": "planned_finish",
    "duration": "duration_minutes",
    "effort": "work_minutes",
    "complete": "percent_complete",
    "source_status": "source_status",
    "priority": "priority",
    "note": "description",
    "resources": "owner",
    "responsible": "owner",
    "cost": "planned_cost",
    "flags": "tags",
}

LOST = {
    "followers": "Followers repeat what precursors say; only precursors become links.",
    "criticalness": "TaskJuggler's criticalness is not kept; float is computed here.",
    "gauge": "The gauge is not kept; progress is percent complete.",
    "effort_left": "The effort left follows from effort and progress.",
    "index": "The index is not kept; the order of rows is.",
    "targets": "Targets are not kept; milestones are.",
}

OWNED = frozenset(TARGETS.values()) | {
    "position",
    "kind",
    "status",
    "constraint",
    "constraint_date",
    "elapsed",
}
