"""Figures are counted for a place and a period; a place is found by its code or its name."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from grid.places.models import Place
from portal.core.refusals import Refused

from .reading import Number, read
from .registry import AnyFigure, shown

LISTED = 12


@dataclass(frozen=True)
class Told:
    """A figure, what it comes to, and `n`, the number it was counted from; of a ratio the whole, and the part of it.

    `as_of` is the day that ended last, of what would take too long to count now.
    """

    figure: AnyFigure
    value: Number | None
    n: Number | None
    numerator: Number | None = None
    as_of: date | None = None


def count(place: Place, first: date, last: date) -> list[Told]:
    """Every figure of a place from one day to another, in the order of registration; parts of others left out."""
    found = list(shown())
    values = read([place], [figure.key for figure in found], first, last)
    return [Told(figure, **vars(values[place.pk, figure.key])) for figure in found]


def find_place(text: str) -> Place:
    """The place of a division code or of a name that only one place has.

    Raises Refused with the places that may have been meant.
    """
    places = Place.objects.select_related("parent__parent__parent__parent")
    found = list(places.filter(code=text)) or list(places.filter(name=text)[: LISTED + 1])
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(
            _("Several places are called “%(name)s”. Name one by its code:") % {"name": text} + _listed(found)
        )
    similar = list(places.filter(name__contains=text)[: LISTED + 1]) if text else []
    if similar:
        words = _("No place is called “%(name)s”. Did you mean:") % {"name": text}
        raise Refused(words + _listed(similar))
    raise Refused(_("There is no place with the code or the name “%(name)s”.") % {"name": text})


def _listed(places: list[Place]) -> str:
    rows = [f"\n  {one.code}  {' '.join(str(place) for place in [*one.ancestors, one])}" for one in places[:LISTED]]
    return "".join([*rows, "\n  …" if len(places) > LISTED else ""])
