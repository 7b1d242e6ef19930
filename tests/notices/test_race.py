"""Several at once on real connections: one tick for one door, one receipt for one post, one correction."""

from typing import Any

import pytest
from django.db import IntegrityError

from grid.notices import services
from grid.notices.models import DoorPassing, Notice, Receipt
from grid.notices.services import sending
from grid.places import services as posts
from grid.places.models import Role
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.cast import make_user
from tests.core.races import race

from .letters import flats, sent

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, HANDS = 40, 3


def answered(step: Any) -> str:
    """ "" when it went through, else why not."""
    try:
        step()
    except (Refused, IntegrityError) as error:
        return str(error) or "refused"
    return ""


def test_a_double_tap_ticks_a_door_once(chen, li, places):
    flats(places.qishan, ROUNDS)
    notice = sent(places.dalong, li, "residents")
    doors = list(notice.doors.order_by("pk"))

    played = race(lambda n: services.mark(doors[n], "told", actor=chen.user).at, hands=HANDS, rounds=ROUNDS)

    assert len(played) == ROUNDS
    assert all(len(set(round_)) == 1 for round_ in played), "all hands see the first tick"
    assert notice.doors.progress() == {"households": ROUNDS, "told": ROUNDS, "nobody_home": 0}
    assert not AuditEntry.objects.filter(action="notice.door_corrected").exists()


def test_told_and_undo_at_once_end_as_one_of_the_two(chen, li, places):
    flats(places.qishan, ROUNDS)
    notice = sent(places.dalong, li, "residents")
    doors = list(notice.doors.order_by("pk"))
    services.mark(doors[0], "told", actor=chen.user)
    outcomes = iter(["told", "", "nobody_home"] * 10)

    def play(n: int) -> str:
        return services.mark(doors[n], next(outcomes, "told"), actor=chen.user).outcome

    race(play, hands=3, rounds=ROUNDS)

    wrong = [
        one for one in DoorPassing.objects.all() if bool(one.outcome) != (one.by_id is not None and one.at is not None)
    ]
    assert not wrong


def test_a_notice_is_corrected_or_withdrawn_once(chen, li, zhang, places, monkeypatch):
    monkeypatch.setattr(sending, "MOST_A_DAY", 2 * ROUNDS)
    notices = [sent(places.dalong, li) for _n in range(ROUNDS)]

    def play(n: int) -> str:
        return answered(
            lambda: services.correct(notices[n], actor=zhang.user, title="更正", body="后天", reason="写错了")
        )

    played = race(play, hands=HANDS, rounds=ROUNDS)

    assert all(list(round_).count("") == 1 for round_ in played)
    assert Notice.objects.filter(corrects__isnull=False).count() == ROUNDS


def test_a_tap_at_the_moment_of_a_withdrawal_is_before_it_or_refused(chen, li, places):
    flats(places.qishan, 1)
    notices = [sent(places.dalong, li, "residents") for _n in range(ROUNDS)]
    doors = [notice.doors.get() for notice in notices]
    steps = [
        lambda n: services.mark(doors[n], "told", actor=chen.user),
        lambda n: services.withdraw(notices[n], actor=li.user, reason="不停水了"),
    ]
    turns = iter(range(2))
    mine: dict[int, int] = {}

    def play(n: int) -> str:
        from threading import get_ident

        which = mine.setdefault(get_ident(), next(turns, 0))
        return answered(lambda: steps[which](n))

    race(play, hands=2, rounds=ROUNDS)

    assert not DoorPassing.objects.filter(is_withdrawn=False).exists()
    assert Notice.objects.filter(withdrawn_at=None).count() == 0


def test_confirming_twice_at_once_is_one_confirmation(chen, li, places):
    notices = [sent(places.dalong, li) for _n in range(ROUNDS)]

    race(lambda n: bool(services.acknowledge(notices[n], actor=chen.user)), hands=HANDS, rounds=ROUNDS)

    assert AuditEntry.objects.filter(action="notice.acknowledged").count() == ROUNDS


def test_two_runs_address_a_newcomer_once(chen, li, places):
    sent(places.dalong, li)
    new = make_user("new", "新楼长")
    posts.appoint(new, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)

    race(lambda _n: services.address_newcomers(), hands=HANDS, rounds=5)

    assert Receipt.objects.filter(user=new).count() == 1
