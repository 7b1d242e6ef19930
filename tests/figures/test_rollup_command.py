"""`manage.py rollup`, what the clock starts, and what the doctor says of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils.translation import override

from portal.core import schedule
from portal.core.clock import SHANGHAI
from portal.figures import progress, tasks
from portal.figures.checks import figures_are_counted
from portal.figures.models import Count, DirtyDay, FigureKey

from .conftest import Written

DAY = date(2023, 5, 17)


@pytest.fixture(autouse=True)
def in_june(engine: None) -> Iterator[None]:
    with time_machine.travel(datetime(2023, 6, 2, 9, tzinfo=SHANGHAI), tick=False):
        yield


def run(*arguments: str) -> str:
    output = StringIO()
    with override("en"):
        call_command("rollup", *arguments, stdout=output)
    return output.getvalue()


def days() -> set[date]:
    return set(Count.objects.filter(figure__key="t.reported", period="D").values_list("day", flat=True))


@pytest.fixture
def three_days(places: Any, written: Written) -> None:
    for number in range(3):
        written(places.qishan, DAY + timedelta(days=number))


@pytest.mark.parametrize(
    ("arguments", "counted"),
    [
        (("--day", "2023-05-17"), {17}),
        (("--from", "2023-05-18", "--to", "2023-05-19"), {18, 19}),
        (("--from", "2023-05-18"), {18, 19}),
        (("--all",), {17, 18, 19}),
        ((), {17, 18, 19}),
    ],
)
def test_it_counts_the_days_that_are_named(three_days: None, arguments: tuple[str, ...], counted: set[int]) -> None:
    assert "numbers have changed" in run(*arguments)
    assert days() == {DAY.replace(day=number) for number in counted}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--day", "2023-02-30"), "no day"),
        (("--day", ""), "no day"),
        (("--day", "0001-01-01"), "so long ago"),
        (("--day", "2023-06-02"), "has not ended"),
        (("--from", "2023-05-18", "--to", "2023-05-17"), "later than"),
        (("--to", "2023-05-17"), "needs --from"),
    ],
)
def test_what_it_cannot_count_it_refuses_with_the_reason(places: Any, arguments: tuple[str, ...], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run(*arguments)


def test_yesterday_has_ended_once_all_that_was_written_on_it_is_there() -> None:
    with time_machine.travel(datetime(2023, 6, 2, 0, 14, tzinfo=SHANGHAI)):
        assert progress.last_settled_day() == date(2023, 5, 31)
    with time_machine.travel(datetime(2023, 6, 2, 0, 16, tzinfo=SHANGHAI)):
        assert progress.last_settled_day() == date(2023, 6, 1)


def test_the_clock_starts_it_every_ten_minutes_and_at_night(three_days: None) -> None:
    names = ("count_dirty_days", "count_yesterday")
    often, nightly = (schedule.entries[f"portal.figures.tasks.{name}"]["schedule"] for name in names)
    assert often == timedelta(minutes=10)
    assert (nightly.hour, nightly.minute) == ({0}, {20})

    assert tasks.count_dirty_days() > 0
    assert DirtyDay.objects.filter(of_periods=True).exists()
    assert tasks.count_yesterday() == 0
    assert not DirtyDay.objects.exists()
    for task in (tasks.count_dirty_days, tasks.count_yesterday):
        assert task.acks_late


# The doctor


def test_the_doctor_is_content_when_all_days_are_counted(three_days: None) -> None:
    run("--all")
    DirtyDay.objects.all().delete()

    assert figures_are_counted().ok


def test_the_doctor_names_the_first_day_that_was_not_counted(three_days: None) -> None:
    finding = figures_are_counted()
    assert not finding.ok
    assert "2023-05-17" in str(finding.text)

    run("--all")
    FigureKey.objects.filter(key__startswith="t.").update(through=date(2023, 5, 30))
    assert "2023-05-31" in str(figures_are_counted().text)


def test_the_doctor_counts_marks_that_wait_too_long(three_days: None) -> None:
    run("--all")
    DirtyDay.objects.all().delete()
    mark = DirtyDay.objects.create(source="incidents", first=DAY, last=DAY)
    assert figures_are_counted().ok, "it came only now"

    DirtyDay.objects.filter(pk=mark.pk).update(marked_at=mark.marked_at - timedelta(hours=3))
    with override("en"):
        assert "1 marked day" in str(figures_are_counted().text)
