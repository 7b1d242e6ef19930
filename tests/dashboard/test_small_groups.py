"""Groups of fewer than five people are not told, and nothing beside them tells them."""

import pytest

from portal.core.clock import today
from portal.dashboard.showing import Reading, hide_small_groups, read_as
from portal.figures import periods
from portal.figures.reading import Value
from portal.figures.registry import figures

MONTH = periods.current(periods.MONTH, today()).before()  # has ended, and is compared


def side_by_side(*now: int, before: tuple[int, ...] = ()) -> list[Reading]:
    """The places below one, with so many people each."""
    figure = figures.items["places.residents"]
    then = before or now
    rows = [
        read_as(figure, Value(here, here), Value(was, was), shown=None, url="", period=MONTH)
        for here, was in zip(now, then, strict=True)
    ]
    return hide_small_groups(rows)


def told(*now: int) -> list[str]:
    return [one.text for one in side_by_side(*now)]


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        ((60, 5), ["60", "5"]),
        ((0, 60), ["0", "60"]),
        ((3, 4), ["<5", "<5"]),
        ((3, 7, 60), ["*", "*", "60"]),  # else 3 = sum - others
        ((1, 1, 9, 60), ["*", "*", "*", "60"]),  # else two people stand in two places: one in each
        ((4, 4, 9, 60), ["*", "*", "*", "60"]),  # else eight in two places of no more than four
        ((1, 1, 1, 1, 1, 60), ["*", "*", "*", "*", "*", "*"]),  # else five in five places
        ((3, 0, 0), ["<5", "0", "0"]),  # their sum is not told either
    ],
)
def test_what_is_hidden_cannot_be_worked_out_of_the_sum(people, shown):
    assert told(*people) == shown


def test_nor_out_of_the_sum_of_the_period_before():
    first, second, third = side_by_side(20, 30, 40, before=(3, 30, 40))

    assert [one.text for one in (first, second, third)] == ["20", "30", "40"]
    assert [one.before_text for one in (first, second, third)] == ["*", "*", "40"]
    assert [one.change is None for one in (first, second, third)] == [True, True, False]


def test_a_number_kept_back_is_called_neither_few_nor_none():
    few, many = side_by_side(3, 60)

    assert (many.value, many.is_ranked, many.unit) == (None, False, "")
    assert str(few.note) == str(many.note)


def test_many_people_of_the_period_before_are_not_called_few():
    (alone,) = side_by_side(3, before=(60,))

    assert (alone.text, alone.before_text) == ("<5", "*")
