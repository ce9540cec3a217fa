"""How much room a text takes: exact widths from the shipped fonts, line breaking, and shrinking until it fits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from fontTools.ttLib import TTFont

from steerco.report import look

LINE_HEIGHT = 1.2  # of the size; what PowerPoint gives Arial at single spacing is 1.15
# Renderers round advances and kern differently; a line is called full a little early.
SAFETY = 1.03
SIGN = 1.6  # room for an arrow or a reference number behind a text, in parts of its size


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text broken into lines at a size where it fits; `shortened` when even the smallest size was too large."""

    lines: tuple[str, ...]
    size: float
    shortened: bool = False

    @property
    def height(self) -> float:
        """Points from the top of the first line to the bottom of the last."""
        return len(self.lines) * self.size * LINE_HEIGHT


@cache
def _widths(bold: bool) -> tuple[dict[int, float], ...]:
    """Per face in order of fallback: code point to advance width, in parts of the type size."""
    found = []
    for path in look.font_files():
        if ("Bold" in path.name) is bold:
            with TTFont(path, lazy=True) as font:
                advance, units = font["hmtx"], font["head"].unitsPerEm
                found.append({code: advance[glyph][0] / units for code, glyph in font.getBestCmap().items()})
    return tuple(found)


@cache
def _character_width(character: str, bold: bool) -> float:
    code = ord(character)
    for face in _widths(bold):
        if code in face:
            return face[code]
    return 1.0  # emoji, CJK: square


def is_drawable(character: str) -> bool:
    """Whether a shipped face has the character (in both weights; a title may be bold)."""
    code = ord(character)
    return all(any(code in face for face in _widths(bold)) for bold in (False, True))


def width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line in points."""
    return _unit_width(text, bold) * size * SAFETY


@lru_cache(maxsize=20_000)
def _unit_width(text: str, bold: bool) -> float:
    return sum(_character_width(character, bold) for character in text)


def wrap(text: str, size: float, room: float, bold: bool = False) -> tuple[str, ...]:
    """Lines no wider than `room` points; a word wider than that is cut. At least one line, maybe empty."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if width(candidate, size, bold) <= room:
            line = candidate
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, size, bold) > room and len(line) > 1:
            cut = _cut(line, size, room, bold)
            lines.append(line[:cut])
            line = line[cut:]
    lines.append(line)
    return tuple(lines)


def _cut(text: str, size: float, room: float, bold: bool) -> int:
    """How many characters fit, at least one."""
    used = 0.0
    for number, character in enumerate(text):
        used += _character_width(character, bold) * size * SAFETY
        if used > room:
            return max(1, number)
    return len(text)


def shorten(text: str, size: float, room: float, bold: bool = False) -> str:
    """One line with an ellipsis where it had to be cut."""
    if width(text, size, bold) <= room:
        return text
    cut = _cut(text, size, room - width("…", size, bold), bold)
    return text[:cut].rstrip() + "…"


def fit(
    text: str,
    *,
    room: float,
    height: float,
    largest: float,
    smallest: float,
    bold: bool = False,
    most_lines: int = 99,
    reserve: float = 0.0,
) -> Fitted:
    """The largest size (in half points) at which the text fits the box; at the smallest, cut with an ellipsis.

    `reserve` keeps that much room (in parts of the size) at the end of the last line.
    """
    size = largest
    while True:
        lines = wrap(text, size, room, bold)
        allowed = max(1, min(most_lines, int(height / (size * LINE_HEIGHT) + 1e-6)))
        spill = reserve and width(lines[-1], size, bold) + reserve * size > room
        if len(lines) + bool(spill) <= allowed:
            return Fitted(lines, size)
        if size - 0.5 < smallest:
            break
        size -= 0.5
    rest = room - reserve * size
    last = shorten(" ".join(lines[allowed - 1 :]), size, rest, bold)
    if not last.endswith("…"):
        last = shorten(last + "…", size, rest, bold)
    return Fitted((*lines[: allowed - 1], last), size, shortened=True)
