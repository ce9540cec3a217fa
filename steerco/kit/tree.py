"""The workspace tree: portfolios hold programmes, programmes hold projects; roles flow down, roll-ups flow up."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NodeKind(models.TextChoices):
    PORTFOLIO = "portfolio", _("Portfolio")
    PROGRAMME = "programme", _("Programme")
    PROJECT = "project", _("Project")


class Method(models.TextChoices):
    """How the work is run; the header of the project follows it."""

    PLAN = "plan", _("Plan-driven")
    AGILE = "agile", _("Agile")
    HYBRID = "hybrid", _("Hybrid")


class Node(models.Model):
    """One place in the tree. `key` is its short unique name in addresses and references."""

    key = models.SlugField(_("key"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=NodeKind.choices, default=NodeKind.PROJECT)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    position = models.PositiveIntegerField(default=0)
    project_type = models.CharField(
        _("type"), max_length=60, blank=True, help_text=_("AI product, migration, ...")
    )
    method = models.CharField(_("method"), max_length=10, choices=Method.choices, default=Method.PLAN)
    stage = models.CharField(_("stage"), max_length=80, blank=True)
    sponsor = models.CharField(_("sponsor"), max_length=120, blank=True)
    start = models.DateTimeField(_("start"), null=True, blank=True)
    committed_finish = models.DateField(_("committed finish"), null=True, blank=True)
    committed_confidence = models.PositiveSmallIntegerField(_("committed confidence, %"), default=80)
    status_date = models.DateTimeField(_("data date"), null=True, blank=True)
    budget = models.DecimalField(
        _("budget"), max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    options = models.JSONField(default=dict, blank=True)  # scheduling options, policy names
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self) -> str:
        return self.name

    @property
    def is_project(self) -> bool:
        return self.kind == NodeKind.PROJECT


class Ancestor(models.Model):
    """Closure of the tree, each node its own ancestor too: the join that inherits roles and rolls up."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="above")
    ancestor = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="below")
    distance = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "ancestor"], name="one_way_up")]
        indexes = [models.Index(fields=["ancestor", "node"])]

    def __str__(self) -> str:
        return f"{self.ancestor_id} above {self.node_id}"


class Role(models.IntegerChoices):
    """A higher role may do all that a lower one may, except that guests see shared records only."""

    GUEST = 10, _("Guest")
    READER = 20, _("Reader")
    CONTRIBUTOR = 30, _("Contributor")
    MANAGER = 40, _("Manager")
    OWNER = 50, _("Owner")


class Grant(models.Model):
    """A person's role on a node and everything below it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="grants")
    role = models.PositiveSmallIntegerField(_("role"), choices=Role.choices)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "node"], name="one_role_per_node")]
        indexes = [models.Index(fields=["user", "role", "node"])]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_role_display()} on {self.node_id}"
