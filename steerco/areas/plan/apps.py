"""Django's handle on the plan area."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.areas.plan"
    label = "plan"
    default_auto_field = "django.db.models.BigAutoField"
