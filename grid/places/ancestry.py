"""Where each place stood on a day: past figures are counted under the places of their day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from .models import Place, PlaceSpan


@dataclass(frozen=True)
class Ancestry:
    """The parent of every place on one day."""

    day: date
    parents: dict[int, int | None]

    def __contains__(self, place: int) -> bool:
        """Whether the place stood on that day."""
        return place in self.parents

    def above(self, place: int) -> Iterator[int]:
        """The places above, the nearest first; nothing for a place that did not stand on that day."""
        parent = self.parents.get(place)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def below(self, place: int) -> set[int]:
        """The places below, at any depth."""
        return {one for one in self.parents if place in self.above(one)}


def ancestry_on(day: date, *, places: Iterable[int] | None = None) -> Ancestry:
    """Where places (default all) stood on a day; one query. What did not yet or no longer stand is missing."""
    spans = PlaceSpan.objects.filter(Q(until=None) | Q(until__gt=day), since__lte=day).order_by()
    if places is not None:
        spans = spans.filter(place__in=places)
    return Ancestry(day, dict(spans.values_list("place", "parent")))


def stood_below(place: Place, day: date) -> set[int]:
    """The place and everything below it on a day, as ids; one query."""
    return {place.pk, *ancestry_on(day).below(place.pk)}
