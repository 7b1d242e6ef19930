# ruff: noqa: S608, S611 - no word of it comes from outside
"""Which places stood below which on a day that may be long past.

A record counts where its place stood on the day of its moment. So that none is lost, a place that had not been opened
yet stands where it came to stand first, and one that has been closed where it stood last; or its records count for
the place it was merged into.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from grid.places.models import Level, Place, PlaceSpan

# Where each place stood: one row for each stretch of days, the first of them without a beginning and the last without
# an end. A row that names a successor says that on these days the place is that other one.
_PIECE = """
spans AS (
    SELECT s.place_id, s.parent_id, p.merged_into_id, s.until,
        CASE WHEN row_number() OVER stood = 1 THEN '-infinity'::date ELSE s.since END AS since,
        lead(s.since) OVER stood AS next
    FROM places_placespan s JOIN places_place p ON p.id = s.place_id
    WHERE {scope}
    WINDOW stood AS (PARTITION BY s.place_id ORDER BY s.since)
),
piece (place, parent, successor, since, until) AS MATERIALIZED (
    SELECT * FROM (
        SELECT place_id, parent_id, NULL::bigint, since,
            coalesce(next, CASE WHEN merged_into_id IS NOT NULL THEN until END, 'infinity'::date) AS until
        FROM spans
        UNION ALL
        SELECT place_id, NULL, merged_into_id, until, 'infinity'::date
        FROM spans WHERE next IS NULL AND until IS NOT NULL AND merged_into_id IS NOT NULL
        UNION ALL
        SELECT p.id, CASE WHEN p.merged_into_id IS NULL THEN p.parent_id END, p.merged_into_id, '-infinity', 'infinity'
        FROM places_place p
        WHERE ({scope}) AND NOT EXISTS (SELECT FROM places_placespan s WHERE s.place_id = p.id)
    ) AS rows (place, parent, successor, since, until)
    WHERE since <= %s AND until > %s
),
walk (leaf, place, parent, successor, since, until) AS (
    SELECT piece.place, piece.place, piece.parent, piece.successor, piece.since, piece.until
    FROM piece JOIN places_place p ON p.id = piece.place WHERE {start}
    UNION ALL
    SELECT walk.leaf, above.place, above.parent, above.successor,
        greatest(walk.since, above.since), least(walk.until, above.until)
    FROM walk JOIN piece above ON above.place = coalesce(walk.successor, walk.parent)
    WHERE above.since < walk.until AND above.until > walk.since
),
ancestry (leaf, place, since, until) AS MATERIALIZED (
    SELECT leaf, place, since, until FROM walk WHERE successor IS NULL
)"""
_HIGH = "p.level <= 1"


@dataclass(frozen=True)
class Ancestry:
    """The common table `ancestry (leaf, place, since, until)` in SQL, to stand after WITH RECURSIVE.

    On these days a record of `leaf` counts for `place`. A place is its own leaf, of whatever level it is.
    """

    sql: str
    params: tuple[Any, ...]


def ancestry(first: date, last: date, *, communities: Iterable[int] | None = None, high_only: bool = False) -> Ancestry:
    """For the days from first to last: of every place, of those of some communities, or of communities and above."""
    days = (last, first)
    if high_only:
        return Ancestry(_PIECE.format(scope=_HIGH, start=_HIGH), days)
    if communities is None:
        return Ancestry(_PIECE.format(scope="TRUE", start="TRUE"), days)
    ids = list(communities)
    within = f"({_HIGH} OR p.community_id = ANY(%s))"
    return Ancestry(_PIECE.format(scope=within, start=within), (ids, ids, *days, ids))


def leaves(place: Place, day: date) -> QuerySet[Any]:
    """Ids of all places whose records of a day count for a place, itself included; for an `__in`."""
    if place.level > Level.COMMUNITY:
        tree = ancestry(day, day, communities=[place.community_id] if place.community_id else None)
        ids = RawSQL(f"WITH RECURSIVE {tree.sql} SELECT leaf FROM ancestry WHERE place = %s", (*tree.params, place.pk))
        return Place.objects.order_by().filter(pk__in=ids).values("pk")
    if place.level == Level.COMMUNITY:
        return Place.objects.order_by().filter(community=place).values("pk")
    tree = ancestry(day, day, high_only=True)
    high = RawSQL(f"WITH RECURSIVE {tree.sql} SELECT leaf FROM ancestry WHERE place = %s", (*tree.params, place.pk))
    return Place.objects.order_by().filter(Q(pk__in=high) | Q(community__in=high)).values("pk")


def stretches(place: Place, first: date, last: date) -> list[tuple[int, date, date]]:
    """From when to when, within these days, records of which place counted for a place: (id, first day, last day).

    Of a community, a street or a district it names communities and what is above them: what lies in them counts there.
    """
    high = place.level <= Level.COMMUNITY
    tree = ancestry(first, last, high_only=high, communities=None if high else [place.community_id or 0])
    sql = (
        f"WITH RECURSIVE {tree.sql} SELECT leaf, greatest(since, %s::date), least(until - 1, %s::date)"
        " FROM ancestry WHERE place = %s ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*tree.params, first, last, place.pk])
        return cursor.fetchall()


def places_on(day: date, *, within: Place, level: int) -> QuerySet:
    """Ids of the places of a level that stood within a place at the end of a day, itself included; for an `__in`.

    One that was closed or came under another parent later is where it was; one that had not been opened is not.
    """
    standing = PlaceSpan.objects.order_by().filter(Q(until=None) | Q(until__gt=day), since__lte=day)
    found = standing.filter(place=within) if within.level <= level else standing.none()
    for _level in range(within.level, level):
        found = standing.filter(parent__in=found.values("place"))
    return found.values("place")
