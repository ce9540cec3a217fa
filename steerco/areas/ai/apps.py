"""Django's handle on the ai area."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.areas.ai"
    label = "ai"
    default_auto_field = "django.db.models.BigAutoField"
