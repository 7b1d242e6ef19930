"""回访: whom the office rings back, in which order, and what becomes of those who do not answer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grid.incidents import services, tiles
from grid.incidents.models import CallBack, Incident
from grid.incidents.services.voice import start_over
from portal.core import audit
from portal.core.refusals import Refused
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def called(li, zhang, wu, places):
    """Makes what somebody called about: entered by 李, handled by 吴 unless another did, closed by 张 so long ago."""

    def make(*, ago: timedelta = HOUR, handler=None, place=None, **fields) -> Incident:
        fields = {"source": "call", "caller_name": "陈家生", "caller_mobile": "13800138000", **fields}
        people = {"reporter": li.user, "office": zhang.user, "handler": (handler or wu).user}
        made = incident(place=place or places.qishan, stage="closed", **people, **fields)
        Incident.objects.filter(pk=made.pk).update(closed_at=timezone.now() - ago)
        made.refresh_from_db()
        return made

    return make


def waiting(client) -> list[int]:
    return [one.pk for one in client.get(url("call_backs")).context["page"]]


def test_whoever_waits_longest_stands_first_and_what_is_not_to_be_rung_is_not_there(
    called, chen, li, zhang, wu, places, client_of
):
    day = timedelta(days=1)
    newer, older, walked_in = called(ago=day), called(ago=5 * day), called(ago=2 * day, source="walk_in")
    called(ago=31 * day)
    services.rate(called(), actor=li.user, satisfaction="fairly", is_solved=True)
    called(handler=li)  # rung by others
    walk = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    incident(**walk, stage="closed")

    assert waiting(client_of(li)) == [older.pk, walked_in.pk, newer.pk]


def test_only_callers_of_the_own_communities_are_shown(called, li, zhou, client_of):
    called()

    assert waiting(client_of(zhou)) == []


def test_the_number_is_masked_until_the_logged_click(called, li, client_of):
    made, client = called(), client_of(li)

    page = client.get(url("call_backs")).content.decode()
    shown = client.post(url("caller", made)).content.decode()

    assert "13800138000" not in page
    assert "138****8000" in page
    assert "13800138000" in shown
    assert audit.timeline(made).last().action == "incident.caller_revealed"


def test_an_attempt_that_reached_nobody_is_on_record(called, li, client_of):
    made, client = called(), client_of(li)

    assert client.post(url("not_reached", made)).status_code == 302

    assert list(CallBack.objects.values_list("incident", "was_reached", "by")) == [(made.pk, False, li.pk)]
    assert "李敏" in client.get(url("call_backs")).content.decode()


def test_within_an_hour_nobody_tries_again(called, li, zhang):
    made, now = called(ago=5 * HOUR), timezone.now()
    services.not_reached(made, actor=li.user, at=now - timedelta(minutes=59))

    with pytest.raises(Refused):
        services.not_reached(made, actor=zhang.user, at=now)
    services.not_reached(made, actor=zhang.user, at=now + timedelta(minutes=2))

    assert CallBack.objects.count() == 2


def test_a_second_tap_says_so_and_counts_once(called, li, client_of):
    made, client = called(), client_of(li)

    for _tap in range(2):
        response = client.post(url("not_reached", made), follow=True)

    assert response.status_code == 200
    assert CallBack.objects.count() == 1


def test_after_three_attempts_it_is_let_rest(called, li, client_of):
    made, client = called(ago=10 * HOUR), client_of(li)
    for hours in (6, 4, 2):
        assert waiting(client) == [made.pk]
        services.not_reached(made, actor=li.user, at=timezone.now() - hours * HOUR)

    assert waiting(client) == []
    with pytest.raises(Refused):
        services.not_reached(made, actor=li.user)


def test_attempts_before_a_reopening_count_no_more(called, li, client_of):
    made = called(ago=10 * HOUR)
    for hours in (6, 4, 2):
        services.not_reached(made, actor=li.user, at=timezone.now() - hours * HOUR)
    start_over(made)
    made.resolution, made.verified_by, made.closed_at = "solved", li.user, timezone.now() - HOUR
    made.save()

    assert waiting(client_of(li)) == [made.pk]


def test_nobody_rings_back_about_their_own_work_nor_where_nobody_called(called, chen, zhang, li, wu, places):
    own = called(handler=li)
    walk = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    walked, unclosed = incident(**walk, stage="closed"), incident(**walk)

    for made in (own, walked, unclosed):
        with pytest.raises(Refused):
            services.not_reached(made, actor=li.user)
    assert not CallBack.objects.exists()


def test_whoever_was_reached_is_rated_and_rung_no_more(called, li, client_of):
    made, client = called(), client_of(li)

    services.rate(made, actor=li.user, satisfaction="satisfied", is_solved=True)

    assert waiting(client) == []
    assert list(CallBack.objects.values_list("was_reached", "by")) == [(True, li.pk)]


def test_the_office_is_told_how_many_are_to_be_rung(called, li, zhang):
    called()
    called(handler=li)

    def told(person) -> dict[str, int | None]:
        return {one.url: one.count for one in tiles.in_my_territory(person.user) if "call-backs" in one.url}

    assert (told(li), told(zhang)) == ({url("call_backs"): 1}, {url("call_backs"): 2})


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(rows, called, li, client_of):
    for _row in range(rows):
        services.not_reached(called(ago=5 * HOUR), actor=li.user)
    client = client_of(li)
    client.get(url("call_backs"))

    with CaptureQueriesContext(connection) as queries:
        assert len(waiting(client)) == rows

    assert len(queries) <= 8, "\n".join(query["sql"][:120] for query in queries)
