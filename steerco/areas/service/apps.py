"""Django's handle on the service area."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.areas.service"
    label = "service"
    default_auto_field = "django.db.models.BigAutoField"
