from datetime import date
from typing import Any

import pytest
from celery import Task

from grid.roster.importing import job
from grid.roster.importing.findings import Findings
from grid.roster.models import RosterImport
from grid.roster.services import imports
from portal.core import outbox
from tests.roster.people import household, resident
from tests.roster.rows import ID, file


@pytest.fixture
def home(places):
    return household(places.qishan, building="3栋", room="502")


@pytest.fixture
def jiasheng(home):
    """陈家生 of 3栋502, whose ID number is known."""
    return resident(home, "陈家生", id_number=ID, birth=date(1957, 3, 8), sex="male")


@pytest.fixture
def examine(places):
    """What a file with these rows would change."""

    def examined(*people: dict[str, Any], **columns: int | None) -> Findings:
        return job.examine(job.Source(places.dalong, "花名册.xlsx", file(*people), columns=columns), lambda *_: None)

    return examined


@pytest.fixture
def bring_in(places, li):
    """Apply a file with these rows, for 李."""

    def brought_in(*people: dict[str, Any], create_places: bool = False, remove: Any = "none") -> Findings:
        source = job.Source(places.dalong, "花名册.xlsx", file(*people))
        agreement = job.Agreement(li.user, create_places, remove)
        return job.bring_in(source, agreement, lambda *_: None, roster_import=1, record=lambda *_: None)

    return brought_in


@pytest.fixture
def upload(places, li):
    """李 uploads a file with these rows."""

    def uploaded(*people: dict[str, Any], content: bytes = b"", name: str = "花名册.xlsx") -> RosterImport:
        return imports.upload(places.dalong, actor=li.user, name=name, content=content or file(*people))

    return uploaded


@pytest.fixture
def checked(upload):
    """A file with these rows, waiting for consent."""

    def made(*people: dict[str, Any], **arguments: Any) -> RosterImport:
        roster_import = upload(*people, **arguments)
        imports.check(roster_import.pk)
        roster_import.refresh_from_db()
        return roster_import

    return made


@pytest.fixture
def agree(li):
    def agreed(roster_import: RosterImport, **arguments: Any) -> RosterImport:
        arguments = {"fingerprint": roster_import.fingerprint, **arguments}
        return imports.agree(roster_import, actor=li.user, **arguments)

    return agreed


@pytest.fixture
def worker(monkeypatch):
    """A worker that carries out at once whatever it is handed."""

    def at_once(task: Task, arguments: tuple = (), named: dict | None = None, **_options: Any) -> None:
        task.apply(arguments, named, throw=True)

    monkeypatch.setattr(Task, "apply_async", at_once)
    return outbox.drain
