"""Cell formats of a workbook in our look: text, headers, dates, numbers, health, each made once."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook

from steerco.report import look, words
from steerco.report.pack import Colour, Column
from steerco.report.scene import hexadecimal


class Formats:
    """Cell formats made once each."""

    def __init__(self, book: Workbook, language: str) -> None:
        self.book = book
        self.language = language
        self.made: dict[tuple[Any, ...], Any] = {}

    def get(self, **settings: object) -> Any:
        key = tuple(sorted(settings.items()))
        if key not in self.made:
            base = {
                "font_name": look.FAMILY,
                "font_size": 10,
                "valign": "top",
                "font_color": f"#{hexadecimal('ink')}",
            }
            self.made[key] = self.book.add_format({**base, **settings})
        return self.made[key]

    @property
    def title(self) -> Any:
        return self.get(bold=True, font_size=16)

    @property
    def heading(self) -> Any:
        return self.get(bold=True, font_size=12)

    @property
    def small(self) -> Any:
        return self.get(font_size=9, font_color=f"#{hexadecimal('muted')}")

    @property
    def text(self) -> Any:
        return self.get(text_wrap=True)

    @property
    def header(self) -> Any:
        ink, ground = f"#{hexadecimal('muted')}", f"#{hexadecimal('panel')}"
        return self.get(bold=True, font_color=ink, bg_color=ground, bottom=1, text_wrap=True)

    @property
    def link(self) -> Any:
        return self.get(font_color=f"#{hexadecimal('brand')}", underline=1)

    @property
    def day(self) -> Any:
        return self.get(
            num_format="dd.mm.yyyy" if words.language_of(self.language) == "de" else "d mmm yyyy",
            align="left",
        )

    @property
    def moment(self) -> Any:
        pattern = "dd.mm.yyyy hh:mm" if words.language_of(self.language) == "de" else "d mmm yyyy hh:mm"
        return self.get(num_format=pattern, align="left", indent=1)

    def number(self, column: Column) -> Any:
        places = column.decimals
        if column.kind == "percent":
            return self.get(num_format=_decimals("0", places or 0) + " %")
        if column.kind == "money":
            return self.get(num_format=_decimals("#,##0", places or 0))
        return self.get(num_format="General" if places is None else _decimals("#,##0", places))

    def health(self, colour: Colour) -> Any:
        health = look.HEALTH[colour]
        return self.get(
            bold=True,
            indent=1,
            font_color=f"#{hexadecimal(health.ink)}",
            bg_color=f"#{hexadecimal(health.ground)}",
        )


def _decimals(pattern: str, places: int) -> str:
    return pattern + ("." + "0" * places if places else "")
