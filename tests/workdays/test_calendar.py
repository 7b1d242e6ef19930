"""Deadlines in working days: the Civil Code's counting, make-up weekends, and the honesty about unknown years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import SHANGHAI
from portal.workdays import calendar as workdays
from portal.workdays.arrangements import ARRANGEMENTS
from portal.workdays.calendar import Calendar, Deadline
from portal.workdays.models import CalendarYear, SpecialDay

PUBLISHED = Calendar(
    special={day: works for one in ARRANGEMENTS for holiday in one.holidays for day, works in holiday.days()},
    years=frozenset(one.year for one in ARRANGEMENTS),
)


def at(text: str) -> datetime:
    """A moment in Shanghai, written as it is read on a clock there."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02 09:00", 1, "2026-03-04 00:00"),
        ("2026-03-02 00:00", 1, "2026-03-04 00:00"),
        ("2026-03-02 23:59", 1, "2026-03-04 00:00"),
        ("2026-03-06 16:00", 1, "2026-03-10 00:00"),
        ("2026-03-07 10:00", 1, "2026-03-10 00:00"),
        ("2026-03-02 09:00", 5, "2026-03-10 00:00"),
    ],
    ids=["the next day", "from midnight on", "from the last minute on", "over a weekend", "from a Saturday", "a week"],
)
def test_the_day_of_the_start_is_not_counted_and_the_last_day_runs_until_24_hours(start, days, end):
    assert PUBLISHED.deadline(at(start), days=days) == Deadline(at(end), is_certain=True)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02 09:00", "2026-03-03 00:00"),
        ("2026-03-07 09:00", "2026-03-10 00:00"),
        ("2026-02-14 09:00", "2026-02-15 00:00"),
        ("2026-02-15 09:00", "2026-02-25 00:00"),
    ],
    ids=["a working day", "a Saturday", "a Saturday that is worked", "the first day of the Spring Festival"],
)
def test_no_days_mean_the_end_of_the_same_day_or_of_the_next_working_day(start, end):
    assert PUBLISHED.deadline(at(start), days=0).at == at(end)


@pytest.mark.parametrize(
    ("start", "days", "last_day"),
    [
        ("2026-02-13 10:00", 1, date(2026, 2, 14)),
        ("2026-02-13 10:00", 2, date(2026, 2, 24)),
        ("2026-02-13 10:00", 6, date(2026, 2, 28)),
        ("2026-02-27 10:00", 1, date(2026, 2, 28)),
        ("2026-09-18 10:00", 1, date(2026, 9, 20)),
        ("2026-09-30 10:00", 3, date(2026, 10, 10)),
        ("2023-09-28 10:00", 1, date(2023, 10, 7)),
        ("2025-12-31 10:00", 1, date(2026, 1, 4)),
    ],
    ids=[
        "a Saturday worked before the Spring Festival",
        "over the Spring Festival",
        "over the festival to the other Saturday worked",
        "from a Friday to a Saturday worked",
        "a Sunday worked",
        "over the National Day to the Saturday worked",
        "eight days off in 2023",
        "over the turn of the year to a Sunday worked",
    ],
)
def test_holidays_are_left_out_and_make_up_weekends_counted(start, days, last_day):
    found = PUBLISHED.deadline(at(start), days=days)

    assert (found.last_day, found.is_certain) == (last_day, True)


def test_half_past_midnight_in_shanghai_belongs_to_the_new_day_though_greenwich_has_the_old_one():
    start = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)

    assert start.astimezone(SHANGHAI) == at("2026-03-03 00:30")
    assert PUBLISHED.deadline(start, days=1).last_day == date(2026, 3, 4)
    assert PUBLISHED.deadline(start, days=0).last_day == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("start", "days", "last_day", "is_certain"),
    [
        ("2026-12-30 10:00", 1, date(2026, 12, 31), True),
        ("2026-12-31 10:00", 0, date(2026, 12, 31), True),
        ("2026-12-31 10:00", 1, date(2027, 1, 1), False),
        ("2026-12-28 10:00", 10, date(2027, 1, 11), False),
        ("2020-12-31 10:00", 1, date(2021, 1, 4), True),
        ("2020-12-30 10:00", 2, date(2021, 1, 4), False),
    ],
    ids=["still inside", "the same day", "the first day outside", "far outside", "only its start", "from outside"],
)
def test_a_year_whose_days_off_are_unknown_is_flagged(start, days, last_day, is_certain):
    found = PUBLISHED.deadline(at(start), days=days)

    assert (found.last_day, found.is_certain) == (last_day, is_certain)


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forwards"):
        PUBLISHED.deadline(at("2026-03-02 09:00"), days=-1)


def test_a_calendar_read_from_a_day_on_says_nothing_of_earlier_days():
    with pytest.raises(ValueError, match="2026-03-02"):
        Calendar(since=date(2026, 3, 2)).is_working(date(2026, 3, 1))


@pytest.mark.parametrize(
    ("moment", "days", "result"),
    [
        ("2026-03-02 09:30", 1, "2026-03-03 09:30"),
        ("2026-03-07 09:30", 1, "2026-03-09 09:30"),
        ("2026-02-13 09:30", 2, "2026-02-24 09:30"),
        ("2026-03-07 09:30", 0, "2026-03-07 09:30"),
    ],
)
def test_adding_working_days_keeps_the_time_of_day(moment, days, result):
    assert PUBLISHED.add(at(moment), days=days) == at(result)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-03-02 09:00", "2026-03-02 18:00", 0),
        ("2026-03-02 09:00", "2026-03-03 18:00", 0),
        ("2026-03-02 09:00", "2026-03-04 00:00", 1),
        ("2026-03-02 00:00", "2026-03-04 00:00", 2),
        ("2026-02-13 09:00", "2026-02-25 09:00", 2),
        ("2026-01-01 00:00", "2027-01-01 00:00", 248),
        ("2026-03-04 00:00", "2026-03-02 00:00", 0),
    ],
    ids=["an afternoon", "no whole day", "one", "two from midnight", "over the festival", "the year 2026", "backwards"],
)
def test_whole_working_days_between_two_moments(start, end, count):
    assert PUBLISHED.between(at(start), at(end)) == count


def test_more_time_is_counted_from_the_deadline_itself():
    first = PUBLISHED.deadline(at("2026-03-02 09:00"), days=3)

    assert PUBLISHED.extend(first.at, days=2) == PUBLISHED.deadline(at("2026-03-02 09:00"), days=5)
    assert PUBLISHED.extend(first.at, days=0) == first


moments = st.builds(
    lambda day, seconds: at(f"{day} 00:00") + timedelta(seconds=seconds),
    st.dates(date(2021, 1, 1), date(2026, 10, 31)),
    st.integers(0, 24 * 3600 - 1),
)
days_of_the_years = st.dates(date(2021, 1, 1), date(2026, 12, 31))
weekend_days = days_of_the_years.filter(lambda day: day.isoweekday() > 5)
numbers = st.integers(0, 40)


def having(day: date, *, is_working: bool) -> Calendar:
    return Calendar(special={**PUBLISHED.special, day: is_working}, years=PUBLISHED.years)


@given(start=moments, days=numbers, holiday=days_of_the_years)
def test_adding_a_holiday_never_makes_a_deadline_earlier(start, days, holiday):
    assert having(holiday, is_working=False).deadline(start, days=days).at >= PUBLISHED.deadline(start, days=days).at


@given(start=moments, days=numbers, made_up=weekend_days)
def test_adding_a_make_up_working_day_never_makes_a_deadline_later(start, days, made_up):
    assert having(made_up, is_working=True).deadline(start, days=days).at <= PUBLISHED.deadline(start, days=days).at


@given(start=moments, days=st.integers(1, 40))
def test_as_many_whole_working_days_lie_before_a_deadline_as_were_granted(start, days):
    later = start + timedelta(microseconds=1)  # a start at midnight sharp has its own whole day before it

    assert PUBLISHED.between(later, PUBLISHED.deadline(start, days=days).at) == days


@given(start=moments, days=numbers, more=numbers)
def test_more_days_are_never_sooner(start, days, more):
    assert PUBLISHED.deadline(start, days=days + more).at >= PUBLISHED.deadline(start, days=days).at


def test_every_answer_reads_the_calendar_once(db, django_assert_num_queries):
    start, end = at("2026-02-13 10:00"), at("2026-02-25 10:00")

    with django_assert_num_queries(1):
        assert workdays.deadline(start, days=2) == Deadline(at("2026-02-25 00:00"), is_certain=True)
    with django_assert_num_queries(1):
        assert workdays.extend(at("2026-02-15 00:00"), days=1) == Deadline(at("2026-02-25 00:00"), is_certain=True)
    with django_assert_num_queries(1):
        assert workdays.add(start, days=2) == at("2026-02-24 10:00")
    with django_assert_num_queries(1):
        assert workdays.between(start, end) == 2
    with django_assert_num_queries(1):
        assert workdays.is_working(date(2026, 2, 14)) is True
    with django_assert_num_queries(1):
        assert workdays.is_known(2026) is True


@pytest.mark.parametrize("records", [1, 3])
def test_many_deadlines_cost_one_reading(db, records, django_assert_num_queries):
    starts = [at("2026-02-13 10:00") + timedelta(days=offset) for offset in range(records)]

    with django_assert_num_queries(1):
        calendar = workdays.load(date(2026, 2, 13))
        found = [calendar.deadline(start, days=1).last_day for start in starts]

    assert found == [date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 24)][:records]


def test_an_edit_counts_from_the_next_question(db):
    SpecialDay.objects.create(day=date(2026, 3, 3), is_working=False, name="台风停工")
    assert workdays.deadline(at("2026-03-02 09:00"), days=1).last_day == date(2026, 3, 4)

    CalendarYear.objects.filter(year=2026).delete()
    assert workdays.deadline(at("2026-03-02 09:00"), days=1).is_certain is False


def test_weekends_alone_count_in_a_year_nobody_has_entered(db):
    assert workdays.is_known(2027) is False
    assert workdays.is_working(date(2027, 10, 1)) is True
    assert workdays.is_working(date(2027, 10, 2)) is False
    assert workdays.deadline(at("2027-09-30 10:00"), days=1) == Deadline(at("2027-10-02 00:00"), is_certain=False)
