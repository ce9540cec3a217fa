"""Charts as drawings, for the formats that have no chart of their own: one quiet style, readable in grey print."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from steerco.report import look, measure, words
from steerco.report.pack import Chart, Marker, Series
from steerco.report.scene import Area, Rect, Scene, Stroke, Words

SMALL = 8.5
Place = Callable[[float], float]
Shapes = list[Rect | Stroke | Area | Words]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where values lie: `ticks` are round numbers and the first and last are the ends of the axis."""

    ticks: tuple[float, ...]

    def part(self, value: float) -> float:
        """0 at the lower end of the axis, 1 at the upper one."""
        return (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


def scale(values: list[float], wanted: int = 5) -> Scale:
    """A scale that holds zero and every value, with about `wanted` steps of 1, 2 or 5 times a power of ten."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if high - low < 1e-9:
        low, high = 0.0, 1.0  # nothing to see; and steps that small would be rounded away
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(tuple(round(number * step, 12) for number in range(first, last + 1)))


def stacked_extremes(series: tuple[Series, ...]) -> list[float]:
    """The highest positive and lowest negative stack per category."""
    ends = []
    for values in zip(*(one.values for one in series)):
        ends.append(sum(value for value in values if value and value > 0))
        ends.append(sum(value for value in values if value and value < 0))
    return [float(end) for end in ends]


def known(chart: Chart) -> list[float]:
    """All values of a chart that are there."""
    return [float(value) for series in chart.series for value in series.values if value is not None]


def point_ink(chart: Chart, position: int) -> str:
    """Colour of one histogram column: the shaded part is stronger."""
    if chart.shaded is None or chart.shaded[0] <= position <= chart.shaded[1]:
        return "brand-mid"
    return "brand-soft"


def in_words(language: str, chart: Chart) -> str:
    """One sentence or two that stand in for the picture."""
    parts = [words.clean(chart.title) or words.word(language, "figure")]
    for series in chart.series:
        known = [(value, name) for value, name in zip(series.values, chart.categories) if value is not None]
        if not known:
            continue
        low, high = min(known, key=lambda pair: pair[0]), max(known, key=lambda pair: pair[0])
        unit = f" {words.clean(chart.unit)}" if chart.unit else ""
        ends = " – ".join(
            f"{words.number(language, value)}{unit} ({words.clean(name)})"
            for value, name in dict.fromkeys((low, high))
        )
        parts.append(f"{words.clean(series.name)}: {ends}" if series.name else ends)
    parts += [words.clean(marker.label) for marker in chart.markers]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def draw(chart: Chart, width: float, height: float, language: str) -> Scene:
    """The chart without its title, on width x height points."""
    shapes: Shapes = []
    top = _legend(shapes, chart, width)
    if not known(chart):
        shapes.append(
            Words(width / 2, height / 2, words.word(language, "nothing"), 10, "muted", anchor="middle")
        )
    elif chart.kind in ("bar", "tornado"):
        _lying(shapes, chart, width, height, top, language)
    else:
        _standing(shapes, chart, width, height, top, language)
    return Scene(width, height, tuple(shapes))


def _legend(shapes: Shapes, chart: Chart, width: float) -> float:
    """Names of the series with their colours; returns the height used."""
    names = [words.clean(series.name) for series in chart.series]
    if len(names) < 2 or not any(names):
        return 4.0
    x, y = 0.0, 9.0
    for number, name in enumerate(names):
        text = measure.shorten(name, SMALL, width - 20)
        room = measure.width(text, SMALL) + 28
        if x and x + room > width:
            x, y = 0.0, y + 13
        shapes.append(Rect(x, y - 7, 9, 7, f"series-{number}", 1.5))
        shapes.append(Words(x + 13, y, text, SMALL, "ink"))
        x += room
    return y + 8


def _standing(shapes: Shapes, chart: Chart, width: float, height: float, top: float, language: str) -> None:
    """Columns, lines, areas, stacks and histograms: categories from left to right."""
    axis = scale(stacked_extremes(chart.series) if chart.kind == "stacked" else known(chart))
    labels = [words.number(language, tick) for tick in axis.ticks]
    left = max(measure.width(label, SMALL) for label in labels) + 8
    slot = (width - left) / len(chart.categories)

    def across(position: float) -> float:
        return left + (position + 0.5) * slot

    # 1. Marks stand above the plot, each label on the first line where it does not run into another.
    mark_lines = _marks(chart.markers, across, left, width)
    plot_top = top + 12 * (max((line for *_, line in mark_lines), default=-1) + 1) + 4
    if chart.unit:
        plot_top += 11
        unit = measure.shorten(words.clean(chart.unit), SMALL, width)
        shapes.append(Words(0, plot_top - 6, unit, SMALL, "muted"))
    bottom = height - 16

    def up(value: float) -> float:
        return bottom - axis.part(value) * (bottom - plot_top)

    # 2. Grid and axes.
    for tick, label in zip(axis.ticks, labels):
        ink = "muted" if tick == 0 else "line"
        shapes.append(Stroke(((left, up(tick)), (width, up(tick))), ink, 0.6))
        shapes.append(Words(left - 5, up(tick) + 3, label, SMALL, "muted", anchor="end"))
    _category_labels(shapes, chart, across, slot, left, width, height)

    # 3. Values.
    if chart.kind in ("line", "area"):
        _lines(shapes, chart, across, up)
    else:
        _columns(shapes, chart, across, up, slot)

    # 4. Marks over everything.
    for marker, x, text, anchor, line in mark_lines:
        y = top + 12 * line + 9
        ink = look.MARKER_INK[marker.kind]
        shapes.append(Stroke(((x, y + 3), (x, bottom)), ink, 1.4, marker.kind in look.MARKER_DASHED))
        shapes.append(Words(x, y, text, SMALL, ink, True, anchor))


def _marks(
    markers: tuple[Marker, ...], across: Place, left: float, width: float
) -> list[tuple[Marker, float, str, str, int]]:
    placed: list[tuple[Marker, float, str, str, int]] = []
    taken: list[list[tuple[float, float]]] = []
    for marker in sorted(markers, key=lambda one: one.position):
        x = min(max(across(marker.position), left), width)
        text = measure.shorten(words.clean(marker.label), SMALL, width - left, True)
        half = measure.width(text, SMALL, True) / 2 + 3
        anchor, start = "middle", x - half
        if start < 0:
            anchor, start = "start", x
        elif x + half > width:
            anchor, start = "end", x - 2 * half
        line = 0
        while line < len(taken) and any(
            start < end and start + 2 * half > begin for begin, end in taken[line]
        ):
            line += 1
        if line == len(taken):
            taken.append([])
        taken[line].append((start, start + 2 * half))
        placed.append((marker, x, text, anchor, line))
    return placed


def _category_labels(
    shapes: Shapes, chart: Chart, across: Place, slot: float, left: float, width: float, height: float
) -> None:
    """As many names as fit without touching, every n-th, always the first."""
    names = [words.clean(name) for name in chart.categories]
    room = max(measure.width(name, SMALL) for name in names) + 8
    every = max(1, math.ceil(min(room, (width - left) / 2) / slot))
    for position in range(0, len(names), every):
        name = measure.shorten(names[position], SMALL, every * slot - 2)
        half = measure.width(name, SMALL) / 2
        x = min(max(across(position), half), width - half)
        shapes.append(Words(x, height - 4, name, SMALL, "muted", anchor="middle"))


def _columns(shapes: Shapes, chart: Chart, across: Place, up: Place, slot: float) -> None:
    side_by_side = len(chart.series) if chart.kind == "column" else 1
    gap = 0.06 if chart.kind == "histogram" else 0.3
    bar = slot * (1 - gap) / side_by_side
    for position in range(len(chart.categories)):
        above = below = 0.0
        for number, series in enumerate(chart.series):
            value = series.values[position]
            if value is None or value == 0:
                continue
            base = 0.0
            if chart.kind == "stacked":
                base = above if value > 0 else below
                above, below = (above + value, below) if value > 0 else (above, below + value)
            ink = point_ink(chart, position) if chart.kind == "histogram" else f"series-{number}"
            offset = number if chart.kind == "column" else 0
            x = across(position) - bar * side_by_side / 2 + offset * bar
            y0, y1 = up(base), up(base + value)
            shapes.append(Rect(x, min(y0, y1), bar * 0.98, abs(y1 - y0), ink))


def _lines(shapes: Shapes, chart: Chart, across: Place, up: Place) -> None:
    for number, series in enumerate(chart.series):
        runs: list[list[tuple[float, float]]] = [[]]
        for position, value in enumerate(series.values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append((across(position), up(value)))
        for run in filter(None, runs):
            if chart.kind == "area":
                closed = ((run[0][0], up(0)), *run, (run[-1][0], up(0)))
                shapes.append(Area(closed, f"series-{number}", 0.25))
            if len(run) == 1:
                x, y = run[0]
                shapes.append(Rect(x - 2.5, y - 2.5, 5, 5, f"series-{number}", 2.5))
            else:
                # Dashes tell lines apart where colours don't.
                shapes.append(Stroke(tuple(run), f"series-{number}", 2, dashed=number % 2 == 1))


def _lying(shapes: Shapes, chart: Chart, width: float, height: float, top: float, language: str) -> None:
    """Bars and tornados: categories from top to bottom, the value written at the end of each bar."""
    axis = scale(known(chart))
    names = [words.clean(name) for name in chart.categories]
    left = min(width * 0.38, max(measure.width(name, SMALL) for name in names) + 8)
    bottom = height - 18
    slot = (bottom - top) / len(names)
    room = max(measure.width(words.number(language, value), SMALL) for value in known(chart)) + 8
    start, end = left + (room if axis.ticks[0] < 0 else 0), width - room

    def along(value: float) -> float:
        return start + axis.part(value) * (end - start)

    for tick in axis.ticks:
        x = along(tick)
        shapes.append(Stroke(((x, top), (x, bottom)), "muted" if tick == 0 else "line", 0.6))
        shapes.append(Words(x, height - 6, words.number(language, tick), SMALL, "muted", anchor="middle"))
    if chart.unit:
        unit = measure.shorten(words.clean(chart.unit), SMALL, left - 6)
        shapes.append(Words(0, height - 6, unit, SMALL, "muted"))
    beside = len(chart.series) if chart.kind == "bar" else 1
    bar = slot * 0.7 / beside
    size = max(5.0, min(SMALL, slot * 0.8))
    for position, name in enumerate(names):
        middle = top + (position + 0.5) * slot
        shapes.append(
            Words(
                left - 6, middle + size / 3, measure.shorten(name, size, left - 8), size, "ink", anchor="end"
            )
        )
        for number, series in enumerate(chart.series):
            value = series.values[position]
            if value is None:
                continue
            y = middle - bar * beside / 2 + (number * bar if chart.kind == "bar" else 0)
            low, high = min(along(0), along(value)), max(along(0), along(value))
            shapes.append(Rect(low, y, high - low, bar * 0.94, f"series-{number}"))
            text, anchor, x = words.number(language, value), "start", high + 3
            if value < 0:
                anchor, x = "end", low - 3
            if bar > 6:
                shapes.append(Words(x, y + bar / 2 + size / 3, text, size, "muted", anchor=anchor))
