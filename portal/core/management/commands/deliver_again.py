from typing import Any

from django.core.management import BaseCommand
from django.utils.translation import gettext as _

from portal.core import outbox


class Command(BaseCommand):
    """To be run once the reason is mended that the doctor names."""

    help = "Give messages that were given up another round of attempts."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(_("%(count)d messages will be tried again.") % {"count": outbox.deliver_again()})
