# ruff: noqa: S608 - these are our own words and the ORM's: names of tables, numbers of figures
"""The questions by which records become numbers of places, in SQL: asked by the roll-up and by whoever reads today.

Each gives rows (place, figure, day, value) and needs the table `ancestry` before it. A table of records is read once
for all flows of one moment: first summed by the place each record names and by day, then up the places of that day.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Count as Number
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from portal.core.clock import SHANGHAI, end_of, now, start_of, today

from .registry import Distinct, Flow, Source, Stock

TRUNCATED = {
    "D": "base.day",
    "M": "date_trunc('month', base.day::timestamp)::date",
    "Q": "date_trunc('quarter', base.day::timestamp)::date",
    "Y": "date_trunc('year', base.day::timestamp)::date",
}


@dataclass(frozen=True)
class Question:
    """A piece of SQL with what its placeholders stand for."""

    sql: str
    params: tuple[Any, ...]


@dataclass(frozen=True)
class Scope:
    """Which places are asked about: all, or these.

    With `communities` only their records are read. With `high_only` no place below a community is asked about: records
    are summed by community at once, for no place leaves its community; with `leaves` only those of these communities
    and places above them are read.
    """

    places: Sequence[int] | None = None
    communities: Collection[int] | None = None
    high_only: bool = False
    leaves: Collection[int] | None = None

    @property
    def leaf(self) -> str:
        return "coalesce(leaf.community_id, leaf.id)" if self.high_only else "base.leaf"

    @property
    def join(self) -> str:
        """From the rows of `base` to the places `a.place` they count for."""
        through = "JOIN places_place leaf ON leaf.id = base.leaf " if self.high_only else ""
        return f"{through}JOIN ancestry a ON a.leaf = {self.leaf} AND a.since <= base.day AND base.day < a.until"

    @property
    def where(self) -> Question:
        return (
            Question("WHERE a.place = ANY(%s)", (list(self.places),)) if self.places is not None else Question("", ())
        )


EVERYWHERE = Scope()


def flows(
    asked: Iterable[Flow], ids: Mapping[str, int], first: date, last: date, scope: Scope = EVERYWHERE
) -> list[Question]:
    """One question for each source and moment: the flows of each day."""
    return [found for same in _of_one_moment(asked) if (found := _flows(same, ids, first, last, scope))]


def flows_by_leaf(
    asked: Iterable[Flow], first: date, last: date, scope: Scope
) -> Iterator[tuple[list[Flow], Question]]:
    """For each source and moment its flows, and the question for rows (leaf, day, numbers): nothing is summed up yet.

    The leaf is the place a record names; with `high_only` its community, or the place above them that it names.
    """
    for same in _of_one_moment(asked):
        if base := _by_leaf(same, first, last, scope, leaf=_high_leaf(same[0].source) if scope.high_only else None):
            names = [f"c{at}" for at in range(len(same))]
            listed = ", ".join(names)
            sql = f"SELECT leaf, day, ARRAY[{listed}]::bigint[] FROM ({base.sql}) AS base (leaf, day, {listed})"
            yield same, Question(sql, base.params)


def _of_one_moment(asked: Iterable[Flow]) -> list[list[Flow]]:
    ordered = sorted(asked, key=lambda flow: (flow.source.name, flow.moment))
    return [list(same) for _, same in groupby(ordered, key=lambda flow: (flow.source.name, flow.moment))]


def _high_leaf(source: Source) -> Coalesce:
    return Coalesce(F(community_path(source)), F(source.place))


def _by_leaf(same: list[Flow], first: date, last: date, scope: Scope, leaf: Any = None) -> Question | None:
    """The number of each flow by leaf and day."""
    if leaf and scope.leaves:
        # Of few days there are few rows, found by their moment: an index of communities would only be in the way.
        rows = _of_days(same[0].source, same[0].moment, first, last, EVERYWHERE, leaf)
        rows = rows.filter(figure_leaf__in=scope.leaves)
    else:
        rows = _of_days(same[0].source, same[0].moment, first, last, scope, leaf)
    numbers = {f"number_{at}": Number("pk", filter=_counts(flow, last) or None) for at, flow in enumerate(same)}
    rows = rows.values("figure_leaf", "figure_day").annotate(**numbers)
    return _compiled(rows.values_list("figure_leaf", "figure_day", *numbers))


def _flows(same: list[Flow], ids: Mapping[str, int], first: date, last: date, scope: Scope) -> Question | None:
    base = _by_leaf(same, first, last, scope)
    if base is None:
        return None
    names = [f"c{at}" for at in range(len(same))]
    sums = ", ".join(f"sum(base.{name})::bigint AS {name}" for name in names)
    values = ", ".join(f"({ids[flow.key]}::smallint, {name})" for flow, name in zip(same, names, strict=True))
    sql = (
        f"SELECT counted.place, told.figure, counted.day, told.value FROM (SELECT a.place, base.day, {sums}"
        f" FROM ({base.sql}) AS base (leaf, day, {', '.join(names)}) {scope.join} {scope.where.sql}"
        f" GROUP BY a.place, base.day) AS counted"
        f" CROSS JOIN LATERAL (VALUES {values}) AS told (figure, value) WHERE told.value > 0"
    )
    return Question(sql, (*base.params, *scope.where.params))


def distinct(
    figure: Distinct, number: int, first: date, last: date, *, by: str, scope: Scope = EVERYWHERE
) -> Question | None:
    """The different values of each day, month, quarter or year (`by` D, M, Q, Y), or "" of all these days as one."""
    rows = _of_days(figure.source, figure.moment, first, last, scope).filter(figure.where)
    rows = rows.exclude(**{f"{figure.of}__isnull": True})
    base = _compiled(rows.values_list("figure_leaf", "figure_day", figure.of).distinct())
    if base is None:
        return None
    begins = TRUNCATED[by] if by else "%s::date"
    sql = (
        f"SELECT place, {number}::smallint, first, count(*)"
        f" FROM (SELECT DISTINCT a.place, {begins} AS first, base.value"
        f" FROM ({base.sql}) AS base (leaf, day, value) {scope.join} {scope.where.sql}) AS told GROUP BY place, first"
    )
    return Question(sql, (*([] if by else [first]), *base.params, *scope.where.params))


def stock(figure: Stock, number: int, day: date, scope: Scope = EVERYWHERE) -> Question | None:
    """How many there were at each place when a day ended."""
    rows = figure.by_place(day)
    names = {field.name for field in rows.model._meta.get_fields()}
    community = "community" if "community" in names else "place__community" if "place" in names else ""
    if community:
        rows = _of_scope(rows, scope, community, "place")
    base = _compiled(rows)
    if base is None:
        return None
    sql = (
        f"SELECT a.place, {number}::smallint, base.day, sum(base.value)::bigint"
        f" FROM (SELECT place, value, %s::date FROM ({base.sql}) AS by_place (place, value)) AS base (leaf, value, day)"
        f" {scope.join} {scope.where.sql} GROUP BY a.place, base.day"
    )
    return Question(sql, (day, *base.params, *scope.where.params))


def records(figure: Flow | Distinct, first: date, last: date) -> QuerySet[Any]:
    """All records that count for a figure from one day to another, wherever they lie."""
    return figure.source.rows().filter(within(figure.moment, first, last), _counts(figure, last))


def _counts(figure: Flow | Distinct, last: date) -> Q:
    """Which records up to a day count; of a day that still runs perhaps only those whose moment has passed."""
    if isinstance(figure, Flow) and figure.only_passed and last >= today():
        return figure.where & Q(**{f"{figure.moment}__lt": now()})
    return figure.where


def within(moment: str, first: date, last: date) -> Q:
    """A moment that falls on one of these days."""
    return Q(**{f"{moment}__gte": start_of(first), f"{moment}__lt": end_of(last)})


def _of_days(source: Source, moment: str, first: date, last: date, scope: Scope, leaf: Any = None) -> QuerySet[Any]:
    rows, community = source.rows().filter(within(moment, first, last)), community_path(source)
    rows = _of_scope(rows, scope, community, source.place)
    day = TruncDate(moment, tzinfo=SHANGHAI)
    return rows.order_by().annotate(figure_leaf=leaf or F(source.place), figure_day=day)


def community_path(source: Source) -> str:
    """The way of the ORM to the community of a record: `Placed` records keep it beside their place."""
    if source.place == "place_id" or source.place.endswith("__place_id"):
        return source.place.removesuffix("place_id") + "community_id"
    return source.place.removesuffix("_id") + "__community_id"


def _of_scope(rows: QuerySet[Any], scope: Scope, community: str, place: str) -> QuerySet[Any]:
    """Only the rows of the communities asked about, where these are known."""
    if scope.leaves is not None:
        above = Q(**{f"{community}__isnull": True, f"{place}__in": scope.leaves})
        return rows.filter(Q(**{f"{community}__in": scope.leaves}) | above)
    return rows if scope.communities is None else rows.filter(**{f"{community}__in": scope.communities})


def _compiled(rows: QuerySet[Any]) -> Question | None:
    """The query as the ORM writes it; None when it knows that there is nothing."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return Question(sql, tuple(params))
