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
    whole = abs(number) >= 1000 or number == round(number)
    return formats.number_format(number, decimal_pos=0 if whole else 2, force_grouping=True)
