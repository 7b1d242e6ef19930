"""How many places, households and people there were on a day: the stocks under `places.*`."""

from datetime import date
from typing import TypeVar

from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grid.places.models import Level, Place, PlacedQuerySet
from portal.figures.ancestry import places_on
from portal.figures.registry import Count, Figure, register

from .models import ELDERLY_FROM, Household, HouseholdQuerySet, HouseholdSpan, Resident, ResidentQuerySet, ResidentSpan

Rows = TypeVar("Rows", bound=PlacedQuerySet)


def households_on(day: date, *, within: Place) -> HouseholdQuerySet:
    """Flats and shops that stood within a place at the end of a day, whatever building group they belong to today."""
    stood_in = HouseholdSpan.objects.filter(household=OuterRef("pk"), until__gt=day).order_by("until", "pk")
    return (
        _of_community(Household.objects.order_by(), within)
        .annotate(stood_in=Coalesce(Subquery(stood_in.values("place")[:1]), F("place"), output_field=BigIntegerField()))
        .filter(stood_in__in=places_on(day, within=within, level=Level.BUILDING_GROUP))
    )


def residents_on(day: date, *, within: Place) -> ResidentQuerySet:
    """Who lived within a place at the end of a day; `home` is the household they lived in then."""
    lived_in = ResidentSpan.objects.filter(resident=OuterRef("pk"), until__gt=day).order_by("until", "pk")
    return (
        _of_community(Resident.objects.order_by(), within)
        .present(day)
        .annotate(
            home=Coalesce(Subquery(lived_in.values("household")[:1]), F("household"), output_field=BigIntegerField())
        )
        .filter(home__in=households_on(day, within=within).values("pk"))
    )


def _of_community(rows: Rows, within: Place) -> Rows:
    """Only the community's, where there is one: neither people nor flats take their row into another community."""
    return rows.filter(community=within.community_id) if within.level >= Level.COMMUNITY else rows


def _places(level: Level) -> Count:
    return lambda place, _first, last: places_on(last, within=place, level=level).count()


def _households(place: Place, _first: date, last: date) -> int:
    """Those in which somebody lived."""
    return residents_on(last, within=place).values("home").distinct().count()


def _residents(place: Place, _first: date, last: date) -> int:
    return residents_on(last, within=place).count()


def _representatives(place: Place, _first: date, last: date) -> int:
    return residents_on(last, within=place).representatives(last).count()


def _mobilised(place: Place, _first: date, last: date) -> int:
    return residents_on(last, within=place).mobilised(last).count()


def _elderly(place: Place, _first: date, last: date) -> int:
    return residents_on(last, within=place).aged(at_least=ELDERLY_FROM, on=last).count()


PEOPLE = pgettext_lazy("unit", "people")
register(
    Figure("places.grids", _("Grids"), pgettext_lazy("unit", "grids"), _places(Level.GRID)),
    Figure(
        "places.building_groups",
        _("Building groups"),
        pgettext_lazy("unit", "building groups"),
        _places(Level.BUILDING_GROUP),
    ),
    Figure("places.households", _("Households"), pgettext_lazy("unit", "households"), _households),
    Figure("places.residents", _("Residents"), PEOPLE, _residents),
    Figure("places.representatives", _("Household representatives"), PEOPLE, _representatives),
    Figure("places.mobilised", _("Mobilised residents"), PEOPLE, _mobilised),
    Figure("places.elderly", _("Residents aged 60 or over"), PEOPLE, _elderly),
)
