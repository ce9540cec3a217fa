"""Django's handle on the raid area."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.areas.raid"
    label = "raid"
    default_auto_field = "django.db.models.BigAutoField"
