import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command
from django.utils.translation import gettext as _

from portal.core import generation
from portal.core.generation import Size
from portal.core.refusals import Refused

from .demo import refuse_production


class Command(BaseCommand):
    """Data of any size to measure with; `demo` tells a story, this does not."""

    help = "Make up communities with places, people and incidents in an empty database; again adds what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--communities", type=int, required=True, help="how many there are to be in all")
        parser.add_argument("--residents", type=int, default=Size.residents, help="of each community")
        parser.add_argument("--incidents", type=int, default=Size.incidents, help="of each community")
        parser.add_argument("--seed", type=int, default=Size.seed, help="another number makes up other people")
        parser.add_argument("--photos", action="store_true", help="with rows for photos whose files do not exist")
        parser.add_argument(
            "--really", action="store_true", help="also with production settings: its passwords are known to everybody"
        )

    def handle(self, *, really: bool, **options: Any) -> None:
        refuse_production(really=really)
        size = Size(**{name: options[name] for name in ("communities", "residents", "incidents", "seed", "photos")})
        if min(size.communities, size.residents, size.incidents) < 0 or size.communities > 999:
            raise CommandError(_("Ask for 0 to 999 communities, and for no less than nothing in each."))
        call_command("migrate", interactive=False, verbosity=0)
        started, sum_of = time.perf_counter(), Counter[str]()
        try:
            for done in generation.generate(size):
                sum_of.update(done.counts)
                self._say(progress(done.number, size.communities, sum_of, time.perf_counter() - started))
        except Refused as refused:
            raise CommandError(str(refused)) from None
        made = ", ".join(f"{count:,} {name}" for name, count in sum_of.items()) or _("nothing was missing")
        self._say(f"{made}  ({time.perf_counter() - started:.0f} s)")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def progress(number: int, of: int, made: Counter[str], seconds: float) -> str:
    """How far it is, and how many rows a second go in."""
    rates = (f"{name} {made[name] / seconds:,.0f}/s" for name in ("residents", "incidents", "deeds") if made[name])
    return f"{number}/{of}  {seconds:.0f} s  " + "  ".join(rates)
