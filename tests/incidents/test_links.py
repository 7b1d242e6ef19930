"""Links for people without an account: one answer, once, and nothing else behind them."""

import io
import json
import logging
import logging.config
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from grid.incidents import guessing, services
from grid.incidents.models import Incident, Rating, Verification, VoiceLink
from grid.incidents.services import links
from portal.core import audit
from portal.core.logs import SCRUBBED, logging_config
from portal.core.refusals import Refused
from tests.factories import incident, settled
from tests.roster.people import household

from .conftest import url

CALLED = {"source": "call", "caller_name": "陈家生", "caller_mobile": "13800138000"}


def fresh(**fields) -> dict:
    """What the page sends, with a key of its own."""
    return {
        "was_contacted": "yes",
        "is_solved": "yes",
        "satisfaction": "satisfied",
        "comment": "谢谢",
        "is_confirmed": "yes",
        "idempotency_key": str(uuid4()),
        **fields,
    }


def page_of(token: str) -> str:
    return reverse("voice", args=[token])


@pytest.fixture
def team(chen, zhang, wu, places) -> dict:
    return {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}


@pytest.fixture
def called(team) -> Incident:
    return incident(**team, stage="closed", **CALLED)


@pytest.fixture
def finished(team) -> Incident:
    return incident(**team, stage="awaiting_verification")


@pytest.fixture
def rate(called, li) -> str:
    return links.issue(called, actor=li.user)[1]


@pytest.fixture
def confirm(finished, li) -> str:
    return links.issue(finished, actor=li.user)[1]


# Making one


def test_only_a_digest_of_the_token_is_kept(called, li):
    link, token = links.issue(called, actor=li.user)

    assert (link.purpose, link.issued_by, link.used_at) == ("rate", li.user, None)
    assert link.expires_at - link.issued_at == timedelta(days=14)
    assert len(token) >= 32
    assert all(token not in str(value) for value in VoiceLink.objects.values_list().get())
    entry = audit.timeline(called).last()
    assert (entry.action, token in json.dumps(entry.data)) == ("incident.link_sent", False)


def test_what_it_asks_follows_from_where_the_incident_stands(called, finished, team, li):
    assert links.issue(finished, actor=li.user)[0].purpose == "confirm"
    for stage in ("reported", "opened", "in_progress"):
        with pytest.raises(Refused):
            links.issue(incident(**team, stage=stage), actor=li.user)


def test_whoever_handled_it_sends_no_link(called, finished, wu, chen, places):
    own = settled(place=places.qishan, reporter=chen.user)

    for made, actor in ((called, wu), (finished, wu), (own, chen)):
        with pytest.raises(Refused):
            links.issue(made, actor=actor.user)
    assert not VoiceLink.objects.exists()


def test_a_reporter_with_an_account_gets_no_link_and_the_household_concerned_does(team, li, places):
    home = household(places.qishan)
    walked, of_flat = incident(**team, stage="closed"), incident(**team, stage="closed", household=home)

    with pytest.raises(Refused):
        links.issue(walked, actor=li.user)
    assert links.issue(of_flat, actor=li.user)[0].household == home


def test_what_is_rated_already_gets_no_link(called, li):
    services.rate(called, actor=li.user, satisfaction="fairly", is_solved=True)

    with pytest.raises(Refused):
        links.issue(called, actor=li.user)


def test_a_resident_who_confirms_is_of_the_building(finished, li, places):
    home, elsewhere = household(places.qishan), household(places.longji)

    for wrong in (None, elsewhere):
        with pytest.raises(Refused):
            links.issue(finished, actor=li.user, household=wrong)
    assert links.issue(finished, actor=li.user, household=home)[0].household == home


@pytest.mark.django_db
def test_a_new_link_ends_the_earlier_one(called, li, client):
    first, second = (links.issue(called, actor=li.user)[1] for _twice in range(2))

    assert [client.get(page_of(token)).status_code for token in (first, second)] == [404, 200]


def test_the_page_shows_it_once_and_a_repetition_shows_it_not(called, li, client_of):
    client, sent = client_of(li), {"idempotency_key": str(uuid4())}

    first = client.post(url("link", called), sent)
    again = client.post(url("link", called), sent)

    token = first.context["address"].rstrip("/").rsplit("/", 1)[-1]
    assert links.found(token).incident == called
    assert "<svg" in first.content.decode()
    assert first.headers["Cache-Control"] == "no-store"
    assert (again.status_code, VoiceLink.objects.count()) == (302, 1)
    assert token not in client.get(url("detail", called)).content.decode()


# Opening one


def test_a_caller_rates_without_an_account(rate, called, client):
    page = client.get(page_of(rate))
    sent = client.post(page_of(rate), fresh(is_solved="no", satisfaction="dissatisfied", comment="又坏了"))
    thanks = client.get(page_of(rate))

    assert page.status_code == 200
    assert (sent.status_code, sent.url) == (302, page_of(rate))
    assert (
        gettext("Your answer has reached the community committee. You can close this page.") in thanks.content.decode()
    )
    kept = Rating.objects.get()
    assert (kept.incident, kept.channel, kept.rated_by) == (called, "link", None)
    assert (kept.is_solved, kept.satisfaction, kept.comment) == (False, "dissatisfied", "又坏了")
    assert VoiceLink.objects.get().used_at is not None


def test_a_resident_confirms_without_an_account(finished, li, client, places):
    home = household(places.qishan)
    token = links.issue(finished, actor=li.user, household=home)[1]

    client.post(page_of(token), fresh(note="楼道干净了"))

    kept = Verification.objects.get()
    assert (kept.via, kept.is_confirmed, kept.household, kept.recorded_by) == ("link", True, home, None)
    made = Incident.objects.get(pk=finished.pk)
    assert made.resident_confirmed_at is not None
    assert services.close(made, actor=li.user).verified_by is None


def test_a_resident_who_says_no_says_what_is_wrong(confirm, finished, client):
    wordless = client.post(page_of(confirm), fresh(is_confirmed="no", note=" "))
    with_words = client.post(page_of(confirm), fresh(is_confirmed="no", note="还堆着"))

    assert (wordless.status_code, with_words.status_code) == (422, 302)
    assert Incident.objects.get(pk=finished.pk).resident_confirmed_at is None
    assert audit.timeline(finished).last().action == "incident.resident_denied"


def test_it_shows_no_personal_data_and_hostile_words_escaped(team, li, wu, client):
    made = incident(**team, stage="in_progress", **CALLED, description="<i>陈家生欠费</i>", location="502室")
    services.finish(made, actor=wu.user, outcome="<script>alert(1)</script>")
    services.close(made, actor=li.user)
    page = client.get(page_of(links.issue(made, actor=li.user)[1])).content.decode()
    page = re.sub(r'value="([0-9a-f-]{36}|\w{64})"', "", page)  # the form's own keys, which have any digits

    assert "楼道堆物" in page
    assert "岐山中路楼栋小组" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for secret in ("陈家生", "陈*生", "138", "502", "吴建国", "李敏", "陈丽芳", made.number, f"/incidents/{made.pk}"):
        assert secret not in page


def test_it_tells_no_other_site_where_it_is_and_is_kept_nowhere(rate, client):
    for response in (client.get(page_of(rate)), client.post(page_of(rate), fresh()), client.get(page_of("x" * 32))):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_it_needs_no_cookie_and_no_origin(rate):
    client = Client(enforce_csrf_checks=True)

    assert client.post(page_of(rate), fresh(), headers={"origin": "null"}).status_code == 302


def test_links_that_open_nothing_look_alike(called, team, li):
    used, ended = (
        links.issue(called, actor=li.user)[1],
        links.issue(incident(**team, stage="closed", **CALLED), actor=li.user),
    )
    Client().post(page_of(used), fresh())
    VoiceLink.objects.filter(pk=ended[0].pk).update(expires_at=timezone.now())

    answers = {
        (response.status_code, response.content)
        for token in (used, ended[1], secrets.token_urlsafe(24))
        for response in (Client().get(page_of(token)), Client().post(page_of(token), fresh()))
    }

    assert [status for status, _page in answers] == [404]


def test_a_link_has_no_more_to_say_once_it_was_said_otherwise(rate, confirm, called, finished, li, client):
    services.rate(called, actor=li.user, satisfaction="fairly", is_solved=True)
    services.close(finished, actor=li.user)

    for token in (rate, confirm):
        assert client.get(page_of(token)).status_code == 404
        assert client.post(page_of(token), fresh()).status_code == 404
    assert not VoiceLink.objects.exclude(used_at=None).exists()
    assert (Rating.objects.count(), Verification.objects.filter(via="link").count()) == (1, 0)


def test_the_same_answer_sent_twice_counts_once_and_is_thanked_twice(rate, client):
    sent = fresh()

    answers = [Client().post(page_of(rate), sent).status_code for _twice in range(2)]

    assert (answers, Rating.objects.count()) == ([302, 302], 1)


def test_another_answer_through_a_used_link_changes_nothing(rate, client):
    client.post(page_of(rate), fresh())

    assert client.post(page_of(rate), fresh(satisfaction="dissatisfied")).status_code in (200, 404)
    assert Client().post(page_of(rate), fresh(satisfaction="dissatisfied")).status_code == 404
    assert Rating.objects.get().satisfaction == "satisfied"


def test_an_answer_does_not_speak_through_another_link(rate, team, li, client):
    other = links.issue(incident(**team, stage="closed", **CALLED), actor=li.user)[1]
    sent = fresh()
    client.post(page_of(rate), sent)

    assert client.post(page_of(other), sent).status_code == 200  # asked anew, not thanked
    assert Rating.objects.count() == 1


def test_only_the_browser_that_answered_is_thanked(rate):
    mine, anothers = Client(), Client()
    mine.post(page_of(rate), fresh())

    assert (mine.get(page_of(rate)).status_code, anothers.get(page_of(rate)).status_code) == (200, 404)


def test_extra_fields_change_nothing(rate, called, client):
    client.post(page_of(rate), fresh(channel="self", rated_by="1", incident="1", state="void", counts_for=""))

    assert (Rating.objects.get().channel, Incident.objects.get(pk=called.pk).state) == ("link", "closed")


# Guessing


def test_whoever_guesses_on_is_let_wait_and_a_good_link_still_opens(rate, client):
    answers = [client.get(page_of(secrets.token_urlsafe(24))).status_code for _guess in range(guessing.MOST + 2)]

    assert answers == [404] * guessing.MOST + [429] * 2
    assert client.get(page_of(rate)).status_code == 200


@pytest.mark.django_db
def test_guessing_stands_in_nobodys_way_who_signs_in(chen, client):
    from tests.cast import PASSWORD

    for _guess in range(guessing.MOST + 5):
        client.get(page_of(secrets.token_urlsafe(24)))

    assert client.post(reverse("accounts:sign_in"), {"username": "chen", "password": PASSWORD}).status_code == 302


@pytest.mark.django_db
def test_one_address_does_not_keep_another_waiting(client):
    for _guess in range(guessing.MOST + 1):
        client.get(page_of("x" * 32), REMOTE_ADDR="10.0.0.1")

    assert client.get(page_of("x" * 32), REMOTE_ADDR="10.0.0.1").status_code == 429
    assert client.get(page_of("x" * 32), REMOTE_ADDR="10.0.0.2").status_code == 404


def test_tokens_stand_in_no_log(rate, client):
    config = logging_config("DEBUG", as_json=True)
    stream = io.StringIO()
    config["handlers"]["stderr"]["stream"] = stream
    before = logging.root.handlers[:], logging.root.level
    logging.config.dictConfig(config)
    unknown = secrets.token_urlsafe(24)
    try:
        client.get(page_of(rate))
        client.post(page_of(rate), fresh())
        client.get(page_of(unknown))
        logging.getLogger("django.request").error("Not Found: %s", page_of(unknown))
    finally:
        logging.root.handlers[:], logging.root.level = before

    written = stream.getvalue()
    assert rate not in written
    assert unknown not in written
    assert f"/v/{SCRUBBED}/" in written


# Races


@pytest.mark.django_db(transaction=True)
def test_used_twice_at_once_it_speaks_once(chen, li, zhang, wu, places):
    rounds = 40
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    tokens = [links.issue(incident(**team, stage="closed", **CALLED), actor=li.user)[1] for _round in range(rounds)]
    start = Barrier(4)

    def speaker() -> list[int]:
        answers = []
        try:
            for token in tokens:
                start.wait(timeout=60)
                answers.append(Client().post(page_of(token), fresh()).status_code)
        finally:
            connection.close()
        return answers

    with ThreadPoolExecutor(4) as pool:
        speakers = [pool.submit(speaker) for _one in range(4)]
        answers = zip(*(one.result() for one in speakers), strict=True)

    # Whoever comes later than the first is told nothing; from one address so many misses are let wait.
    for answer in answers:
        assert sorted(answer)[0] == 302, answer
        assert set(sorted(answer)[1:]) <= {404, 429}, answer
    assert Rating.objects.count() == rounds


def test_what_was_done_is_shown_without_numbers_of_people_or_left_out(team, li, wu, client):
    made = incident(**team, stage="in_progress", **CALLED)
    services.finish(made, actor=wu.user, outcome="已联系住户13912345678，搬走了")

    shown, hidden = (links.issue(made, actor=li.user, shows_outcome=shows)[1] for shows in (True, False))

    assert client.get(page_of(shown)).status_code == 404  # ended by the second
    page = client.get(page_of(hidden)).content.decode()
    assert "搬走了" not in page
    again = client.get(page_of(links.issue(made, actor=li.user)[1])).content.decode()
    assert "搬走了" in again
    assert "13912345678" not in again
