"""A drawing as a list of plain shapes in points, so that one geometry serves SVG, PDF and native slide shapes."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from steerco.report import look


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle; `ink` is a name of the palette or `series-N`."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """An open line through two or more points."""

    points: tuple[tuple[float, float], ...]
    ink: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A closed filled shape."""

    points: tuple[tuple[float, float], ...]
    ink: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; x is its start, middle or end, y its baseline."""

    x: float
    y: float
    text: str
    size: float = 9.0
    ink: str = "ink"
    bold: bool = False
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Scene:
    """Shapes in drawing order on a canvas of width x height points, origin top left."""

    width: float
    height: float
    shapes: tuple[Rect | Stroke | Area | Words, ...]


def hexadecimal(ink: str, dark: bool = False) -> str:
    """RRGGBB of a palette name or of `series-N`."""
    if ink.startswith("series-"):
        colours = look.SERIES_DARK if dark else look.SERIES
        return colours[int(ink.removeprefix("series-")) % len(colours)]
    return (look.PALETTE_DARK if dark else look.PALETTE)[ink]


def to_svg(scene: Scene, alternative: str) -> str:
    """Self-contained SVG; colours are attributes with a class beside them, so that a style sheet may darken them."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_n(scene.width)} {_n(scene.height)}" '
            f'width="{_n(scene.width)}" height="{_n(scene.height)}" font-family="{look.SHIPPED_FAMILY}, Arial, DejaVu Sans, '
            f'sans-serif" aria-label="{escape(alternative)}">'
        )
    ]
    parts += [_element(shape) for shape in scene.shapes]
    return "".join(parts) + "</svg>"


def _element(shape: Rect | Stroke | Area | Words) -> str:
    colour = f"#{hexadecimal(shape.ink)}"
    if isinstance(shape, Rect):
        radius = f' rx="{_n(shape.radius)}"' if shape.radius else ""
        return (
            f'<rect class="f-{shape.ink}" fill="{colour}" x="{_n(shape.x)}" y="{_n(shape.y)}" '
            f'width="{_n(max(0, shape.width))}" height="{_n(max(0, shape.height))}"{radius}/>'
        )
    if isinstance(shape, Words):
        anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        weight = ' font-weight="bold"' if shape.bold else ""
        return (
            f'<text class="f-{shape.ink}" fill="{colour}" x="{_n(shape.x)}" y="{_n(shape.y)}" '
            f'font-size="{_n(shape.size)}"{anchor}{weight}>{escape(shape.text)}</text>'
        )
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
    if isinstance(shape, Area):
        opacity = f' fill-opacity="{_n(shape.opacity)}"' if shape.opacity < 1 else ""
        return f'<polygon class="f-{shape.ink}" fill="{colour}"{opacity} points="{points}"/>'
    dashes = ' stroke-dasharray="4 3"' if shape.dashed else ""
    return (
        f'<polyline class="s-{shape.ink}" fill="none" stroke="{colour}" stroke-width="{_n(shape.width)}"{dashes} '
        f'points="{points}"/>'
    )


def _n(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
