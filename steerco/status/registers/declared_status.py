"""Declared status: the colour a person says a project has, with the reason, the reviewer and the day it expires."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from steerco.kit.record import Record
from steerco.kit.register import Flow, Register, register

LONGEST = timedelta(days=92)  # a declaration is a bridge until evidence catches up, not a state


class Status(models.TextChoices):
    DECLARED = "declared", _("Declared")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Colour(models.TextChoices):
    GREEN = "green", _("Green")
    AMBER = "amber", _("Amber")
    RED = "red", _("Red")


class DeclaredStatus(Record):
    """A person's judgement beside the computed one. It never replaces it, and it stands until it expires."""

    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour.choices)
    reason = models.TextField(_("reason"))
    expires_on = models.DateField(_("expires on"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewer"),
    )

    class Meta(Record.Meta):
        verbose_name = _("declared status")


@register
class DeclaredStatuses(Register):
    model = DeclaredStatus
    area, slug, prefix = "status", "declared-statuses", "ST"
    noun, nouns = _("declared status"), _("declared statuses")
    help = _("What a person says the colour is, shown beside the computed one until it expires.")
    columns = ("title", "colour", "reason", "expires_on", "reviewer", "owner", "status")
    form = ("title", "colour", "reason", "expires_on", "reviewer", "owner", "status", "tags", "shared")
    search = ("title", "reason")
    flow = Flow(
        {
            "declared": ["expired", "withdrawn"],
            "expired": ["declared"],
            "withdrawn": ["declared"],
        },
        closed=frozenset({"expired", "withdrawn"}),
    )
    wakes = frozenset({"status", "colour", "expires_on"})
    per_status_colour = {"declared": "amber", "expired": "neutral", "withdrawn": "neutral"}

    @classmethod
    def check(cls, record: Any) -> Iterable[tuple[str, str]]:
        if record.status == Status.DECLARED and record.expires_on and record.created_at:
            declared = record.created_at.date()
            if record.expires_on < declared:
                yield "expires_on", _t("lies before the day it was declared")
            elif record.expires_on > declared + LONGEST:
                yield "expires_on", _t("may be at most three months after the day it was declared")
