"""Days, months, quarters, years: their names, what came before, what they are made of."""

from datetime import date

import pytest
from django.utils.translation import override

from portal.figures import periods
from portal.figures.periods import Period, current, parse

TODAY = date(2024, 2, 20)


@pytest.mark.parametrize(
    ("token", "first", "last", "before"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-01"),
        ("2024-01", date(2024, 1, 1), date(2024, 1, 31), "2023-12"),
        ("2023-Q1", date(2023, 1, 1), date(2023, 3, 31), "2022-Q4"),
        ("2023-Q4", date(2023, 10, 1), date(2023, 12, 31), "2023-Q3"),
        ("2023", date(2023, 1, 1), date(2023, 12, 31), "2022"),
        ("2024-03-01", date(2024, 3, 1), date(2024, 3, 1), "2024-02-29"),
        ("2023-05-01_2023-05-20", date(2023, 5, 1), date(2023, 5, 20), "2023-04-11_2023-04-30"),
    ],
)
def test_an_address_names_a_period_and_the_one_before(token: str, first: date, last: date, before: str) -> None:
    period = parse(token)

    assert (period.first, period.last) == (first, last)
    assert period.token == token
    assert period.before().token == before
    assert period.label


@pytest.mark.parametrize(
    "token",
    [
        "",
        "now",
        "2023-13",
        "2023-00",
        "2023-Q5",
        "2023-02-30",
        "0000",
        "2023-05-20_2023-05-01",
        "2023-5",
        "２０２３",
        "1900-01-01_2023-01-01",
        "2023-05-01_",
        "2023\n",
    ],
)
def test_anything_else_names_no_period(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever reason it has
        parse(token)


def test_a_running_period_is_compared_with_as_many_days_of_the_one_before() -> None:
    month, year = current("month", TODAY), current("year", TODAY)

    assert (month.first, month.last) == (date(2024, 2, 1), TODAY)
    assert not month.is_whole
    assert month.whole == parse("2024-02")
    assert (month.before().first, month.before().last) == (date(2024, 1, 1), date(2024, 1, 20))
    assert (year.before().first, year.before().last) == (date(2023, 1, 1), date(2023, 2, 20))
    assert month.token == "2024-02"


def test_it_is_never_compared_with_more_days_than_there_were() -> None:
    march = current("month", date(2023, 3, 30))

    assert march.before().last == date(2023, 2, 28)


def test_periods_are_made_of_smaller_ones_up_to_where_they_end() -> None:
    assert [part.token for part in current("quarter", TODAY).parts()] == ["2024-01", "2024-02"]
    assert current("quarter", TODAY).parts()[-1].last == TODAY
    assert [part.token for part in parse("2024-02").parts()][-1] == "2024-02-29"
    assert len(parse("2023").parts()) == 12


def test_a_day_has_no_period_of_days_around_it() -> None:
    with pytest.raises(ValueError, match="no bounds"):
        periods.whole("range", TODAY)
    with pytest.raises(ValueError, match="no period"):
        Period("month", TODAY, date(2024, 2, 1))


def test_they_are_called_as_people_call_them() -> None:
    with override("en"):
        assert [parse(token).label for token in ("2023", "2023-Q2")] == ["2023", "2023, quarter 2"]
