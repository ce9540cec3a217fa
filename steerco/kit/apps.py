"""Django's handle on the kit."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "steerco.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Kit"
