import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.utils.translation import gettext as _

from portal.core import demonstration
from portal.core.refusals import Refused


class Command(BaseCommand):
    """The first half of `make demo`; `serve` is the second."""

    help = "Load the demonstration data into an empty database; again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--really", action="store_true", help="also with production settings: its passwords are known to everybody"
        )

    def handle(self, *, really: bool, **_options: Any) -> None:
        refuse_production(really=really)
        call_command("migrate", interactive=False, verbosity=0)
        started = time.monotonic()
        try:
            loaded = demonstration.load()
        except Refused as refused:
            raise CommandError(str(refused)) from None
        demonstration.write_hints()
        if loaded:
            seconds = {"seconds": round(time.monotonic() - started)}
            self.stdout.write(_("The demonstration data are loaded (%(seconds)d s).") % seconds)
        else:
            self.stdout.write(_("The demonstration data are loaded already; nothing was changed."))
        self.stdout.write(demonstration.hints())


def refuse_production(*, really: bool) -> None:
    """Accounts whose password everybody knows have no place in a portal that serves people. Raises CommandError."""
    if settings.SETTINGS_MODULE.endswith(".production") and not really:
        raise CommandError(
            _(
                "These are production settings, and the demonstration's passwords are known to everybody. "
                "Use --really if you mean it."
            )
        )
