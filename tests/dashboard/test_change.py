"""How a reading differs from the period before it, in numbers as they are read."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from portal.dashboard.showing import read_as
from portal.figures.reading import Value
from portal.figures.registry import figures


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        ("66.25", "66.00", "0.3 points more"),  # 66.3 beside 66.0
        ("66.24", "66.15", "unchanged"),  # 66.2 beside 66.2
        ("50.00", "50.05", "0.1 points less"),  # 50.0 beside 50.1
    ],
)
def test_two_rates_differ_by_what_the_reader_sees_between_them(now: str, before: str, words: str) -> None:
    values = (Value(Decimal(one), 40, 20) for one in (now, before))
    reading = read_as(figures.items["incidents.closing_rate"], *values, shown=None, url="")

    with override("en"):
        assert reading.change is not None
        assert reading.change.words == words


@pytest.mark.parametrize(
    ("now", "before", "words"), [("93.4", "98.4", "down 5.0 points"), ("98.4", "93.4", "up 5.0 points")]
)
def test_a_score_differs_by_points_and_not_by_percentage_points(now: str, before: str, words: str) -> None:
    values = (Value(Decimal(one), 40, 20) for one in (now, before))
    reading = read_as(figures.items["incidents.overall_score"], *values, shown=None, url="")

    with override("en"):
        assert reading.change is not None
        assert reading.change.words == words
