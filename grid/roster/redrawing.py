"""Households and residents go with their building group when it is merged or split, and the estate follows them."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from grid.places.redrawing import Choice, Contents, Selection, Touched, contents
from portal.core.keys import key_of
from portal.core.refusals import Text

from .facade import natural
from .models import Household, Resident
from .services import estates, households


def count(places: Sequence[Place], selection: Selection) -> Iterable[Touched]:
    """So many households and people move."""
    moving = _within(places) if selection is None else _chosen(places[0], selection)
    flats = moving.count()
    people = Resident.objects.present().filter(household__in=moving.order_by().values("pk")).count()
    if flats:
        url = reverse("roster:buildings", args=[places[0].pk]) if len(places) == 1 else ""
        yield Touched(_("Households"), flats, url)
    if people:
        yield Touched(_("Residents"), people)


def choices(place: Place) -> Iterable[Choice]:
    """Whole buildings, and each of their flats."""
    here = sorted(
        Household.objects.filter(place=place),
        key=lambda home: (natural(home.building_key), natural(home.unit_key), home.floor or 0, natural(home.room_key)),
    )
    for _key, group in groupby(here, key=lambda home: home.building_key):
        homes = list(group)
        building = homes[0].building
        yield Choice(f"b:{min(home.pk for home in homes)}", building, len(homes), building)
        if len(homes) > 1:
            yield from (Choice(f"h:{home.pk}", home.address, 1, building) for home in homes)


def move(from_place: Place, to_place: Place, selection: Selection, actor: Any, on: date) -> None:
    """Move them; the group they come to belongs to the same estate, unless it has one."""
    households.move(_chosen(from_place, selection), to_place, actor, on)
    leaves = not Household.objects.filter(place=from_place).exists()
    estates.follow(from_place, to_place, actor=actor, leaves=leaves and selection is None)


def against(from_place: Place, to_place: Place | None, selection: Selection) -> Iterable[Text]:
    """Addresses that the other group has already."""
    return households.against(_chosen(from_place, selection), to_place) if to_place else []


def _within(places: Sequence[Place]) -> QuerySet[Household]:
    ids = [place.pk for place in places]
    communities = {place.community_id for place in places}
    return Household.objects.filter(Q(place__in=ids) | Q(place__parent__in=ids), community__in=communities)


def _chosen(place: Place, selection: Selection) -> QuerySet[Household]:
    here = Household.objects.filter(place=place)
    if selection is None:
        return here
    ids = {kind: [key_of(key[2:]) for key in selection if key[:2] == f"{kind}:"] for kind in "bh"}
    buildings = here.filter(pk__in=ids["b"]).order_by().values("building_key")
    return here.filter(pk__in=ids["h"]) | here.filter(building_key__in=buildings)


contents.add("roster", Contents(count=count, choices=choices, move=move, against=against))
