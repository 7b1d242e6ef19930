from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from grid.incidents.models import Incident
from grid.places.models import Place
from portal.core.clock import SHANGHAI
from portal.dashboard.board import Board, Table
from tests import factories
from tests.cast import Person

NOW = datetime(2023, 5, 20, 10, tzinfo=SHANGHAI)
Report = Callable[..., list[Incident]]


@pytest.fixture
def in_english(request: pytest.FixtureRequest) -> None:
    """Everybody of the cast who plays in this test reads English."""
    for name in ("he", "zhang", "li", "wu", "chen", "lin", "zhou"):
        if name in request.fixturenames:
            user = request.getfixturevalue(name).user
            user.language = "en"
            user.save()


def board_url(place: Place, name: str = "board", **query: Any) -> str:
    return reverse(f"dashboard:{name}", args=[place.pk], query=query or None)


def figure_url(place: Place, key: str, **query: Any) -> str:
    return reverse("dashboard:figure", args=[place.pk, key], query=query or None)


@pytest.fixture
def in_may() -> Iterator[None]:
    """The day on which boards are looked at."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def report(chen: Person, places: Any) -> Report:
    """So many incidents at a place, reported at a moment."""

    def make(number: int = 1, *, place: Place | None = None, at: datetime = NOW, **fields: Any) -> list[Incident]:
        place = place or places.qishan
        return [factories.incident(place=place, reporter=chen.user, at=at, **fields) for _each in range(number)]

    return make


def closed(incidents: list[Incident], *, due: datetime, closed_at: datetime | None = None) -> None:
    """Make these due at a moment, and closed at another; None leaves them open."""
    for one in incidents:
        fields = {"state": "closed", "closed_at": closed_at, "resolution": "solved", "verified_by": one.reporter}
        Incident.objects.filter(pk=one.pk).update(due_at=due, **(fields if closed_at else {}))


def look(client_of: Any, person: Person, place: Place, **query: Any) -> Board:
    response = client_of(person).get(board_url(place, **query))
    assert response.status_code == 200, response.content[:500]
    found: Board = response.context["look"]
    return found


def column(table: Table, key: str) -> list[tuple[str, str]]:
    return [(row.place.name, row.of(key).text) for row in table.rows]
