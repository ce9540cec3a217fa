"""Django's handle on the govern area."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.areas.govern"
    label = "govern"
    default_auto_field = "django.db.models.BigAutoField"
