"""Six figures of incidents that serve to watch the engine, whatever the apps offer; and incidents written at once."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db.models import Count, Q

from grid.incidents.models import Category, Incident, Severity, holding
from grid.places.models import Place, PlaceSpan
from portal.core.clock import SHANGHAI, start_of, today
from portal.figures.models import Count as Kept
from portal.figures.reading import read
from portal.figures.registry import Distinct, Flow, Ratio, Score, Source, Stock, figures, register

Written = Callable[..., list[Incident]]
source = Source("incidents", lambda: Incident.objects.exclude(state="void"))


def groups_on(day: date) -> Any:
    standing = PlaceSpan.objects.filter(Q(until=None) | Q(until__gt=day), since__lte=day, place__level=3)
    return standing.values("place_id").annotate(value=Count("pk")).values_list("place_id", "value")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only these are counted."""
    monkeypatch.setattr(figures, "items", {})
    serious = Q(severity=Severity.SERIOUS)
    register(
        Flow(key="t.reported", label="Reported", unit="incidents", words="words", source=source),
        Flow(key="t.opened", label="Opened", unit="incidents", words="words", source=source, moment="opened_at"),
        Flow(
            key="t.serious",
            label="Serious",
            unit="incidents",
            words="words",
            source=source,
            where=serious,
            is_part=True,
        ),
        Distinct(
            key="t.reporters", label="Reporters", unit="people", words="words", source=source, moment="reported_at"
        ),
        Stock(
            key="t.groups",
            label="Groups",
            unit="groups",
            words="words",
            by_place=groups_on,
            count=lambda _place, _day: 0,
        ),
        Ratio(
            key="t.rate",
            label="Rate",
            words="words",
            of=((1, "t.serious"), (Decimal("0.5"), "t.opened")),
            over="t.reported",
        ),
        Score(key="t.score", label="Score", words="words", of=((Decimal("0.4"), "t.rate"), (Decimal("0.6"), "t.rate"))),
    )


@pytest.fixture
def written(engine: None, chen: Any) -> Written:
    """So many incidents of a place and a day, in one statement; noon unless a moment is named."""
    category = Category.objects.get(code="clutter")

    def write(place: Place, when: date | datetime, number: int = 1, **fields: Any) -> list[Incident]:
        at = when if isinstance(when, datetime) else start_of(when) + timedelta(hours=12)
        common = {
            "place": place,
            "community_id": place.community_id,
            "category": category,
            "rule": holding(category, place),
            "reporter": chen.user,
            "owner": chen.user,
            "reported_at": at,
            "accept_due_at": at,
            "due_at": at,
        }
        return Incident.objects.bulk_create(Incident(**{**common, **fields}) for _row in range(number))

    return write


@pytest.fixture
def in_january() -> Iterator[None]:
    """A year has ended lately: so few months are soon counted."""
    with time_machine.travel(datetime(2024, 1, 20, 9, tzinfo=SHANGHAI), tick=False):
        yield


def stored(key: str = "reported", period: str = "D") -> dict[tuple[str, date], int]:
    """What the roll-up has written of a figure, by place and day."""
    rows = Kept.objects.filter(figure__key=f"t.{key}", period=period)
    return {(name, day): value for name, day, value in rows.values_list("place__name", "day", "value")}


def told(place: Place, key: str, first: date, last: date | None = None) -> Any:
    """What a figure comes to, as people read it."""
    return read([place], [f"t.{key}"], first, last or first)[place.pk, f"t.{key}"].value


def days_ago(number: int) -> date:
    return today() - timedelta(days=number)
