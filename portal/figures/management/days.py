"""Days that somebody names on the command line."""

from datetime import date

from django.core.management import CommandError
from django.utils.translation import gettext as _

from portal.figures.periods import EARLIEST


def parse(text: str) -> date:
    """A day written like 2023-05-31. Raises CommandError for anything else, and for days before EARLIEST."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(_("“%(text)s” is no day. Write it like 2023-05-31.") % {"text": text}) from None
    if day < EARLIEST:
        raise CommandError(_("Nothing is on record from so long ago."))
    return day
