"""Sentences with figures in them, in every language a policy speaks: templates such as `{committed:date}`."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import formats, translation
from django.utils.translation import gettext as _

LANGUAGES = ("en", "de")
DAYS = {"en": ("day", "days"), "de": ("Tag", "Tage")}
DATIVE = {"en": ("day", "days"), "de": ("Tag", "Tagen")}


class _Speaker(string.Formatter):
    """Formats by the words date, percent, points, number, count, days, days_dative, money and finish; else as text."""

    def __init__(self, language: str, currency: str, today: date) -> None:
        self.language, self.currency, self.today = language, currency, today

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        # Plain names only: a template is data, and data must not walk through attributes.
        return kwargs.get(field_name), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "finish":
            return str(value) if value else _("The finish")
        if value is None:
            return "?"
        try:
            if format_spec == "date":
                return day_and_month(value, self.language, self.today)
            writer = WRITERS.get(format_spec)
            return writer(value, self.language, self.currency) if writer else str(value)
        except (ValueError, TypeError):  # a workspace's own template asks for a format the figure has not
            return str(value)


def say(
    template: str, figures: Mapping[str, Any], language: str, *, today: date, currency: str = "EUR"
) -> str:
    """The template with its figures written as the language writes them. A missing figure is written as `?`."""
    with translation.override(language):
        return _Speaker(language, currency, today).vformat(template, (), figures)


def both(
    templates: Mapping[str, str], figures: Mapping[str, Any], *, today: date, currency: str = "EUR"
) -> dict[str, str]:
    """The sentence in every language there is a template for."""
    return {
        language: say(text, figures, language, today=today, currency=currency)
        for language, text in templates.items()
    }


def spoken(sentences: Mapping[str, str]) -> str:
    """The sentence in the reader's language, else in English."""
    language = (translation.get_language() or "en").split("-")[0]
    return sentences.get(language) or sentences.get("en", "")


def _number(value: Any, _language: str, _currency: str) -> str:
    return _grouped(value, 2).rstrip("0").rstrip(".,") if float(value) % 1 else _grouped(value, 0)


def _grouped(value: Any, decimals: int) -> str:
    return formats.number_format(round(float(value), decimals), decimals, force_grouping=True)


def _days(value: Any, words: Mapping[str, tuple[str, str]], language: str) -> str:
    count = abs(float(value))
    count = round(count) if count >= 2 else round(count, 1)
    one, many = words.get(language, words["en"])
    return f"{_number(count, language, '')} {one if count == 1 else many}"


def _ago(value: Any, language: str) -> str:
    """today, 1 day ago, 12 days ago."""
    if round(abs(float(value))) == 0:
        return {"de": "heute"}.get(language, "today")
    return (
        f"vor {_days(value, DATIVE, language)}" if language == "de" else f"{_days(value, DAYS, language)} ago"
    )


def day_and_month(value: Any, language: str, today: date) -> str:
    """12 March, with its year where that is not the present one."""
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    if isinstance(day, datetime):
        day = day.date()
    pattern = "j. F" if language == "de" else "j F"
    return formats.date_format(day, pattern if day.year == today.year else f"{pattern} Y")


def money(value: Any, _language: str, currency: str) -> str:
    """1.42 M€ from a million on, else whole units."""
    sign = {"EUR": "€", "USD": "$", "GBP": "£"}.get(currency, currency)
    amount = float(value)
    if abs(amount) >= 1_000_000:
        return f"{_grouped(amount / 1_000_000, 2)} M{sign if len(sign) == 1 else ' ' + sign}"
    return f"{_grouped(amount, 0)} {sign}"


WRITERS = {
    "percent": lambda v, _l, _c: f"{_grouped(float(v) * 100, 0)} %",
    "points": lambda v, _l, _c: _grouped(v, 0),
    "number": _number,
    "count": lambda v, _l, _c: _grouped(v, 0),
    "days": lambda v, language, _c: _days(v, DAYS, language),
    "days_dative": lambda v, language, _c: _days(v, DATIVE, language),
    "ago": lambda v, language, _c: _ago(v, language),
    "money": money,
}
