from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "portal.dashboard"
    verbose_name = _("Dashboard")

    def ready(self) -> None:
        autodiscover_modules("boards")
