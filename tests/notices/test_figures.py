"""What is counted of notices: live, rolled up, and again when something is read late."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from grid.notices import services
from grid.notices.models import Notice
from grid.places.models import Place
from portal.core.clock import day_of, today
from portal.figures import rollup
from portal.figures.reading import read

from .letters import door, flats, sent

pytestmark = pytest.mark.django_db
KEYS = ("sent", "receipts", "read", "acknowledged", "households", "households_told")
RATES = ("reading_rate", "acknowledged_rate", "awareness_rate")


def figures(place: Place, day: date) -> dict[str, Any]:
    found = read([place], [f"notices.{key}" for key in (*KEYS, *RATES)], day, day)
    return {key: found[place.pk, f"notices.{key}"].value for key in (*KEYS, *RATES)}


@pytest.fixture
def told(chen, huang, li, places) -> Notice:
    """A notice of three days ago: two leaders, one of whom confirmed, and one of three households told."""
    flats(places.qishan, 3)
    notice = sent(places.dalong, li, "residents", must_acknowledge=True, at=timezone.now() - timedelta(days=3))
    services.acknowledge(notice, actor=chen.user)
    services.mark(door(notice, "101"), "told", actor=chen.user)
    services.mark(door(notice, "201"), "nobody_home", actor=chen.user)
    return notice


WHOLE = {
    "sent": 1,
    "receipts": 2,
    "read": 1,
    "acknowledged": 1,
    "households": 3,
    "households_told": 1,
    "reading_rate": 50,
    "acknowledged_rate": 50,
}


@pytest.mark.parametrize("level", ["dalong", "street", "district"])
def test_it_counts_at_every_level_above_on_the_day_of_sending(level, told, places):
    rollup.everything()

    found = figures(getattr(places, level), day_of(told.sent_at))

    assert {key: found[key] for key in WHOLE} == WHOLE
    assert round(found["awareness_rate"], 1) == round(100 / 3, 1) or float(found["awareness_rate"]) == pytest.approx(
        33.3, abs=0.1
    )


def test_below_where_it_was_sent_from_only_posts_and_households_count(told, places):
    rollup.everything()
    day = day_of(told.sent_at)

    assert (figures(places.qishan, day)["sent"], figures(places.qishan, day)["households"]) == (0, 3)
    assert (figures(places.longji, day)["receipts"], figures(places.longji, day)["awareness_rate"]) == (1, None)


def test_what_is_read_and_told_late_is_counted_again(told, huang, chen, places):
    rollup.everything()
    services.read(told, actor=huang.user)
    services.mark(door(told, "201"), "told", actor=chen.user)

    rollup.keep_up()

    found = figures(places.dalong, day_of(told.sent_at))
    assert (found["read"], found["households_told"]) == (2, 2)


def test_what_is_withdrawn_counts_no_more(told, li, places):
    rollup.everything()
    services.withdraw(told, actor=li.user, reason="不停水了")

    rollup.keep_up()

    found = figures(places.dalong, day_of(told.sent_at))
    assert {found[key] for key in KEYS} == {0}
    assert {found[key] for key in RATES} == {None}


def test_today_is_live(chen, li, places):
    notice = sent(places.dalong, li)
    services.read(notice, actor=chen.user)

    found = figures(places.dalong, today())

    assert (found["sent"], found["receipts"], found["read"]) == (1, 1, 1)
