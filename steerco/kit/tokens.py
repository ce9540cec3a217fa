"""API tokens: a secret shown once, kept as its hash, with a scope, an end, and its owner's rights."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from steerco.kit.people import User

PREFIX = "stc_"


class ApiToken(models.Model):
    """A way into the API as its owner, never wider than the owner's own roles."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("scope"), max_length=8, choices=Scope.choices, default=Scope.READ)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


def make(user: User, name: str, scope: str, expires_at: datetime) -> str:
    """A new token's secret: the only time it is seen."""
    secret = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        user=user, name=name[:80], scope=scope, token_hash=_hash(secret), expires_at=expires_at
    )
    return secret


def holder(secret: str) -> ApiToken | None:
    """The living token of a secret whose owner may still sign in."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    now = timezone.now()
    found = (
        ApiToken.objects.filter(
            token_hash=_hash(secret), revoked_at__isnull=True, expires_at__gt=now, user__is_active=True
        )
        .select_related("user")
        .first()
    )
    if found and (found.last_used_at is None or (now - found.last_used_at).total_seconds() > 300):
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
