"""The doctor looks ahead: from December on the next year has to be known."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import translation

from portal.workdays.checks import years_are_known
from portal.workdays.models import CalendarYear


def found_on(*moment: int) -> tuple[bool, str]:
    with time_machine.travel(datetime(*moment, tzinfo=UTC), tick=False), translation.override("en"):
        finding = years_are_known()
        return finding.ok, str(finding.text)


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ((2026, 11, 30, 15), (True, "known: 2026")),
        ((2026, 11, 30, 17), (False, "the days off of 2027 are not known; deadlines there count weekends only")),
        ((2026, 12, 31, 17), (False, "the days off of 2027 are not known; deadlines there count weekends only")),
        ((2025, 12, 15, 0), (True, "known: 2025, 2026")),
        ((2027, 12, 15, 0), (False, "the days off of 2027, 2028 are not known; deadlines there count weekends only")),
    ],
    ids=["November in Shanghai", "December in Shanghai", "New Year in Shanghai", "both known", "neither known"],
)
def test_the_current_year_and_from_december_on_the_next_one(db, moment, found):
    assert found_on(*moment) == found


def test_a_year_that_was_declared_is_enough(db):
    CalendarYear.objects.create(year=2027, source="国办发明电〔2026〕7号")

    assert found_on(2026, 12, 5, 0) == (True, "known: 2026, 2027")
