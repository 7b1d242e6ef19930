"""Which places somebody may choose among, and by which name each is told from the others."""

from typing import Any

from django.db.models import QuerySet

from portal.core.keys import key_of

from .models import Level, Place
from .territory import Territory, territory_of


class NamesPlaces:
    """Every community may have a first grid: a grid is offered with the name of its community."""

    def label_from_instance(self, place: Place) -> str:
        return name_among(place.level, place.name, place.parent.name if place.parent else "")


def name_among(level: int, name: str, parent: str) -> str:
    """By which name a place is told from the others."""
    return f"{parent} · {name}" if level == Level.GRID else name


def areas_of(user: Any, *, linked: str = "") -> QuerySet[Place]:
    """Areas to which this user may narrow a list, with the one of theirs to which a link has narrowed it already.

    A closed place is not offered, but a link to it holds: its records are still there.
    """
    territory = territory_of(user)
    areas = worth_choosing(territory)
    key = key_of(linked)
    if not key:
        return areas
    return areas | Place.objects.filter(territory.places_q(), pk=key).select_related("parent")


def worth_choosing(territory: Territory) -> QuerySet[Place]:
    """Down to the grids for whoever looks after a street, where buildings count in thousands; else down to them."""
    places = Place.objects.open().filter(territory.places_q()).select_related("parent")
    has_street = any(post.place and post.place.level < Level.COMMUNITY for post in territory.posts)
    return places.filter(level__lte=Level.GRID) if has_street else places
