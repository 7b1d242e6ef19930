"""Behind a rate: all that it looks at, what counts for it, and what does not, which is what needs looking at."""

from datetime import datetime, timedelta

import pytest
import time_machine

from grid.incidents.models import Incident, Rating
from portal.core.clock import SHANGHAI
from portal.dashboard.remainder import REST, shares
from portal.figures.registry import figures
from tests import factories

from .conftest import figure_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NOW = datetime(2023, 5, 20, 10, tzinfo=SHANGHAI)
RATE, PART = "incidents.closing_in_time_rate", "incidents.due_closed_in_time"


@pytest.fixture(autouse=True)
def may():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def due(chen, places):
    """Six due yesterday: two closed in time, one closed late, three still open."""
    made = [
        factories.incident(place=places.qishan, reporter=chen.user, at=NOW - timedelta(days=5)) for _each in range(6)
    ]
    pks = [one.pk for one in made]
    done = {"state": "closed", "resolution": "solved", "verified_by": chen.user}
    Incident.objects.filter(pk__in=pks).update(due_at=NOW - timedelta(days=1))
    Incident.objects.filter(pk__in=pks[:2]).update(closed_at=NOW - timedelta(days=2), **done)
    Incident.objects.filter(pk=pks[2]).update(closed_at=NOW - timedelta(hours=2), **done)
    return made


def looked_at(client_of, person, place, key=RATE, **query):
    response = client_of(person).get(figure_url(place, key, **query))
    assert response.status_code == 200
    return response.context


def listed(context):
    return {line.url for line in context["lines"]}


def urls(incidents):
    return {one.get_absolute_url() for one in incidents}


def test_all_come_first_with_the_part_and_the_rest_beside_them(li, due, places, client_of):
    context = looked_at(client_of, li, places.dalong)

    assert [(share.text, share.token, share.is_chosen) for share in context["shares"]] == [
        ("6", "", True),
        ("2", PART, False),
        ("4", REST, False),
    ]
    assert listed(context) == urls(due)


@pytest.mark.parametrize(("which", "some"), [(PART, slice(2)), (REST, slice(2, 6)), ("nonsense", slice(6))])
def test_each_share_lists_the_records_that_it_counts(which, some, li, due, places, client_of):
    assert listed(looked_at(client_of, li, places.dalong, which=which)) == urls(due[some])


def test_what_is_late_says_so_open_or_closed(li, due, places, client_of):
    lines = looked_at(client_of, li, places.dalong, which=REST)["lines"]

    assert sorted((line.tone, str(line.tag)) for line in lines)[0] == ("amber", "Closed late")
    assert [line.tone for line in lines].count("red") == 3


def test_the_rest_of_satisfaction_is_who_was_not(li, due, places, client_of):
    for number, one in enumerate(due):
        said = ("satisfied", "fairly", "not")[number % 3]
        Rating.objects.create(
            incident=one, counts_for=one, channel="self", is_solved=True, satisfaction=said, rated_at=NOW
        )

    context = looked_at(client_of, li, places.dalong, "incidents.satisfaction_rate", which=REST)

    assert [share.text for share in context["shares"]] == ["6", "2", "2", "2"]
    assert listed(context) == urls([due[2], due[5]])


def test_a_rate_over_nothing_has_no_shares(li, places, client_of):
    assert looked_at(client_of, li, places.dalong)["shares"] == []


def test_what_is_no_rate_has_no_shares(li, due, places, client_of):
    for key in ("incidents.reported", "incidents.overdue", "incidents.overall_score"):
        assert looked_at(client_of, li, places.dalong, key, which=REST)["shares"] == []


def test_a_part_that_is_told_to_nobody_is_not_worked_out_from_the_rest(li, due, places, client_of):
    parts = looked_at(client_of, li, places.dalong)["look"].parts
    hidden = [*parts[:-1], type(parts[-1])("", "", "<5", "", is_whole=True)]

    assert shares(figures.items[RATE], hidden, "") == []


def test_nobody_sees_more_by_asking_for_a_share(wu, zhou, due, places, client_of):
    assert client_of(zhou).get(figure_url(places.dalong, RATE, which=REST)).status_code == 404


@pytest.mark.parametrize("which", ["", REST])
def test_a_share_costs_no_more_than_all(which, li, due, places, client_of, django_assert_max_num_queries):
    client, url = client_of(li), figure_url(places.dalong, RATE, which=which)
    client.get(url)

    with django_assert_max_num_queries(20):
        client.get(url)
