"""Which places stood below which on a day that may be long past."""

from datetime import date

from django.db.models import Q, QuerySet

from grid.places.models import Place, PlaceSpan


def places_on(day: date, *, within: Place, level: int) -> QuerySet:
    """Ids of the places of a level that stood within a place at the end of a day, itself included; for an `__in`.

    One that was closed or came under another parent later is where it was; one that had not been opened is not.
    """
    standing = PlaceSpan.objects.order_by().filter(Q(until=None) | Q(until__gt=day), since__lte=day)
    found = standing.filter(place=within) if within.level <= level else standing.none()
    for _level in range(within.level, level):
        found = standing.filter(parent__in=found.values("place"))
    return found.values("place")
