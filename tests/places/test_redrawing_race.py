"""Two clerks redraw at once: one does it, the other is told, and nothing is left without a place."""

import pytest
from django.db import connection

from grid.places import boundaries, plans, services
from grid.places.models import Appointment, Level, Place, PlaceSpan, Role
from grid.places.redrawing import stay_as_drawn
from grid.roster.models import Household, Resident
from portal.core.clock import today
from portal.core.refusals import Refused
from tests.cast import make_user
from tests.roster.people import household, resident

from .test_race import at_once, pool

__all__ = ["pool"]

ROUNDS = 40
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def tried(do) -> str:
    try:
        do()
    except Refused:
        return "told"
    return "done"


def groups_of(places, number: int, round_: int) -> list[Place]:
    return [
        services.open_place(
            level=Level.BUILDING_GROUP,
            code=f"{places.grid.code}{100 + round_ * number + n}",
            name=f"第{round_}轮{n}组",
            parent=places.grid,
            actor=None,
        )
        for n in range(number)
    ]


def no_orphans() -> bool:
    """Every household and post is at an open place, every open place below an open one, with one span of today."""
    below_closed = Place.objects.open().filter(parent__closed_on__isnull=False)
    spans = PlaceSpan.objects.filter(until=None)
    return not (
        Household.objects.filter(place__closed_on__isnull=False).exists()
        or Resident.objects.filter(place__closed_on__isnull=False).exists()
        or Appointment.objects.standing().filter(place__closed_on__isnull=False).exists()
        or below_closed.exists()
        or spans.filter(place__closed_on__isnull=False).exists()
        or spans.count() != Place.objects.open().count()
    )


def test_of_two_who_merge_each_into_the_other_one_does(places, pool):
    for round_ in range(ROUNDS):
        one, other = groups_of(places, 2, round_)
        resident(household(one, "1栋")), resident(household(other, "2栋"))

        answers = at_once(
            pool,
            lambda pair: tried(lambda: boundaries.merge(pair[0], into=pair[1], actor=None)),
            [(one, other), (other, one)],
        )

        assert sorted(answers) == ["done", "told"]
        assert no_orphans()


def test_of_two_who_do_different_things_with_one_group_the_later_is_told_or_finds_it_where_it_is(places, pool):
    for round_ in range(ROUNDS):
        one, other = groups_of(places, 2, round_)
        resident(household(one, "1栋"))
        merging, moving = plans.of_merge(one, into=other).seen, plans.of_move(one, to=places.second_grid).seen

        steps = [
            lambda one=one, other=other, seen=merging: boundaries.merge(one, into=other, actor=None, seen=seen),
            lambda one=one, seen=moving: boundaries.move(one, to=places.second_grid, actor=None, seen=seen),
        ]
        answers = at_once(pool, tried, steps)

        assert "done" in answers
        assert Place.objects.get(pk=one.pk).is_closed is (answers[0] == "done")
        assert no_orphans()


def test_whoever_is_appointed_while_a_group_is_merged_away_holds_no_post_there(places, pool):
    people = [make_user(f"late{number}", f"迟到{number}") for number in range(ROUNDS)]
    for round_ in range(ROUNDS):
        one, other = groups_of(places, 2, round_)
        user = people[round_]

        def appoint(one=one, user=user) -> str:
            return tried(lambda: services.appoint(user, role=Role.BUILDING_LEADER, place=one, actor=None))

        at_once(
            pool, lambda do: do(), [appoint, lambda one=one, other=other: boundaries.merge(one, into=other, actor=None)]
        )

        assert Place.objects.get(pk=one.pk).is_closed
        assert no_orphans()


def test_nothing_is_opened_below_a_grid_that_is_being_closed(places, pool):
    for round_ in range(ROUNDS):
        grid = services.open_place(
            level=Level.GRID,
            code=f"{places.dalong.code}{200 + round_}",
            name=f"第{round_}轮网格",
            parent=places.dalong,
            actor=None,
        )
        group = {
            "level": Level.BUILDING_GROUP,
            "code": f"{grid.code}001",
            "name": "新组",
            "parent": grid,
            "actor": None,
        }

        at_once(
            pool,
            tried,
            [
                lambda grid=grid: boundaries.close(grid, actor=None),
                lambda group=group: services.open_place(**group),
            ],
        )

        assert no_orphans()
        assert Place.objects.get(pk=grid.pk).is_closed is not Place.objects.filter(parent=grid).exists()


def test_whoever_writes_what_belongs_to_a_place_is_waited_for(places, pool):
    from threading import Event

    from django.db import transaction

    holds, go_on = Event(), Event()

    def write(_nothing: object) -> None:
        with transaction.atomic():
            stay_as_drawn(places.dalong)
            holds.set()
            go_on.wait(30)
            resident(household(places.qishan, "1栋"))

    def merge(_nothing: object) -> None:
        holds.wait(30)
        go_on.set()
        boundaries.merge(places.qishan, into=places.longji, actor=None)

    at_once(pool, lambda do: do(None), [write, merge])

    assert Household.objects.get().place == places.longji
    assert no_orphans()
    assert Place.objects.get(pk=places.qishan.pk).closed_on == today()
    assert connection.vendor == "postgresql"
