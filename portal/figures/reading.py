"""Figures as they are read: what was counted as far as it was counted, and the rest live from the records.

As a rule that is every day up to yesterday and today. A number of a period is the sum of its whole months and of the
days beside them; different values of several days do not add up, so those of a period that is not stored whole are
counted from its records, and a stock is read where the period ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from grid.places.models import Level, Place

from . import ancestry, counting, lookup
from .periods import RANGE, Period
from .registry import AnyFigure, Distinct, Flow, Ratio, Score, Stock, by_key

Number = Decimal | int
Numbers = Mapping[tuple[int, int, str], Number]  # by place, number of the period and key
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Value:
    """What a figure comes to; None reads "—". `n` is what it was counted from, of a ratio the whole.

    `as_of` is the day that ended last, of what would take too long to count now.
    """

    value: Number | None
    n: Number | None
    numerator: Number | None = None
    as_of: date | None = None


NOTHING = Value(None, 0)


def read(
    places: Sequence[Place], keys: Iterable[str], period_first: date, period_last: date
) -> dict[tuple[int, str], Value]:
    """The figures of places, of one level or several, from one day to another; a constant number of queries."""
    period = Period(RANGE, period_first, period_last)
    return {(place, key): value for (place, _period, key), value in series(places, keys, [period]).items()}


def series(
    places: Sequence[Place], keys: Iterable[str], periods: Sequence[Period]
) -> dict[tuple[int, Period, str], Value]:
    """The figures of places in each of several periods; a constant number of queries."""
    keys = list(dict.fromkeys(keys))
    bases = [figure for key in _bases(keys) if not isinstance(figure := by_key(key), Ratio | Score)]
    numbers, as_of = lookup.numbers(places, bases, periods) if places and periods else ({}, {})
    found = {
        (place.pk, period, key): _value(by_key(key), place.pk, at, numbers)
        for place in places
        for at, period in enumerate(periods)
        for key in keys
    }
    for (at, key), day in as_of.items():
        for place in places:
            if asked := found.get((place.pk, periods[at], key)):
                found[place.pk, periods[at], key] = replace(asked, as_of=day)
    return found


def records(key: str, place: Place, first: date, last: date) -> QuerySet | None:
    """The records behind a figure, under the places of each day; None where there are none to show.

    Those of a ratio are those of its whole, those of a score those of its first ratio. Whoever shows them adds
    `visible_to(user)`.
    """
    figure = by_key(key)
    if isinstance(figure, Score):
        return records(figure.of[0][1], place, first, last)
    if isinstance(figure, Ratio):
        return records(figure.over, place, first, last)
    if isinstance(figure, Stock):
        return figure.records(place, lookup.not_later_than_today(last)) if figure.records else None
    return counting.records(figure, first, last).filter(_lay_under(figure, place, first, last))


def _lay_under(figure: Flow | Distinct, place: Place, first: date, last: date) -> Q:
    """Records whose place counted for this one on the day of their moment."""
    source = figure.source
    always: list[int] = []
    found: list[Q] = []
    for leaf, since, until in ancestry.stretches(place, first, last):
        if (since, until) == (first, last):
            always.append(leaf)
        else:
            found.append(_at(source, place, [leaf]) & counting.within(figure.moment, since, until))
    if always or not found:
        found.append(_at(source, place, always))
    return reduce(or_, found)


def _at(source: counting.Source, place: Place, leaves: list[int]) -> Q:
    if place.level == Level.COMMUNITY:
        return Q(**{f"{counting.community_path(source)}__in": leaves})
    at = Q(**{f"{source.place}__in": leaves})
    if place.level < Level.COMMUNITY:
        return at | Q(**{f"{counting.community_path(source)}__in": leaves})
    return at & Q(**{counting.community_path(source): place.community_id})


# What is worked out of what was counted


def _bases(keys: Iterable[str]) -> list[str]:
    """These figures and all they are worked out of."""
    found: dict[str, None] = {}
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = None
            waiting.extend(by_key(key).parts)
    return list(found)


def _value(figure: AnyFigure, place: int, at: int, numbers: Numbers) -> Value:
    if isinstance(figure, Ratio):
        upper, whole = _ratio(figure, place, at, numbers)
        return Value(_rounded(upper * 100 / whole), whole, _plain(upper)) if whole else Value(None, 0, _plain(upper))
    if isinstance(figure, Score):
        parts = [(weight, *_ratio(by_key(key), place, at, numbers)) for weight, key in figure.of]
        least = min(whole for _weight, _upper, whole in parts)
        if not least:
            return NOTHING
        return Value(_rounded(sum((weight * upper * 100 / whole for weight, upper, whole in parts), Decimal())), least)
    number = numbers.get((place, at, figure.key), 0)
    return Value(number, number)


def _ratio(figure: AnyFigure, place: int, at: int, numbers: Numbers) -> tuple[Decimal, Number]:
    """The upper half of a ratio and its whole."""
    if not isinstance(figure, Ratio):
        raise TypeError(f"{figure.key} is no ratio")
    upper = sum((weight * Decimal(numbers.get((place, at, key), 0)) for weight, key in figure.of), Decimal())
    return upper, numbers.get((place, at, figure.over), 0)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(CENT, ROUND_HALF_UP)


def _plain(number: Decimal) -> Number:
    """A whole number as one."""
    return int(number) if number == number.to_integral_value() else number
