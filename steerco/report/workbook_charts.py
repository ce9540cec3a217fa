"""Charts a workbook draws itself from the cells of its tables: series, marks as labels, a schedule as stacked bars."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook

from steerco.report import charts, look, timeline, words
from steerco.report.pack import Chart, Timeline
from steerco.report.scene import hexadecimal

DAYS = 10  # the column of a timeline's table that holds its lengths
_LIKE_A_CELL = re.compile(r"!(?=\$?[A-Z])")


def _literal(text: str) -> str:
    """A chart's own text. XlsxWriter takes "Done!A1" for a reference to a cell; an invisible joiner keeps it text."""
    return _LIKE_A_CELL.sub("!\u2060", words.clean(text)[:200]) or " "


def _font(size: float = 9) -> dict[str, Any]:
    return {"name": look.FAMILY, "size": size, "color": f"#{hexadecimal('muted')}", "bold": False}


def native_chart(book: Workbook, sheet: str, block: Chart, first: int, last: int) -> Any:
    """The chart of a table whose values stand in rows first to last: categories in column 0, then the series."""
    kinds = {"histogram": "column", "stacked": "column", "tornado": "bar"}
    stacking = {"stacked": {"subtype": "stacked"}}.get(block.kind, {})
    chart = book.add_chart({"type": kinds.get(block.kind, block.kind), **stacking})
    lying = block.kind in ("bar", "tornado")
    for number, _series in enumerate(block.series):
        colour = f"#{hexadecimal(f'series-{number}')}"
        settings: dict[str, Any] = {
            "name": [sheet, first - 1, number + 1],
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, number + 1, last, number + 1],
            "fill": {"color": colour},
            "gap": {"histogram": 6, "tornado": 40}.get(block.kind, 60),
        }
        if block.kind in ("tornado", "stacked"):
            settings["overlap"] = 100
        if block.kind == "line":
            settings["line"] = {
                "color": colour,
                "width": 2.25,
                "dash_type": "dash" if number % 2 else "solid",
            }
        if block.kind == "area":
            settings["fill"] = {"color": colour, "transparency": 55}
        if block.kind == "histogram":
            inks = [charts.point_ink(block, position) for position in range(len(block.categories))]
            settings["points"] = [{"fill": {"color": f"#{hexadecimal(ink)}"}} for ink in inks]
        if number == 0 and block.markers and block.kind in ("column", "histogram", "line"):
            settings["data_labels"] = _mark_labels(block)
        chart.add_series(settings)
    grid = {"visible": True, "line": {"color": f"#{hexadecimal('line')}", "width": 0.5}}
    chart.set_title({"name": _literal(block.title), "name_font": {**_font(11), "bold": True}})
    names = {"num_font": _font(), "label_position": "low", "reverse": lying, "major_tick_mark": "none"}
    values = {"num_font": _font(), "major_gridlines": grid, "line": {"none": True}, "major_tick_mark": "none"}
    if words.clean(block.unit):
        values |= {"name": _literal(block.unit), "name_font": _font()}
    # Of a bar chart XlsxWriter calls the upright axis y, and that one carries the categories.
    chart.set_x_axis({**values, "label_position": "high"} if lying else names)
    chart.set_y_axis({**names, "major_gridlines": {"visible": False}} if lying else values)
    chart.set_legend({"position": "top", "font": _font()} if len(block.series) > 1 else {"none": True})
    chart.set_size({"width": 640, "height": 320})
    return chart


def _mark_labels(block: Chart) -> dict[str, Any]:
    """The marks as labels of the points they stand at; a workbook chart has no free lines."""
    labels: list[dict[str, Any]] = [{"delete": True} for _ in block.categories]
    for marker in block.markers:
        position = min(len(labels) - 1, max(0, round(marker.position)))
        text = _literal(marker.label)[:100].rstrip()
        if labels and text:
            before = labels[position].get("value")
            labels[position] = {
                "value": f"{before}\n{text}" if before else text,
                "font": {**_font(), "bold": True},
            }
    return {"value": True, "custom": labels}


def gantt(book: Workbook, sheet: str, block: Timeline, first: int, language: str) -> Any:
    """A stacked bar chart on the table's dates: an invisible bar up to the start, then the work."""
    last = first + len(block.bars) - 1
    begin, end = timeline.span(block)
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    chart.add_series(
        {
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, 2, last, 2],
            "fill": {"none": True},
            "border": {"none": True},
            "gap": 40,
        }
    )
    inks = ["red" if bar.critical else "brand-mid" for bar in block.bars]
    chart.add_series(
        {
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, DAYS, last, DAYS],
            "points": [{"fill": {"color": f"#{hexadecimal(ink)}"}} for ink in inks],
        }
    )
    epoch = datetime(1899, 12, 30)
    pattern = "dd.mm.yy" if words.language_of(language) == "de" else "d mmm yy"
    chart.set_y_axis({"reverse": True, "num_font": _font(), "major_tick_mark": "none"})
    chart.set_x_axis(
        {
            "min": (begin - epoch).days,
            "max": (end - epoch).days + 1,
            "num_format": pattern,
            "num_font": _font(),
            "label_position": "high",
            "major_gridlines": {"visible": True, "line": {"color": f"#{hexadecimal('line')}", "width": 0.5}},
        }
    )
    chart.set_title({"name": _literal(block.title), "name_font": {**_font(11), "bold": True}})
    chart.set_legend({"none": True})
    chart.set_size({"width": 960, "height": max(320, len(block.bars) * 22 + 80)})
    return chart
