"""What is waiting to be done: background jobs with progress, and calculations that a change made stale."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from steerco.kit.record import empty_dict
from steerco.kit.tree import Node


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Job(models.Model):
    """One background job. A worker holds it by a lease; a lease that ran out puts it back in the queue."""

    name = models.CharField(max_length=80)  # as registered with kit.jobs.job
    arguments = models.JSONField(default=empty_dict)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, null=True, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    once = models.CharField(max_length=120, blank=True)  # equal waiting jobs are one
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=empty_dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "not_before", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["once"], condition=models.Q(state="waiting") & ~models.Q(once=""), name="waiting_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class Stale(models.Model):
    """A calculation of a node that no longer matches its records, and since when."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    because = models.CharField(max_length=120, blank=True)  # reference of the change that woke it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node"], name="stale_once")]

    def __str__(self) -> str:
        return f"{self.node_id} since {self.since}"
