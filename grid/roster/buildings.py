"""Buildings as they follow from the households: the façades of a building group, and the list of a larger place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import Length
from django.urls import reverse

from grid.places.models import Place

from .facade import Front, Mark, front
from .models import Household, Resident


@dataclass(frozen=True)
class Building:
    """One building of a building group, in numbers."""

    group: str
    group_pk: int
    name: str
    first: int
    units: int
    top: int | None
    flats: int
    shops: int
    lived_in: int = 0
    people: int = 0
    represented: int = 0

    def get_absolute_url(self) -> str:
        """Where its façade is drawn."""
        return f"{reverse('roster:buildings', args=[self.group_pk])}#building-{self.first}"


def front_of(group: Place, mark: Callable[[Household], Mark]) -> Front:
    """All buildings of a building group as façades, coloured as `mark` says; one query."""
    return front(Household.objects.filter(community=group.community_id, place=group).order_by(), mark)


def buildings_in(place: Place) -> QuerySet[Household, Any]:
    """The buildings of a place, group by group, in the order of their numbers; for `described`."""
    homes = Household.objects.within(place).annotate(length=Length("building_key"))
    grouped = homes.order_by().values("place", "place__name", "place__code", "building_key", "length")
    counted = grouped.annotate(
        name=Min("building"),
        first=Min("pk"),
        units=Count("unit_key", Q(use=Household.Use.DWELLING), distinct=True),
        top=Max("floor"),
        flats=Count("pk", Q(use=Household.Use.DWELLING)),
        shops=Count("pk", Q(use=Household.Use.SHOP)),
    )
    return counted.order_by("place__code", "length", "building_key")


def described(rows: Iterable[dict[str, Any]]) -> list[Building]:
    """These buildings with their people; one query for all of them."""
    rows = list(rows)
    present = Resident.objects.present().filter(
        place__in={row["place"] for row in rows}, household__building_key__in={row["building_key"] for row in rows}
    )
    counted = present.order_by().values_list("place", "household__building_key")
    people = {
        (place, key): numbers
        for place, key, *numbers in counted.annotate(
            homes=Count("household", distinct=True),
            people=Count("pk"),
            speaking=Count("pk", Q(represents_since__isnull=False, represents_until=None)),
        )
    }
    return [
        Building(
            row["place__name"],
            row["place"],
            *(row[name] for name in ("name", "first", "units", "top", "flats", "shops")),
            *people.get((row["place"], row["building_key"]), ()),
        )
        for row in rows
    ]
