"""Service levels: the objective promised for a service, over which window, and what was measured."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from steerco.kit.fields import Field
from steerco.kit.record import Record
from steerco.kit.register import Flow, Register, register


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    AGREED = "agreed", _("Agreed")
    ENDED = "ended", _("Ended")


class Direction(models.TextChoices):
    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")


class ServiceLevel(Record):
    """A service level objective: metric, target, window, and the last measurement."""

    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    service = models.CharField(_("service"), max_length=120)
    metric = models.CharField(
        _("metric"), max_length=120, help_text=_("availability, response time, restore time")
    )
    direction = models.CharField(
        _("direction"), max_length=10, choices=Direction.choices, default=Direction.AT_LEAST
    )
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    window = models.CharField(_("window"), max_length=60, blank=True)
    calendar = models.CharField(_("hours"), max_length=80, blank=True, help_text=_("24x7, office hours"))
    measured = models.DecimalField(_("measured"), max_digits=14, decimal_places=4, null=True, blank=True)
    measured_on = models.DateField(_("measured on"), null=True, blank=True)
    consequence = models.TextField(_("consequence of a breach"), blank=True)

    class Meta(Record.Meta):
        verbose_name = _("service level")


def is_kept(record: Any) -> bool | None:
    """True where the last measurement meets the target; None without one."""
    if record.measured is None:
        return None
    if record.direction == Direction.AT_LEAST:
        return bool(record.measured >= record.target)
    return bool(record.measured <= record.target)


@register
class ServiceLevels(Register):
    model = ServiceLevel
    area, slug, prefix = "service", "service-levels", "SL"
    noun, nouns = _("service level"), _("service levels")
    help = _("What is promised to a service's users: a metric, a target, a window, and the last measurement.")
    columns = (
        "title",
        "service",
        "metric",
        "direction",
        "target",
        "unit",
        "measured",
        "kept",
        "measured_on",
        "owner",
        "status",
    )
    sort = "title"
    search = ("title", "service", "metric")
    computed = (Field("kept", _("Kept"), "boolean", value=is_kept),)
    flow = Flow(
        {"draft": ["agreed", "ended"], "agreed": ["draft", "ended"], "ended": ["draft"]},
        closed=frozenset({"ended"}),
        needs={"agreed": ["owner", "window"]},
    )
    wakes = frozenset({"status", "direction", "target", "measured", "measured_on"})
    per_status_colour = {"draft": "neutral", "agreed": "green", "ended": "neutral"}
