from datetime import date
from typing import Any

import pytest

from grid.roster.importing import job
from grid.roster.importing.findings import Findings
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
