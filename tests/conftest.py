"""The engines of the suite; the cast enters in `tests/cast.py`."""

import gc
import os
import re
import shutil
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as examples

from portal import embedded
from portal.processes import alive

from . import database, order
from .snapshot import Snapshot

pytest_plugins = ["tests.cast"]

examples.register_profile("calm", deadline=None)  # a busy machine is no mistake of the code
examples.load_profile("calm")


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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin first, at every worker; alone, tests run as they stand."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = order.arranged(items, workers)


def pytest_collection_finish() -> None:
    """What has been loaded stays until the end: nothing is gained by looking through it again for garbage."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests of this process stored."""
    from django.conf import settings

    if settings.configured:
        shutil.rmtree(settings.STATE_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """In place of pytest-django's own: nothing is migrated that has been migrated before."""
    with django_db_blocker.unblock():
        usual = database.create()
    yield
    with django_db_blocker.unblock():
        database.drop(usual)


@pytest.fixture(scope="session", autouse=True)
def chance_has_no_part() -> Iterator[None]:
    """Nothing that is settled on the spot is drawn to be looked at, unless a test says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grid.incidents.services.reporting.is_drawn", lambda number, percent: False)
        yield


@pytest.fixture(scope="session", autouse=True)
def the_database_is_put_back() -> Iterator[None]:
    """After a test with transactions of its own the database is as it was made, the append-only tables with it.

    Django would empty every table and make its types and permissions anew, which takes longer than most such tests.
    """
    as_made: list[Snapshot] = []

    def remember(_test: type[TransactionTestCase]) -> None:
        if not as_made:
            as_made.append(Snapshot.take())

    def put_back(_test: TransactionTestCase) -> None:
        as_made[0].put_back(keys=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(remember))
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
        yield


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """A test that reads the portal in English leaves nothing of it to the next one."""
    yield
    translation.deactivate()
