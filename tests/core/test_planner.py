"""What the planner is told of: our own tables, and none that all databases of the server share."""

import pytest
from django.db import connection

from portal.core import planner

pytestmark = pytest.mark.django_db

ROWS = "SELECT reltuples FROM pg_class WHERE oid = 'places_place'::regclass"
SHARED = """
    SELECT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.mode = 'ShareUpdateExclusiveLock' AND c.relisshared
"""


def found(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [value for (value,) in cursor.fetchall()]


def test_it_knows_how_many_rows_there_are(places):
    planner.count_rows()

    assert found(ROWS) == found("SELECT count(*) FROM places_place")


def test_what_all_databases_share_is_left_to_the_others():
    planner.count_rows()

    assert found(SHARED) == []


def test_counting_leaves_the_time_that_a_question_may_take_as_it_was():
    before = found("SHOW statement_timeout")
    planner.count_rows()
    assert found("SHOW statement_timeout") == before != ["0"]

    planner.be_patient()
    planner.count_rows()
    assert found("SHOW statement_timeout") == ["0"]
