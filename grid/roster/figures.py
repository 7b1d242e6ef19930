"""How many places, households and people there were on a day: the stocks under `places.*`."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django.db.models import BigIntegerField, Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grid.places.models import Level, Place, PlacedQuerySet, PlaceSpan
from portal.core.refusals import Text
from portal.figures.ancestry import leaves, places_on
from portal.figures.registry import Stock, register

from .models import ELDERLY_FROM, Household, HouseholdQuerySet, HouseholdSpan, Resident, ResidentQuerySet, ResidentSpan

Rows = TypeVar("Rows", bound=PlacedQuerySet)
Narrow = Callable[[ResidentQuerySet, date], ResidentQuerySet]
SEEN_BY = "roster.view"


def residents_at(day: date) -> ResidentQuerySet:
    """Who was on the roster at the end of a day; `home` is their household then, `stood_in` its building group then.

    Few have moved and few flats were redrawn since: they are looked up, of all others today's row is read.
    """
    moved = ResidentSpan.objects.filter(until__gt=day)
    redrawn = HouseholdSpan.objects.filter(until__gt=day)
    lived_in = moved.filter(resident=OuterRef("pk")).order_by("until", "pk").values("household")[:1]
    stood_in = redrawn.filter(household=OuterRef("home")).order_by("until", "pk").values("place")[:1]
    stands_in = Household.objects.order_by().filter(pk=OuterRef("home")).values("place")
    has_moved = Q(pk__in=moved.order_by().values("resident"))
    return (
        Resident.objects.order_by()
        .present(day)
        .annotate(
            home=Case(When(has_moved, then=Subquery(lived_in)), default=F("household"), output_field=BigIntegerField())
        )
        .annotate(
            stood_in=Case(
                When(home__in=redrawn.order_by().values("household"), then=Subquery(stood_in)),
                When(has_moved, then=Subquery(stands_in)),
                default=F("place"),
                output_field=BigIntegerField(),
            )
        )
    )


def residents_on(day: date, *, within: Place) -> ResidentQuerySet:
    """Who lived within a place at the end of a day; `home` is the household they lived in then."""
    return _of_community(residents_at(day), within).filter(stood_in__in=leaves(within, day))


def households_on(day: date, *, within: Place) -> HouseholdQuerySet:
    """Households in which somebody lived, that stood within a place at the end of a day."""
    homes = residents_on(day, within=within).values("home")
    return _of_community(Household.objects.all(), within).filter(pk__in=homes)


def _of_community(rows: Rows, within: Place) -> Rows:
    """Only the community's, where there is one: neither people nor flats take their row into another community."""
    return rows.filter(community=within.community_id) if within.level >= Level.COMMUNITY else rows


def _places(level: Level) -> Callable[[date], QuerySet]:
    """Each place of a level that stood at the end of a day, as one."""

    def by_place(day: date) -> QuerySet:
        standing = PlaceSpan.objects.order_by().filter(Q(until=None) | Q(until__gt=day), since__lte=day)
        return standing.filter(place__level=level).values_list("place_id", Value(1))

    return by_place


def _stock_of_places(key: str, level: Level, label: Text, unit: Text, words: Text) -> Stock:
    def records(place: Place, day: date) -> QuerySet:
        return Place.objects.filter(pk__in=places_on(day, within=place, level=level))

    return Stock(
        key=key,
        label=label,
        unit=unit,
        words=words,
        by_place=_places(level),
        count=lambda place, day: places_on(day, within=place, level=level).count(),
        records=records,
    )


def _stock_of_people(key: str, label: Text, words: Text, narrow: Narrow) -> Stock:
    def by_place(day: date) -> QuerySet:
        people = narrow(residents_at(day), day)
        return people.values("stood_in").annotate(value=Count("pk")).values_list("stood_in", "value")

    def records(place: Place, day: date) -> ResidentQuerySet:
        return narrow(residents_on(day, within=place), day)

    return Stock(
        key=key,
        label=label,
        unit=PEOPLE,
        words=words,
        by_place=by_place,
        count=lambda place, day: records(place, day).count(),
        records=records,
        permission=SEEN_BY,
        counts_people=True,
        slow=True,
    )


def _households_by_place(day: date) -> QuerySet:
    homes = residents_at(day).values("stood_in").annotate(value=Count("home", distinct=True))
    return homes.values_list("stood_in", "value")


def _households(place: Place, day: date) -> int:
    return residents_on(day, within=place).values("home").distinct().count()


PEOPLE = pgettext_lazy("unit", "people")
register(
    _stock_of_places(
        "places.grids",
        Level.GRID,
        _("Grids"),
        pgettext_lazy("unit", "grids"),
        _("Grids that stood when the last day of the period ended, under the places of that day."),
    ),
    _stock_of_places(
        "places.building_groups",
        Level.BUILDING_GROUP,
        _("Building groups"),
        pgettext_lazy("unit", "building groups"),
        _("Building groups that stood when the last day of the period ended, under the places of that day."),
    ),
    Stock(
        key="places.households",
        label=_("Households"),
        unit=pgettext_lazy("unit", "households"),
        words=_(
            "Flats and shops in which somebody on the roster lived when the last day ended; empty ones do not count."
        ),
        by_place=_households_by_place,
        count=_households,
        records=lambda place, day: households_on(day, within=place),
        permission=SEEN_BY,
        slow=True,
    ),
    _stock_of_people(
        "places.residents",
        _("Residents"),
        _("Who was on the roster when the last day ended: moved in, neither moved out nor deceased; where they lived."),
        lambda people, day: people,
    ),
    _stock_of_people(
        "places.representatives",
        _("Household representatives"),
        _("Residents who represented their household when the last day ended."),
        lambda people, day: people.representatives(day),
    ),
    _stock_of_people(
        "places.mobilised",
        _("Mobilised residents"),
        _("Residents who took part in the mobilisation when the last day ended, representatives among them."),
        lambda people, day: people.mobilised(day),
    ),
    _stock_of_people(
        "places.elderly",
        _("Residents aged 60 or over"),
        _(
            "Residents who had completed 60 years on that day (Law on the Protection of the Rights and Interests of the"
            " Elderly, art. 2); whoever has no date of birth on record does not count."
        ),
        lambda people, day: people.aged(at_least=ELDERLY_FROM, on=day),
    ),
)
