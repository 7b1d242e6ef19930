"""What marks a day, in the transaction of the change, and what does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.operations import RunSQL
from django.db.migrations.state import ProjectState

from grid.incidents.models import Incident
from grid.places import boundaries, services
from grid.places.models import Level, Place, PlaceSpan
from portal.core.clock import start_of, today
from portal.figures import marks
from portal.figures.database import marks_dirty
from portal.figures.models import DirtyDay
from tests.roster.people import household

from .conftest import Written, days_ago

DAY = date(2023, 5, 17)
Marks = set[tuple[str, int | None, date, date]]


def marked() -> Marks:
    found = set(DirtyDay.objects.values_list("source", "community", "first", "last"))
    DirtyDay.objects.all().delete()
    return found


@pytest.fixture
def clean(places: Any, chen: Any) -> None:
    """Places were opened, which marks nothing as long as nobody counted."""
    DirtyDay.objects.all().delete()


def test_a_late_record_marks_its_days(places: Any, written: Written, clean: None) -> None:
    written(places.qishan, DAY, 3, due_at=start_of(days_ago(2)) + timedelta(hours=3))

    assert marked() == {
        ("incidents", places.dalong.pk, DAY, DAY),
        ("incidents", places.dalong.pk, days_ago(2), days_ago(2)),
    }


def test_nothing_is_marked_for_today_or_later(places: Any, written: Written, clean: None) -> None:
    [one] = written(places.qishan, today(), due_at=start_of(today()) + timedelta(days=9))
    Incident.objects.filter(pk=one.pk).update(state="declined", opened_at=start_of(today()) + timedelta(minutes=1))

    assert marked() == set()


def test_a_moment_that_changes_marks_the_old_day_and_the_new(places: Any, written: Written, clean: None) -> None:
    [one] = written(places.qishan, DAY, due_at=start_of(today()) + timedelta(days=9))
    marked()
    Incident.objects.filter(pk=one.pk).update(reported_at=start_of(DAY) + timedelta(days=3))

    days = {first for _source, _community, first, _last in marked()}
    assert days == {DAY, DAY + timedelta(days=3)}


def test_a_change_that_no_figure_asks_about_marks_nothing(places: Any, written: Written, clean: None) -> None:
    [one] = written(places.qishan, DAY)
    marked()
    Incident.objects.filter(pk=one.pk).update(description="三楼", location="楼梯口")

    assert marked() == set()


def test_what_comes_to_another_place_or_goes_marks_its_days(places: Any, written: Written, clean: None) -> None:
    [one] = written(places.qishan, DAY)
    marked()
    Incident.objects.filter(pk=one.pk).update(place=places.lingbian_group, community=places.lingbian)
    assert {(community, first) for _s, community, first, _l in marked()} == {
        (places.dalong.pk, DAY),
        (places.lingbian.pk, DAY),
    }

    Incident.objects.all().delete()
    assert {(community, first) for _s, community, first, _l in marked()} == {(places.lingbian.pk, DAY)}


def test_the_mark_goes_when_the_change_is_taken_back(places: Any, written: Written, clean: None) -> None:
    with transaction.atomic():
        written(places.qishan, DAY)
        assert DirtyDay.objects.exists()
        transaction.set_rollback(True)

    assert not DirtyDay.objects.exists()


# Places


def test_a_place_opened_or_moved_today_leaves_the_past_alone(places: Any, clean: None) -> None:
    services.open_place(level=Level.GRID, code="440113106001003", name="第三网格", parent=places.dalong, actor=None)
    services.open_place(
        level=Level.GRID, code="440113106001004", name="第四网格", parent=places.dalong, actor=None, since=DAY
    )
    boundaries.move(places.longji, to=places.second_grid, actor=None)
    boundaries.merge(places.fuyi, into=places.longji, actor=None)

    assert marked() == set()


@pytest.mark.parametrize(
    ("change", "since"),
    [
        (lambda places: PlaceSpan.objects.filter(place=places.longji).update(until=DAY), DAY),
        (
            lambda places: PlaceSpan.objects.filter(place=places.longji).update(parent=places.second_grid),
            date(1990, 1, 1),
        ),
        (lambda places: PlaceSpan.objects.filter(place=places.longji).delete(), date(1990, 1, 1)),
        (
            lambda places: PlaceSpan.objects.create(
                place=places.longji, parent=places.grid, since=date(2019, 1, 1), until=date(2020, 1, 1)
            ),
            date(1990, 1, 1),
        ),
    ],
)
def test_a_corrected_past_marks_every_source_from_that_day_on(
    places: Any, clean: None, change: Any, since: date
) -> None:
    change(places)

    assert marked() == {("*", places.dalong.pk, since, days_ago(1))}


def test_a_later_successor_takes_over_from_the_day_of_the_closing(places: Any, clean: None) -> None:
    Place.objects.filter(pk=places.longji.pk).update(closed_on=DAY, merged_into=places.fuyi)

    assert marked() == {("*", places.dalong.pk, DAY, days_ago(1))}


def test_wide_marks_become_marks_of_one_source_and_month(places: Any, clean: None) -> None:
    DirtyDay.objects.create(source="*", community=places.dalong, first=date(1990, 1, 1), last=date(2023, 6, 20))
    marks.spread(["incidents", "ratings"], since=DAY, last=date(2023, 6, 10))

    assert marked() == {
        (source, places.dalong.pk, first, last)
        for source in ("incidents", "ratings")
        for first, last in ((DAY, date(2023, 5, 31)), (date(2023, 6, 1), date(2023, 6, 10)))
    }


# What marks them


@contextmanager
def installed(operation: RunSQL) -> Iterator[None]:
    """As a migration that comes after all others, and then is taken back."""
    editor, state = connection.schema_editor(atomic=False), ProjectState()
    operation.database_forwards("incidents", editor, state, state)
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was written before is not to stand in its way
    operation.database_backwards("incidents", editor, state, state)


def test_a_later_figure_has_marked_what_it_asks_and_what_was_marked_before_still_is(
    places: Any, written: Written, clean: None
) -> None:
    flat = household(places.qishan)
    [one] = written(places.qishan, DAY, opened_at=start_of(DAY) + timedelta(days=1))
    marked()
    mine = Incident.objects.filter(pk=one.pk)
    in_flats = marks_dirty(
        "incidents_incident",
        "incidents",
        moments={"opened_at": ["household_id"]},
        events=["UPDATE"],
        name="in_flats",
    )

    with installed(in_flats):
        mine.update(household=flat)
        assert {first for _source, _community, first, _last in marked()} == {DAY + timedelta(days=1)}
        mine.update(reported_at=start_of(DAY) - timedelta(days=1))
        assert {first for _source, _community, first, _last in marked()} == {DAY, DAY - timedelta(days=1)}

    mine.update(household=None)
    assert marked() == set()
    mine.update(reported_at=start_of(DAY))
    assert {first for _source, _community, first, _last in marked()} == {DAY, DAY - timedelta(days=1)}


def test_a_name_that_the_database_would_cut_off_is_none() -> None:
    with pytest.raises(ValueError, match="cut that off"):
        marks_dirty("incidents_incident", "incidents", moments={"opened_at": ()}, name="of_the_flats_in_the_old_town")


def test_a_moment_that_nothing_tells_of_is_no_moment() -> None:
    with pytest.raises(ValueError, match="nothing says"):
        marks_dirty("incidents_incident", "x", moments={"now()": ()}, place="")
