"""The engines of the suite; the cast enters in `tests/cast.py`."""

import re
import shutil
from collections.abc import Iterator

import psycopg
import pytest

from portal import embedded
from portal.processes import alive

pytest_plugins = ["tests.cast"]


def pytest_configure(config: pytest.Config) -> None:
    """Hold the engines open from the first test of this process to its last."""
    if not config.option.collectonly:
        try:
            embedded.ensure_started("test")
        except embedded.EngineError as error:
            pytest.exit(str(error), returncode=3)
        if embedded.is_embedded()[0] and not hasattr(config, "workerinput"):
            _drop_databases_of_killed_runs()


def _drop_databases_of_killed_runs() -> None:
    address = embedded.database_settings("test")
    with psycopg.connect(dbname="postgres", user=address["USER"], host=address["HOST"], autocommit=True) as connection:
        for (name,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test_portal%'"
        ).fetchall():
            run = re.fullmatch(r"test_portal_(\d+)(_gw\d+)?", name)
            if run and not alive(int(run[1])):
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests of this process stored."""
    from django.conf import settings

    if settings.configured:
        shutil.rmtree(settings.STATE_DIR, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def chance_has_no_part() -> Iterator[None]:
    """Nothing that is settled on the spot is drawn to be looked at, unless a test says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grid.incidents.services.reporting.is_drawn", lambda number, percent: False)
        yield


@pytest.fixture(scope="session", autouse=True)
def flush_empties_append_only_tables() -> Iterator[None]:
    """Between tests with transactions of their own every table is emptied; only here may that touch the audit trail."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush
    tables = ("core_auditentry", "core_auditseal", "incidents_categoryrule")
    off = [f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate" for table in tables]
    on = [f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate" for table in tables]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", lambda self, sql: flush(self, [*off, *sql, *on]))
        yield
