from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "portal.core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Let every app fill the registries, as the admin collects `admin.py`."""
        autodiscover_modules("rules", "tiles", "receivers", "tasks", "checks")
