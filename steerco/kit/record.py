"""What every record of every register has."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from steerco.kit.tree import Node


def empty_list() -> list[Any]:
    return []


def empty_dict() -> dict[str, Any]:
    return {}


class Record(models.Model):
    """A row of a register, in one node of the tree, numbered there, versioned, with its origin kept.

    `version` rises by one with each change and is what an edit must name. `origin_system` and `origin_key` say where
    an imported record came from; both are empty for a record written here.
    """

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="+", verbose_name=_("workspace"))
    number = models.PositiveIntegerField(_("number"), editable=False)
    title = models.CharField(_("title"), max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    status = models.CharField(_("status"), max_length=40)
    tags = models.JSONField(_("tags"), default=empty_list, blank=True)
    custom = models.JSONField(default=empty_dict, blank=True, editable=False)
    shared = models.BooleanField(_("shared with guests"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    origin_system = models.CharField(max_length=40, blank=True, editable=False)
    origin_key = models.CharField(max_length=200, blank=True, editable=False)
    origin = models.JSONField(
        default=empty_dict, blank=True, editable=False
    )  # what the source computed itself
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["node", "number"], name="%(class)s_numbered_once"),
            models.UniqueConstraint(
                fields=["node", "origin_system", "origin_key"],
                condition=~models.Q(origin_key=""),
                name="%(class)s_imported_once",
            ),
        ]
        indexes = [models.Index(fields=["node", "status", "id"], name="%(class)s_by_status")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ref(self) -> str:
        """`R-12`: the register's prefix and the number within the node."""
        from steerco.kit.register import of_model

        return f"{of_model(type(self)).prefix}-{self.number}"


class Counter(models.Model):
    """Last number given per node and prefix; its row is the lock that makes numbering free of races."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    prefix = models.CharField(max_length=12)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "prefix"], name="one_counter")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last}"
