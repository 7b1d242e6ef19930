"""What must not be is refused by the database itself, whatever the code above it forgets."""

from datetime import date

import pytest
from django.db import connection

from grid.incidents.models import Incident
from grid.places.models import Appointment, Department, Level, Place, PlaceSpan, Role
from tests import factories
from tests.cast import SINCE, make_user


def sql(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def make_appointment(**fields: object) -> Appointment:
    return Appointment.objects.create(**{"user": make_user("new", "新人"), "since": SINCE, **fields})


# Places


def test_no_grid_under_a_building_group(places, refused_by):
    with refused_by("place_levels_nest"):
        Place.objects.create(level=Level.GRID, code="440113106001009", name="网格", parent=places.qishan)


def test_no_building_group_right_under_a_community(places, refused_by):
    with refused_by("place_levels_nest"):
        sql("UPDATE places_place SET parent_id = %s WHERE id = %s", places.dalong.pk, places.qishan.pk)


def test_no_loop(places, refused_by):
    with refused_by("place_levels_nest"):
        sql("UPDATE places_place SET parent_id = %s WHERE id = %s", places.qishan.pk, places.grid.pk)
    with refused_by("place_levels_nest"):
        sql("UPDATE places_place SET parent_id = id WHERE id = %s", places.grid.pk)


def test_no_place_without_a_parent_but_a_district(places, refused_by):
    with refused_by("place_has_parent"):
        Place.objects.create(level=Level.STREET, code="440113107", name="无主镇")


def test_a_place_keeps_its_level_while_something_lies_below(places, refused_by):
    with refused_by("place_levels_nest"):
        sql("UPDATE places_place SET level = 2, code = '440113106009009' WHERE id = %s", places.dalong.pk)


@pytest.mark.parametrize("code", ["4401131060010011", "44011310600100100", "44011310600100x"])
def test_a_division_code_has_as_many_digits_as_its_level(code, places, refused_by):
    with refused_by("place_code_fits_level"):
        Place.objects.create(level=Level.GRID, code=code, name="网格", parent=places.dalong)


def test_the_community_of_a_place_is_filled_in_from_its_parent(places):
    assert places.dalong.community_id == places.dalong.pk
    assert places.fuyi.community_id == places.dalong.pk
    assert places.street.community_id is None


def test_a_subtree_stays_in_one_community(places, refused_by):
    with refused_by("place_stays_in_community"):
        sql("UPDATE places_place SET community_id = %s WHERE id = %s", places.lingbian.pk, places.fuyi.pk)


def test_a_place_stands_under_one_parent_at_a_time(places, refused_by):
    with refused_by("place_span_one_parent"):
        PlaceSpan.objects.create(place=places.qishan, parent=places.second_grid, since=date(2024, 1, 1))


def test_only_streets_have_departments(places, refused_by):
    with refused_by("department_of_street"):
        Department.objects.create(street=places.dalong, name="城管办")


# Records


def test_a_records_community_is_filled_in(places, chen):
    incident = factories.incident(place=places.qishan, reporter=chen.user)

    sql("UPDATE incidents_incident SET community_id = NULL WHERE id = %s", incident.pk)

    assert Incident.objects.get(pk=incident.pk).community_id == places.dalong.pk


def test_a_record_cannot_say_it_lies_in_another_community(places, chen, refused_by):
    incident = factories.incident(place=places.qishan, reporter=chen.user)

    with refused_by("incidents_incident_place_community"):
        sql("UPDATE incidents_incident SET community_id = %s WHERE id = %s", places.lingbian.pk, incident.pk)
    with refused_by("incidents_incident_place_community"):
        sql("UPDATE incidents_incident SET place_id = %s WHERE id = %s", places.lingbian_group.pk, incident.pk)


# Appointments


def test_no_two_heads_of_one_building_group_at_a_time(places, chen, refused_by):
    with refused_by("appointment_one_head"):
        make_appointment(role=Role.BUILDING_LEADER, place=places.qishan, since=date(2030, 1, 1))


def test_one_head_after_the_other(places, chen):
    Appointment.objects.filter(user=chen.user).update(until=date(2024, 1, 1))

    make_appointment(role=Role.BUILDING_LEADER, place=places.qishan, since=date(2024, 1, 1))

    assert Appointment.objects.current().get(place=places.qishan).user.name == "新人"


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.GRID_LEADER, Role.DEPARTMENT_OFFICER)])
def test_a_post_fits_the_level_of_its_place(role, places, refused_by):
    with refused_by("appointment_role_fits_level"):
        make_appointment(role=role, place=places.grid)


def test_the_level_cannot_be_left_out_to_get_around_that(places, li, refused_by):
    with refused_by("appointment_role_fits_level"):
        sql("UPDATE places_appointment SET place_level = NULL, place_id = %s", places.qishan.pk)


def test_the_level_is_the_places_own(places, li, refused_by):
    with refused_by("appointment_place_level"):
        sql("UPDATE places_appointment SET place_id = %s", places.qishan.pk)


def test_officers_sit_in_departments_and_nobody_else_does(places, urban, refused_by):
    with refused_by("appointment_role_fits_level"):
        make_appointment(role=Role.DEPARTMENT_OFFICER, place=places.street)
    with refused_by("appointment_somewhere"):
        make_appointment(role=Role.STAFF, place=places.dalong, department=urban)


def test_nothing_ends_before_it_begins(places, refused_by):
    with refused_by("appointment_dates"):
        make_appointment(role=Role.STAFF, place=places.dalong, until=date(2020, 1, 1))


def test_nobody_holds_the_same_post_twice(places, li, lin, refused_by):
    with refused_by("appointment_not_twice"):
        make_appointment(user=li.user, role=Role.STAFF, place=places.dalong, since=date(2025, 1, 1))
    with refused_by("appointment_not_twice"):
        make_appointment(user=lin.user, role=Role.DEPARTMENT_OFFICER, department=lin.department)


def test_a_stand_in_holds_the_post_they_stand_in_for(places, chen, huang, post_of, refused_by):
    with refused_by("stand_in_same_post"):
        make_appointment(role=Role.BUILDING_LEADER, place=places.fuyi, stands_in_for=post_of(chen))


def test_a_stand_in_sits_in_the_department_they_stand_in_at(places, lin, post_of, refused_by):
    other = Department.objects.create(street=places.street, name="公共服务办")

    with refused_by("stand_in_same_department"):
        make_appointment(role=Role.DEPARTMENT_OFFICER, department=other, stands_in_for=post_of(lin))


def test_nobody_is_their_own_stand_in(places, chen, refused_by):
    with refused_by("appointment_not_own_stand_in"):
        sql("UPDATE places_appointment SET stands_in_for_id = id")
