"""Imports that were done: the receipt of each, and how fresh the data of a project is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from steerco.kit.record import empty_dict, empty_list
from steerco.kit.tree import Node


class ImportRun(models.Model):
    """One file taken into one node. Never edited: the next import of the same file is a row of its own."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    system = models.CharField(max_length=40)
    file = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=empty_dict)  # {"work-items": {"new": 12, "changed": 0, ...}}
    notes = models.JSONField(default=empty_list)  # findings about the file, the most telling first
    receipt = models.JSONField(
        default=empty_dict
    )  # the outcome as `receipts.Outcome.to_json`, without the notes
    batch = models.CharField(max_length=32, blank=True)  # of its changes in the trail
    data_date = models.DateTimeField(null=True)  # status date the file names
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("import")
        indexes = [models.Index(fields=["node", "-at"], name="importrun_latest")]

    def __str__(self) -> str:
        return f"{self.file} on {self.at:%Y-%m-%d %H:%M}"
