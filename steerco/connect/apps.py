"""Django's handle on the connect room."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.connect"
    label = "connect"
    default_auto_field = "django.db.models.BigAutoField"
