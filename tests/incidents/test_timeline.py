"""The timeline: every step of a life in words, with who, when and why."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import Incident, IncidentRequest
from grid.incidents.timeline import WORDS, timeline_of
from portal.core import audit
from tests.factories import incident, settled

pytestmark = pytest.mark.django_db


def test_every_step_has_its_words(chen, li, zhang, wu, places):
    called = {"source": "call", "caller_name": "陈家生", "caller_mobile": "13800138000"}
    team = {"place": places.qishan, "reporter": li.user, "office": zhang.user, "handler": wu.user}
    made = incident(**team, **called, stage="in_progress")
    services.hand_back(made, actor=zhang.user, note="派错了")
    services.dispatch(made, actor=zhang.user, holder=wu.user)
    services.take(made, actor=wu.user)
    for leaving, following in ((wu.user, li.user), (li.user, wu.user)):
        services.pass_on(Incident.objects.all(), predecessor=leaving, successor=following, actor=zhang.user)
    services.finish(made, actor=wu.user, outcome="清走了")
    services.verify(made, actor=chen.user)
    services.rework(made, actor=zhang.user, note="还有两箱")
    services.take(made, actor=wu.user)
    services.finish(made, actor=wu.user, outcome="全部清走")
    services.reveal_caller(made, actor=zhang.user)
    services.close(made, actor=zhang.user)
    services.rate(made, actor=zhang.user, satisfaction="satisfied", is_solved=True)
    declined, on_the_spot = incident(**team), settled(place=places.qishan, reporter=chen.user)
    services.decline(declined, actor=zhang.user, note="重复")

    # What came of it stands beside the word for closing.
    lives = [
        [str(event.title).partition(" · ")[0] for event in timeline_of(one)] for one in (made, declined, on_the_spot)
    ]

    steps = (
        "reported opened dispatched taken recalled dispatched taken handed_over handed_over finished verified "
        "sent_back taken finished caller_revealed closed rated"
    )
    assert lives == [
        [WORDS[step][0] for step in life.split()] for life in (steps, "reported declined", "reported settled")
    ]


def test_every_step_that_a_service_records_has_its_words():
    """Read from the services themselves: a step without words would break the page of its incident."""
    named = re.compile(r'\b(?:make|write|record)\(\s*(?:moves?[\w.]*,\s*)?"(\w+)"')
    files = Path(services.__file__).parent.glob("*.py")
    steps = {step for file in files for step in named.findall(file.read_text(encoding="utf-8"))}

    assert {"closed", "escalated", "reopened"} <= steps
    assert (steps | {f"asked_{kind}" for kind in IncidentRequest.Kind.values}) - WORDS.keys() == set()


def test_a_step_tells_who_to_whom_and_why(chen, zhang, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, stage="opened")
    services.dispatch(made, actor=zhang.user, holder=wu.user, note="请周五前清走")

    event = timeline_of(made)[-1]

    assert (event.who, event.to, event.note, event.recorded) == ("张国华", "吴建国", "请周五前清走", None)


def test_what_was_written_down_on_another_day_says_so(chen, places):
    then = timezone.now() - timedelta(days=3)

    made = incident(place=places.qishan, reporter=chen.user, at=then)

    assert [(event.at, event.recorded) for event in timeline_of(made)] == [
        (then, audit.timeline(made).get().recorded_at),
    ]
