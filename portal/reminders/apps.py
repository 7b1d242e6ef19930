from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RemindersConfig(AppConfig):
    name = "portal.reminders"
    verbose_name = _("Reminders")

    def ready(self) -> None:
        """Let every app offer its kinds of reminders, and open the channels."""
        from . import email  # noqa: F401  registers on import

        autodiscover_modules("reminders")
