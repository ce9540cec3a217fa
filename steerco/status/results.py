"""What calculations leave behind: snapshots with their forecasts, readings and health, append-only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from steerco.engine.plan import to_moment
from steerco.kit.record import empty_dict, empty_list
from steerco.kit.tree import Node


class Kept(models.Model):
    """A row that is written once. What was published stays readable as it was published."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"a {self._meta.verbose_name} is written once and never edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"a {self._meta.verbose_name} is kept and never deleted")


class Snapshot(Kept):
    """One calculation of one node: of which inputs, under which policy, up to which change of the trail.

    `summary` holds what pages need of the schedule without recalculating it; `findings` what is wrong with the plan.
    """

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    as_of = models.DateField()  # the day readings that grow with time (overdue, freshness) were counted on
    fingerprint = models.CharField(max_length=64)
    policy = models.CharField(max_length=80)  # "health 1 3f2a..."
    trail_seq = models.BigIntegerField(default=0)  # last change of the node it has seen
    findings = models.JSONField(default=empty_list)
    summary = models.JSONField(default=empty_dict)
    changes = models.JSONField(
        default=empty_list
    )  # what moved it since the snapshot before, see changes.Cause
    seconds = models.FloatField(default=0)

    class Meta:
        verbose_name = _("snapshot")
        indexes = [models.Index(fields=["node", "-id"])]

    def __str__(self) -> str:
        return f"{self.node_id} {self.made_at:%Y-%m-%d %H:%M}"


def committed_day(minute: float) -> date:
    """The day that was promised: a commitment is kept as the minute in which its day ends."""
    return to_moment(round(minute) - 1).date()


class ForecastKind(models.TextChoices):
    SCHEDULE = "schedule", _("Finish by simulation")
    THROUGHPUT = "throughput", _("Finish by throughput")
    COST = "cost", _("Cost at completion")


class Forecast(Kept):
    """A published forecast with all that is needed to repeat and to score it.

    Values of schedule and throughput forecasts are timeline minutes (minutes since 1970-01-01 00:00 of the plan's
    clock), those of cost forecasts money in the node's currency. `actual` and the score columns are filled once, when
    truth arrives.
    """

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="forecasts")
    kind = models.CharField(max_length=12, choices=ForecastKind.choices)
    as_of = models.DateField()
    made_at = models.DateTimeField()
    p10 = models.FloatField()
    p25 = models.FloatField()
    p50 = models.FloatField()
    p75 = models.FloatField()
    p80 = models.FloatField()
    p90 = models.FloatField()
    p95 = models.FloatField()
    mean = models.FloatField()
    deterministic = models.FloatField(null=True)
    committed = models.FloatField(null=True)
    committed_confidence = models.FloatField(null=True)  # chance of keeping `committed`, 0..1
    needed_confidence = models.FloatField(null=True)  # the confidence that was promised, 0..1
    histogram = models.JSONField(default=empty_dict)  # {"edges": [n + 1], "counts": [n]}
    drivers = models.JSONField(default=empty_list)  # what moves it most, see calculate.DriverFact
    draws = models.PositiveIntegerField(default=0)
    seed = models.BigIntegerField(default=0)
    assumed_share = models.FloatField(default=0)  # of remaining work, whose spread nobody estimated
    fingerprint = models.CharField(max_length=64)
    method = models.CharField(max_length=200, blank=True)
    actual = models.FloatField(null=True)
    scored_at = models.DateTimeField(null=True)
    held_p50 = models.BooleanField(null=True)
    held_p80 = models.BooleanField(null=True)
    held_p95 = models.BooleanField(null=True)
    pinball_loss = models.FloatField(null=True)  # mean over the percentiles, in days or money

    class Meta:
        verbose_name = _("forecast")
        indexes = [models.Index(fields=["node", "kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.node_id}, {self.as_of}"


class Reading(Kept):
    """The value of one metric, with its provenance; `refused` says what is missing where there is no value."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="readings")
    metric = models.CharField(max_length=60)
    value = models.FloatField(null=True)
    text = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    as_of = models.DateField()
    coverage = models.FloatField(default=1.0)  # share of the subject the inputs speak of, 0..1
    freshness_days = models.FloatField(null=True)  # age of the youngest evidence behind it
    confidence = models.FloatField(null=True)  # how sure, 0..1, where the method says so
    fingerprint = models.CharField(max_length=64)  # of its inputs
    rule_version = models.PositiveSmallIntegerField(default=1)
    inputs = models.JSONField(default=empty_dict)  # {"refs": [...], "figures": {...}, "refusal": {...}}
    refused = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("reading")
        indexes = [models.Index(fields=["node", "metric", "-id"])]

    def __str__(self) -> str:
        return f"{self.metric} {self.refused or self.value}"


class Health(Kept):
    """A verdict over a node: overall and per dimension, each with its sentence and the readings it rests on.

    `sentences` and `dimensions[...]["sentences"]` are kept in every language, as they were published.
    """

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    snapshot = models.OneToOneField(Snapshot, on_delete=models.CASCADE, related_name="health")
    as_of = models.DateField()
    made_at = models.DateTimeField()
    colour = models.CharField(max_length=8)  # green, amber, red, unknown
    sentences = models.JSONField(default=empty_dict)  # {"en": "...", "de": "..."}
    because = models.CharField(max_length=60, blank=True)  # the dimension that decided
    others = models.JSONField(default=empty_list)  # further reasons, sentences like the first
    dimensions = models.JSONField(default=empty_list)
    policy = models.CharField(max_length=60)
    policy_version = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("health")
        indexes = [models.Index(fields=["node", "-id"])]

    def __str__(self) -> str:
        return f"{self.node_id} {self.colour} {self.as_of}"
