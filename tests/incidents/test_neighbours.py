"""From one incident of a list to the next, without losing the list."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grid.incidents import services
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(chen, places):
    """Three reports, a day apart, the oldest first: so they come by deadline as well."""
    now = timezone.now()
    return [incident(place=places.qishan, reporter=chen.user, at=now - timedelta(days=days)) for days in (21, 14, 7)]


def beside(client, made, query):
    found = client.get(url("detail", made), query).context["beside"]
    return found["previous"], found["next"]


def test_the_list_leads_on_with_its_query(three, li, client_of):
    page = client_of(li).get(url("list"), {"severity": "general", "page": "1"})

    assert page.context["page"].rows[0].url == f"{url('detail', three[0])}?scope=open&severity=general&page=1"


@pytest.mark.parametrize(("scope", "order"), [("open", (0, 1, 2)), ("all", (2, 1, 0))])
def test_neighbours_are_those_of_the_list(scope, order, three, li, client_of):
    client, query = client_of(li), {"scope": scope}
    shown = [row.pk for row in client.get(url("list"), query).context["page"]]
    first, middle, last = (three[at] for at in order)
    assert shown == [first.pk, middle.pk, last.pk]

    def at(one):
        return f"{url('detail', one)}?scope={scope}"

    assert beside(client, first, query) == ("", at(middle))
    assert beside(client, middle, query) == (at(first), at(last))
    assert beside(client, last, query) == (at(middle), "")


def test_the_same_deadline_twice_is_no_trap(chen, li, places, client_of):
    moment = timezone.now() - timedelta(days=3)
    twins = [incident(place=places.qishan, reporter=chen.user, at=moment) for _n in range(3)]
    client, by_key, walked = client_of(li), {str(one.pk): one for one in twins}, [twins[0]]

    while following := beside(client, walked[-1], {"scope": "open"})[1]:
        walked.append(by_key[following.split("/")[2]])

    assert walked == twins


def test_filters_count_and_others_are_passed_over(three, chen, li, places, client_of):
    first, middle, last = three
    services.open_case(middle, actor=li.user, severity="urgent")
    client = client_of(li)

    assert str(last.pk) in beside(client, first, {"scope": "open", "severity": "general"})[1]


def test_from_one_that_has_left_the_list_it_goes_on_where_it_stood(three, li, client_of):
    first, middle, last = three
    client = client_of(li)

    response = client.post(f"{url('decline', middle)}?scope=open", {"note": "不属于社区职责"})

    assert response.url == f"{url('detail', middle)}?scope=open"
    previous, following = beside(client, middle, {"scope": "open"})
    assert (str(first.pk) in previous, str(last.pk) in following) == (True, True)


def test_the_way_back_keeps_filters_and_page(three, li, client_of):
    query = {"scope": "all", "severity": "general", "page": "2"}

    page = client_of(li).get(url("detail", three[0]), query)

    assert page.context["back"] == f"{url('list')}?scope=all&severity=general&page=2"


def test_moves_carry_the_query(three, li, client_of):
    page = client_of(li).get(url("detail", three[0]), {"scope": "open"})

    assert f'href="{url("open", three[0])}?scope=open"' in page.text


def test_neighbours_lie_in_ones_own_territory(three, huang, li, places, client_of):
    theirs = incident(place=places.longji, reporter=huang.user, at=timezone.now() - timedelta(days=10))

    assert beside(client_of(huang), theirs, {"scope": "open"}) == ("", "")


def test_it_costs_two_queries_more_and_nothing_without_a_list(three, li, client_of):
    client = client_of(li)

    def cost(query):
        client.get(url("detail", three[1]), query)
        with CaptureQueriesContext(connection) as captured:
            client.get(url("detail", three[1]), query)
        return len(captured)

    assert cost({"scope": "open"}) == cost({}) + 2
