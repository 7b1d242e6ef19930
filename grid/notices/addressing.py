"""Whom a notice reaches: posts and households of its areas, as they stand on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from grid.places.models import Appointment, Level, Place, Role
from grid.roster.models import Household, Resident

from .models import AT_THE_DOOR, Audience, DoorPassing, Notice, Receipt

AT_PLACES = tuple(role for role in Role if role.level is not None)
ROLES: dict[str, tuple[Role, ...]] = {
    Audience.EVERYONE: AT_PLACES,
    Audience.COMMITTEES: (Role.SECRETARY, Role.STAFF),
    Audience.GRID_LEADERS: (Role.GRID_LEADER,),
    **dict.fromkeys((Audience.LEADERS, *AT_THE_DOOR), (Role.BUILDING_LEADER,)),
}
BELOW: dict[str, Level] = {  # a notice goes down: from above this level
    Audience.EVERYONE: Level.BUILDING_GROUP,
    Audience.COMMITTEES: Level.COMMUNITY,
    Audience.GRID_LEADERS: Level.GRID,
    **dict.fromkeys((Audience.LEADERS, *AT_THE_DOOR), Level.BUILDING_GROUP),
}


@dataclass(frozen=True)
class Reach:
    """How many a notice would reach: people, the households behind them, and the building groups that nobody leads."""

    people: int
    households: int
    groups: int
    vacant: int

    @property
    def led(self) -> int:
        return self.groups - self.vacant


def audiences_from(place: Place) -> list[Audience]:
    """Whom a notice from this place may address: those below it."""
    return [audience for audience in Audience if BELOW[audience] > place.level]


def reach_of(areas: Sequence[Place], audience: str, *, sender: Any, day: date | None = None) -> Reach:
    """What sending now would come to; four queries."""
    people = posts_of(areas, audience, day).exclude(user=sender).values("user").distinct().count()
    groups = vacant = 0
    if Role.BUILDING_LEADER in ROLES[audience]:
        led = Appointment.objects.current(day).filter(place=OuterRef("pk"), role=Role.BUILDING_LEADER)
        found = Place.objects.open().filter(_places_in(areas), level=Level.BUILDING_GROUP)
        groups, vacant = found.count(), found.filter(~Exists(led)).count()
    households = households_of(areas, audience, day).count() if audience in AT_THE_DOOR else 0
    return Reach(people, households, groups, vacant)


def posts_of(areas: Sequence[Place], audience: str, day: date | None = None) -> QuerySet[Appointment]:
    """Posts of those addressed, stand-ins among them, of people who can sign in."""
    held = Appointment.objects.current(day).filter(role__in=ROLES[audience], user__is_active=True)
    return held.filter(_places_in(areas, "place__")).order_by("pk")


def households_of(
    areas: Sequence[Place], audience: str, day: date | None = None, *, corrects: Notice | None = None
) -> QuerySet[Household]:
    """Those to be told at the door: in which somebody lives, or that have a representative.

    Of a correction also those on the list of what it corrects, wherever they stand now.
    """
    residents = Resident.objects.filter(household=OuterRef("pk"))
    told = residents.representatives(day) if audience == Audience.REPRESENTATIVES else residents.present(day)
    wanted = _rows_in(areas)
    if corrects:
        wanted |= Q(pk__in=corrects.doors.order_by().values("household"))
    return Household.objects.filter(Exists(told), wanted).in_order()


def write_receipts(notice: Notice, areas: Sequence[Place], day: date) -> int:
    """A receipt for everybody addressed, in one statement; returns how many are new."""
    posts = posts_of(areas, notice.audience, day).exclude(user=notice.sender)
    rows = posts.values_list("user_id", "role", "place_id", "place__community_id")
    columns = "user_id, role, place_id, community_id"
    given = {"must_acknowledge": notice.must_acknowledge, "sent_at": notice.sent_at}
    return _copy(Receipt, notice, rows, columns, given)


def write_doors(notice: Notice, areas: Sequence[Place], day: date) -> int:
    """A row for each household to be told, in one statement, in the order in which one walks the stairs."""
    households = households_of(areas, notice.audience, day, corrects=notice.corrects)
    rows = households.values_list("pk", "place_id", "community_id")
    given = {"outcome": "", "sent_at": notice.sent_at}
    return _copy(DoorPassing, notice, rows, "household_id, place_id, community_id", given)


def _copy(model: type[Any], notice: Notice, rows: QuerySet, columns: str, given: dict[str, Any]) -> int:
    """Write what a query finds into a table, with the notice and what is `given` for all; what is there stays."""
    sql, params = rows.query.sql_with_params()
    fixed = {"notice_id": notice.pk, **given, "is_withdrawn": False}
    statement = f"""
        INSERT INTO {model._meta.db_table} ({columns}, {", ".join(fixed)})
        SELECT found.*, {", ".join("%s" for _column in fixed)} FROM ({sql}) AS found ON CONFLICT DO NOTHING
    """  # noqa: S608 - names of columns; what was asked for stands in the parameters
    with connection.cursor() as cursor:
        cursor.execute(statement, [*fixed.values(), *params])
        return cursor.rowcount


def _by_level(areas: Sequence[Place]) -> dict[Level, list[int]]:
    found: dict[Level, list[int]] = {}
    for area in areas:
        found.setdefault(Level(area.level), []).append(area.pk)
    return found


def _places_in(areas: Sequence[Place], path: str = "") -> Q:
    """Places that are one of the areas or lie below; `path` leads to the place."""
    wanted = Q(**{f"{path or ''}pk__in": [area.pk for area in areas]})
    for level, ids in _by_level(areas).items():
        if level == Level.STREET:
            wanted |= Q(**{f"{path}community__parent__in": ids})
        elif level == Level.COMMUNITY:
            wanted |= Q(**{f"{path}community__in": ids})
        elif level == Level.GRID:
            wanted |= Q(**{f"{path}parent__in": ids})
    return wanted


def _rows_in(areas: Sequence[Place]) -> Q:
    """Rows of a `Placed` model at building groups in the areas, by community first."""
    wanted = Q(pk__in=[])
    for level, ids in _by_level(areas).items():
        if level == Level.STREET:
            wanted |= Q(community__parent__in=ids)
        elif level == Level.COMMUNITY:
            wanted |= Q(community__in=ids)
        elif level == Level.GRID:
            wanted |= Q(place__parent__in=ids)
        else:
            wanted |= Q(place__in=ids)
    return wanted & Q(community__in=_communities(areas)) if _communities(areas) else wanted


def _communities(areas: Sequence[Place]) -> set[int]:
    """The communities of the areas; nothing when one is a street, which has many."""
    found = {area.community_id for area in areas}
    return set() if None in found else {pk for pk in found if pk}
