"""Half days: a morning alone is worked, a limit is half a day, and what never makes a deadline earlier."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import SHANGHAI, start_of
from portal.workdays import calendar as workdays
from portal.workdays.arrangements import ARRANGEMENTS
from portal.workdays.calendar import Calendar
from portal.workdays.models import SpecialDay

PUBLISHED = Calendar(
    special={day: works for one in ARRANGEMENTS for holiday in one.holidays for day, works in holiday.days()},
    years=frozenset(one.year for one in ARRANGEMENTS),
)
HALF = Decimal("0.5")
EVE = date(2026, 3, 4)  # a Wednesday of which only the morning is worked


def at(text: str) -> datetime:
    """A moment in Shanghai, written as it is read on a clock there."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def with_half(*days: date, calendar: Calendar = PUBLISHED) -> Calendar:
    """The calendar with mornings alone worked on these days, weekend days among them made up until noon."""
    special = {**calendar.special, **dict.fromkeys(days, True)}
    return Calendar(special=special, years=calendar.years, mornings=calendar.mornings | set(days))


def with_off(*days: date, calendar: Calendar = PUBLISHED) -> Calendar:
    """The calendar with these days off."""
    special = {**calendar.special, **dict.fromkeys(days, False)}
    return Calendar(special=special, years=calendar.years, mornings=calendar.mornings - set(days))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02 09:00", HALF, "2026-03-03 00:00"),
        ("2026-03-02 11:59", HALF, "2026-03-03 00:00"),
        ("2026-03-02 12:00", HALF, "2026-03-03 12:00"),
        ("2026-03-02 16:00", HALF, "2026-03-03 12:00"),
        ("2026-03-07 09:00", HALF * 3, "2026-03-10 12:00"),
        ("2026-03-02 16:00", HALF * 3, "2026-03-04 12:00"),
        ("2026-03-06 16:00", HALF, "2026-03-09 12:00"),
    ],
    ids=[
        "in the morning: that afternoon",
        "in its last minute",
        "noon belongs to the afternoon",
        "in the afternoon: the next morning",
        "from a Saturday",
        "one and a half",
        "from a Friday afternoon: Monday's morning",
    ],
)
def test_half_days_are_counted_from_the_half_after_that_of_the_start(start, days, end):
    assert PUBLISHED.deadline(at(start), days=days).at == at(end)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-03 09:00", 1, "2026-03-06 00:00"),
        ("2026-03-03 09:00", 2, "2026-03-07 00:00"),
        ("2026-03-02 09:00", 1, "2026-03-04 00:00"),
        ("2026-03-04 09:00", 0, "2026-03-05 00:00"),
        ("2026-03-04 15:00", 0, "2026-03-05 00:00"),
        ("2026-03-04 09:00", HALF, "2026-03-05 12:00"),
        ("2026-03-03 15:00", HALF, "2026-03-04 12:00"),
        ("2026-03-03 15:00", HALF * 3, "2026-03-06 00:00"),
    ],
    ids=[
        "a whole day needs another half, and ends with its day",
        "two",
        "which it does not reach",
        "the same day is the same day",
        "in its free afternoon too",
        "its afternoon is no working half",
        "its morning is one",
        "one and a half is never sooner than one",
    ],
)
def test_a_day_of_which_the_morning_alone_is_worked_counts_half(start, days, end):
    assert with_half(EVE).deadline(at(start), days=days).at == at(end)


def test_a_weekend_day_may_be_made_up_in_the_morning_alone():
    saturday = with_half(date(2026, 3, 7))

    assert saturday.is_working(date(2026, 3, 7)) is True
    assert saturday.deadline(at("2026-03-06 15:00"), days=HALF).at == at("2026-03-07 12:00")
    assert saturday.deadline(at("2026-03-06 15:00"), days=1).at == at("2026-03-10 00:00")


def test_other_parts_of_a_day_are_not_counted():
    with pytest.raises(ValueError, match="half days"):
        PUBLISHED.deadline(at("2026-03-02 09:00"), days=Decimal("0.3"))
    with pytest.raises(ValueError, match="forwards"):
        PUBLISHED.deadline(at("2026-03-02 09:00"), days=-HALF)


def test_more_time_moves_a_deadline_at_noon_by_halves_and_one_at_midnight_by_days():
    assert PUBLISHED.extend(at("2026-03-03 12:00"), days=HALF).at == at("2026-03-04 00:00")
    assert PUBLISHED.extend(at("2026-03-03 12:00"), days=1).at == at("2026-03-04 12:00")
    assert PUBLISHED.extend(at("2026-03-03 00:00"), days=HALF).at == at("2026-03-03 12:00")
    assert PUBLISHED.extend(at("2026-03-03 00:00"), days=1).at == at("2026-03-04 00:00")
    assert PUBLISHED.extend(at("2026-03-03 12:00"), days=0).at == at("2026-03-03 12:00")


@pytest.mark.parametrize(
    ("stood", "until", "end"),
    [
        ("2026-03-02 10:00", "2026-03-02 11:00", "2026-03-05 12:00"),
        ("2026-03-02 10:00", "2026-03-02 14:00", "2026-03-06 00:00"),
        ("2026-03-02 10:00", "2026-03-04 09:00", "2026-03-07 12:00"),
        ("2026-03-04 12:30", "2026-03-05 00:00", "2026-03-05 00:00"),
        ("2026-03-05 00:00", "2026-03-12 09:00", "2026-03-05 00:00"),
    ],
    ids=["an hour", "over noon", "two days", "a free afternoon", "it was missed before"],
)
def test_each_working_half_that_the_clock_stood_in_is_given_back(stood, until, end):
    calendar = with_half(EVE, date(2026, 3, 7))

    assert calendar.resume(at("2026-03-05 00:00"), stood=at(stood), until=at(until)).at == at(end)


def test_the_same_time_of_day_is_found_a_half_day_on():
    assert PUBLISHED.add(at("2026-03-02 09:30"), days=HALF) == at("2026-03-02 21:30")
    assert PUBLISHED.add(at("2026-03-06 15:00"), days=HALF) == at("2026-03-09 03:00")
    assert with_half(EVE).add(at("2026-03-03 09:30"), days=1) == at("2026-03-05 09:30")


def test_a_half_day_counts_half_between_two_moments():
    assert with_half(EVE).between(at("2026-03-02 00:00"), at("2026-03-07 00:00")) == Decimal("4.5")


def test_what_is_over_by_now_is_found_from_the_other_end():
    now = at("2026-03-04 00:00")

    assert PUBLISHED.latest_extended_to(now, days=1) == at("2026-03-03 00:00")
    assert PUBLISHED.latest_extended_to(now - timedelta(seconds=1), days=1) == at("2026-03-02 12:00")
    assert PUBLISHED.latest_extended_to(at("2026-02-25 09:00"), days=1) == at("2026-02-24 00:00")


def test_half_days_are_read_with_the_others(db, django_assert_num_queries):
    SpecialDay.objects.create(day=EVE, is_working=True, morning_only=True, name="除夕")

    with django_assert_num_queries(1):
        assert workdays.deadline(at("2026-03-03 09:00"), days=1).at == at("2026-03-06 00:00")


# What must hold for any calendar, any moment and any limit

moments = st.builds(
    lambda day, seconds: at(f"{day} 00:00") + timedelta(seconds=seconds),
    st.dates(date(2025, 12, 1), date(2026, 4, 30)),
    st.integers(0, 24 * 3600 - 1) | st.sampled_from([0, 12 * 3600 - 1, 12 * 3600]),
)
close_days = st.dates(date(2025, 12, 1), date(2026, 5, 31))
calendars = st.builds(
    lambda off, halves: with_half(*halves, calendar=with_off(*off)),
    st.lists(close_days, max_size=8),
    st.lists(close_days, max_size=12),
)
published_and_off = st.builds(lambda off: with_off(*off), st.lists(close_days, max_size=12))
limits = st.integers(0, 24).map(lambda halves: Decimal(halves) / 2)


def less(calendar: Calendar, day: date, *, half: bool) -> Calendar:
    """The calendar with this day off, or, if it was worked whole, worked in the morning alone."""
    if half and calendar.is_working(day):
        return with_half(day, calendar=calendar)
    return with_off(day, calendar=calendar)


def left(calendar: Calendar, now: datetime, due: datetime) -> tuple[int, int]:
    """Working halves of days left before a deadline: those begun and to come, and those that lie whole before it."""
    begun = calendar.touched(now, due)
    first = calendar.touched(now, min(due, workdays.Half.at(now).end)) if workdays.Half.at(now).start < now else 0
    return begun, begun - first


@given(calendar=calendars, start=moments, days=limits, day=close_days, half=st.booleans())
def test_less_work_never_makes_a_deadline_earlier(calendar, start, days, day, half):
    fewer = less(calendar, day, half=half)

    assert fewer.deadline(start, days=days).at >= calendar.deadline(start, days=days).at
    assert fewer.extend(start, days=days).at >= calendar.extend(start, days=days).at
    assert fewer.add(start, days=days) >= calendar.add(start, days=days)


@given(calendar=calendars, start=moments, days=limits, more=limits, day=close_days, half=st.booleans())
def test_less_work_never_makes_a_deadline_with_more_time_earlier(calendar, start, days, more, day, half):
    fewer = less(calendar, day, half=half)
    due, later = calendar.deadline(start, days=days).at, fewer.deadline(start, days=days).at

    assert fewer.extend(later, days=more).at >= calendar.extend(due, days=more).at


@given(calendar=calendars, start=moments, days=limits, more=limits)
def test_larger_limits_are_never_sooner(calendar, start, days, more):
    assert calendar.deadline(start, days=days + more).at >= calendar.deadline(start, days=days).at
    assert calendar.extend(start, days=days + more).at >= calendar.extend(start, days=days).at
    assert calendar.add(start, days=days + more) >= calendar.add(start, days=days)


@given(calendar=calendars, start=moments, days=limits, later=st.integers(0, 96))
def test_a_later_start_is_never_due_sooner_and_what_was_granted_is_there(calendar, start, days, later):
    due = calendar.deadline(start, days=days).at

    assert calendar.deadline(start + timedelta(hours=later), days=days).at >= due
    assert left(calendar, start, due)[1] >= days * 2


@given(
    calendar=calendars,
    start=moments,
    days=limits,
    pauses=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 400)), min_size=1, max_size=4),
)
def test_suspending_never_shortens_what_is_left(calendar, start, days, pauses):
    due, now = calendar.deadline(start, days=days).at, start
    for ran, stood in pauses:
        suspended = now + timedelta(hours=ran)
        now = suspended + timedelta(hours=stood)
        resumed = calendar.resume(due, stood=suspended, until=now).at
        assert resumed >= due
        if suspended < due:
            assert left(calendar, now, resumed) >= left(calendar, suspended, due)
            assert left(calendar, now, resumed)[1] >= left(calendar, suspended, due)[1]
        else:
            assert resumed == due
        due = resumed


@given(
    calendar=calendars,
    start=moments,
    days=limits,
    ran=st.integers(0, 200),
    stood=st.integers(0, 400),
    day=close_days,
    half=st.booleans(),
)
def test_less_work_after_the_pause_never_makes_a_resumed_deadline_earlier(calendar, start, days, ran, stood, day, half):
    suspended = start + timedelta(hours=ran)
    until = suspended + timedelta(hours=stood)
    day = max(day, until.date() + timedelta(days=1))
    fewer = less(calendar, day, half=half)
    due, later = calendar.deadline(start, days=days).at, fewer.deadline(start, days=days).at
    if later != due and suspended >= due:
        return  # it was missed by the one calendar and not by the other

    assert fewer.resume(later, stood=suspended, until=until).at >= calendar.resume(due, stood=suspended, until=until).at


@given(
    calendar=published_and_off,
    start=moments,
    days=st.integers(0, 12),
    ran=st.integers(0, 200),
    stood=st.integers(0, 400),
    day=close_days,
)
def test_a_day_off_during_the_pause_never_makes_a_resumed_deadline_earlier(calendar, start, days, ran, stood, day):
    suspended = start + timedelta(hours=ran)
    until = suspended + timedelta(hours=stood)
    day = max(day, start.date() + timedelta(days=1))  # the day of the report is not counted
    fewer = with_off(day, calendar=calendar)
    due, later = calendar.deadline(start, days=days).at, fewer.deadline(start, days=days).at

    assert fewer.resume(later, stood=suspended, until=until).at >= calendar.resume(due, stood=suspended, until=until).at


@given(calendar=calendars, now=moments, days=limits)
def test_what_is_over_by_now_is_all_that_is(calendar, now, days):
    latest = calendar.latest_extended_to(now, days=days)

    assert calendar.extend(latest, days=days).at <= now
    assert calendar.extend(workdays.Half.before(latest).next.end, days=days).at > now


def test_an_hour_at_midnight_belongs_to_the_new_day():
    assert workdays.Half.at(start_of(EVE)) == workdays.Half(EVE)
