"""Risks: cause, event and effect, with probability and impact in days and money, and what is done about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import DecimalField, ExpressionWrapper, F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from steerco.kit.record import Record
from steerco.kit.register import Flow, Register, register


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    TREATING = "treating", _("Treating")
    HAPPENED = "happened", _("Happened")
    CLOSED = "closed", _("Closed")


class Response(models.TextChoices):
    AVOID = "avoid", _("Avoid")
    MITIGATE = "mitigate", _("Mitigate")
    TRANSFER = "transfer", _("Transfer")
    ACCEPT = "accept", _("Accept")
    EXPLOIT = "exploit", _("Exploit")
    ENHANCE = "enhance", _("Enhance")
    SHARE = "share", _("Share")


def impact(label: Any, digits: int, places: int) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        label,
        max_digits=digits,
        decimal_places=places,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )


def expected(low: str, likely: str, high: str) -> ExpressionWrapper[Any]:
    """Probability times the mean of the triangular impact; a missing end of the range is the likely value."""
    total = Coalesce(F(low), F(likely)) + F(likely) + Coalesce(F(high), F(likely))
    return ExpressionWrapper(
        F("probability") * total / 3, output_field=DecimalField(max_digits=18, decimal_places=4)
    )


class Risk(Record):
    """Because of a cause, an event may happen, which would have an effect."""

    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    cause = models.TextField(_("cause"), blank=True)
    event = models.TextField(_("event"), blank=True)
    effect = models.TextField(_("effect"), blank=True)
    category = models.CharField(_("category"), max_length=80, blank=True)
    probability = models.DecimalField(
        _("probability"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    impact_days_low = impact(_("impact, best case"), 8, 2)
    impact_days_likely = impact(_("impact, likely"), 8, 2)
    impact_days_high = impact(_("impact, worst case"), 8, 2)
    impact_cost_low = impact(_("cost, best case"), 16, 2)
    impact_cost_likely = impact(_("cost, likely"), 16, 2)
    impact_cost_high = impact(_("cost, worst case"), 16, 2)
    response = models.CharField(_("response"), max_length=12, choices=Response.choices, blank=True)
    response_plan = models.TextField(_("response plan"), blank=True)
    trigger = models.TextField(_("trigger"), blank=True)
    proximity = models.DateField(_("proximity"), null=True, blank=True)
    due = models.DateField(_("due"), null=True, blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    exposure_days = models.GeneratedField(
        expression=expected("impact_days_low", "impact_days_likely", "impact_days_high"),
        output_field=models.DecimalField(_("exposure"), max_digits=18, decimal_places=4),
        db_persist=True,
        verbose_name=_("exposure"),
    )
    exposure_cost = models.GeneratedField(
        expression=expected("impact_cost_low", "impact_cost_likely", "impact_cost_high"),
        output_field=models.DecimalField(_("exposure, money"), max_digits=18, decimal_places=4),
        db_persist=True,
        verbose_name=_("exposure, money"),
    )

    class Meta(Record.Meta):
        verbose_name = _("risk")


@register
class Risks(Register):
    model = Risk
    area, slug, prefix = "raid", "risks", "R"
    noun, nouns = _("risk"), _("risks")
    help = _(
        "An uncertain event with its cause and effect. Open risks with probability and impact drive the forecast."
    )
    columns = (
        "title",
        "probability",
        "impact_days_likely",
        "exposure_days",
        "exposure_cost",
        "response",
        "owner",
        "due",
        "status",
    )
    form = (
        "title", "cause", "event", "effect", "category", "probability", "impact_days_low", "impact_days_likely",
        "impact_days_high", "impact_cost_low", "impact_cost_likely", "impact_cost_high", "response", "response_plan",
        "trigger", "proximity", "due", "owner", "status", "outcome", "tags", "shared",
    )  # fmt: skip
    sort = "-exposure_days"
    deadlines = frozenset({"due"})
    search = ("title", "cause", "event", "effect", "category")
    fields = {
        "probability": {"kind": "percent"},
        "impact_days_low": {"unit": _("d")},
        "impact_days_likely": {"unit": _("d")},
        "impact_days_high": {"unit": _("d")},
        "impact_cost_low": {"kind": "money"},
        "impact_cost_likely": {"kind": "money"},
        "impact_cost_high": {"kind": "money"},
        "exposure_days": {"unit": _("d"), "decimals": 1, "total": True},
        "exposure_cost": {"kind": "money", "total": True},
    }
    flow = Flow(
        {
            "open": ["treating", "happened", "closed"],
            "treating": ["open", "happened", "closed"],
            "happened": ["closed"],
            "closed": ["open"],
        },
        closed=frozenset({"closed", "happened"}),
        needs={"treating": ["response", "owner"], "closed": ["outcome"]},
    )
    wakes = frozenset(
        {
            "status", "probability", "impact_days_low", "impact_days_likely", "impact_days_high", "impact_cost_low",
            "impact_cost_likely", "impact_cost_high", "response", "owner", "due",
        }
    )  # fmt: skip
    per_status_colour = {"open": "red", "treating": "amber", "happened": "red", "closed": "neutral"}

    @classmethod
    def check(cls, record: Any) -> Iterable[tuple[str, str]]:
        for what in ("impact_days", "impact_cost"):
            low, likely, high = (getattr(record, f"{what}_{end}") for end in ("low", "likely", "high"))
            if likely is None and (low is not None or high is not None):
                yield f"{what}_likely", _t("is needed when best or worst case is given")
            elif likely is not None and not (low or 0 if low is None else low) <= likely <= (
                likely if high is None else high
            ):
                yield f"{what}_likely", _t("must lie between best and worst case")
