"""What counts of incidents, on which day, and which change of a record makes a day be counted anew."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import Incident, Rating
from grid.places.models import Place
from portal.core.clock import end_of, start_of, today
from portal.figures import reading
from portal.figures.models import DirtyDay
from portal.figures.registry import shown
from tests.factories import incident

pytestmark = pytest.mark.django_db
KEYS = {
    *("reported", "opened", "closed", "closed_in_time", "due_to_close", "overdue", "rework", "settled_on_the_spot"),
    *("handling_rate", "handling_in_time_rate", "closing_rate", "closing_in_time_rate", "rework_rate"),
    *("response_rate", "solving_rate", "satisfaction_rate", "overall_score"),
}
MAY = date(2024, 5, 1), date(2024, 5, 31)
NOON = timedelta(hours=12)


def read(place: Place, key: str, first: date = MAY[0], last: date = MAY[1]) -> reading.Value:
    return reading.read([place], [f"incidents.{key}"], first, last)[place.pk, f"incidents.{key}"]


def put(one: Incident, **fields: Any) -> Incident:
    Incident.objects.filter(pk=one.pk).update(**fields)
    return Incident.objects.get(pk=one.pk)


def at(day: int, month: int = 5) -> datetime:
    return start_of(date(2024, month, day)) + NOON


@pytest.fixture
def closed(places: Any, chen: Any, li: Any, wu: Any) -> Incident:
    """Reported on 6 May, closed on the 8th, due on the 10th; 吴 did it for 陈."""
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")
    times = {"reported_at": at(6), "opened_at": at(6), "finished_at": at(8), "closed_at": at(8), "due_at": at(10)}
    return put(made, **times)


def test_the_contract_has_its_keys() -> None:
    keys = {figure.key for figure in shown() if figure.key.startswith("incidents.")}
    assert keys == {f"incidents.{key}" for key in KEYS} | {"incidents.reporters"}


def test_a_deadline_of_24_00_falls_on_the_day_that_ends(closed: Incident, places: Any) -> None:
    put(closed, due_at=end_of(date(2024, 5, 31)))

    assert read(places.dalong, "due_to_close").value == 1
    assert read(places.dalong, "due_to_close", date(2024, 6, 1), date(2024, 6, 30)).value == 0


def test_each_step_counts_on_its_own_day(closed: Incident, places: Any) -> None:
    put(closed, closed_at=at(3, month=6))

    assert [read(places.dalong, key).value for key in ("reported", "opened", "closed", "due_to_close")] == [1, 1, 0, 1]
    assert read(places.dalong, "closed", date(2024, 6, 1), date(2024, 6, 30)).value == 1


@pytest.mark.parametrize(
    ("fields", "rate"),
    [
        ({}, (Decimal(100), Decimal(100))),
        ({"closed_at": at(11), "finished_at": at(9)}, (Decimal(0), Decimal(100))),
        ({"closed_at": at(11), "finished_at": at(11)}, (Decimal(0), Decimal(0))),
    ],
)
def test_in_time_is_not_later_than_the_deadline(
    fields: dict[str, Any], rate: tuple[Decimal, Decimal], closed: Incident, places: Any
) -> None:
    put(closed, **fields)

    told = read(places.dalong, "closing_in_time_rate"), read(places.dalong, "handling_in_time_rate")
    assert (told[0].value, told[1].value) == rate
    assert read(places.dalong, "closing_rate").value == read(places.dalong, "handling_rate").value == 100
    assert {value.n for value in told} == {1}


def test_over_nothing_there_is_no_rate(places: Any) -> None:
    for key in KEYS:
        if key.endswith(("_rate", "_score")):
            value = read(places.dalong, key)
            assert (value.value, value.n) == (None, 0), key


def test_void_and_merged_ones_count_nowhere(closed: Incident, places: Any, li: Any, chen: Any) -> None:
    first, second = (incident(place=places.qishan, reporter=chen.user, at=at(7)) for _time in range(2))
    assert read(places.dalong, "reported").value == 3

    services.merge([second], into=first, actor=li.user)
    assert read(places.dalong, "reported").value == 2
    services.separate(second, actor=li.user)
    services.void(second, actor=li.user, note="误报")

    assert read(places.dalong, "reported").value == 2


def test_the_parts_of_an_incident_count_with_it(places: Any, chen: Any, li: Any) -> None:
    whole = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.part(
        whole, actor=li.user, pieces=[services.Piece("搬走", whole.category, holder=li.user) for _party in range(2)]
    )

    assert read(places.dalong, "reported", today(), today()).value == 1


def test_what_is_suspended_or_declined_is_not_due(places: Any, chen: Any, li: Any) -> None:
    made = [incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened") for _time in range(2)]
    for one in made:
        put(one, due_at=at(10))
    services.suspend(made[0], actor=li.user, note="等配件", expected_on=today() + timedelta(days=3))
    declined = incident(place=places.qishan, reporter=chen.user)
    services.decline(declined, actor=li.user, note="不归我们")
    put(declined, due_at=at(10))

    assert read(places.dalong, "due_to_close").value == 1
    assert read(places.dalong, "overdue", today(), today()).value == 1
    assert read(places.dalong, "reported", today(), today()).value == 3


@pytest.mark.parametrize(
    ("day", "overdue"), [(date(2024, 5, 9), 0), (date(2024, 5, 10), 1), (date(2024, 5, 13), 1), (date(2024, 5, 14), 0)]
)
def test_overdue_is_what_was_open_past_its_deadline_when_the_day_ended(
    day: date, overdue: int, closed: Incident, places: Any
) -> None:
    put(closed, closed_at=at(14))

    assert read(places.dalong, "overdue", day, day).value == overdue
    behind = reading.records("incidents.overdue", places.dalong, day, day)
    assert behind is not None
    assert behind.count() == overdue


def test_at_24_00_nothing_is_overdue_yet(closed: Incident, places: Any) -> None:
    put(closed, due_at=end_of(date(2024, 5, 10)), closed_at=at(14))

    assert read(places.dalong, "overdue", date(2024, 5, 10), date(2024, 5, 10)).value == 0
    assert read(places.dalong, "overdue", date(2024, 5, 11), date(2024, 5, 11)).value == 1


# What people say


def rated(one: Incident, satisfaction: str, *, solved: bool, contacted: bool = True) -> Rating:
    said = {"satisfaction": satisfaction, "is_solved": solved, "was_contacted": contacted}
    return Rating.objects.create(incident=one, counts_for=one, channel="self", rated_at=at(9), **said)


def test_the_rates_of_valid_call_backs_and_the_score(
    closed: Incident, places: Any, chen: Any, li: Any, wu: Any
) -> None:
    others = [
        incident(place=places.longji, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")
        for _time in range(2)
    ]
    rated(closed, "satisfied", solved=True)
    rated(others[0], "fairly", solved=True, contacted=False)
    rated(others[1], "dissatisfied", solved=False)

    told = {key: read(places.dalong, f"{key}_rate") for key in ("response", "solving", "satisfaction")}
    assert {key: (value.value, value.n) for key, value in told.items()} == {
        "response": (Decimal("66.67"), 3),
        "solving": (Decimal("66.67"), 3),
        "satisfaction": (Decimal("63.33"), 3),
    }
    assert told["satisfaction"].numerator == Decimal("1.9")
    assert read(places.dalong, "overall_score").value == Decimal("65.33")
    assert read(places.qishan, "satisfaction_rate").value == 100
    assert read(places.fuyi, "satisfaction_rate").value is None


def test_what_was_said_before_a_reopening_counts_no_more(closed: Incident, places: Any) -> None:
    before = rated(closed, "dissatisfied", solved=False)
    Rating.objects.filter(pk=before.pk).update(counts_for=None)

    assert read(places.dalong, "solving_rate").n == 0


# Which days are counted anew


@pytest.fixture
def marked() -> Any:
    def days() -> set[tuple[str, date]]:
        found = set(DirtyDay.objects.filter(of_periods=False).values_list("source", "first"))
        DirtyDay.objects.all().delete()
        return found

    return days


def test_steps_of_today_mark_no_day(places: Any, chen: Any, li: Any, wu: Any, marked: Any) -> None:
    marked()
    incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")

    assert marked() == set()


def test_only_a_step_that_counts_marks_the_days_gone_by(places: Any, chen: Any, li: Any, marked: Any) -> None:
    made = incident(place=places.qishan, reporter=chen.user, at=at(6))
    due = (Incident.objects.get(pk=made.pk).due_at - timedelta(microseconds=1)).astimezone(at(6).tzinfo).date()
    assert marked() == {("incidents", date(2024, 5, 6)), ("incidents", due)}

    services.open_case(made, actor=li.user, at=at(7))
    assert marked() == {("incidents", date(2024, 5, 7))}
    services.dispatch(made, actor=li.user, holder=li.user)
    services.take(made, actor=li.user)
    assert marked() == set(), "no figure asks who holds it"
    services.finish(made, actor=li.user, outcome="清了")
    assert marked() == {("incidents", due)}, "handled, of those due that day"


def test_what_is_void_later_marks_all_its_days_and_those_of_its_ratings(
    closed: Incident, places: Any, marked: Any
) -> None:
    rated(closed, "satisfied", solved=True)
    marked()
    put(closed, state="void", closed_at=None, resolution="")

    days = {("incidents", date(2024, 5, day)) for day in (6, 8, 10)}
    assert marked() == {*days, ("ratings", date(2024, 5, 9))}


def test_a_rating_marks_its_day_and_a_corrected_one_both_days(closed: Incident, marked: Any) -> None:
    marked()
    said = rated(closed, "satisfied", solved=True)
    assert marked() == {("ratings", date(2024, 5, 9))}

    Rating.objects.filter(pk=said.pk).update(rated_at=at(12))
    assert marked() == {("ratings", date(2024, 5, 9)), ("ratings", date(2024, 5, 12))}
    Rating.objects.filter(pk=said.pk).update(comment="谢谢")
    assert marked() == set()


def test_a_record_of_another_place_marks_its_days(closed: Incident, places: Any, marked: Any) -> None:
    marked()
    put(closed, place=places.fuyi)

    assert marked() == {("incidents", date(2024, 5, day)) for day in (6, 8, 10)}


def test_the_future_is_not_marked(closed: Incident, marked: Any) -> None:
    marked()
    put(closed, due_at=timezone.now() + timedelta(days=3))

    assert marked() == {("incidents", date(2024, 5, 8)), ("incidents", date(2024, 5, 10))}
