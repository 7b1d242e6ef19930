"""How a deadline is said, in the list and on the page alike."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from grid.incidents.due import FAR, LATE, NEAR, OVER, STILL, due_of
from grid.incidents.models import Incident
from portal.core.clock import SHANGHAI
from tests.factories import incident

NOON = datetime(2026, 11, 24, 12, tzinfo=SHANGHAI)
MARK = "该年节假日安排尚未公布"
MIDNIGHT = datetime(2026, 11, 25, tzinfo=SHANGHAI)  # the end of the 24th


def said(due_at, now, *, is_open=True, stands=False):
    with translation.override("en"):
        due = due_of(due_at, is_open=is_open, stands=stands, now=now)
    return due.kind, due.words


@pytest.mark.parametrize(
    ("due_at", "now", "expected"),
    [
        (MIDNIGHT, NOON, (NEAR, "due today")),
        (NOON, NOON - timedelta(hours=2), (NEAR, "due at noon")),
        (NOON, NOON + timedelta(minutes=1), (LATE, "overdue since noon")),
        (MIDNIGHT, MIDNIGHT + timedelta(minutes=1), (LATE, "1 day overdue")),
        (NOON, NOON + timedelta(days=2), (LATE, "2 days overdue")),
        (MIDNIGHT, NOON - timedelta(days=3), (NEAR, "3 days left")),
        (MIDNIGHT, NOON - timedelta(days=4), (FAR, "2026-11-24")),
    ],
)
def test_a_deadline_is_said_as_near_as_it_is(due_at, now, expected):
    assert said(due_at, now) == expected


def test_what_stands_or_has_ended_is_never_late():
    later = MIDNIGHT + timedelta(days=9)

    assert said(MIDNIGHT, later, stands=True) == (STILL, "clock stands")
    assert said(MIDNIGHT, later, is_open=False) == (OVER, "2026-11-24")


@pytest.mark.parametrize("is_certain", [True, False])
def test_an_unpublished_calendar_is_marked_in_the_list_and_on_the_page(is_certain, chen, li, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user)
    Incident.objects.filter(pk=made.pk).update(due_is_certain=is_certain)
    pages = [client_of(li).get(url).content.decode() for url in (reverse("incidents:list"), made.get_absolute_url())]

    assert [MARK in page for page in pages] == [not is_certain] * 2
