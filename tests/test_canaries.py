"""People sown into residents, callers, reporters and addresses: none of them is left behind by boards, notices,
messages, e-mails, jobs and figures, in whatever is written on the way; and what is hostile stays text everywhere.
"""

import logging
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grid.notices.models import DoorPassing, Notice
from grid.places.models import Place
from grid.roster.services import exporting as people
from portal.core import outbox
from portal.core.clock import today
from portal.core.models import AuditEntry
from portal.figures import rollup
from portal.figures.models import Count, DirtyDay, FigureKey
from portal.figures.registry import figures
from portal.jobs import running
from portal.jobs.models import Job, State
from portal.reminders.models import Delivery, Preference, Reminder
from portal.reminders.services import deliver_due
from tests.core import test_personal
from tests.core.test_personal import traces
from tests.core.test_spreadsheet import cells
from tests.factories import incident
from tests.roster.people import LONG_AGO, household, resident

pytestmark = pytest.mark.django_db

RESIDENT, CALLER, REPORTER = "钟离不见", "司空无影", "上官隐名"
MOBILES = ("13977886655", "13977886656", "13977886657")
ID_NUMBER = "440113195703081239"
ADDRESS = "bujian.zhongli@example.org"
CANARIES = (RESIDENT, CALLER, REPORTER, *MOBILES, ID_NUMBER, ADDRESS)
IMAGE = "<img src=x onerror=alert(1)>"
FORMULA = "=HYPERLINK(1)"


log = test_personal.log  # the fixture


@pytest.fixture
def sown(chen, wu, li, he, places) -> dict[str, Any]:
    """A resident, a caller and a reporter, each with a number; 吴 and 李 read their messages as e-mail, at any hour."""
    home = household(places.qishan)
    resident(home, name=RESIDENT, mobile=MOBILES[0], id_number=ID_NUMBER, represents_since=LONG_AGO)
    chen.user.name, chen.user.mobile = REPORTER, MOBILES[1]
    chen.user.save()
    called = {"source": "call", "caller_name": CALLER, "caller_mobile": MOBILES[2], "reporter": li.user}
    incident(place=places.qishan, household=home, **called)
    incident(place=places.qishan, reporter=chen.user, stage="dispatched", office=li.user, handler=wu.user)
    for one in (wu, li):
        reads = {"email_confirmed_at": timezone.now(), "quiet_from": "00:00", "quiet_until": "00:00"}
        Preference.objects.create(user=one.user, email=ADDRESS, **reads)
    return {"home": home}


def written(**changes: Any) -> dict[str, Any]:
    return {
        "idempotency_key": str(uuid4()),
        "audience": "residents",
        "title": "停水通知",
        "body": "明天停水。",
        "must_acknowledge": "on",
        "answer_by": today().isoformat(),
        "step": "send",
        **changes,
    }


def walk(clients: dict[str, Client], places: Any) -> list[str]:
    """Everything that the new pages offer, once; returns the addresses that people were sent to."""
    li, wu, chen = clients["li"], clients["wu"], clients["chen"]
    addresses = [li.post(reverse("notices:write"), written(place=places.dalong.pk)).url]
    addresses.append(li.post(reverse("notices:write"), written(place=places.dalong.pk, audience="grid_leaders")).url)
    told, kept = Notice.objects.order_by("pk")
    chen.get(told.get_absolute_url())
    chen.get(reverse("notices:doors", args=[told.pk]))
    door = DoorPassing.objects.get(notice=told)
    addresses.append(
        chen.post(reverse("notices:mark", args=[door.pk]), {"outcome": "told"}).headers.get("Location", "")
    )
    wu.get(kept.get_absolute_url())
    wu.post(reverse("notices:acknowledge", args=[kept.pk]))
    for client in (li, wu):
        for page in ("dashboard:home", "dashboard:boards", "notices:list", "reminders:inbox", "jobs:mine"):
            client.get(reverse(page))
    li.post(reverse("reminders:address"), {"email": f"neu.{ADDRESS}"})
    li.get(reverse("roster:people"))
    asked = {"step": "take", "identifiers": "on", "reason": f"{RESIDENT} {MOBILES[0]}"}
    addresses.append(li.post(reverse("roster:export"), asked).url)
    running.run(Job.objects.get().pk)
    li.get(reverse("jobs:file", args=[Job.objects.get().pk]))
    for page in ("board", "wall", "board_export"):
        li.get(reverse(f"dashboard:{page}", args=[places.dalong.pk]))
    for key in figures.items:
        li.get(reverse("dashboard:figure", args=[places.dalong.pk, key]))
    return addresses


def kept_by_the_new_rooms() -> dict[str, str]:
    stored = (Count, DirtyDay, FigureKey, Reminder, Delivery)
    return {model.__name__: repr(list(model.objects.values())) for model in stored} | {
        "jobs": repr(list(Job.objects.values("kind", "payload", "error", "posts", "title"))),
        "mails": "".join(f"{one.subject}\n{one.body}\n{one.extra_headers}" for one in mail.outbox),
    }


def test_nobody_is_left_in_what_the_new_rooms_write(
    sown, chen, wu, li, places, client_of, log, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.SITE_URL = "https://portal.example.org"
    monkeypatch.setattr(people, "BY_JOB", 0)  # any list of people is made by a job
    clients = {name: client_of(person) for name, person in {"li": li, "wu": wu, "chen": chen}.items()}
    with django_capture_on_commit_callbacks(execute=True):
        addresses = walk(clients, places)
    outbox.drain()
    deliver_due()
    rollup.everything(hands=1)

    found = traces(log) | kept_by_the_new_rooms() | {"addresses": repr(addresses)}
    assert len(mail.outbox) > 1, "there were letters to look into"
    assert Job.objects.get().state == State.DONE
    del found["database"]  # the roster itself stands there in plain words
    found["audit"] = repr(list(AuditEntry.objects.values("action", "data")))  # its notes are what somebody wrote down
    left = {where: [one for one in CANARIES if one in text] for where, text in found.items()}
    assert {where: names for where, names in left.items() if names} == {}


def test_a_trace_would_be_noticed(sown, log):
    logging.getLogger("tests").warning("somebody wrote to %s", RESIDENT)

    assert RESIDENT in traces(log)["log"]


@pytest.fixture
def hostile(chen, wu, li, he, places) -> None:
    """Names and words that would be markup, a formula or a header of a letter somewhere."""
    Place.objects.filter(pk=places.grid.pk).update(name=FORMULA)
    Place.objects.filter(pk=places.dalong.pk).update(name=IMAGE)
    reads = {"email_confirmed_at": timezone.now(), "quiet_from": "00:00", "quiet_until": "00:00"}
    Preference.objects.create(user=wu.user, email="wu@example.org", **reads)
    incident(
        place=places.qishan, reporter=chen.user, description=IMAGE, stage="dispatched", office=li.user, handler=wu.user
    )


def test_hostile_words_are_text_in_letters(hostile, li, wu, places, client_of, django_capture_on_commit_callbacks):
    sent = written(place=places.dalong.pk, audience="grid_leaders", title=f"{IMAGE}\r\nBcc: x@example.org", body=IMAGE)
    with django_capture_on_commit_callbacks(execute=True):
        client_of(li).post(reverse("notices:write"), sent)
    outbox.drain()
    deliver_due()

    assert mail.outbox
    for letter in mail.outbox:
        message = letter.message()
        assert message.get_content_type() == "text/plain", "markup in it is no markup"
        assert (letter.to, letter.bcc, letter.cc) == (["wu@example.org"], [], [])
        assert "\n" not in letter.subject
        assert IMAGE not in letter.subject
        assert message["Bcc"] is None


def test_hostile_names_are_text_on_boards_and_on_the_wall(hostile, he, li, places, client_of):
    for client, place in ((client_of(he), places.street), (client_of(li), places.dalong)):
        for page in ("board", "wall"):
            text = client.get(reverse(f"dashboard:{page}", args=[place.pk])).text
            assert IMAGE not in text
            assert IMAGE.replace("<", "&lt;").replace(">", "&gt;") in text


def test_hostile_names_are_text_in_the_excel_of_a_board(hostile, li, places, client_of):
    response = client_of(li).get(reverse("dashboard:board_export", args=[places.dalong.pk]))
    content = b"".join(response.streaming_content) if response.streaming else response.content

    texts = [cell for row in cells(BytesIO(content).getvalue()) for cell in row if isinstance(cell, str)]
    assert any("HYPERLINK" in text for text in texts)
    assert not [text for text in texts if text.startswith("=")]
