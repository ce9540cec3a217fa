"""Django's handle on the status room."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "steerco.status"
    label = "status"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from steerco.status import recompute  # noqa: F401 -- makes the job known to the worker
