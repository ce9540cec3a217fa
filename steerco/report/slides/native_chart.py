"""A chart the reader can edit: native chart, workbook inside, marks drawn over a plot area whose place is known."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.oxml.ns import qn
from pptx.util import Pt
from xlsxwriter import Workbook

from steerco.report import charts, look, measure, words
from steerco.report.pack import Chart
from steerco.report.slides.canvas import Box, Canvas, Run, rgb

KINDS = {
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "histogram": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "stacked": XL_CHART_TYPE.COLUMN_STACKED,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "tornado": XL_CHART_TYPE.BAR_CLUSTERED,
    "line": XL_CHART_TYPE.LINE,
    "area": XL_CHART_TYPE.AREA,
}
SMALL = 10.0
LINE = 13.0  # height of one line of mark labels


def draw(canvas: Canvas, chart: Chart, box: Box) -> None:
    """The chart without title and caption, in the box."""
    names = [
        measure.shorten(words.clean(series.name), SMALL, box.width / 2) or "–" for series in chart.series
    ]
    categories = [measure.shorten(words.clean(name), SMALL, 150) or " " for name in chart.categories]
    kind: Any = CategoryChartData  # python-pptx carries no types
    data = kind()
    data.categories = categories
    for name, series in zip(names, chart.series):
        data.add_series(name, series.values)
    frame = canvas.shapes.add_chart(
        KINDS[chart.kind], Pt(box.x), Pt(box.y), Pt(box.width), Pt(box.height), data
    )
    native = frame.chart
    native.part.chart_workbook.update_from_xlsx_blob(workbook(categories, names, chart))
    canvas.describe(frame, words.clean(chart.title), charts.in_words(canvas.language, chart))
    native.has_title = False
    native.font.size = Pt(SMALL)
    native.font.name = look.FAMILY
    native.font.color.rgb = rgb("muted")
    native.has_legend = len(names) > 1
    if native.has_legend:
        native.legend.position = XL_LEGEND_POSITION.TOP
        native.legend.include_in_layout = False
        native.legend.font.size = Pt(SMALL)
    _axes(native, chart)
    _colours(native, chart)
    marks = mark_rows(chart, box, canvas.language)
    plot = plot_area(chart, box, canvas.language, len(marks))
    _fix_plot_area(native, plot, box)
    _thin_labels(native, chart, plot)
    if chart.unit:
        unit = measure.shorten(words.clean(chart.unit), SMALL, box.width * 0.5)
        place = Box(box.x, plot.y - 21, measure.width(unit, SMALL) + 4, 13)
        if chart.kind in ("bar", "tornado"):
            place = Box(box.x, box.y + box.height - 14, place.width, 13)
        canvas.text(place, [[Run(unit, SMALL, "muted")]], wrap=False, name="Unit")
    _draw_marks(canvas, chart, plot, marks)


def mark_rows(chart: Chart, box: Box, language: str) -> list[list[tuple[int, float, str]]]:
    """Per line of labels: (number of the mark, left end, text), so that no two labels touch."""
    rows: list[list[tuple[int, float, str]]] = []
    plot = plot_area(chart, box, language, 0)
    order = sorted(range(len(chart.markers)), key=lambda number: chart.markers[number].position)
    for number in order:
        x = mark_x(chart, plot, chart.markers[number].position)
        text = measure.shorten(words.clean(chart.markers[number].label), SMALL, plot.width, True)
        width = measure.width(text, SMALL, True) + 6
        start = min(max(x - width / 2, plot.x), plot.x + plot.width - width)
        for row in rows:
            last = row[-1]
            if last[1] + measure.width(last[2], SMALL, True) + 6 <= start:
                row.append((number, start, text))
                break
        else:
            rows.append([(number, start, text)])
    return rows


def plot_area(chart: Chart, box: Box, language: str, mark_lines: int) -> Box:
    """Where the bars and lines are, so that marks can be drawn over them."""
    known = charts.known(chart)
    top = (26.0 if len(chart.series) > 1 else 4.0) + mark_lines * LINE
    if chart.kind in ("bar", "tornado"):
        names = [words.clean(name) for name in chart.categories]
        left = min(box.width * 0.36, max((measure.width(name, SMALL) for name in names), default=0) + 12)
        return Box(box.x + left, box.y + top, box.width - left - 14, box.height - top - 20)
    extremes = charts.stacked_extremes(chart.series) if chart.kind == "stacked" else known
    ticks = charts.scale(extremes or [0.0]).ticks
    left = max(measure.width(words.number(language, tick), SMALL) for tick in ticks) + 12
    top += 20 if chart.unit else 4
    return Box(box.x + left, box.y + top, box.width - left - 6, box.height - top - 22)


def mark_x(chart: Chart, plot: Box, position: float) -> float:
    """Where a position on the category axis lies on the slide."""
    count = max(1, len(chart.categories))
    # An area starts on its first category; columns and points stand between the ticks.
    on_tick = chart.kind == "area" and count > 1
    part = position / (count - 1) if on_tick else (position + 0.5) / count
    return min(max(plot.x + part * plot.width, plot.x), plot.x + plot.width)


def _draw_marks(canvas: Canvas, chart: Chart, plot: Box, rows: list[list[tuple[int, float, str]]]) -> None:
    for line, row in enumerate(rows):
        y = plot.y - (20 if chart.unit else 4) - (len(rows) - line) * LINE
        for number, start, text in row:
            marker = chart.markers[number]
            ink = look.MARKER_INK[marker.kind]
            x = mark_x(chart, plot, marker.position)
            ends = (x, y + LINE, x, plot.y + plot.height)
            drawn = canvas.line(ends, ink, 1.5, marker.kind in look.MARKER_DASHED)
            canvas.describe(drawn, f"Mark {number + 1}", text)
            if text:
                label = Box(start, y, measure.width(text, SMALL, True) + 6, LINE)
                canvas.text(label, [[Run(text, SMALL, ink, True)]], align="middle", wrap=False)


def _thin_labels(native: Any, chart: Chart, plot: Box) -> None:
    """Write every n-th category only, so that names stay on one line."""
    if not chart.categories or chart.kind in ("bar", "tornado"):
        return
    widest = max(measure.width(words.clean(name), SMALL) for name in chart.categories) + 8
    every = math.ceil(min(widest, plot.width / 2) * len(chart.categories) / plot.width)
    axis = native._chartSpace.find(f".//{qn('c:catAx')}")
    if every > 1 and axis is not None:
        after = axis.find(qn("c:lblOffset"))
        for name in ("tickMarkSkip", "tickLblSkip"):
            after.addnext(etree.Element(qn(f"c:{name}"), val=str(every)))


def _axes(native: Any, chart: Chart) -> None:
    if not chart.series or not chart.categories:
        return
    whole = all(float(value).is_integer() for value in charts.known(chart))
    values, names = native.value_axis, native.category_axis
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = rgb("line")
    values.major_gridlines.format.line.width = Pt(0.5)
    values.format.line.fill.background()
    values.major_tick_mark = names.major_tick_mark = XL_TICK_MARK.NONE
    values.tick_labels.number_format = "#,##0" if whole else "General"
    values.tick_labels.number_format_is_linked = False
    extremes = charts.stacked_extremes(chart.series) if chart.kind == "stacked" else charts.known(chart)
    axis = charts.scale(extremes or [0.0])
    values.minimum_scale, values.maximum_scale = axis.ticks[0], axis.ticks[-1]
    values.major_unit = axis.ticks[1] - axis.ticks[0]
    names.format.line.color.rgb = rgb("muted")
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.has_major_gridlines = False
    names.tick_labels.font.size = Pt(SMALL)
    names._element.find(f"{qn('c:txPr')}/{qn('a:bodyPr')}").set("rot", "0")  # never aslant
    if chart.kind in ("bar", "tornado"):
        names.reverse_order = True
        # The value axis follows the first category, which is now on top; this sends it back down.
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH


def _colours(native: Any, chart: Chart) -> None:
    plot = native.plots[0]
    if chart.kind not in ("line", "area"):
        plot.gap_width = {"histogram": 6, "tornado": 40}.get(chart.kind, 45)
        plot.overlap = 100 if chart.kind in ("stacked", "tornado") else 0
    plot.vary_by_categories = False
    for number, series in enumerate(plot.series):
        colour = rgb(f"series-{number}")
        if chart.kind == "line":
            series.smooth = False
            series.format.line.color.rgb = colour
            series.format.line.width = Pt(2.25)
            if number % 2:
                series.format.line.dash_style = MSO_LINE_DASH_STYLE.DASH
            series.marker.style = None
            _no_marker(series)
            continue
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour
        if chart.kind == "area":
            fill = series._element.find(f".//{qn('a:srgbClr')}")
            etree.SubElement(fill, qn("a:alpha"), val="45000")
        if chart.kind == "histogram":
            series.format.fill.fore_color.rgb = rgb("brand-mid" if chart.shaded is None else "brand-soft")
            for position in range(len(chart.categories) if chart.shaded else 0):
                if charts.point_ink(chart, position) == "brand-mid":
                    point = series.points[position].format.fill
                    point.solid()
                    point.fore_color.rgb = rgb("brand-mid")
        if chart.kind == "tornado":
            labels = series.data_labels
            labels.show_value = True
            labels.position = XL_LABEL_POSITION.INSIDE_END
            labels.font.size = Pt(SMALL)
            labels.font.color.rgb = rgb("paper")


def _no_marker(series: Any) -> None:
    marker = series._element.get_or_add_marker()
    for child in list(marker):
        marker.remove(child)
    etree.SubElement(marker, qn("c:symbol"), val="none")


def _fix_plot_area(native: Any, plot: Box, box: Box) -> None:
    area = native._chartSpace.chart.plotArea
    layout = area.find(qn("c:layout"))
    if layout is None:
        layout = etree.Element(qn("c:layout"))
        area.insert(0, layout)
    for child in list(layout):
        layout.remove(child)
    manual = etree.SubElement(layout, qn("c:manualLayout"))
    parts = {
        "layoutTarget": "inner",
        "xMode": "edge",
        "yMode": "edge",
        "x": f"{(plot.x - box.x) / box.width:.5f}",
        "y": f"{(plot.y - box.y) / box.height:.5f}",
        "w": f"{plot.width / box.width:.5f}",
        "h": f"{plot.height / box.height:.5f}",
    }
    for name, value in parts.items():
        etree.SubElement(manual, qn(f"c:{name}"), val=value)


def workbook(categories: list[str], names: list[str], chart: Chart) -> bytes:
    """The workbook behind the chart, where python-pptx expects it; a name like =A1 stays a text, unlike in its own."""
    out = BytesIO()
    book = Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet()
    for row, name in enumerate(categories, 1):
        sheet.write_string(row, 0, name)
    for column, (name, series) in enumerate(zip(names, chart.series), 1):
        sheet.write_string(0, column, name)
        for row, value in enumerate(series.values, 1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return out.getvalue()
