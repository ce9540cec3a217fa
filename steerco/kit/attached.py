"""What hangs on any record of any register: comments, links to other records, files."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from steerco.kit.tree import Node


class Attached(models.Model):
    """Points at a record by register and id, and keeps its node so that the read gate can ask."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    register = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["register", "record_id", "id"])]


class Comment(Attached):
    """Something a person said about a record, in Markdown."""

    text = models.TextField(_("comment"), max_length=20_000)
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.text[:60]


class LinkKind(models.TextChoices):
    """Read from the first record to the second; each has a word for the way back."""

    RELATES = "relates", _("relates to")
    THREATENS = "threatens", _("threatens")
    TREATS = "treats", _("treats")
    DECIDES = "decides", _("decides")
    USES = "uses", _("uses")
    DUPLICATES = "duplicates", _("duplicates")
    PROVES = "proves", _("is evidence for")


WAY_BACK = {
    LinkKind.RELATES: _("relates to"),
    LinkKind.THREATENS: _("is threatened by"),
    LinkKind.TREATS: _("is treated by"),
    LinkKind.DECIDES: _("is decided by"),
    LinkKind.USES: _("is used by"),
    LinkKind.DUPLICATES: _("is duplicated by"),
    LinkKind.PROVES: _("is proved by"),
}


class RecordLink(Attached):
    """A typed link between two records of any registers; both ends must be readable to be seen."""

    kind = models.CharField(_("kind"), max_length=20, choices=LinkKind.choices, default=LinkKind.RELATES)
    to_node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    to_register = models.CharField(max_length=40)
    to_record_id = models.BigIntegerField()

    class Meta(Attached.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["register", "record_id", "kind", "to_register", "to_record_id"], name="linked_once"
            )
        ]
        indexes = [
            models.Index(fields=["register", "record_id", "id"]),
            models.Index(fields=["to_register", "to_record_id", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.record_id} {self.kind} {self.to_register} {self.to_record_id}"


class File(Attached):
    """A file kept under its SHA-256 outside the web root; always served as a download, never rendered."""

    name = models.CharField(_("name"), max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class CustomField(models.Model):
    """A field a workspace adds to a register; values live in the record's `custom` under `name`."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")  # holds for it and all below
    register = models.CharField(max_length=40)
    name = models.SlugField(_("name"), max_length=40)
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20)
    choices = models.JSONField(default=list, blank=True)
    help = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "register", "name"], name="one_custom_field")]

    def __str__(self) -> str:
        return self.label


class SavedView(models.Model):
    """A list as somebody keeps it: query, sort, columns, grouping. Its maker's alone, or shared with all who read here."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")  # holds for it and all below
    register = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(_("shared"), default=False)
    is_default = models.BooleanField(_("opens first"), default=False)
    shows = models.JSONField(default=dict)  # q, sort, columns, group, archived: what an address would say
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["node", "register"])]

    def __str__(self) -> str:
        return self.name
