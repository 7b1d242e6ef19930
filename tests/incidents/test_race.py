"""Two at once on real connections: the database lets one of them move it, and tells the other in words."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import Count
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import Category, Incident, IncidentRequest, Tier, holding
from grid.incidents.workflow import State
from grid.places.models import Role
from portal.core import outbox
from portal.core.models import AuditEntry
from portal.core.refusals import Refused, explained
from tests.cast import make_user

pytestmark = pytest.mark.django_db(transaction=True)

CLERKS_ROUNDS = 1000
ROUNDS = 60
WAIT = 60


def made(places: Any, chen: Any, number: int, **fields: Any) -> list[Incident]:
    """So many incidents in 陈's building, written in one statement."""
    category, now = Category.objects.get(code="clutter"), timezone.now()
    common = {
        "place": places.qishan,
        "community": places.dalong,
        "category": category,
        "rule": holding(category, places.qishan),
        "reporter": chen.user,
        "owner": chen.user,
        "description": "三楼楼梯口堆满纸箱",
        "accept_due_at": now,
        "due_at": now,
    }
    return Incident.objects.bulk_create(Incident(**{**common, **fields}) for _row in range(number))


def race(subjects: Iterable[Any], *sides: Callable[[Any], object]) -> list[list[str]]:
    """Each side does its step to each subject, all at the same moment; "" for done, else why it was refused."""
    subjects = list(subjects)
    start = Barrier(len(sides))

    def run(step: Callable[[Any], object]) -> list[str]:
        told = []
        try:
            with outbox.silence():
                for one in subjects:
                    start.wait(timeout=WAIT)
                    told.append(_answer(step, one))
        finally:
            connection.close()
        return told

    with ThreadPoolExecutor(len(sides)) as pool:
        return [future.result() for future in [pool.submit(run, step) for step in sides]]


def _answer(step: Callable[[Any], object], subject: Any) -> str:
    try:
        step(subject)
    except Refused as refused:
        return str(refused)
    except IntegrityError as error:
        return str(explained(error))
    return ""


def one_wins(*told: list[str]) -> bool:
    """In each round one side was let through, and each other one was told why not, in words."""
    return all(list(row).count("") == 1 for row in zip(*told, strict=True))


def test_one_of_two_clerks_moves_it_and_the_other_is_told(chen, li, zhang, places):
    incidents = made(places, chen, CLERKS_ROUNDS)

    opened, declined = race(
        incidents,
        lambda one: services.open_case(one, actor=li.user),
        lambda one: services.decline(one, actor=zhang.user, note="重复上报"),
    )

    assert one_wins(opened, declined)
    states = dict(Incident.objects.values_list("pk", "state"))
    for one, refused in zip(incidents, opened, strict=True):
        assert states[one.pk] == (State.DECLINED if refused else State.OPENED)
    entries = AuditEntry.objects.filter(action__startswith="incident.").values("subject_id").annotate(n=Count("pk"))
    assert list(entries.values_list("n", flat=True)) == [1] * CLERKS_ROUNDS


def test_a_request_is_decided_once(chen, li, zhang, wu, places):
    held = {"state": State.DISPATCHED, "holder": wu.user, "dispatched_at": timezone.now(), "level": Tier.GRID}
    incidents = made(places, chen, ROUNDS, **held)
    asked = IncidentRequest.objects.bulk_create(
        IncidentRequest(incident=one, kind=IncidentRequest.Kind.RETURN, reason="不归我管", asked_by=wu.user)
        for one in incidents
    )

    granted, refused = race(
        asked,
        lambda one: services.decide(one, actor=li.user, granted=True),
        lambda one: services.decide(one, actor=zhang.user, granted=False, reply="归你"),
    )

    assert one_wins(granted, refused)
    states = dict(Incident.objects.values_list("pk", "state"))
    verdicts = dict(IncidentRequest.objects.values_list("incident", "is_granted"))
    for one, told in zip(incidents, granted, strict=True):
        assert verdicts[one.pk] == (not told)
        assert states[one.pk] == (State.DISPATCHED if told else State.OPENED)


def test_what_is_passed_up_is_not_dispatched_by_the_community_as_well(chen, li, zhang, wu, he, places):
    incidents = made(places, chen, ROUNDS, state=State.OPENED, level=Tier.COMMUNITY)

    passed_up, dispatched = race(
        incidents,
        lambda one: services.escalate(one, actor=li.user, note="需要执法"),
        lambda one: services.dispatch(one, actor=zhang.user, holder=wu.user),
    )

    assert one_wins(passed_up, dispatched)
    where = {pk: (level, holder) for pk, level, holder in Incident.objects.values_list("pk", "level", "holder")}
    for one, told in zip(incidents, passed_up, strict=True):
        assert where[one.pk] == ((Tier.GRID, wu.pk) if told else (Tier.STREET, None))


def test_one_of_two_officers_takes_it(chen, lin, places, urban):
    from grid.places import services as posts

    other = make_user("qin", "秦川")
    posts.appoint(other, role=Role.DEPARTMENT_OFFICER, department=urban, actor=None)
    sent = {"state": State.DISPATCHED, "department": urban, "dispatched_at": timezone.now(), "level": Tier.DEPARTMENT}
    incidents = made(places, chen, ROUNDS, **sent)

    first, second = race(
        incidents,
        lambda one: services.take(one, actor=lin.user),
        lambda one: services.take(one, actor=other),
    )

    assert one_wins(first, second)
    holders = dict(Incident.objects.values_list("pk", "owner"))
    for one, told in zip(incidents, first, strict=True):
        assert holders[one.pk] == (other.pk if told else lin.pk)


def test_the_same_is_asked_once(chen, wu, places):
    held = {"state": State.IN_PROGRESS, "holder": wu.user, "dispatched_at": timezone.now(), "level": Tier.GRID}
    incidents = made(places, chen, ROUNDS, **held)

    told = race(incidents, *[lambda one: services.ask_return(one, actor=wu.user, reason="不归我管")] * 2)

    assert one_wins(*told)
    assert IncidentRequest.objects.count() == ROUNDS
