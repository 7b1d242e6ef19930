import re
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import audit
from portal.core.clock import SHANGHAI
from portal.core.refusals import Text

ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
BROKEN: dict[str, Text] = {
    "missing": gettext_lazy("Link %(position)d is missing: its entry or its seal was deleted."),
    "altered": gettext_lazy("Link %(position)d does not hold: its entry or its seal was changed."),
    "anchor": gettext_lazy("Link %(position)d is not the one that was written down: the chain was made anew."),
    "truncated": gettext_lazy("Link %(position)d is missing: the end of the chain was cut off before the anchor."),
}


class Command(BaseCommand):
    """Says in words whether the audit trail is as it was written; ends with status 1 when it is not."""

    help = "Recompute the chain of seals over the audit trail and name the first broken link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", metavar="POSITION:DIGEST", help="the head that an earlier run printed")

    def handle(self, *, anchor: str | None, **_options: Any) -> None:
        verdict = audit.verify(anchor=_parsed(anchor) if anchor else None)
        if verdict.broken_at is not None:
            self.stderr.write(str(BROKEN[verdict.reason]) % {"position": verdict.broken_at})
            self._describe(verdict.entry)
            self.stderr.write(_("The %(count)d links before it hold.") % {"count": verdict.sealed})
            raise SystemExit(1)
        words = {"sealed": verdict.sealed, "unsealed": verdict.unsealed}
        self.stdout.write(_("%(sealed)d entries are as they were sealed; %(unsealed)d wait for their seal.") % words)
        if verdict.sealed:
            self.stdout.write(_("Write this anchor down away from the portal, and name it with --anchor next time:"))
            self.stdout.write(f"{verdict.sealed}:{verdict.head}")

    def _describe(self, entry: Any) -> None:
        if entry:
            when = f"{entry.recorded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            words = {"number": entry.pk, "action": entry.action, "when": when}
            self.stderr.write(_("Entry %(number)d, which now reads “%(action)s” of %(when)s.") % words)


def _parsed(text: str) -> tuple[int, str]:
    found = ANCHOR.fullmatch(text.strip())
    if not found:
        raise CommandError(_("An anchor looks like 1234:0f3c… with 64 digits after the colon."))
    return int(found[1]), found[2]
