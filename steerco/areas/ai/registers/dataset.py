"""Datasets: where data comes from, on which legal basis, how well it is described, and how labels agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from steerco.kit.fields import Field
from steerco.kit.record import Record
from steerco.kit.register import Flow, Register, register


class Status(models.TextChoices):
    PLANNED = "planned", _("Planned")
    COLLECTING = "collecting", _("Collecting")
    READY = "ready", _("Ready")
    RETIRED = "retired", _("Retired")


class LegalBasis(models.TextChoices):
    """Article 6 GDPR, or no personal data at all."""

    NONE = "no_personal_data", _("No personal data")
    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract")
    LEGAL = "legal_obligation", _("Legal obligation")
    VITAL = "vital_interests", _("Vital interests")
    PUBLIC = "public_task", _("Public task")
    LEGITIMATE = "legitimate_interests", _("Legitimate interests")


DATASHEET = (
    "description", "source", "collection", "annotation", "limitations", "biases", "licence", "legal_basis", "retention", "rows", "version_name",
)  # fmt: skip


class Dataset(Record):
    """Data an AI product learns from or is tested on, described with the field names of Croissant-RAI."""

    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    description = models.TextField(_("description"), blank=True)
    source = models.TextField(_("source"), blank=True)
    collection = models.TextField(_("data collection"), blank=True)
    annotation = models.TextField(_("data annotation"), blank=True)
    limitations = models.TextField(_("limitations"), blank=True)
    biases = models.TextField(_("biases"), blank=True)
    sensitive = models.TextField(_("sensitive information"), blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=24, choices=LegalBasis.choices, blank=True)
    retention = models.CharField(_("retention"), max_length=120, blank=True)
    version_name = models.CharField(_("data version"), max_length=80, blank=True)
    rows = models.PositiveBigIntegerField(_("rows"), null=True, blank=True)
    label_agreement = models.DecimalField(
        _("label agreement κ"),
        max_digits=4,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(-1), MaxValueValidator(1)],
    )
    agreement_needed = models.DecimalField(
        _("κ needed"),
        max_digits=4,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(-1), MaxValueValidator(1)],
    )
    measured_on = models.DateField(_("measured on"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("dataset")


def completeness(record: Any) -> Any:
    """Share of the datasheet's fields that are filled."""
    return sum(1 for name in DATASHEET if getattr(record, name) not in ("", None)) / len(DATASHEET)


@register
class Datasets(Register):
    model = Dataset
    area, slug, prefix = "ai", "datasets", "DS"
    noun, nouns = _("dataset"), _("datasets")
    help = _(
        "Data an AI product learns from or is tested on, with its datasheet and how far annotators agree."
    )
    columns = (
        "title",
        "rows",
        "datasheet",
        "label_agreement",
        "agreement_needed",
        "legal_basis",
        "measured_on",
        "owner",
        "status",
    )
    sort = "title"
    search = ("title", "description", "source")
    computed = (Field("datasheet", _("Datasheet"), "percent", value=completeness),)
    flow = Flow(
        {
            "planned": ["collecting", "ready", "retired"],
            "collecting": ["ready", "planned", "retired"],
            "ready": ["collecting", "retired"],
            "retired": ["ready"],
        },
        closed=frozenset({"retired"}),
        needs={"ready": ["source", "legal_basis", "version_name"]},
    )
    wakes = frozenset({"status", *DATASHEET, "label_agreement", "agreement_needed", "measured_on"})
    per_status_colour = {"planned": "neutral", "collecting": "amber", "ready": "green", "retired": "neutral"}

    @classmethod
    def check(cls, record: Any) -> Iterable[tuple[str, str]]:
        if record.label_agreement is not None and record.measured_on is None:
            yield "measured_on", _t("is needed beside a measured agreement")
