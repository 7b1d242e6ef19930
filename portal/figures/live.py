# ruff: noqa: S608 - these are our own words and the ORM's: names of columns, numbers of questions
"""The days that nobody has counted yet, from the records: as a rule today, of which there are few.

Where each place stood on these days is looked up first and then known in memory. Flows are asked for by the place each
record names, without joining any, and summed up the places here; different values and stocks are counted up the places
by the database, from the same short table.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from django.db import connection

from . import counting
from .ancestry import ancestry
from .counting import Question, Scope
from .periods import ONE_DAY
from .registry import Distinct, Flow, Stock

Days = tuple[date, date, int]  # from, to, and the period they belong to
Above = dict[int, list[tuple[int, date, date]]]  # by place, those it counted for from one day to before another
Add = Callable[[int, int, str, int], None]  # a place's number of a period under a key

_STOOD = """WITH RECURSIVE {tree}
SELECT leaf, place, greatest(since, %s::date), least(until, %s::date) FROM ancestry WHERE place = ANY(%s)"""
_TABLE = (
    "WITH ancestry (leaf, place, since, until) AS (SELECT * FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[]))"
)


@dataclass(frozen=True)
class Asked:
    """Flows, or a figure of another kind, over some days; each number counts in the periods its day lies in."""

    days: Sequence[Days]
    flows: Sequence[Flow] = ()
    other: Distinct | Stock | None = None

    @property
    def first(self) -> date:
        return min(days[0] for days in self.days)

    @property
    def last(self) -> date:
        return max(days[1] for days in self.days)


@dataclass(frozen=True)
class Stood:
    """Which of the places asked about a record of a place counts for, from one day to before another."""

    rows: list[tuple[int, int, date, date]]

    @property
    def above(self) -> Above:
        found: Above = defaultdict(list)
        for leaf, place, since, until in self.rows:
            found[leaf].append((place, since, until))
        return found

    @property
    def leaves(self) -> list[int]:
        return list({row[0] for row in self.rows})

    @property
    def table(self) -> Question:
        columns = zip(*self.rows, strict=True) if self.rows else ((), (), (), ())
        return Question(_TABLE, tuple(list(column) for column in columns))


def ask(asked: Sequence[Asked], scope: Scope, add: Add) -> None:
    """Count what is asked from the records: one question for where places stood, and one for all the rest."""
    if not asked:
        return
    stood = where_they_stood(scope, min(one.first for one in asked), max(one.last for one in asked))
    # Of the communities and above only the records that count for them are read, not those of all others.
    scope = replace(scope, leaves=stood.leaves) if scope.high_only else scope
    groups = [group for one in asked for group in (_others(one, scope) if one.other else _flows(one, scope))]
    if not groups:
        return
    table, above = stood.table, stood.above
    sql = f"{table.sql} " + " UNION ALL ".join(group.sql_under(at) for at, group in enumerate(groups))
    params = [*table.params, *(param for group in groups for param in group.question.params)]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for at, place, day, values in cursor.fetchall():
            groups[at].count(place, day, values, above, add)


def where_they_stood(scope: Scope, first: date, last: date) -> Stood:
    tree = ancestry(first, last, communities=scope.communities, high_only=scope.high_only)
    with connection.cursor() as cursor:
        cursor.execute(_STOOD.format(tree=tree.sql), [*tree.params, first, last + ONE_DAY, list(scope.places or ())])
        return Stood(cursor.fetchall())


@dataclass(frozen=True)
class _Group:
    """Figures that one piece of SQL answers for, by rows (place, day, their numbers)."""

    asked: Asked
    keys: Sequence[str]
    question: Question

    def sql_under(self, number: int) -> str:
        return f"(SELECT {number}::int, told.* FROM ({self.question.sql}) AS told)"

    def count(self, place: int, day: date, numbers: list[int], above: Above, add: Add) -> None:
        told = [(key, number) for key, number in zip(self.keys, numbers, strict=True) if number]
        for counts_for, at in self._where(place, day, above):
            for key, number in told:
                add(counts_for, at, key, number)

    def _where(self, place: int, day: date, above: Above) -> Iterator[tuple[int, int]]:
        if self.asked.other:  # it has been counted up the places, over all the days as one
            return ((place, at) for _first, _last, at in self.asked.days)
        periods = [at for first, last, at in self.asked.days if first <= day <= last]
        counts_for = [one for one, since, until in above.get(place, ()) if since <= day < until]
        return product(counts_for, periods)


def _flows(asked: Asked, scope: Scope) -> Iterator[_Group]:
    for same, question in counting.flows_by_leaf(asked.flows, asked.first, asked.last, scope):
        yield _Group(asked, [flow.key for flow in same], question)


def _others(asked: Asked, scope: Scope) -> Iterator[_Group]:
    match asked.other:
        case Distinct() as figure:
            question = counting.distinct(figure, 0, asked.first, asked.last, by="", scope=scope)
        case Stock() as figure:
            question = counting.stock(figure, 0, asked.first, scope)
        case _:
            return
    if question:
        sql = f"SELECT place, day, ARRAY[value]::bigint[] FROM ({question.sql}) AS up (place, figure, day, value)"
        yield _Group(asked, [figure.key], Question(sql, question.params))
