"""Tables of the report room: packs as they were sealed, never edited, rebuilt byte for byte from their JSON."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from steerco.kit.tree import Node
from steerco.status.results import Kept


class SealedPack(Kept):
    """A report somebody sealed. `json` is its canonical form; `sha256` is what a reader quotes."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)  # weekly, steering
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=10)
    as_of = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    json = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("sealed pack")
        indexes = [models.Index(fields=["node", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"
