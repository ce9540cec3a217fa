"""A schedule as a drawing: bars with progress, baseline, critical work, 80 % whisker, milestones and today's line."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from steerco.report import measure, words
from steerco.report.pack import Bar, Timeline
from steerco.report.scene import Area, Rect, Scene, Stroke, Words

SMALL = 8.5
HEAD = 30.0  # axis labels and today's label
FOOT = 22.0  # legend
ROW = 20.0
SMALLEST_ROW = 13.0

Shapes = list[Rect | Stroke | Area | Words]


def rows_in(height: float) -> int:
    """How many bars fit a drawing of that height."""
    return max(1, int((height - HEAD - FOOT) / SMALLEST_ROW))


def natural_height(bars: int, most: float = 10_000.0) -> float:
    """The comfortable height for that many bars, at most `most`."""
    return min(most, HEAD + FOOT + max(1, bars) * ROW)


def pages(timeline: Timeline, most_rows: int) -> list[Timeline]:
    """The timeline cut into parts of at most that many bars, in order; one empty part if there is none."""
    cuts = range(0, max(1, len(timeline.bars)), most_rows)
    return [replace(timeline, bars=timeline.bars[cut : cut + most_rows]) for cut in cuts]


def span(timeline: Timeline) -> tuple[datetime, datetime]:
    """First and last moment to be seen, with a little air at both ends; never empty."""
    moments = [timeline.today]
    for bar in timeline.bars:
        moments += [bar.start, bar.finish]
        moments += [moment for moment in (bar.baseline_start, bar.baseline_finish, bar.p80) if moment]
    first, last = min(moments), max(moments)
    air = max((last - first) * 0.02, timedelta(days=1))
    first = max(first, datetime(2, 1, 1)) - air
    last = min(last, datetime(9998, 1, 1)) + air
    return first, max(last, first + timedelta(days=1))


def ticks(first: datetime, last: datetime, most: int) -> list[datetime]:
    """Starts of weeks, months, quarters or years between two moments, no more than about `most`."""
    days = (last - first).days + 1
    if days <= 7 * most and days <= 120:
        monday = datetime(first.year, first.month, first.day) - timedelta(days=first.weekday())
        step = 7 if days <= 7 * most else 14
        return [monday + timedelta(days=step * number) for number in range(1, days // step + 2)]
    steps = (1, 2, 3, 6, 12, 24, 60, 120)
    months = next((step for step in steps if days / 30.4 / step <= most), 120 * math.ceil(days / 3650 / most))
    found: list[datetime] = []
    year, month = first.year, 1
    while year <= last.year and len(found) < 10 * most:
        moment = datetime(year, month, 1)
        if first <= moment <= last:
            found.append(moment)
        month += months
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        if year > 9998:
            break
    return found


def in_words(language: str, timeline: Timeline) -> str:
    """One sentence per ten bars at most: what starts first, what ends last, what is critical."""
    parts = [words.clean(timeline.title) or words.word(language, "figure")]
    if timeline.bars:
        first, last = min(bar.start for bar in timeline.bars), max(bar.finish for bar in timeline.bars)
        parts.append(
            f"{len(timeline.bars)} × {words.word(language, 'task')}, {words.day(language, first)} – {words.day(language, last)}"
        )
        critical = [words.clean(bar.label) for bar in timeline.bars if bar.critical]
        if critical:
            parts.append(f"{words.word(language, 'critical')}: {', '.join(critical[:10])}")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def draw(
    timeline: Timeline,
    width: float,
    height: float,
    language: str,
    whole: tuple[datetime, datetime] | None = None,
) -> Scene:
    """The timeline without its title; `whole` keeps one time axis over the parts of a long one."""
    shapes: Shapes = []
    first, last = whole or span(timeline)
    names = [words.clean(bar.label) for bar in timeline.bars]
    widest = max(
        (measure.width(name, SMALL) + bar.level * 8 for name, bar in zip(names, timeline.bars)), default=0
    )
    left = min(width * 0.34, widest + 10)
    right = width - 8
    bottom = height - FOOT
    row = min(26.0, (bottom - HEAD) / max(1, len(timeline.bars)))
    seconds = (last - first).total_seconds()

    def across(moment: datetime) -> float:
        return left + (moment - first).total_seconds() / seconds * (right - left)

    # 1. Every second row is tinted: the eye finds the label of a far bar.
    for number in range(0, len(timeline.bars), 2):
        shapes.append(Rect(0, HEAD + number * row, width, row, "panel"))
    # 2. The time axis.
    room = 44 if (last - first).days > 120 else 34
    for moment in ticks(first, last, max(2, int((right - left) / room))):
        x = across(moment)
        if not left <= x <= right:
            continue
        shapes.append(Stroke(((x, HEAD - 4), (x, bottom)), "line", 0.6))
        text = _tick_label(moment, (last - first).days, language)
        if x + measure.width(text, 8) <= width:
            shapes.append(Words(x + 2, HEAD - 6, text, 8, "muted"))
    # 3. Labels and bars.
    size = max(6.0, min(SMALL, row * 0.6))
    for number, (bar, name) in enumerate(zip(timeline.bars, names)):
        middle = HEAD + (number + 0.5) * row
        indent = min(bar.level * 8, left * 0.4)
        text = measure.shorten(name, size, left - indent - 8, bar.level == 0)
        shapes.append(Words(indent + 3, middle + size * 0.36, text, size, "ink", bar.level == 0))
        _bar(shapes, bar, across, middle, row)
    # 4. Today over everything.
    x = across(timeline.today)
    if left <= x <= right:
        shapes.append(Stroke(((x, 13), (x, bottom)), "red", 1.2, True))
        text = f"{words.word(language, 'today')} {words.day(language, timeline.today)}"
        half = measure.width(text, SMALL, True) / 2
        x = min(max(x, half), width - half)
        shapes.append(Words(x, 10, text, SMALL, "red", True, "middle"))
    _legend(shapes, timeline, width, height, language)
    return Scene(width, height, tuple(shapes))


def _tick_label(moment: datetime, days: int, language: str) -> str:
    if days <= 120:
        return words.day(language, moment).rsplit(" ", 1)[0].rsplit(".", 1)[0]
    return str(moment.year) if days > 365 * 6 else words.month(language, moment)


def _bar(shapes: Shapes, bar: Bar, across: Callable[[datetime], float], middle: float, row: float) -> None:
    thick = row * 0.46
    top = middle - thick / 2
    ink = "red" if bar.critical else "brand-mid"
    if bar.milestone and bar.baseline_finish:
        x, half = across(bar.baseline_finish), thick * 0.35
        shapes.append(
            Area(
                ((x, middle - half), (x + half, middle), (x, middle + half), (x - half, middle)), "muted", 0.6
            )
        )
    elif bar.baseline_start and bar.baseline_finish:
        start, end = across(bar.baseline_start), across(bar.baseline_finish)
        shapes.append(Rect(start, top + thick + 1, max(2.0, end - start), max(1.5, row * 0.1), "muted"))
    start, end = across(bar.start), across(bar.finish)
    if bar.p80 and bar.p80 > bar.finish:
        reach = across(bar.p80)
        shapes.append(Stroke(((end, middle), (reach, middle)), "brand", 1.2))
        shapes.append(Stroke(((reach, top + 1), (reach, top + thick - 1)), "brand", 1.2))
    if bar.milestone:
        half = thick * 0.62
        points = ((end, middle - half), (end + half, middle), (end, middle + half), (end - half, middle))
        shapes.append(Area(points, "red" if bar.critical else "ink"))
        return
    shapes.append(Rect(start, top, max(2.0, end - start), thick, ink, 1.5))
    if bar.done > 0:
        shapes.append(
            Rect(start, middle - thick * 0.17, max(1.0, (end - start) * bar.done), thick * 0.34, "ink")
        )


def _legend(shapes: Shapes, timeline: Timeline, width: float, height: float, language: str) -> None:
    """Only the signs that occur."""
    bars, x, y = timeline.bars, 3.0, height - 6
    entries = [
        ("planned", any(not bar.critical and not bar.milestone for bar in bars), "brand-mid"),
        ("critical", any(bar.critical for bar in bars), "red"),
        ("done_part", any(bar.done > 0 and not bar.milestone for bar in bars), "ink"),
        ("baseline", any(bar.baseline_start for bar in bars), "muted"),
        ("to_p80", any(bar.p80 and bar.p80 > bar.finish for bar in bars), "brand"),
        ("milestone", any(bar.milestone for bar in bars), "ink"),
    ]
    for key, occurs, ink in entries:
        text = words.word(language, key)
        room = measure.width(text, 8) + 34
        if not occurs or x + room > width:
            continue
        if key == "milestone":
            points = ((x + 8, y - 7), (x + 12, y - 3), (x + 8, y + 1), (x + 4, y - 3))
            shapes.append(Area(points, ink))
        elif key == "to_p80":
            shapes.append(Stroke(((x, y - 3), (x + 16, y - 3)), ink, 1.2))
            shapes.append(Stroke(((x + 16, y - 6), (x + 16, y)), ink, 1.2))
        else:
            thick = {"done_part": 2.5, "baseline": 2.0}.get(key, 7.0)
            shapes.append(Rect(x, y - 3 - thick / 2, 16, thick, ink, 1 if thick > 3 else 0))
        shapes.append(Words(x + 20, y, text, 8, "muted"))
        x += room
