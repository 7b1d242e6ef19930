from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RemindersConfig(AppConfig):
    name = "portal.reminders"
    verbose_name = _("Reminders")

    def ready(self) -> None:
        """Open the channels, and let every app offer its kinds of reminders; groups that many share come first."""
        from . import email, reminders  # noqa: F401  register on import

        autodiscover_modules("reminders")
