"""Values from outside are wild until tamed: checked text, numbers, percents, yes or no, and keys.

Dates live in `dates.py`, durations in `durations.py`. Each function returns the tamed value, None for an empty
cell, and raises `Wild` with a sentence that can be shown to a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

LINE = 300  # characters of a title, a name, a key
PROSE = 50_000  # characters of a description
SHORTENED = " […]"

# C0 and C1 controls except tab and line feed, bidirectional overrides, invisible joiners used to hide text, noncharacters.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "–",
        "n/a",
        "na",
        "n.a.",
        "none",
        "null",
        "nil",
        "#n/a",
        "#ref!",
        "#value!",
        "#div/0!",
        "#name?",
        "#null!",
        "#num!",
        "(none)",
        "tbd",
        "?",
    }
)

_YES = "1 y yes true t x on ✓ ✔ ☑ ja j wahr oui o vrai si sí s verdadero sim verdadeiro vero tak да ok"
_NO = "0 n no false f off ✗ ✘ ☐ nein falsch non faux falso não nao nie нет"
_TRUE = frozenset(_YES.split())
_FALSE = frozenset(_NO.split()) | {""}

_CURRENCY = re.compile(
    r"[€$£¥₹₽₴₺]|\b(?:eur|usd|gbp|chf|jpy|inr|cad|aud|brl|pln|sek|nok|dkk|uah)\b", re.IGNORECASE
)


class Wild(ValueError):
    """A value that cannot be taken; the text says which and why."""


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing: None, blanks, or one of the usual words for it (n/a, none, tbd, a dash)."""
    if not isinstance(value, str):
        return value is None
    if len(value) > 12:
        return value.isspace()
    return value.strip().lower() in _EMPTY


def prose(value: Any, limit: int = PROSE) -> str:
    """Text that may have lines: hidden characters removed, line ends unified, NFC, cut at `limit` characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if len(text) > limit:
        text = text[: limit + 1000]  # before the costly steps: a cell may hold megabytes
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace("\u2028", "\n").replace("\u2029", "\n"))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = _HIDDEN.sub("", text)
    text = text.strip()
    return text if len(text) <= limit else text[: limit - len(SHORTENED)].rstrip() + SHORTENED


def line(value: Any, limit: int = LINE) -> str:
    """Text on one line: as `prose`, and every run of white space is one blank."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if len(text) > limit * 8:
        text = text[: limit * 8]
    if text.isascii() and text.isprintable() and "  " not in text:
        text = text.strip()
        if len(text) <= limit:
            return text
    else:
        text = " ".join(prose(text, limit * 8).split())
    return text if len(text) <= limit else text[: limit - len(SHORTENED)].rstrip() + SHORTENED


def was_cut(tamed: str) -> bool:
    """Whether `prose` or `line` had to cut this text."""
    return tamed.endswith(SHORTENED)


def key(value: Any) -> str:
    """An identity: one line, at most 200 characters, and 7.0 from a spreadsheet is the 7 it was typed as."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return line(value, 200)


def words(value: Any, limit: int = 100) -> list[str]:
    """Labels from a cell that holds several, parted by comma, semicolon or line end; no label twice."""
    parts = re.split(r"[,;\n|]", prose(value))
    return list(dict.fromkeys(label for part in parts if (label := line(part, 100))))[:limit]


def boolean(value: Any) -> bool | None:
    """Yes or no in several languages; None for an empty cell. Raises Wild for anything else."""
    if isinstance(value, bool) or value is None:
        return value
    text = str(value).strip().lower()
    if text in _EMPTY:
        return None
    if text in _TRUE or text == "1.0":
        return True
    if text in _FALSE or text == "0.0":
        return False
    raise Wild(f"“{line(value, 40)}” is neither yes nor no")


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes numbers: which character is the decimal sign, and whether the values settled it."""

    decimal: str = "."
    settled: bool = True
    example: str = ""

    def number(self, value: Any) -> Decimal | None:
        """The number in a cell, None when empty. Takes currency signs, groups, (negative) and trailing minus.

        Raises Wild when it is no number, is not finite or has more than 30 digits.
        """
        if isinstance(value, bool):
            raise Wild("a yes or no stands where a number should")
        if isinstance(value, int):
            return Decimal(value)
        if isinstance(value, float):
            value = repr(value)
        elif isinstance(value, Decimal):
            value = str(value)
        elif is_empty(value):
            return None
        elif len(value) < 16 and value.isascii() and value.isdigit():
            return Decimal(value)
        text = bare_number(str(value))
        negative = text.startswith("(") and text.endswith(")")
        text = text.strip("()")
        if text.endswith("-"):
            negative, text = True, text[:-1]
        text = self._canonical(text)
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise Wild(f"“{line(value, 40)}” is not a number") from None
        if not number.is_finite() or abs(number.adjusted()) > 30 or len(text) > 60:
            raise Wild(f"“{line(value, 40)}” is too large or too small to be meant")
        return -number if negative else number

    def _canonical(self, text: str) -> str:
        if "," not in text:
            # "1.200" in a column of decimal commas is twelve hundred
            return (
                text.replace(".", "")
                if self.decimal == "," and re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+", text)
                else text
            )
        if "." in text:
            group = "." if text.rfind(",") > text.rfind(".") else ","
            return text.replace(group, "").replace(",", ".")
        if self.decimal == "." and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", text):
            return text.replace(",", "")
        return text.replace(",", ".") if text.count(",") == 1 else text.replace(",", "")


PLAIN = NumberStyle()


def bare_number(text: str) -> str:
    """A number's text without currency, blanks, apostrophes and percent sign, with an ASCII minus."""
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return text
    text = _CURRENCY.sub("", text[:80]).replace("−", "-").rstrip("%")
    return re.sub(r"[\s'’_ \u00a0\u202f]", "", text)


def number_style(values: Iterable[Any], *, comma_likely: bool = False) -> NumberStyle:
    """Which decimal sign a column uses, from all its values: 1.234,56 or 0,5 say comma, 1,234.56 or 0.5 say point.

    "1,234" alone settles nothing; `comma_likely` (a file of semicolons) then decides, else the point.
    """
    comma = point = 0
    unsure = ""
    for value in values:
        if not isinstance(value, str):
            continue
        text = bare_number(value).strip("()-+")
        commas, points = text.count(","), text.count(".")
        if not commas and not points:
            continue
        if commas and points:
            comma, point = (comma + 1, point) if text.rfind(",") > text.rfind(".") else (comma, point + 1)
        elif commas > 1:
            point += 1
        elif points > 1:
            comma += 1
        else:
            whole, _, part = text.partition("," if commas else ".")
            if len(part) == 3 and len(whole) <= 3 and whole.strip("0"):
                unsure = unsure or value
            elif commas:
                comma += 1
            else:
                point += 1
    if comma or point:
        return NumberStyle("," if comma > point else ".", settled=not (comma and point), example=unsure)
    return NumberStyle("," if comma_likely else ".", settled=not unsure, example=unsure)


def percent(value: Any, style: NumberStyle = PLAIN, *, fraction: bool = False) -> float | None:
    """A share as 0..100; with `fraction`, numbers without a percent sign count from 0 to 1. Raises Wild outside."""
    number = style.number(value)
    if number is None:
        return None
    share = float(number)
    if fraction and not (isinstance(value, str) and "%" in value):
        share *= 100
    if not 0 <= share <= 100:
        raise Wild(f"“{line(value, 40)}” is not a percentage from 0 to 100")
    return share


def within(value: Decimal | float | int, low: float, high: float, what: str) -> Any:
    """The value itself when it lies from `low` to `high`. Raises Wild, naming `what`, when not."""
    if not low <= value <= high:
        raise Wild(f"{what} of {value} is not between {low} and {high}")
    return value
