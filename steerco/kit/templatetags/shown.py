"""Filters that say numbers as people do."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import formats

register = template.Library()


@register.filter
def percent(share: Any) -> str:
    """A share from 0 to 1 as whole per cent, without the sign; empty for None."""
    return "" if share is None else formats.number_format(round(float(share) * 100))


@register.filter
def amount(value: Any) -> str:
    """An amount of money grouped for the reader, without cents where there are none or above a thousand."""
    if value is None:
        return ""
    number = float(value)
    decimals = 0 if abs(number) >= 1000 or number == round(number) else 2
    # Django cuts digits off; the sentences of the verdict round, and one amount must not read as two.
    return formats.number_format(round(number, decimals), decimal_pos=decimals, force_grouping=True)
