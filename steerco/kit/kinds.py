"""Kinds of fields: how each is read from a form, a file or the API, shown, exported and compared.

A kind has four verbs: `clean` (wild text or JSON to a Python value, raising `Bad`), `show` (for a reader), `export` (for a
sheet), `plain` (for JSON); `raw` is what the edit box holds and `clean` takes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import formats, timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from steerco.kit.fields import Field

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Bad(ValueError):
    """A value that cannot be taken; the text says why and what would do."""


def printable(text: str) -> str:
    """Text without control characters, lone surrogates, invisible separators and turns of direction: what shows is what is."""
    return CONTROL.sub(" ", text)


def whole(text: str) -> int | None:
    """The number of plain decimal digits that fits a database key; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


class Kind:
    """Text on one line; the base of the others. `compare` lists the query operators it understands."""

    name = "text"
    align = "start"
    compare: tuple[str, ...] = (":",)
    input_type = "text"

    def clean(self, raw: Any, spec: Field) -> Any:
        text = printable(str(raw)).replace("\n", " ").strip()
        if spec.max_length and len(text) > spec.max_length:
            raise Bad(
                _("is %(n)d characters long; %(max)d is the most") % {"n": len(text), "max": spec.max_length}
            )
        return text

    def show(self, value: Any, spec: Field) -> str:
        return str(value)

    def export(self, value: Any, spec: Field) -> Any:
        return value

    def plain(self, value: Any) -> Any:
        return value

    def raw(self, value: Any, spec: Field) -> str:
        """Text for the edit box: what `clean` takes back unchanged."""
        return str(value)


class LongText(Kind):
    name = "long_text"

    def clean(self, raw: Any, spec: Field) -> str:
        text = printable(str(raw).replace("\r\n", "\n").replace("\r", "\n")).strip()
        if len(text) > 20_000:
            raise Bad(_("is %(n)d characters long; 20,000 is the most") % {"n": len(text)})
        return text


class Number(Kind):
    """A decimal number; accepts a comma as the decimal sign where no point is written."""

    name = "number"
    align = "end"
    compare = (":", "=", ">", ">=", "<", "<=")

    def number(self, raw: Any, spec: Field) -> Decimal:
        if isinstance(raw, bool):
            raise Bad(_("must be a number"))
        text = str(raw).strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("−", "-")
        text = text.removesuffix("%")
        if "," in text and "." not in text:
            text = text.replace(",", ".") if text.count(",") == 1 else text.replace(",", "")
        elif "," in text:
            text = (
                text.replace(",", "")
                if text.rfind(",") < text.rfind(".")
                else text.replace(".", "").replace(",", ".")
            )
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise Bad(_("must be a number, not “%(text)s”") % {"text": str(raw)[:40]}) from None
        if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
            raise Bad(_("is out of range"))
        if spec.minimum is not None and number < Decimal(str(spec.minimum)):
            raise Bad(_("must be at least %(min)s") % {"min": spec.minimum})
        if spec.maximum is not None and number > Decimal(str(spec.maximum)):
            raise Bad(_("must be at most %(max)s") % {"max": spec.maximum})
        return number

    def clean(self, raw: Any, spec: Field) -> Any:
        number = self.number(raw, spec)
        if spec.decimals is not None:
            number = number.quantize(Decimal(1).scaleb(-spec.decimals))
        return number

    def show(self, value: Any, spec: Field) -> str:
        if spec.decimals is not None:
            value = round(value, spec.decimals)
        text = formats.number_format(_tidy(value), use_l10n=True, force_grouping=True)
        return f"{text} {spec.unit}" if spec.unit else text

    def plain(self, value: Any) -> Any:
        return str(value) if isinstance(value, Decimal) else value

    def raw(self, value: Any, spec: Field) -> str:
        return formats.number_format(_tidy(value), use_l10n=True, force_grouping=False)


class Integer(Number):
    name = "integer"

    def clean(self, raw: Any, spec: Field) -> int:
        number = self.number(raw, spec)
        if number != number.to_integral_value():
            raise Bad(_("must be a whole number"))
        return int(number)


class Money(Number):
    """A decimal amount; the currency is the project's."""

    name = "money"

    def show(self, value: Any, spec: Field) -> str:
        return formats.number_format(
            value, decimal_pos=2 if value % 1 else 0, use_l10n=True, force_grouping=True
        )


class Percent(Number):
    """Kept as a share from 0 to 1, spoken as per cent: `60`, `60 %` and `0.6`-in-JSON all mean the same.

    Text is per cent; a JSON number is the share itself.
    """

    name = "percent"

    def clean(self, raw: Any, spec: Field) -> Any:
        spec = replace(spec, minimum=None, maximum=None)
        number = self.number(raw, spec)
        share = number if isinstance(raw, (int, float, Decimal)) else number / 100
        if not 0 <= share <= 1:
            raise Bad(_("must be between 0 % and 100 %"))
        return share.quantize(Decimal("0.0001"))

    def show(self, value: Any, spec: Field) -> str:
        return f"{formats.number_format(_tidy(Decimal(value) * 100), use_l10n=True)} %"

    def raw(self, value: Any, spec: Field) -> str:
        return self.show(value, spec)

    def export(self, value: Any, spec: Field) -> Any:
        return value


class Day(Kind):
    """A date: 2026-03-12, 12.03.2026, or relative: today, +14d, -2w."""

    name = "date"
    align = "end"
    compare = (":", "=", ">", ">=", "<", "<=")
    input_type = "date"

    def clean(self, raw: Any, spec: Field) -> Any:
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, date):
            return raw
        day = (
            relative_day(str(raw).strip())
            or _try(parse_date, str(raw).strip())
            or _try(_local_date, str(raw).strip())
        )
        if not day:
            raise Bad(_("must be a date such as 2026-03-12, not “%(text)s”") % {"text": str(raw)[:40]})
        if not 1900 <= day.year <= 2200:
            raise Bad(_("must lie between 1900 and 2200"))
        return day

    def show(self, value: Any, spec: Field) -> str:
        return short_date(value)

    def plain(self, value: Any) -> Any:
        return value.isoformat()

    def raw(self, value: Any, spec: Field) -> str:
        return str(value.isoformat())


class Moment(Kind):
    """A wall-clock moment of the plan, without a zone: 2026-03-12 17:00. Stored as if it were UTC."""

    name = "datetime"
    align = "end"
    compare = (":", "=", ">", ">=", "<", "<=")
    input_type = "datetime-local"

    def clean(self, raw: Any, spec: Field) -> Any:
        if isinstance(raw, datetime):
            moment = raw
        elif isinstance(raw, date):
            moment = datetime(raw.year, raw.month, raw.day)
        else:
            text = str(raw).strip()
            found = _try(parse_datetime, text)
            day = None if found else relative_day(text) or _try(parse_date, text) or _try(_local_date, text)
            if not found and not day:
                raise Bad(
                    _("must be a moment such as 2026-03-12 08:00, not “%(text)s”") % {"text": text[:40]}
                )
            moment = found or datetime(day.year, day.month, day.day)  # type: ignore[union-attr]
        if not 1900 <= moment.year <= 2200:
            raise Bad(_("must lie between 1900 and 2200"))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def show(self, value: Any, spec: Field) -> str:
        return short_date(value)

    def export(self, value: Any, spec: Field) -> Any:
        return value.replace(tzinfo=None)

    def plain(self, value: Any) -> Any:
        return value.replace(tzinfo=None).isoformat(timespec="minutes")

    def raw(self, value: Any, spec: Field) -> str:
        return str(self.plain(value))


class Minutes(Kind):
    """Working time in minutes, spoken as `3d`, `4h`, `2d 4h`, `90min`; a day is eight hours. A bare number is days.

    `3 T` is three days too: so they are written in German.
    """

    name = "minutes"
    align = "end"
    compare = (":", "=", ">", ">=", "<", "<=")
    day = 480
    pattern = re.compile(r"^\s*(?:(-?[\d.,]+)\s*(w|[dt]|h|min|m))+\s*$")
    sizes = {"w": 2400, "d": 480, "t": 480, "h": 60, "min": 1, "m": 1}

    def clean(self, raw: Any, spec: Field) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool):
            return self._checked(raw, spec)
        text = str(raw).strip().lower()
        try:
            return self._checked(round(float(text.replace(",", ".")) * self.day), spec)
        except OverflowError:  # "inf", or four hundred digits
            raise Bad(_("is longer than fifty years")) from None
        except ValueError:
            pass
        if not self.pattern.match(text):
            raise Bad(
                _("must be a working time such as 3d, 4h or 2d 4h, not “%(text)s”") % {"text": text[:40]}
            )
        parts = re.findall(r"(-?[\d.,]+)\s*(w|[dt]|h|min|m)", text)
        try:
            return self._checked(
                round(sum(float(n.replace(",", ".")) * self.sizes[u] for n, u in parts)), spec
            )
        except (ValueError, OverflowError):
            raise Bad(_("must be a working time such as 3d, 4h or 2d 4h")) from None

    def _checked(self, minutes: int, spec: Field) -> int:
        if abs(minutes) > 60 * 24 * 366 * 50:
            raise Bad(_("is longer than fifty years"))
        if spec.minimum is not None and minutes < spec.minimum:
            raise Bad(_("must not be negative"))
        return minutes

    def show(self, value: Any, spec: Field) -> str:
        return working_time(value)

    def raw(self, value: Any, spec: Field) -> str:
        if value % self.day == 0:
            return f"{value // self.day}d"
        sign, value = ("-", -value) if value < 0 else ("", value)
        days, rest = divmod(value, self.day)
        parts = [f"{sign}{days}d"] if days else []
        hours, minutes = divmod(rest, 60)
        parts += [f"{sign}{hours}h"] if hours else []
        parts += [f"{sign}{minutes}min"] if minutes else []
        return " ".join(parts)

    def export(self, value: Any, spec: Field) -> Any:
        return self.raw(value, spec)


class Choice(Kind):
    name = "choice"

    def clean(self, raw: Any, spec: Field) -> str:
        text = str(raw).strip()
        # Values first: labels are translated at each look, which imports of thousands of rows would pay for.
        for value, _label in spec.choices:
            if text == value:
                return value
        for value, label in spec.choices:
            if text.casefold() == str(label).casefold():
                return value
        allowed = ", ".join(str(label) for _value, label in spec.choices)
        raise Bad(_("must be one of: %(allowed)s") % {"allowed": allowed})

    def show(self, value: Any, spec: Field) -> str:
        return str(dict(spec.choices).get(value, value))

    def raw(self, value: Any, spec: Field) -> str:
        return str(value)


class YesNo(Kind):
    name = "boolean"

    def clean(self, raw: Any, spec: Field) -> bool:
        if isinstance(raw, bool):
            return raw
        text = str(raw).strip().casefold()
        if text in {"1", "true", "yes", "y", "on", "x", "ja", "wahr"}:
            return True
        if text in {"0", "false", "no", "n", "off", "", "nein", "falsch"}:
            return False
        raise Bad(_("must be yes or no"))

    def show(self, value: Any, spec: Field) -> str:
        return _("Yes") if value else _("No")

    def raw(self, value: Any, spec: Field) -> str:
        return "1" if value else ""


class Tags(Kind):
    name = "tags"

    def clean(self, raw: Any, spec: Field) -> list[str]:
        parts = raw if isinstance(raw, (list, tuple)) else re.split(r"[,;]", str(raw))
        tags = sorted({printable(str(part)).strip()[:60] for part in parts} - {""})
        if len(tags) > 40:
            raise Bad(_("has more than 40 tags"))
        return tags

    def show(self, value: Any, spec: Field) -> str:
        return ", ".join(value)

    export = show
    raw = show


class Person(Kind):
    """An account by id, e-mail address or exact name; only people the register's picker offers are found."""

    name = "person"

    def clean(self, raw: Any, spec: Field) -> Any:
        from steerco.kit.people import User

        return self.find(raw, User.objects.all())

    def find(self, raw: Any, among: models.QuerySet[Any]) -> Any:
        """The account among those that may be named; who is not one of them is not known, and nothing tells why."""
        if isinstance(raw, among.model):
            return raw
        text = printable(str(raw)).strip()
        if text.isdecimal():
            found = among.filter(pk=whole(text) or 0).first()
        elif "@" in text:
            found = among.filter(email=text.lower()).first()
        else:
            matches = list(among.filter(name=text)[:2])
            if len(matches) > 1:
                raise Bad(_("names two people; use the e-mail address"))
            found = matches[0] if matches else None
        if not found:
            raise Bad(_("is nobody known here: “%(text)s”") % {"text": text[:40]})
        return found

    def show(self, value: Any, spec: Field) -> str:
        return str(value.name)

    def export(self, value: Any, spec: Field) -> Any:
        return value.email or value.name

    def plain(self, value: Any) -> Any:
        return {"id": value.pk, "name": value.name}

    def raw(self, value: Any, spec: Field) -> str:
        return str(value.pk)


class Reference(Kind):
    """Another record of a register in the same project, by its reference `T-12`."""

    name = "reference"

    def clean(self, raw: Any, spec: Field) -> Any:
        return (
            raw if isinstance(raw, models.Model) else printable(str(raw)).strip()
        )  # the door resolves it within the node

    def show(self, value: Any, spec: Field) -> str:
        return f"{value.ref} {value.title}"

    def export(self, value: Any, spec: Field) -> Any:
        return value.ref

    def plain(self, value: Any) -> Any:
        return value.ref

    def raw(self, value: Any, spec: Field) -> str:
        return str(value.ref)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(), LongText(), Number(), Integer(), Money(), Percent(), Day(), Moment(), Minutes(), Choice(), YesNo(),
        Tags(), Person(), Reference(),
    )
}  # fmt: skip


def short_date(value: date) -> str:
    """`12 Mar`, with the year where it is not this one; the same order in every language, so never ambiguous."""
    return formats.date_format(value, _("j M") if value.year == timezone.localdate().year else _("j M Y"))


def working_time(minutes: int) -> str:
    """Working minutes for a reader: `3 d`, `4 h`, `2.5 d`."""
    if minutes and abs(minutes) < 240:
        return _("%(n)s h") % {"n": formats.number_format(_tidy(Decimal(minutes) / 60), decimal_pos=None)}
    return _("%(n)s d") % {"n": formats.number_format(_tidy(round(Decimal(minutes) / 480, 1)))}


def relative_day(text: str) -> date | None:
    """`today`, `+14d`, `-2w`, `+3m` as a date in the reader's zone; None for anything else."""
    today = timezone.localdate()
    if text.casefold() in {"today", "heute", str(gettext_lazy("today")).casefold()}:
        return today
    if found := re.fullmatch(r"([+-])(\d{1,4})([dwm])", text):
        days = int(found[2]) * {"d": 1, "w": 7, "m": 30}[found[3]]
        return today + timedelta(days=days if found[1] == "+" else -days)
    return None


def _local_date(text: str) -> date:
    for pattern in ("%d.%m.%Y", "%d.%m.%y", "%d/%b/%y", "%d %b %Y", "%d %B %Y"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise ValueError(text)


def _try(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return None


def _tidy(value: Any) -> Any:
    """Without trailing zeros, never in exponent form."""
    if isinstance(value, Decimal):
        value = value.normalize()
        return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
    return value
