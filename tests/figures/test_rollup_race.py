"""Two workers at once on real connections, records written meanwhile, and a worker that is lost half-way."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery.exceptions import Retry
from django.db import connection, transaction

from grid.incidents.models import Incident
from portal.core.clock import SHANGHAI
from portal.core.locks import alone_with
from portal.figures import progress, rollup, storing, tasks
from portal.figures.models import Count, DirtyDay
from tests.core.races import elsewhere, race

from .conftest import Written, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_june")]
DAY = date(2023, 5, 17)
NEXT = DAY + timedelta(days=1)
ROUNDS = 25


@pytest.fixture
def in_june() -> Iterator[None]:
    with time_machine.travel(datetime(2023, 6, 2, 9, tzinfo=SHANGHAI), tick=False):
        yield


def rows() -> list[Any]:
    return list(Count.objects.order_by("pk").values_list("place", "figure__key", "period", "day", "value"))


def test_two_workers_count_once(places: Any, written: Written) -> None:
    """Days of one month share the row of that month: neither worker overwrites what the other found."""
    written(places.qishan, DAY, 2)
    written(places.fuyi, NEXT, 3)

    for _round in range(ROUNDS):
        Count.objects.all().delete()
        days = iter([DAY, NEXT])
        race(lambda _number, days=days: rollup.recount(rollup.Work("incidents", one := next(days), one)), hands=2)
        month = Count.objects.get(place=places.street, figure__key="t.reported", period="M")
        assert month.value == 5


def test_marks_written_while_they_are_counted_are_never_lost(places: Any, written: Written) -> None:
    rollup.everything()

    def hand(number: int) -> None:
        with transaction.atomic():
            written(places.qishan, DAY)
        rollup.keep_up()

    race(hand, hands=4, rounds=ROUNDS)
    rollup.keep_up()

    assert told(places.street, "reported", DAY) == Incident.objects.count() == 4 * ROUNDS
    assert Count.objects.get(place=places.street, figure__key="t.reported", period="D").value == 4 * ROUNDS
    assert not DirtyDay.objects.filter(of_periods=False).exists()


def test_a_mark_written_after_marks_were_read_stays(
    places: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollup.everything()
    written(places.qishan, DAY)
    count = rollup._count

    def slowly(*arguments: Any, **named: Any) -> int:
        found = count(*arguments, **named)
        elsewhere(lambda: written(places.qishan, DAY))  # too late to be counted, and committed before we are done
        return found

    with monkeypatch.context() as patch:
        patch.setattr(rollup, "_count", slowly)
        rollup.keep_up()
    assert told(places.qishan, "reported", DAY) == 1
    assert DirtyDay.objects.filter(source="incidents", first=DAY, of_periods=False).exists()

    rollup.keep_up()
    assert told(places.qishan, "reported", DAY) == 2


def test_what_another_worker_has_in_hand_is_left_to_it(places: Any, written: Written) -> None:
    rollup.everything()
    written(places.qishan, DAY)

    with transaction.atomic():
        storing.lock("incidents 2023-05")
        elsewhere(rollup.keep_up)
        assert DirtyDay.objects.filter(of_periods=False).exists()
    elsewhere(rollup.keep_up)

    assert told(places.qishan, "reported", DAY) == 1


def test_a_task_that_is_handed_out_twice_counts_once(places: Any, written: Written) -> None:
    """The second copy leaves at once, and does not take the months that the first has not come to."""
    rollup.everything()
    written(places.qishan, DAY)

    with alone_with(tasks.COUNT_LOCK, 0):
        assert elsewhere(tasks.count_dirty_days) == 0
        assert DirtyDay.objects.filter(of_periods=False).exists()
    assert elsewhere(tasks.count_dirty_days) > 0

    assert told(places.qishan, "reported", DAY) == 1


def test_the_night_waits_for_its_turn_without_keeping_a_worker(places: Any, written: Written) -> None:
    """Nobody else finishes the quarters and years: it comes back, and so does its copy, which finds nothing to do."""
    written(places.qishan, DAY)
    assert tasks.count_yesterday.max_retries * tasks.PAUSE > tasks.LONG["time_limit"]

    with alone_with(tasks.COUNT_LOCK, 0), pytest.raises(Retry):
        elsewhere(tasks.count_yesterday)
    assert not Count.objects.exists()

    assert [elsewhere(tasks.count_yesterday) > 0, elsewhere(tasks.count_yesterday)] == [True, 0]
    assert not DirtyDay.objects.exists()


def test_a_worker_that_is_killed_leaves_everything_as_it_was(
    places: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its days are counted and its marks deleted in one transaction: it ends with both or with neither."""
    written(places.qishan, DAY)
    rollup.everything()
    before = rows()
    written(places.qishan, DAY, 4)

    def killed() -> None:
        replace_days = storing.replace_days

        def struck(*arguments: Any, **named: Any) -> int:
            replace_days(*arguments, **named)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return 0

        with monkeypatch.context() as patch:
            patch.setattr(storing, "replace_days", struck)
            rollup.keep_up()

    with pytest.raises(Exception, match=r"terminat|closed"):
        elsewhere(killed)

    assert rows() == before
    assert DirtyDay.objects.filter(of_periods=False).exists()
    rollup.keep_up()
    assert told(places.qishan, "reported", DAY) == 5


def test_a_source_is_counted_through_a_day_only_when_every_day_before_is(
    places: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(places.qishan, date(2023, 3, 9))
    written(places.qishan, DAY)
    recount = rollup.recount

    def lost(work: rollup.Work, **named: Any) -> int | None:
        if work.first.month == 4:
            raise KeyboardInterrupt
        return recount(work, **named)

    with monkeypatch.context() as patch:
        patch.setattr(rollup, "recount", lost)
        with pytest.raises(KeyboardInterrupt):
            rollup.keep_up()

    assert progress.behind(DAY) == {"incidents": date(2023, 4, 1)}
    assert told(places.qishan, "reported", date(2023, 3, 1), DAY) == 2


def test_two_hands_count_what_one_would(places: Any, written: Written) -> None:
    for month in (1, 2, 3, 4, 5):
        written(places.qishan, date(2023, month, 3), month)
    rollup.everything(hands=1)
    before = rows()
    Count.objects.exclude(figure__key="t.groups").delete()  # what stocks were stays as it was seen

    rollup.everything(hands=2)

    assert rows() == before
