"""What places show on screens they do not own: the way to one's area, and what it is made of."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem, PlaceColumn, PlaceColumns, Stat

from .census import census_of
from .models import Level, Place

tiles.navigation.add(
    "places", NavItem(_("My area"), "diagram-3", "places:mine", "places.view", 50, also=("places:place",))
)
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
        url = reverse("places:vacancies", args=[place.pk])
        tone = "amber" if census.vacant else ""
        yield Stat("places.vacant", _("Vacant posts"), census.vacant, n=census.to_lead, url=url, tone=tone)


def beside_places(places: Sequence[Place]) -> dict[int, tuple[int, ...]]:
    """Grids, building groups and vacant posts of each of some siblings, out of the census of their parent."""
    found: dict[int, tuple[int, ...]] = {}
    for place in places:
        if place.parent is None:
            continue
        census = census_of(place.parent)
        below = census.by_child.get(place.pk, Counter())
        found[place.pk] = (below[Level.GRID], below[Level.BUILDING_GROUP], census.vacant_by_child[place.pk])
    return found


ABOVE_GRIDS = (Level.STREET, Level.COMMUNITY)
ABOVE_GROUPS = (*ABOVE_GRIDS, Level.GRID)

tiles.place_stats.add("places", of_place)
tiles.place_columns.add(
    "places",
    PlaceColumns(
        (
            PlaceColumn("grids", _("Grids"), levels=ABOVE_GRIDS),
            PlaceColumn("building_groups", _("Building groups"), levels=ABOVE_GROUPS),
            PlaceColumn("vacant", _("Vacant posts"), tone="amber", levels=ABOVE_GROUPS),
        ),
        beside_places,
    ),
)
