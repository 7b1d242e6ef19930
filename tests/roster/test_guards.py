"""What the database refuses of households and residents, whatever comes past the services."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from grid.roster.models import Estate, EstateGroup, Household, Resident
from portal.core.clock import today

from .people import LONG_AGO, household, resident

pytestmark = pytest.mark.django_db

Refused = Callable[[str], AbstractContextManager[None]]


@pytest.fixture
def refused_by() -> Refused:
    @contextmanager
    def refused(constraint: str) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            yield

    return refused


def test_the_same_flat_written_in_another_way_is_the_same_flat(places: Any, refused_by: Refused):
    household(places.qishan, "3栋", "502")

    with refused_by("household_once"):
        household(places.qishan, "３ 幢", "502室")


def test_households_stand_in_building_groups(places: Any, refused_by: Refused):
    with refused_by("household_in_building_group"):
        household(places.grid)


def test_no_household_stands_in_a_closed_place(places: Any, refused_by: Refused):
    home = household(places.qishan)

    with refused_by("household_in_open_place"):
        type(places.qishan).objects.filter(pk=places.qishan.pk).update(closed_on=today())
    type(places.qishan).objects.filter(pk=places.longji.pk).update(closed_on=today())
    with refused_by("household_in_open_place"):
        Household.objects.filter(pk=home.pk).update(place=places.longji)


def test_residents_come_along_when_their_household_stands_elsewhere(places: Any):
    home = household(places.qishan)
    somebody = resident(home)

    Household.objects.filter(pk=home.pk).update(place=places.fuyi)

    somebody.refresh_from_db()
    assert (somebody.place, somebody.community) == (places.fuyi, places.dalong)


def test_nobody_is_filed_elsewhere_than_their_household(places: Any, refused_by: Refused):
    somebody = resident(household(places.qishan))

    for change in ({"place": places.fuyi}, {"place": places.lingbian_group, "community": places.lingbian}):
        with refused_by("resident_where_household"):
            Resident.objects.filter(pk=somebody.pk).update(**change)
    with refused_by("resident_in_community"):
        Resident.objects.filter(pk=somebody.pk).update(community=None)


def test_an_id_number_is_on_the_roster_of_a_community_once_at_a_time(places: Any, refused_by: Refused):
    number = "449999195703081235"
    first = resident(household(places.qishan), id_number=number)
    resident(household(places.lingbian_group), id_number=number)

    with refused_by("resident_id_number_once"):
        resident(household(places.fuyi), id_number=number)
    Resident.objects.filter(pk=first.pk).update(until=today(), left_because="moved_out")
    resident(household(places.longji), id_number=number)


def test_a_household_has_one_representative_who_is_mobilised_and_here(places: Any, refused_by: Refused):
    home, day = household(places.qishan), date(2022, 1, 1)
    resident(home, represents_since=day)

    with refused_by("household_one_representative"):
        resident(home, "王芳", represents_since=day)
    with refused_by("resident_representative_is_mobilised"):
        resident(household(places.longji), represents_since=day, mobilised_since=None)
    with refused_by("resident_represents_while_here"):
        Resident.objects.filter(household=home).update(until=today(), left_because="deceased")


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": LONG_AGO.replace(year=2020), "left_because": "moved_out"},
        {"until": LONG_AGO.replace(year=2022)},
        {"left_because": "moved_out"},
    ],
)
def test_whoever_left_has_a_day_after_the_first_and_a_reason(wrong: dict, places: Any, refused_by: Refused):
    with refused_by("resident_left_why"):
        resident(household(places.qishan), **wrong)


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("household_area_positive", {"area_m2": 0}),
        ("household_occupancy_known", {"occupancy": "let"}),
        ("household_use_known", {"use": "temple"}),
        ("household_floor", {"floor": 999}),
    ],
)
def test_nonsense_about_a_flat(constraint: str, wrong: dict, places: Any, refused_by: Refused):
    with refused_by(constraint):
        household(places.qishan, **wrong)


def test_a_building_group_is_in_one_estate_of_its_own_community(places: Any, refused_by: Refused):
    estate = Estate.objects.create(place=places.dalong, name="岐山中路小区")
    other = Estate.objects.create(place=places.dalong, name="龙基花园")
    EstateGroup.objects.create(estate=estate, group=places.qishan)

    with refused_by("roster_estategroup_group_id"):
        EstateGroup.objects.create(estate=other, group=places.qishan)
    with refused_by("estate_group_of_community"):
        EstateGroup.objects.create(estate=estate, group=places.lingbian_group)
    with refused_by("estate_of_community"):
        Estate.objects.create(place=places.grid, name="网格")
