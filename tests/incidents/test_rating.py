"""What those say whom it concerned: once for each closing, and never whoever did the work."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from grid.incidents import services, tiles
from grid.incidents.models import Incident, Rating
from grid.incidents.services.voice import start_over
from grid.incidents.workflow import State
from portal.core.refusals import Refused
from tests.factories import incident
from tests.roster.people import household

from .conftest import url

pytestmark = pytest.mark.django_db
SAID = {"satisfaction": "fairly", "is_solved": True, "comment": "还可以"}
SENT = {"was_contacted": "yes", "is_solved": "no", "satisfaction": "dissatisfied", "comment": "又堆上了"}


@pytest.fixture
def team(chen, li, wu, places) -> dict:
    """陈 reports in her building, 李 opens and closes, 吴 handles."""
    return {"place": places.qishan, "reporter": chen.user, "office": li.user, "handler": wu.user, "stage": "closed"}


@pytest.fixture
def called(team, li) -> Incident:
    """A caller's report, closed."""
    return incident(**team | {"reporter": li.user}, source="call", caller_name="陈家生", caller_mobile="13800138000")


def test_a_leader_writes_down_at_the_door_what_a_caller_says(called, chen):
    kept = services.rate_at_door(called, actor=chen.user, **SAID)

    assert (kept.channel, kept.rated_by, kept.counts_for) == (Rating.Channel.DOOR, chen.user, called)


def test_whoever_handled_it_writes_down_no_rating(called, wu):
    for rates in (services.rate, services.rate_at_door):
        with pytest.raises(Refused):
            rates(called, actor=wu.user, **SAID)

    assert not Rating.objects.exists()


def test_at_the_door_speaks_a_caller_or_a_household_and_no_reporter_with_an_account(team, huang, zhang, places):
    walked = incident(**team)
    of_flat = incident(**team, household=household(places.qishan))

    with pytest.raises(Refused):
        services.rate_at_door(walked, actor=zhang.user, **SAID)
    assert services.rate_at_door(of_flat, actor=zhang.user, **SAID).channel == Rating.Channel.DOOR


def test_what_is_not_closed_is_not_rated_at_the_door(team, zhang, li):
    open_one = incident(**team | {"reporter": li.user, "stage": "verified"}, source="call", caller_mobile="13800138000")

    with pytest.raises(Refused):
        services.rate_at_door(open_one, actor=zhang.user, **SAID)


def test_it_is_rated_once_whichever_way(called, chen, zhang):
    services.rate_at_door(called, actor=chen.user, **SAID)

    for rates in (services.rate, services.rate_at_door):
        with pytest.raises(Refused):
            rates(called, actor=zhang.user, **SAID)


def test_each_closing_is_rated_anew_and_the_latest_counts(team, chen, li):
    made = incident(**team)
    first = services.rate(made, actor=chen.user, **SAID | {"is_solved": False})
    made.refresh_from_db()
    start_over(made)
    made.state, made.closed_at = State.AWAITING_VERIFICATION, None
    made.save()
    services.close(made, actor=li.user)

    second = services.rate(made, actor=chen.user, **SAID)

    assert list(made.ratings.values_list("pk", "counts_for")) == [(first.pk, None), (second.pk, made.pk)]
    assert Incident.objects.get(pk=made.pk).rating == second


def test_the_database_counts_one_rating_and_only_for_its_own_incident(called, chen, team):
    other = incident(**team)
    kept = services.rate_at_door(called, actor=chen.user, **SAID)
    fields = {"channel": "door", "is_solved": True, "satisfaction": "fairly"}

    for wrong in ({"incident": called, "counts_for": called}, {"incident": called, "counts_for": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.create(**fields, **wrong)
    assert Rating.objects.get() == kept


def test_starting_over_forgets_how_it_was_closed(team, chen, zhang):
    made = incident(**team)
    services.rate(made, actor=chen.user, **SAID)

    start_over(made)

    assert (made.resolution, made.verified_by, made.resident_confirmed_at, made.finished_at) == ("", None, None, None)
    assert not Rating.objects.filter(counts_for=made).exists()


def test_not_solved_although_closed_as_solved_is_told_to_the_office(team, chen, li, places, client_of):
    made, other = incident(**team), incident(**team)
    services.rate(made, actor=chen.user, **SAID | {"is_solved": False})
    services.rate(other, actor=chen.user, **SAID)

    todos = {one.url: one.count for one in tiles.in_my_territory(li.user)}
    address = "/incidents/?scope=closed&disputed=on"

    assert todos[address] == 1
    assert address not in {one.url for one in tiles.in_my_territory(chen.user)}
    assert [one.pk for one in client_of(li).get(address).context["page"]] == [made.pk]


def test_after_a_month_nobody_is_reminded_of_it(team, chen):
    made = incident(**team)
    services.rate(made, actor=chen.user, **SAID | {"is_solved": False})
    Incident.objects.filter(pk=made.pk).update(closed_at=timezone.now() - timedelta(days=31))

    assert not Incident.objects.not_solved_they_say().exists()


def test_the_page_says_that_it_is_not_solved_and_shows_the_words_escaped(team, chen, client_of):
    made, client = incident(**team), client_of(chen)
    form = client.get(url("rate", made)).context["form"]
    key = form["idempotency_key"].value()

    sent = client.post(url("rate", made), {**SENT, "comment": "<script>1</script>", "idempotency_key": str(key)})
    page = client.get(url("detail", made)).content.decode()

    assert sent.status_code == 302
    assert gettext("Closed as solved, but whoever reported it says that it is not.") in page
    assert "&lt;script&gt;1&lt;/script&gt;" in page


@pytest.mark.parametrize(("person", "offered"), [("chen", True), ("wu", False), ("zhang", True)])
def test_the_door_is_offered_to_those_who_did_not_handle_it(person, offered, request, called, zhang, client_of):
    page = client_of(request.getfixturevalue(person)).get(url("detail", called))

    assert ("rate-at-door" in {move.slug for move in page.context["moves"]}) == offered
