"""Estates in numbers: how many flats, households and people their building groups have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from grid.places.models import Place

from .models import Estate, Household, Resident


@dataclass(frozen=True)
class Numbers:
    """Flats on the roster, those lived in, and the people present in them."""

    flats: int = 0
    lived_in: int = 0
    people: int = 0


@dataclass(frozen=True)
class Group:
    """A building group of an estate with its numbers."""

    place: Place
    flats: int = 0
    lived_in: int = 0
    people: int = 0


def counted(estates: Iterable[Estate]) -> list[tuple[Estate, Numbers]]:
    """Some estates, each with its numbers; the same queries for any number of them."""
    estates = list(estates)
    ids = [estate.pk for estate in estates]
    inside = {"place__estate_membership__estate__in": ids}
    key = "place__estate_membership__estate"
    numbers = _numbers(key, inside)
    return [(estate, numbers.get(estate.pk, Numbers())) for estate in estates]


def groups_of(estate: Estate) -> list[Group]:
    """The building groups of an estate with their numbers."""
    places = list(estate.groups.select_related("parent").order_by("code"))
    numbers = _numbers("place", {"community": estate.community_id, "place__in": [place.pk for place in places]})
    found = [(place, numbers.get(place.pk, Numbers())) for place in places]
    return [Group(place, of.flats, of.lived_in, of.people) for place, of in found]


def _numbers(key: str, inside: Mapping[str, object]) -> dict[int, Numbers]:
    present = Resident.objects.present()
    flats = dict(Household.objects.filter(**inside).order_by().values_list(key).annotate(flats=Count("pk")))
    lived = Household.objects.filter(Exists(present.filter(household=OuterRef("pk"))), **inside)
    homes = dict(lived.order_by().values_list(key).annotate(homes=Count("pk")))
    people = dict(present.filter(**inside).order_by().values_list(key).annotate(people=Count("pk")))
    return {pk: Numbers(flats[pk], homes.get(pk, 0), people.get(pk, 0)) for pk in flats}
