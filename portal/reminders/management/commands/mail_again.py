from typing import Any

from django.core.management import BaseCommand
from django.utils.translation import gettext as _

from portal.reminders import services


class Command(BaseCommand):
    """To be run once the reason is mended that the doctor names."""

    help = "Give messages whose mails were given up another round of attempts."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(_("%(count)d messages will be mailed again.") % {"count": services.deliver_again()})
