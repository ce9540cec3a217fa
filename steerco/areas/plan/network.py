"""What a plan has besides work items: dependencies with lag, working calendars, resources and their assignments."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from steerco.areas.plan.registers.work_item import WorkItem
from steerco.kit.record import empty_dict
from steerco.kit.tree import Node


class TaskLink(models.Model):
    """A dependency: the predecessor's date drives the successor's. Lag is minutes, or hundredths for per-cent lags."""

    class Type(models.TextChoices):
        FS = "FS", _("finish to start")
        SS = "SS", _("start to start")
        FF = "FF", _("finish to finish")
        SF = "SF", _("start to finish")

    class LagUnit(models.TextChoices):
        WORKING = "working", _("working time")
        ELAPSED = "elapsed", _("elapsed time")
        PERCENT = "percent", _("per cent of duration")
        ELAPSED_PERCENT = "elapsed_percent", _("per cent of duration, elapsed")

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    predecessor = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="links_out")
    successor = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="links_in")
    type = models.CharField(max_length=2, choices=Type.choices, default=Type.FS)
    lag = models.FloatField(default=0)
    lag_unit = models.CharField(max_length=16, choices=LagUnit.choices, default=LagUnit.WORKING)
    origin_system = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor", "type"], name="tasklink_once"),
            models.CheckConstraint(
                condition=~models.Q(predecessor=models.F("successor")), name="tasklink_not_itself"
            ),
        ]
        indexes = [models.Index(fields=["node"])]

    def __str__(self) -> str:
        return f"{self.predecessor_id} {self.type} {self.successor_id}"


class WorkCalendar(models.Model):
    """A working calendar of a project: `week` is seven lists of [start, end] minutes of the day, Monday first;
    `exceptions` a list of {first, last, shifts, name} (and week for effective-dated work weeks)."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=120)
    definition = models.JSONField(default=empty_dict)
    is_default = models.BooleanField(default=False)
    origin_system = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "key"], name="workcalendar_once")]

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    """A person, team, machine or material that work items use; capacity 1.0 is one whole."""

    class Kind(models.TextChoices):
        WORK = "work", _("Work")
        MATERIAL = "material", _("Material")
        COST = "cost", _("Cost")

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.WORK)
    capacity = models.FloatField(_("capacity"), default=1.0, validators=[MinValueValidator(0)])
    calendar = models.CharField(max_length=80, blank=True)
    rate = models.DecimalField(_("rate per hour"), max_digits=12, decimal_places=2, null=True, blank=True)
    person = models.ForeignKey("kit.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    group = models.CharField(max_length=120, blank=True)
    origin_system = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "key"], name="resource_once")]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Use of a resource by a work item; units of 1.0 is one whole resource, work in minutes."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="assignments")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="assignments")
    units = models.FloatField(default=1.0)
    work_minutes = models.IntegerField(null=True, blank=True)
    actual_minutes = models.IntegerField(null=True, blank=True)
    remaining_minutes = models.IntegerField(null=True, blank=True)
    start = models.DateTimeField(null=True, blank=True)
    finish = models.DateTimeField(null=True, blank=True)
    delay_minutes = models.IntegerField(default=0)
    cost = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "resource"], name="assigned_once")]

    def __str__(self) -> str:
        return f"{self.resource_id} on {self.item_id}"
