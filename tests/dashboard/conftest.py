from typing import Any

import pytest
from django.urls import reverse

from grid.places.models import Place


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
