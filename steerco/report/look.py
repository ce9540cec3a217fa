"""One look for every format: colours, health shapes, type sizes and fonts, named once and used by all writers."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from steerco.report.pack import Colour

# Arial is on every desk; Liberation Sans has its widths, may be shipped, and stands in where Arial is missing.
FAMILY = "Arial"
SHIPPED_FAMILY = "Liberation Sans"
FONTS = Path(__file__).parent / "fonts"

# Every pair of text and ground used together has a contrast of at least 4.5 to 1 (checked by a test).
PALETTE = {
    "ink": "18202C",
    "muted": "55606F",
    "line": "DDE2E9",
    "panel": "F5F7F9",
    "paper": "FFFFFF",
    "brand": "1F5FC4",
    "brand-mid": "5B8AD6",
    "brand-soft": "C7D8F0",
    "brand-faint": "EDF3FC",
    "green": "146C2E",
    "green-soft": "E1F3E6",
    "amber": "7A4D00",
    "amber-soft": "FFF0C8",
    "red": "B1221A",
    "red-soft": "FDE7E5",
    "unknown": "4A5666",
    "unknown-soft": "EAEEF3",
}

# Series colours keep apart for colour-blind eyes and in grey print (Okabe and Ito's hues, darkened for white paper).
SERIES = ("1F5FC4", "C2611F", "12806A", "7A4FA3", "5E6B7B", "8A6D00")
SERIES_DARK = ("7FA9EC", "E79A5F", "4FC3A8", "B694DB", "A6B1BF", "D9B93B")

# The same tokens for a dark screen.
PALETTE_DARK = {
    "ink": "E8ECF2",
    "muted": "A7B1BF",
    "line": "353E4B",
    "panel": "1B222C",
    "paper": "12171E",
    "brand": "8DB4F2",
    "brand-mid": "5B8AD6",
    "brand-soft": "35507C",
    "brand-faint": "1C2A40",
    "green": "7FD69A",
    "green-soft": "163523",
    "amber": "F0C357",
    "amber-soft": "3B2E0C",
    "red": "FF9C94",
    "red-soft": "481B19",
    "unknown": "B3BDCA",
    "unknown-soft": "2A323E",
}


@dataclass(frozen=True, slots=True)
class Health:
    """How a health colour is drawn: a shape first, so that it is read without seeing the colour."""

    shape: str
    ink: str  # palette names
    ground: str


HEALTH = {
    Colour.GREEN: Health("●", "green", "green-soft"),
    Colour.AMBER: Health("▲", "amber", "amber-soft"),
    Colour.RED: Health("■", "red", "red-soft"),
    Colour.UNKNOWN: Health("◌", "unknown", "unknown-soft"),
}

MARKER_INK = {"committed": "red", "p50": "ink", "p80": "brand", "today": "ink", "neutral": "muted"}
MARKER_DASHED = {"committed", "today", "neutral"}


@cache
def font_files() -> tuple[Path, ...]:
    """The shipped faces in order of preference, then the wide-coverage ones that come with matplotlib."""
    found = [FONTS / "LiberationSans-Regular.ttf", FONTS / "LiberationSans-Bold.ttf"]
    spec = importlib.util.find_spec("matplotlib")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
        found += [folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"]
    return tuple(path for path in found if path.is_file())
