"""Figures are counted for a place and a period; a place is found by its code or its name."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from grid.places.models import Place
from portal.core.refusals import Refused

from .registry import Figure, figures

LISTED = 12


@dataclass(frozen=True)
class Counted:
    """A figure with its value, and `n`, the number of records it was counted from."""

    figure: Figure
    value: int
    n: int


def count(place: Place, first: date, last: date) -> list[Counted]:
    """Every registered figure of a place, from one day to another, in the order of registration."""
    values = [(figure, figure.count(place, first, last)) for figure in figures]
    return [Counted(figure, value, value) for figure, value in values]


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
