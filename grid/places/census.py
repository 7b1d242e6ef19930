"""How many places lie below a place, and how many of them nobody leads: counted in one query, child by child."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import Case, Count, Exists, F, OuterRef, Q, When

from .models import Appointment, Level, Place, PlaceQuerySet

UP = ("parent", "parent__parent", "parent__parent__parent", "parent__parent__parent__parent")


@dataclass
class Census:
    """Places below a place, by the child they belong to and their level; the child itself is counted with them."""

    by_child: dict[int, Counter[Level]] = field(default_factory=dict)
    vacant_by_child: Counter[int] = field(default_factory=Counter)

    @property
    def totals(self) -> Counter[Level]:
        return sum(self.by_child.values(), Counter())

    @property
    def vacant(self) -> int:
        """Communities, grids and building groups without a head today."""
        return self.vacant_by_child.total()

    @property
    def to_lead(self) -> int:
        """Communities, grids and building groups, led or not."""
        return sum(number for level, number in self.totals.items() if level >= Level.COMMUNITY)


def census_of(place: Place) -> Census:
    """Count what lies below; kept on the place, so that a page asks once."""
    kept = vars(place)
    if "census" not in kept:
        kept["census"] = _count(place)
    return kept["census"]


def _count(place: Place) -> Census:
    deepest = Level.BUILDING_GROUP - place.level
    if not deepest:
        return Census()
    paths = UP[:deepest]
    below = Q(*[(path, place.pk) for path in paths], _connector=Q.OR)
    child = Case(
        When(parent=place.pk, then=F("pk")),
        *[When(**{path: place.pk}, then=F(child)) for child, path in pairwise(paths)],
    )
    led = Exists(Appointment.objects.current().heads().filter(place=OuterRef("pk")))
    rows = (
        _near(place)
        .filter(below)
        .order_by()
        .annotate(child=child, is_led=led)
        .values_list("child", "level")
        .annotate(number=Count("pk"), led=Count("pk", filter=Q(is_led=True)))
    )
    census = Census()
    for pk, level, number, led_number in rows:
        census.by_child.setdefault(pk, Counter())[Level(level)] += number
        if level >= Level.COMMUNITY:
            census.vacant_by_child[pk] += number - led_number
    return census


def _near(place: Place) -> PlaceQuerySet:
    """Open places of the same communities, so that not every place there is is looked at."""
    if place.community_id:
        return Place.objects.open().filter(community=place.community_id)
    if place.is_street:
        return Place.objects.open().filter(community__in=Place.objects.filter(parent=place.pk).order_by().values("pk"))
    return Place.objects.open()
