"""Races are settled by the database. One burst proves nothing: many rounds on real connections do."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db.models import F

from grid.places import first_run, services
from grid.places.models import Appointment, Place, Role
from portal.accounts.first_run import setup_code
from portal.accounts.models import User
from portal.core.refusals import Refused
from tests.cast import make_user

CONNECTIONS = 8
ROUNDS = 100


def at_once(pool: ThreadPoolExecutor, do, arguments: list) -> list:
    """Do it with each argument at the same moment, each on a connection of its own."""
    start = Barrier(len(arguments))

    def one(argument):
        start.wait()
        return do(argument)

    return list(pool.map(one, arguments))


@pytest.fixture
def pool():
    pool = ThreadPoolExecutor(CONNECTIONS)
    yield pool
    list(pool.map(lambda start: (start.wait(), connection.close()), [Barrier(CONNECTIONS)] * CONNECTIONS))
    pool.shutdown()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_who_are_made_head_of_one_building_group_at_once_one_is(places, pool):
    people = [make_user(f"leader{number}", f"候选{number}") for number in range(CONNECTIONS)]

    def appoint(user: User) -> bool:
        try:
            services.appoint(user, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)
        except Refused:
            return False
        return True

    for _round in range(ROUNDS):
        assert sum(at_once(pool, appoint, people)) == 1
        Appointment.objects.filter(place=places.fuyi).update(until=F("since"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_database_lets_no_second_head_in_whatever_comes_past_the_service(places, pool):
    people = [make_user(f"leader{number}", f"候选{number}") for number in range(CONNECTIONS)]

    def write(user: User) -> bool:
        try:
            Appointment.objects.create(user=user, role=Role.BUILDING_LEADER, place=places.fuyi)
        except (IntegrityError, OperationalError):  # two may wait for each other: then the database ends one of them
            return False
        return True

    for _round in range(ROUNDS // 5):
        assert sum(at_once(pool, write, people)) <= 1
        assert Appointment.objects.current().filter(place=places.fuyi).count() <= 1
        Appointment.objects.filter(place=places.fuyi).update(until=F("since"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_who_open_the_portal_at_once_one_does(transactional_db, pool):
    def open_portal(number: int) -> bool:
        try:
            first_run.open_portal(
                setup_code=setup_code(), district_name="番禺区", district_code="440113", street_name="石碁镇",
                street_code="440113106", community_name="大龙社区", community_code="440113106001", name="何志明",
                username=f"admin{number}", password="kuai-2468-lehuo",
            )  # fmt: skip
        except first_run.AlreadyOpen:
            return False
        return True

    won = at_once(pool, open_portal, list(range(CONNECTIONS)))

    assert sum(won) == 1
    assert User.objects.count() == 1
    assert Place.objects.count() == 3
