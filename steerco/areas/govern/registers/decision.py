"""Decisions: what must be decided by when, between which options, by whom, and what was decided why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from steerco.kit.record import Record
from steerco.kit.register import Flow, Register, register


class Status(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    NEEDED = "needed", _("Needed")
    DECIDED = "decided", _("Decided")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Decision(Record):
    """A choice that belongs to somebody, with the date after which waiting costs."""

    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    context = models.TextField(_("context"), blank=True)
    options = models.TextField(
        _("options"), blank=True, help_text=_("One per line, with its cost and effect.")
    )
    recommendation = models.TextField(_("recommendation"), blank=True)
    needed_by = models.DateField(_("needed by"), null=True, blank=True)
    cost_of_delay = models.DecimalField(
        _("cost of delay per week"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    delay_days_per_week = models.DecimalField(
        _("delay per week late"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    decided_option = models.TextField(_("decision"), blank=True)
    rationale = models.TextField(_("rationale"), blank=True)

    class Meta(Record.Meta):
        verbose_name = _("decision")


@register
class Decisions(Register):
    model = Decision
    area, slug, prefix = "govern", "decisions", "D"
    noun, nouns = _("decision"), _("decisions")
    help = _("A choice between options that somebody must make by a date; waiting past it has a price.")
    columns = ("title", "needed_by", "delay_days_per_week", "cost_of_delay", "owner", "decided_on", "status")
    sort = "needed_by"
    deadlines = frozenset({"needed_by"})
    search = ("title", "context", "options", "decided_option")
    fields = {"cost_of_delay": {"kind": "money"}, "delay_days_per_week": {"unit": _("d")}}
    flow = Flow(
        {
            "proposed": ["needed", "decided", "withdrawn"],
            "needed": ["decided", "withdrawn"],
            "decided": ["needed"],
            "withdrawn": ["proposed"],
        },
        closed=frozenset({"decided", "withdrawn"}),
        needs={
            "needed": ["options", "owner", "needed_by"],
            "decided": ["decided_option", "rationale", "decided_on", "owner"],
        },
    )
    wakes = frozenset({"status", "needed_by", "delay_days_per_week"})
    per_status_colour = {"proposed": "neutral", "needed": "amber", "decided": "green", "withdrawn": "neutral"}
