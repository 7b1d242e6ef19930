import json
from argparse import ArgumentParser
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from grid.places.models import Place
from portal.core.clock import today
from portal.core.refusals import Refused
from portal.figures import services
from portal.figures.management import days
from portal.figures.reading import Number
from portal.figures.services import Told

NONE = "—"
TENTH = Decimal("0.1")


class Command(BaseCommand):
    """What the portal counts at a place, for a reader or for another program."""

    help = "Count the figures of a place; stocks as they stood when --to ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", metavar="PLACE", help="a division code, or a name that only one place has")
        parser.add_argument("--from", dest="first", metavar="DAY", help="YYYY-MM-DD; default 1 January of --to")
        parser.add_argument("--to", dest="last", metavar="DAY", help="YYYY-MM-DD; default today")
        parser.add_argument(
            "--json", action="store_true", help='{key: {"value", "n", "unit"[, "numerator"][, "as_of"]}}'
        )

    def handle(self, *, place: str, first: str | None, last: str | None, **options: Any) -> None:
        until = today() if last is None else days.parse(last)
        since = until.replace(month=1, day=1) if first is None else days.parse(first)
        if since > until:
            raise CommandError(_("--from is later than --to."))
        try:
            found = services.find_place(place)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        counted = services.count(found, since, until)
        if options["json"]:
            self.stdout.write(json.dumps({one.figure.key: _told(one) for one in counted}, ensure_ascii=False, indent=2))
        else:
            self._tell(found, since, until, counted)

    def _tell(self, place: Place, since: date, until: date, counted: list[Told]) -> None:
        self.stdout.write(f"{place} {place.code}  {since} – {until}")
        numbers = [_written(one.value) for one in counted]
        widest = max(map(len, numbers), default=0)
        for one, number in zip(counted, numbers, strict=True):
            over = f"  ({one.numerator}/{one.n})" if one.numerator is not None else ""
            when = f"  ({_('as of last night')})" if one.as_of else ""
            self.stdout.write(f"  {number:>{widest}} {one.figure.unit}  {one.figure.label}{over}{when}")


def _told(one: Told) -> dict[str, Any]:
    told = {"value": _number(one.value), "n": _number(one.n), "unit": str(one.figure.unit)}
    told |= {} if one.numerator is None else {"numerator": _number(one.numerator)}
    return told | ({"as_of": one.as_of.isoformat()} if one.as_of else {})


def _written(value: Number | None) -> str:
    """A count without decimals, a rate with one, half up, as on the boards."""
    if value is None:
        return NONE
    return f"{value.quantize(TENTH, ROUND_HALF_UP):,}" if isinstance(value, Decimal) else f"{value:,}"


def _number(value: Number | None) -> float | int | None:
    return float(value) if isinstance(value, Decimal) else value
