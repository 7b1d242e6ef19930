"""What places show on screens they do not own: the way to one's area, and what it is made of."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem, PlaceColumn, Stat

from .census import Census, census_of
from .models import Level, Place

tiles.navigation.add("places", NavItem(_("My area"), "diagram-3", "places:mine", "places.view", 50))
tiles.navigation.add("rights", NavItem(_("What I may do"), "shield-check", "places:rights", "places.view", 90))


def of_place(user: Any, place: Place) -> Iterable[Stat]:
    """What a place is made of, and how many posts below it are vacant."""
    census = census_of(place)
    offers = (
        (Level.COMMUNITY, "places.communities", _("Communities")),
        (Level.GRID, "places.grids", _("Grids")),
        (Level.BUILDING_GROUP, "places.building_groups", _("Building groups")),
    )
    for level, key, label in offers:
        if level > place.level:
            yield Stat(key, label, census.totals[level], url=f"{place.get_absolute_url()}#below")
    if place.level < Level.BUILDING_GROUP:
        url = f"{place.get_absolute_url()}#below"
        tone = "amber" if census.vacant else ""
        yield Stat("places.vacant", _("Vacant posts"), census.vacant, n=census.to_lead, url=url, tone=tone)


def _beside(places: Iterable[Place], number: Callable[[Census, int], int]) -> dict[int, int]:
    """A number of each place out of the census of its parent, which siblings share."""
    return {place.pk: number(census_of(place.parent), place.pk) for place in places if place.parent}


def _below(level: Level) -> Callable[[Iterable[Place]], dict[int, int]]:
    return lambda places: _beside(places, lambda census, pk: census.by_child.get(pk, {}).get(level, 0))


def _vacant(places: Iterable[Place]) -> dict[int, int]:
    """Posts without a head below each place, its own among them."""
    return _beside(places, lambda census, pk: census.vacant_by_child[pk])


tiles.place_stats.add("places", of_place)
tiles.place_columns.add(
    "places.grids", PlaceColumn("grids", _("Grids"), _below(Level.GRID), levels=(Level.STREET, Level.COMMUNITY))
)
tiles.place_columns.add(
    "places.building_groups",
    PlaceColumn(
        "building_groups",
        _("Building groups"),
        _below(Level.BUILDING_GROUP),
        levels=(Level.STREET, Level.COMMUNITY, Level.GRID),
    ),
)
tiles.place_columns.add(
    "places.vacant",
    PlaceColumn("vacant", _("Vacant posts"), _vacant, tone="amber", levels=(Level.STREET, Level.COMMUNITY, Level.GRID)),
)
