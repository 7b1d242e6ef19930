from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "grid.incidents"
    verbose_name = _("Incidents")

    def ready(self) -> None:
        post_migrate.connect(_install_catalogue, sender=self)


def _install_catalogue(*, apps: Any = installed, **kwargs: Any) -> None:
    try:
        apps.get_model("incidents", "Category")
    except LookupError:  # migrated only part of the way
        return
    from .catalogue import install

    install()
