"""Data for the chart islands, out of views that already passed the read gate; dates become minutes since 1970."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from steerco.engine.plan import to_minute
from steerco.status.forecast_page import ForecastPage
from steerco.status.overview import ForecastView
from steerco.status.portfolio import Portfolio


def place(value: Any) -> float | int | None:
    """A moment, a day (its end) or an amount as the axis wants it."""
    if isinstance(value, datetime):
        return to_minute(value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None))
    if isinstance(value, date):
        return to_minute(datetime(value.year, value.month, value.day, 23, 59))
    return None if value is None else float(value)


def histogram(view: ForecastView) -> dict[str, Any] | None:
    """The distribution of finish or cost, with committed, P50 and P80."""
    if not view.edges:
        return None
    return {
        "axis": "number" if view.kind == "cost" else "date",
        "unit": "",
        "edges": [place(e) for e in view.edges],
        "counts": list(view.counts),
        "committed": place(view.committed),
        "committed_chance": view.chance,
        "p50": place(view.p50),
        "p80": place(view.p80),
    }


def of_forecast(found: ForecastPage) -> dict[str, Any]:
    """The forecast page's charts: distribution and tornado."""
    swings = [
        {"name": f"{d.ref} {d.title}"[:60], "low": d.better, "high": d.worse}
        for d in found.drivers
        if abs(d.better) + abs(d.worse) > 0.01
    ][:12]
    return {
        "distribution": histogram(found.forecast),
        "tornado": {"unit": _("d"), "items": swings} if swings else None,
    }


def bubbles(view: Portfolio) -> dict[str, Any] | None:
    """Projects by the chance of their committed date and their exposure; size is the budget."""
    points = [
        {
            "name": row.name,
            "x": round(row.chance * 100, 1),
            "y": round(row.exposure_days or 0, 1),
            "size": float(row.budget or 0),
            "health": row.colour,
            "url": reverse("node", args=[row.key]),
        }
        for row in view.rows
        if row.chance is not None
    ]
    if len(points) < 2:
        return None
    return {
        "x": _("Chance of keeping the committed date, %"),
        "y": _("Exposure, working days"),
        "points": points,
    }
