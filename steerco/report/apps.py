"""Django's handle on the report room."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.report"
    label = "report"
    default_auto_field = "django.db.models.BigAutoField"
