"""Guards that only the database can keep: what Python forgets, raw SQL cannot get past."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from grid.incidents.models import Incident
from grid.places.models import Placed
from grid.roster.models import Resident
from portal.core.models import AuditEntry, AuditSeal
from tests.factories import incident

pytestmark = pytest.mark.django_db

ALL_PLACED = [model for model in apps.get_models() if issubclass(model, Placed)]
# They stand where a record of theirs stands, and one key over both says so.
FOLLOWING = {
    Resident: "FOREIGN KEY (household_id, place_id, community_id) "
    "REFERENCES roster_household(id, place_id, community_id) ON UPDATE CASCADE"
}
PLACED = [model for model in ALL_PLACED if model not in FOLLOWING]
APPEND_ONLY = [AuditEntry, AuditSeal]


def sql(statement: str, *parameters: object) -> list[tuple]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def triggers(table: str) -> set[tuple[str, str]]:
    """(function, when) of a table's own triggers that are on, as the server words them."""
    rows = sql(
        """
        SELECT p.proname, substring(pg_get_triggerdef(t.oid) FROM '(BEFORE .*) ON ')
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
        """,
        table,
    )
    return set(rows)


def foreign_keys(table: str) -> set[str]:
    rows = sql(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", table
    )
    return {definition for (definition,) in rows}


def test_there_are_records_that_belong_to_places():
    assert Incident in PLACED


@pytest.mark.parametrize("model", PLACED, ids=lambda model: model._meta.label)
def test_every_table_of_placed_records_fills_its_community(model):
    assert ("placed_fill_community", "BEFORE INSERT OR UPDATE OF place_id, community_id") in triggers(
        model._meta.db_table
    )


@pytest.mark.parametrize("model", PLACED, ids=lambda model: model._meta.label)
def test_every_table_of_placed_records_refuses_a_community_that_is_not_its_places(model):
    expected = "FOREIGN KEY (place_id, community_id) REFERENCES places_place(id, community_id)"

    assert expected in foreign_keys(model._meta.db_table)


@pytest.mark.parametrize("model", FOLLOWING, ids=lambda model: model._meta.label)
def test_a_table_of_records_that_follow_others_is_held_to_them(model):
    assert FOLLOWING[model] in foreign_keys(model._meta.db_table)


@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model._meta.label)
def test_every_append_only_table_refuses_changes_of_rows_and_of_all_at_once(model):
    found = triggers(model._meta.db_table)

    assert {when for function, when in found if function == "refuse_change"} == {
        "BEFORE DELETE OR UPDATE",
        "BEFORE TRUNCATE",
    }


@pytest.fixture
def clutter(wu, places) -> Incident:
    return incident(place=places.qishan, reporter=wu.user)


def community_of(record: Incident) -> int | None:
    return Incident.objects.values_list("community", flat=True).get(pk=record.pk)


def test_raw_sql_that_leaves_the_community_empty_gets_it_filled(clutter, places):
    sql("UPDATE incidents_incident SET community_id = NULL WHERE id = %s", clutter.pk)

    assert community_of(clutter) == places.dalong.pk


def test_raw_sql_that_moves_a_record_and_empties_its_community_gets_the_new_one(clutter, places):
    sql(
        "UPDATE incidents_incident SET place_id = %s, community_id = NULL WHERE id = %s",
        places.lingbian_group.pk,
        clutter.pk,
    )

    assert community_of(clutter) == places.lingbian.pk


def test_raw_sql_with_another_community_is_refused(clutter, places):
    with pytest.raises(IntegrityError, match="incidents_incident_place_community"):
        sql("UPDATE incidents_incident SET community_id = %s WHERE id = %s", places.lingbian.pk, clutter.pk)


def test_raw_sql_that_moves_a_record_into_another_community_and_keeps_the_old_one_is_refused(clutter, places):
    with pytest.raises(IntegrityError, match="incidents_incident_place_community"):
        sql("UPDATE incidents_incident SET place_id = %s WHERE id = %s", places.lingbian_group.pk, clutter.pk)


def test_raw_sql_that_gives_a_record_of_the_street_a_community_is_refused(clutter, places):
    with pytest.raises(IntegrityError, match="incidents_incident_place_community"):
        sql("UPDATE incidents_incident SET place_id = %s WHERE id = %s", places.street.pk, clutter.pk)


def test_a_record_of_the_street_has_no_community(clutter, places):
    sql("UPDATE incidents_incident SET place_id = %s, community_id = NULL WHERE id = %s", places.street.pk, clutter.pk)

    assert community_of(clutter) is None


def test_a_copied_row_without_a_community_gets_it_filled(clutter, places):
    columns = [f.column for f in Incident._meta.concrete_fields if f.column not in ("id", "community_id")]
    names = ", ".join(columns)
    ((copy,),) = sql(
        f"INSERT INTO incidents_incident ({names}) SELECT {names} FROM incidents_incident WHERE id = %s RETURNING id",
        clutter.pk,
    )

    assert Incident.objects.get(pk=copy).community == places.dalong


def test_a_place_does_not_leave_its_community_behind_its_records(clutter, places):
    with pytest.raises(IntegrityError):
        sql(
            "UPDATE places_place SET parent_id = %s, community_id = %s WHERE id = %s",
            places.lingbian_grid.pk,
            places.lingbian.pk,
            places.qishan.pk,
        )
