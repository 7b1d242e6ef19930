"""What an app may offer to be counted."""

from datetime import date
from typing import Any

import pytest

from portal.figures.registry import FLOW, STOCK, Figure, figures, register

KEYS = ["grids", "building_groups", "households", "residents", "representatives", "mobilised", "elderly"]


def none(_place: Any, _first: date, _last: date) -> int:
    return 0


def test_the_apps_have_offered_their_figures() -> None:
    offered = [figure for figure in figures if figure.key.startswith("places.")]

    assert [figure.key for figure in offered] == [f"places.{key}" for key in KEYS]
    assert {figure.kind for figure in offered} == {STOCK}
    assert all(str(figure.label) and str(figure.unit) for figure in offered)


def test_a_key_is_taken_once() -> None:
    with pytest.raises(ValueError, match=r"places\.residents is registered twice"):
        register(Figure("places.residents", "Residents", "people", none))


@pytest.mark.parametrize(
    "key", ["residents", "Places.residents", "places.", "places.residents.old", "places-residents"]
)
def test_a_key_names_its_room(key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        Figure(key, "Residents", "people", none, FLOW)
