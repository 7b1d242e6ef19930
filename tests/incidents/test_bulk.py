"""Several incidents at once: shown first, then each on its own; what is refused is named and stays as it was."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from grid.incidents.models import Incident
from portal.core.models import AuditEntry
from tests.factories import incident, settled

pytestmark = pytest.mark.django_db


def address(what: str, query: str = "") -> str:
    return reverse(f"incidents:bulk_{what}") + query


def send(client, what, incidents, query="", **fields):
    """What the page of a bulk step sends; without fields what the list sends."""
    key = {"idempotency_key": str(uuid4()), **fields} if fields else {}
    return client.post(address(what, query), {"incident": [one.pk for one in incidents], **key})


def states(*incidents) -> list[str]:
    return [Incident.objects.get(pk=one.pk).state for one in incidents]


@pytest.fixture
def opened(chen, huang, li, places):
    here = {"office": li.user, "stage": "opened"}
    return [
        incident(place=places.qishan, reporter=chen.user, **here),
        incident(place=places.longji, reporter=huang.user, **here),
    ]


def test_nothing_happens_before_it_was_shown(opened, li, client_of):
    response = send(client_of(li), "dispatch", opened, "?scope=open&severity=general")

    assert response.status_code == 200
    assert states(*opened) == ["opened", "opened"]
    assert response.context["back"] == f"{reverse('incidents:list')}?scope=open&severity=general"


def test_only_those_are_offered_who_reach_all_and_the_others_are_named(opened, li, wu, chen, urban, client_of):
    field = send(client_of(li), "dispatch", opened).context["form"].fields["to"]

    _nobody, (_people, people), (_departments, departments) = field.choices
    assert [key for key, _words in people] == [f"p{wu.pk}", f"p{li.pk}"]
    assert [key for key, _words in departments] == [f"d{urban.pk}"]
    assert str(chen.user) in field.help_text


def test_dispatched_to_one_person(opened, li, wu, client_of):
    response = send(client_of(li), "dispatch", opened, to=f"p{wu.pk}", note="今天看看")

    assert states(*opened) == ["dispatched", "dispatched"]
    assert [one.pk for one in response.context["results"]["done"]] == [one.pk for one in opened]
    assert {Incident.objects.get(pk=one.pk).holder for one in opened} == {wu.user}


def test_dispatched_to_a_department(opened, li, urban, client_of):
    send(client_of(li), "dispatch", opened, to=f"d{urban.pk}")

    assert {Incident.objects.get(pk=one.pk).department for one in opened} == {urban}


def test_a_forged_target_is_refused(opened, li, chen, zhou, client_of):
    for who in (chen, zhou):
        assert send(client_of(li), "dispatch", opened, to=f"p{who.pk}").status_code == 422
    assert states(*opened) == ["opened", "opened"]


def test_what_cannot_go_is_left_out_with_its_reason(opened, li, wu, zhang, chen, places, client_of):
    fresh = incident(place=places.qishan, reporter=chen.user)

    form = send(client_of(li), "dispatch", [*opened, fresh]).context["form"]
    send(client_of(li), "dispatch", [*opened, fresh], to=f"p{wu.pk}")

    assert [one.pk for one, _reason in form.named_left_out] == [fresh.pk]
    assert states(*opened, fresh) == ["dispatched", "dispatched", "reported"]


def test_sending_twice_does_it_once(opened, li, wu, client_of):
    client, key = client_of(li), str(uuid4())
    data = {"incident": [one.pk for one in opened], "days": "3", "note": "材料没到", "idempotency_key": key}

    first = client.post(address("extend"), data)
    due = [Incident.objects.get(pk=one.pk).due_at for one in opened]
    again = client.post(address("extend"), data)

    assert (first.context["results"]["is_new"], again.context["results"]["is_new"]) == (True, False)
    assert [Incident.objects.get(pk=one.pk).due_at for one in opened] == due
    assert AuditEntry.objects.filter(action="incident.extended").count() == 2
    assert {one.pk for one in again.context["results"]["now"]} == {one.pk for one in opened}


def test_more_time_moves_the_deadlines_on_and_is_on_record_with_its_reason(opened, li, client_of):
    before = [one.due_at for one in opened]

    send(client_of(li), "extend", opened, days="2", note="等电梯公司的配件")

    after = [Incident.objects.get(pk=one.pk).due_at for one in opened]
    assert all(late - early >= timedelta(days=2) for early, late in zip(before, after, strict=True))
    entry = AuditEntry.objects.filter(action="incident.extended").first()
    assert (entry.note, entry.data["days"]) == ("等电梯公司的配件", "2")


@pytest.mark.parametrize(("days", "note"), [("0", "因为"), ("0.3", "因为"), ("61", "因为"), ("2", "")])
def test_how_long_and_why_must_make_sense(days, note, opened, li, client_of):
    before = [one.due_at for one in opened]

    assert send(client_of(li), "extend", opened, days=days, note=note).status_code == 422
    assert [Incident.objects.get(pk=one.pk).due_at for one in opened] == before


def test_merged_into_the_one_that_stays_each_on_its_own(opened, li, chen, wu, places, client_of):
    first, second = opened
    held = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")

    response = send(client_of(li), "merge", [first, second, held], into=str(first.pk))

    assert states(first, second, held) == ["opened", "void", "in_progress"]
    assert [(one.pk, held.number in why) for one, why in response.context["results"]["refused"]] == [(held.pk, True)]


def test_what_is_unlike_is_pointed_out_before_it_is_merged(opened, li, chen, places, client_of):
    first, elsewhere = opened
    here = {"place": places.qishan, "reporter": chen.user, "office": li.user, "stage": "opened"}
    same, other = incident(**here), incident(**here, code="stairwell_light")
    old = incident(**here, at=timezone.now() - timedelta(days=40))

    def warnings(*ticked):
        return send(client_of(li), "merge", ticked).context["form"].warnings

    assert warnings(first, same) == []
    assert [str(places.longji) in words for words in warnings(first, elsewhere)] == [True]
    assert [str(other.category) in words for words in warnings(first, other)] == [True]
    assert ["40" in words for words in warnings(first, old)] == [True]
    assert len(warnings(elsewhere, other, old)) == 3


def test_closed_with_a_result(chen, li, places, client_of):
    made = [settled(place=places.qishan, reporter=chen.user) for _n in range(2)]
    Incident.objects.update(is_sampled=False)

    send(client_of(li), "close", made, resolution="explained", note="已向住户说明")

    assert {Incident.objects.get(pk=one.pk).resolution for one in made} == {"explained"}


def test_at_most_a_hundred_at_once(li, chen, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    many = [*range(10**6, 10**6 + 100), made.pk]

    response = client_of(li).post(address("dispatch"), {"incident": many}, follow=True)

    assert states(made) == ["opened"]
    assert response.redirect_chain  # none of the hundred is there: back to the list


def test_foreign_incidents_are_not_even_shown(opened, zhou, li, places, client_of):
    theirs = incident(place=places.lingbian_group, reporter=zhou.user, office=zhou.user, stage="opened")

    response = send(client_of(li), "dispatch", [*opened, theirs])

    assert theirs.number not in response.text
    assert response.context["form"].incidents == sorted(opened, key=lambda one: (one.due_at, one.pk))


@pytest.mark.parametrize("what", ["dispatch", "extend", "merge", "close"])
def test_a_building_leader_does_nothing_in_bulk(what, opened, chen, client_of):
    assert send(client_of(chen), what, opened).status_code == 403


@pytest.mark.parametrize("what", ["dispatch", "extend", "merge", "close"])
def test_it_is_never_done_by_a_link(what, li, client_of):
    assert client_of(li).get(address(what)).status_code == 405


def test_the_bar_offers_what_one_may_and_what_the_tab_allows(opened, li, wu, chen, client_of):
    def offered(person, scope):
        response = client_of(person).get(reverse("incidents:list"), {"scope": scope})
        return [one["url"].split("/")[-2] for one in response.context["bulk"]]

    assert offered(li, "open") == ["dispatch", "close", "extend", "merge"]
    assert offered(li, "verify") == ["close"]
    assert offered(li, "closed") == []
    assert offered(wu, "open") == ["close", "merge"]
    assert offered(chen, "open") == []


@pytest.mark.parametrize("what", ["dispatch", "extend", "merge"])
def test_showing_costs_the_same_for_one_and_for_three(what, chen, li, places, urban, client_of):
    def cost(rows):
        made = [
            incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened", at=timezone.now())
            for _n in range(rows)
        ]
        client = client_of(li)
        send(client, what, made)
        with CaptureQueriesContext(connection) as captured:
            send(client, what, made)
        return len(captured)

    assert cost(1) == cost(3)
