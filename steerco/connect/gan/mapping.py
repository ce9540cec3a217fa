"""What GanttProject's attributes become."""

from __future__ import annotations

from steerco.engine.plan import LinkType

LINK_TYPES = {"1": LinkType.SS, "2": LinkType.FS, "3": LinkType.FF, "4": LinkType.SF}

# GanttProject's five priorities, in the order of their numbers in files: low, normal, high, lowest, highest.
PRIORITIES = {"0": 300, "1": 500, "2": 700, "3": 100, "4": 900}

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

FIELDS = {
    "name": "title",
    "start": "planned_start",
    "duration": "duration_minutes",
    "complete": "percent_complete",
    "meeting": "kind",
    "priority": "priority",
    "thirdDate": "constraint_date",
    "cost-manual-value": "planned_cost",
}
LOST = {
    "webLink": "Web links are not kept; attach the address to the item.",
    "shape": "Patterns of bars are not kept.",
}

OWNED = frozenset(FIELDS.values()) | {
    "wbs",
    "position",
    "status",
    "description",
    "planned_finish",
    "constraint",
    "owner",
    "baseline_start",
    "baseline_finish",
    "baseline_duration_minutes",
    "custom",
}
