"""What the roster shows on screens it does not own: the way to people and buildings, and who lives in a place."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, Count, F, Q, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place
from portal.core import tiles
from portal.core.clock import today
from portal.core.tiles import NavItem, PlaceColumn, PlaceColumns, PlaceLink, Stat

from .models import ELDERLY_FROM, Resident, years_before

COUNTED_AT = (Level.COMMUNITY, Level.GRID, Level.BUILDING_GROUP)  # above, a million rows: the roll-up counts those
LEVELS = (Level.GRID, Level.BUILDING_GROUP)
LABELS = {
    "households": _("Households"),
    "residents": _("Residents"),
    "representatives": _("Representatives"),
    "mobilised": _("Mobilised"),
    "elderly": _("60 and over"),
}

tiles.navigation.add("people", NavItem(_("Residents"), "people", "roster:people", "roster.view", 25))
tiles.navigation.add("estates", NavItem(_("Estates"), "buildings", "roster:estates", "roster.estates", 45))
tiles.navigation.add("roster_import", NavItem(_("Roster import"), "upload", "roster:imports", "roster.import", 35))


def to_buildings(user: Any, place: Place) -> Iterable[PlaceLink]:
    """To the façades of a building group, or the list of buildings of a grid or community."""
    if place.level >= Level.COMMUNITY and user.has_perm("roster.view", place):
        yield PlaceLink(_("Buildings"), "buildings", reverse("roster:buildings", args=[place.pk]))


def counts() -> dict[str, Count]:
    """What is counted among residents present, in the order of `LABELS`."""
    day = today()
    speaks = Q(represents_since__lte=day) & (Q(represents_until=None) | Q(represents_until__gt=day))
    return {
        "households": Count("household", distinct=True),
        "residents": Count("pk"),
        "representatives": Count("pk", speaks),
        "mobilised": Count("pk", Q(mobilised_since__lte=day)),
        "elderly": Count("pk", Q(birth__lte=years_before(day, ELDERLY_FROM))),
    }


def of_place(user: Any, place: Place) -> Iterable[Stat]:
    """Who lives in a place, counted from the roster in one query; for those who may see its people."""
    if place.level not in COUNTED_AT or not user.has_perm("roster.view", place):
        return
    found = Resident.objects.present().within(place).aggregate(**counts())
    leads_to = {"representatives": "representative", "mobilised": "mobilised"}
    for key, label in LABELS.items():
        query = {"place": str(place.pk)}
        query |= {leads_to[key]: "on"} if key in leads_to else {}
        query |= {"age": "elderly"} if key == "elderly" else {}
        yield Stat(f"places.{key}", label, found[key], url=reverse("roster:people", query=query))


def by_place(places: Sequence[Place]) -> dict[int, tuple[int, ...]]:
    """Who lives in each of some siblings with all below them, in the order of the columns; one query."""
    ids = [place.pk for place in places]
    communities = {place.community_id for place in places}
    residents = Resident.objects.present().filter(community__in=communities)
    key, inside = "place", Q(place__in=ids)
    if places and places[0].level == Level.GRID:
        residents = residents.annotate(grid=Case(When(place__in=ids, then="place"), default=F("place__parent")))
        residents = residents.filter(place__community__in=communities)  # said again for the join: not all places
        key, inside = "grid", inside | Q(place__parent__in=ids)
    rows = residents.filter(inside).order_by().values_list(key).annotate(**counts())
    return {pk: tuple(numbers) for pk, *numbers in rows}


tiles.place_links.add("roster", to_buildings)
tiles.place_stats.add("roster", of_place)
tiles.place_columns.add(
    "roster",
    PlaceColumns(
        tuple(PlaceColumn(key, label, levels=LEVELS) for key, label in LABELS.items()),
        by_place,
    ),
)
