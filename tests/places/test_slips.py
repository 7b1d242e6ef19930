"""A first password is seen once, by whoever made it, and is nowhere else in the clear."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from grid.places.models import Appointment, Role
from portal.accounts.models import User
from portal.core.clock import today
from portal.core.models import AuditEntry, IdempotencyKey


def reset_url(post: Appointment) -> str:
    return reverse("places:reset_password", args=[post.pk])


def slip_url(post: Appointment) -> str:
    return reverse("places:slip", args=[post.pk])


@pytest.fixture
def browser(li, client_of) -> Client:
    return client_of(li)


@pytest.fixture
def post(chen, post_of) -> Appointment:
    return post_of(chen)


def test_the_page_asks_before_it_resets(browser, post):
    before = post.user.password

    assert browser.get(reset_url(post)).status_code == 200

    assert User.objects.get(pk=post.user.pk).password == before


def test_the_slip_has_what_it_takes_to_sign_in(browser, post, send):
    response = send(browser, reset_url(post))
    assert response.url == slip_url(post)

    page = browser.get(slip_url(post))

    first = page.context["first_password"]
    assert User.objects.get(pk=post.user.pk).check_password(first)
    for words in (first, "chen", "陈丽芳", "http://testserver/", "<svg"):
        assert words in page.text


def test_it_is_seen_once(browser, post, send):
    send(browser, reset_url(post))
    first = browser.get(slip_url(post)).context["first_password"]

    again = browser.get(slip_url(post))

    assert again.status_code == 410
    assert first not in again.text


def test_it_is_kept_for_ten_minutes(browser, post, send):
    send(browser, reset_url(post))

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert browser.get(slip_url(post)).status_code == 410


def test_nobody_else_sees_it(browser, post, zhang, client_of, send):
    send(browser, reset_url(post))

    assert client_of(zhang).get(slip_url(post)).status_code == 410
    assert browser.get(slip_url(post)).status_code == 200


def test_no_cache_keeps_it(browser, post, send):
    send(browser, reset_url(post))

    for _look in ("shown", "gone"):
        assert "no-store" in browser.get(slip_url(post))["Cache-Control"]


def test_it_is_nowhere_in_the_clear(browser, post, send):
    with capture_logs() as logs:
        answer = send(browser, reset_url(post))
        kept = [session.get_decoded() for session in Session.objects.all()]
        page = browser.get(slip_url(post))

    first = page.context["first_password"]
    assert first not in json.dumps(kept)
    assert first not in json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert first not in str(logs)
    assert first not in answer.url + answer.text
    assert first not in str(list(AuditEntry.objects.values()))
    assert first not in str(list(IdempotencyKey.objects.values()))


def test_a_double_tap_makes_one_password_and_it_works(browser, post):
    data = {"idempotency_key": str(uuid4())}

    answers = [browser.post(reset_url(post), data) for _tap in range(2)]

    assert [answer.url for answer in answers] == [slip_url(post)] * 2
    first = browser.get(slip_url(post)).context["first_password"]
    assert User.objects.get(pk=post.user.pk).check_password(first)


def test_open_sessions_end(browser, post, chen, client_of, send):
    phone = client_of(chen)
    assert phone.get(reverse("places:rights")).status_code == 200

    send(browser, reset_url(post))

    assert phone.get(reverse("places:rights")).status_code == 302


def test_a_new_account_comes_with_a_slip_and_must_choose_a_password(browser, places, send):
    url = reverse("places:appoint", args=[places.fuyi.pk], query={"person": "new"})
    data = {"name": "梁志华", "username": "liang", "role": Role.BUILDING_LEADER, "since": str(today())}

    answer = send(browser, url, **data)
    first = browser.get(answer.url).context["first_password"]

    newcomer = Client()
    newcomer.post(reverse("accounts:sign_in"), {"username": "liang", "password": first})
    newcomer.post(reverse("accounts:consent"))
    asked = newcomer.get(reverse("dashboard:home"))
    assert asked.status_code == 302
    assert asked.url.startswith(reverse("accounts:password"))


def test_the_slip_speaks_its_readers_language(browser, post, li, send):
    li.user.language = "en"
    li.user.save()

    send(browser, reset_url(post))

    assert '<html lang="zh-Hans"' in browser.get(slip_url(post)).text


def test_a_post_that_reaches_further_protects_a_password(li, chen, places, client_of, send, post_of):
    post = post_of(chen)
    Appointment.objects.create(user=chen.user, role=Role.STAFF, place=places.lingbian)
    client, before = client_of(li), chen.user.password

    assert client.get(reset_url(post)).status_code == 200
    assert send(client, reset_url(post)).status_code == 422
    assert User.objects.get(pk=chen.pk).password == before


@pytest.mark.parametrize(
    ("who", "status"),
    [("zhang", 302), ("he", 302), ("wu", 403), ("chen", 403), ("huang", 404), ("zhou", 404), ("lin", 404)],
)
def test_who_may_reset_a_building_leaders_password(who, status, request, post, client_of, send):
    before = post.user.password
    client = client_of(request.getfixturevalue(who))

    assert send(client, reset_url(post)).status_code == status
    assert (User.objects.get(pk=post.user.pk).password == before) is (status != 302)
    if status != 302:
        assert client.get(slip_url(post)).status_code == status


def test_the_committee_cannot_reset_its_secretarys_password(browser, zhang, post_of, send):
    assert send(browser, reset_url(post_of(zhang))).status_code == 403
