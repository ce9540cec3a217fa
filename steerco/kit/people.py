"""Accounts: who can sign in, and people known only by name because an import mentioned them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class Users(BaseUserManager["User"]):
    """Makes accounts; passwords only ever pass through the hasher."""

    def create_user(self, email: str, name: str, password: str | None = None, **more: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), name=name, **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_named(self, name: str, node_id: int) -> User:
        """A person an import mentions on a node: can own records there, cannot sign in, has no address."""
        user = self.model(email=None, name=name[:200], is_active=False)
        user.set_unusable_password()
        user.save(using=self._db)
        NamedOn.objects.create(user=user, node_id=node_id)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person. Without an e-mail address it is a name only and never signs in."""

    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=200)
    is_active = models.BooleanField(_("may sign in"), default=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    joined_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = Users()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        words = self.name.split()
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


class NamedOn(models.Model):
    """Where an import mentioned a person who has no account: the only place their name may be offered."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="named_on")
    node = models.ForeignKey("kit.Node", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "node"], name="named_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.node_id}"


class OneTimeLink(models.Model):
    """A sign-in link that works once; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"link for {self.user_id}"
