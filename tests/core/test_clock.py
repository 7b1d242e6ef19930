"""Asia/Shanghai defines a day, for the server as for the reader."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from portal.core import clock


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 4, 30, 15, 59, 59, tzinfo=UTC), date(2026, 4, 30)),
        (datetime(2026, 4, 30, 16, 0, tzinfo=UTC), date(2026, 5, 1)),
        (datetime(2026, 4, 30, 16, 30, tzinfo=UTC), date(2026, 5, 1)),
        (datetime(2026, 4, 30, 9, 30, tzinfo=ZoneInfo("America/Los_Angeles")), date(2026, 5, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(moment, day):
    assert clock.day_of(moment) == day


@time_machine.travel(datetime(2026, 4, 30, 16, 30, tzinfo=UTC), tick=False)
def test_at_half_past_midnight_it_is_today_already():
    assert clock.today() == date(2026, 5, 1)
    assert (clock.now().hour, clock.now().minute) == (0, 30)


def test_a_day_ends_where_the_next_begins():
    day = date(2026, 4, 30)

    assert clock.end_of(day) == clock.start_of(date(2026, 5, 1))
    assert clock.end_of(day) - clock.start_of(day) == timedelta(days=1)
    assert clock.day_of(clock.end_of(day) - timedelta(microseconds=1)) == day


def test_the_last_day_of_all_ends_as_well():
    assert clock.day_of(clock.end_of(date.max)) == date.max
