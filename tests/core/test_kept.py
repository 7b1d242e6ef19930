"""Forms that a phone keeps: answered in data, and taken from nobody but their owner."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from grid.incidents.models import Incident
from portal.core import kept
from tests.factories import category

pytestmark = pytest.mark.django_db
REPORT = "/incidents/report/"


def sent(places, **fields):
    return {
        "idempotency_key": str(uuid4()),
        "place": places.qishan.pk,
        "category": category().pk,
        "severity": "general",
        "description": "三楼堆满纸箱",
        **fields,
    }


def by_script(person):
    return {"HTTP_ACCEPT": "application/json", "HTTP_X_KEPT_BY": kept.key_of(person.user)}


def test_a_script_gets_the_address_of_what_it_sent_and_the_same_once_more(chen, places, client_of):
    client, data = client_of(chen), sent(places)

    answers = [client.post(REPORT, data, **by_script(chen)) for _time in range(5)]

    url = Incident.objects.get().get_absolute_url()
    assert [(answer.status_code, answer.json()["url"]) for answer in answers] == [(201, url)] * 5


def test_what_is_wrong_comes_with_its_field(chen, places, client_of):
    data = sent(places, description="")

    answer = client_of(chen).post(REPORT, data, **by_script(chen))

    (wrong,) = answer.json()["fields"]
    assert (answer.status_code, wrong["id"], len(wrong["errors"])) == (422, "id_description", 1)
    assert answer.json()["key"] == data["idempotency_key"]


def test_the_same_key_with_other_words_is_refused_with_a_key_to_mean_it(chen, places, client_of):
    client, data = client_of(chen), sent(places)
    client.post(REPORT, data, **by_script(chen))

    answer = client.post(REPORT, data | {"description": "另一件事"}, **by_script(chen))

    assert answer.status_code == 422
    assert answer.json()["key"] != data["idempotency_key"]
    assert Incident.objects.count() == 1


def test_what_somebody_else_left_on_the_phone_is_not_taken(chen, huang, places, client_of):
    answer = client_of(chen).post(REPORT, sent(places), **by_script(huang))

    assert answer.status_code == 409
    assert not Incident.objects.exists()


def test_the_key_names_nobody_and_is_everybodys_own(chen, huang, client_of):
    keys = {kept.key_of(chen.user), kept.key_of(huang.user)}

    assert len(keys) == 2
    assert all(len(key) == 32 and "chen" not in key for key in keys)


def test_a_fresh_token_says_whose_it_is(chen, client_of):
    told = client_of(chen).get(reverse("accounts:token")).json()

    assert told["owner"] == kept.key_of(chen.user)
    assert told["token"]


def test_whoever_is_not_signed_in_owns_nothing(client):
    assert client.get(reverse("accounts:token")).json()["owner"] == ""


def test_with_the_fresh_token_a_script_may_send(chen, places):
    client = Client(enforce_csrf_checks=True)
    client.force_login(chen.user)
    token = client.get(reverse("accounts:token")).json()["token"]

    refused = client.post(REPORT, sent(places), **by_script(chen))
    taken = client.post(REPORT, sent(places), **by_script(chen), HTTP_X_CSRFTOKEN=token)

    assert (refused.status_code, taken.status_code) == (403, 201)
