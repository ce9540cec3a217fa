"""Django's handle on the site room."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.site"
    label = "site"
    default_auto_field = "django.db.models.BigAutoField"
