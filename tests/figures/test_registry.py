"""What an app may offer to be counted."""

from collections.abc import Callable
from typing import Any

import pytest

from grid.places.models import Place
from portal.figures import registry
from portal.figures.registry import AnyFigure, Flow, Kind, Ratio, Score, Source, Stock, figures, register, shown

KEYS = ["grids", "building_groups", "households", "residents", "representatives", "mobilised", "elderly"]
source = Source("something", Place.objects.all)


def none(*_arguments: Any) -> Any:
    return 0


def test_the_apps_have_offered_their_figures() -> None:
    offered = [figure for figure in figures if figure.key.startswith("places.")]

    assert [figure.key for figure in offered] == [f"places.{key}" for key in KEYS]
    assert {figure.kind for figure in offered} == {Kind.STOCK}


def test_every_figure_says_what_it_is_and_how_it_comes_about() -> None:
    assert [one.key for one in shown() if not (str(one.label) and str(one.unit) and str(one.words))] == []


def test_what_a_figure_is_worked_out_of_is_there_and_is_counted() -> None:
    for figure in figures:
        parts = [registry.by_key(key) for key in figure.parts]
        wanted = {Kind.RATIO} if figure.kind is Kind.SCORE else {Kind.FLOW, Kind.STOCK, Kind.DISTINCT}
        assert {part.kind for part in parts} <= wanted, figure.key


def test_a_key_is_taken_once() -> None:
    with pytest.raises(ValueError, match=r"places\.residents is registered twice"):
        register(
            Stock(key="places.residents", label="Residents", unit="people", words="words", by_place=none, count=none)
        )


@pytest.mark.parametrize(
    "made",
    [
        lambda key: Flow(key=key, label="Residents", unit="people", words="words", source=source),
        lambda key: Ratio(
            key=key, label="Residents", words="words", of=((1, "places.residents"),), over="places.residents"
        ),
        lambda key: Score(key=key, label="Residents", words="words", of=()),
    ],
)
@pytest.mark.parametrize(
    "key", ["residents", "Places.residents", "places.", "places.residents.old", "places-residents"]
)
def test_a_key_names_its_room(key: str, made: Callable[[str], AnyFigure]) -> None:
    with pytest.raises(ValueError, match="no key"):
        made(key)


def test_a_source_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Source("something", Place.objects.all)
    monkeypatch.setattr(figures, "items", {})
    register(
        Flow(key="a.b", label="", unit="", words="", source=source),
        Flow(key="a.c", label="", unit="", words="", source=other),
    )

    with pytest.raises(ValueError, match="two sources are called something"):
        registry.sources()


def test_a_ratio_is_in_per_cent_and_names_what_it_is_made_of() -> None:
    ratio = Ratio(key="a.b", label="", words="", of=((1, "a.c"), (2, "a.d")), over="a.e")

    assert ratio.unit == "%"
    assert ratio.parts == ("a.c", "a.d", "a.e")
