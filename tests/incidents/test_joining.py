"""同报: me too."""

from uuid import uuid4

import pytest
from django.utils.translation import gettext as _

from grid.incidents.models import CoReport
from grid.incidents.services.joining import join
from portal.core import outbox
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests.factories import incident
from tests.pictures import jpeg

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(places, wu, zhang):
    return incident(place=places.qishan, reporter=zhang.user, office=zhang.user, handler=wu.user, stage="dispatched")


def said(**fields):
    return {"idempotency_key": str(uuid4()), "description": "我也看到了", **fields}


def test_words_and_photos_go_to_the_incident_and_its_handler_hears_of_it(chen, wu, known, client_of):
    response = client_of(chen).post(url("join", known), said(photos=jpeg()))
    outbox.drain()

    one = CoReport.objects.get()
    assert (response.status_code, one.incident, one.reporter, one.note) == (302, known, chen.user, "我也看到了")
    assert known.photos.get().kind == "before"
    assert Reminder.objects.filter(user=wu.user, kind="incidents.joined").count() == 1
    assert _("Somebody else saw it too") in client_of(wu).get(known.get_absolute_url()).text


def test_nobody_joins_twice(chen, known):
    join(known, actor=chen.user)

    with pytest.raises(Refused):
        join(known, actor=chen.user)


def test_five_sendings_join_once(chen, known, client_of):
    client, sent = client_of(chen), said()

    answers = {client.post(url("join", known), sent).status_code for _time in range(5)}

    assert (answers, CoReport.objects.count()) == ({302}, 1)


def test_the_reporter_has_said_it_already(zhang, known):
    with pytest.raises(Refused):
        join(known, actor=zhang.user)


def test_what_has_ended_is_reported_anew(chen, wu, zhang, places):
    ended = incident(place=places.qishan, reporter=zhang.user, office=zhang.user, handler=wu.user, stage="closed")

    with pytest.raises(Refused):
        join(ended, actor=chen.user)


def test_whoever_joined_hears_what_becomes_of_it(chen, zhang, wu, places):
    from grid.incidents import services

    known = incident(place=places.qishan, reporter=wu.user)
    join(known, actor=chen.user)
    services.open_case(known, actor=zhang.user)
    outbox.drain()

    assert Reminder.objects.filter(user=chen.user, kind="incidents.opened").count() == 1


def test_a_department_says_nothing_of_the_kind(lin, urban, zhang, places, chen, client_of):
    from grid.incidents import services

    known = incident(place=places.qishan, reporter=chen.user, office=zhang.user, stage="opened")
    services.dispatch(known, actor=zhang.user, department=urban)

    assert client_of(lin).get(url("join", known)).status_code == 403


def test_the_page_offers_it_to_those_who_have_not_said_so(chen, known, client_of):
    client = client_of(chen)
    assert url("join", known) in client.get(known.get_absolute_url()).text

    join(known, actor=chen.user)

    page = client.get(known.get_absolute_url()).text
    assert url("join", known) not in page
    assert _("You said that you saw it too: you hear what becomes of it.") in page
