"""Several at once on real connections: one tick for one door, one receipt for one post, one correction."""

import time
from collections.abc import Callable
from threading import Event, get_ident
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from grid.notices import services
from grid.notices.models import DoorPassing, Notice, Receipt
from grid.notices.services import correcting
from grid.places import boundaries
from grid.places import services as posts
from grid.places.models import Place, Role
from grid.roster.models import Household
from grid.roster.services import households
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.cast import make_user
from tests.core.races import elsewhere, race

from .letters import flats, sent

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, HANDS = 40, 3
DRAWN = 12  # rounds in which places are redrawn


def answered(step: Any) -> str:
    """ "" when it went through, else why not."""
    try:
        step()
    except (Refused, IntegrityError) as error:
        return str(error) or "refused"
    return ""


def side_by_side(*steps: Callable[[int], Any], rounds: int) -> None:
    """Each step by a hand of its own, at the same moment, round after round."""
    turns, mine = iter(steps), dict[int, Callable[[int], Any]]()

    def play(n: int) -> str:
        step = mine.get(get_ident()) or mine.setdefault(get_ident(), next(turns))
        return answered(lambda: step(n))

    race(play, hands=len(steps), rounds=rounds)


def one_after_the_other(first: Callable[[], Any], second: Callable[[], Any]) -> None:
    """The second begins when the first has written; the first commits once the second waits for it, or is done."""
    written, done = Event(), Event()

    def hold(_round: int) -> None:
        with transaction.atomic():
            first()
            written.set()
            patience = time.monotonic() + 10
            while not (done.is_set() or somebody_waits()) and time.monotonic() < patience:
                time.sleep(0.01)

    def follow(_round: int) -> None:
        written.wait(20)
        try:
            second()
        finally:
            done.set()

    side_by_side(hold, follow, rounds=1)


def somebody_waits() -> bool:
    """Whether another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return cursor.rowcount > 0


def split_off(place: Place, home: Household, number: int, actor: Any) -> Place:
    """A new building group of one flat."""
    code = f"{place.code[:-3]}{number:03}"
    chosen = frozenset({f"roster:h:{home.pk}"})
    return boundaries.split(place, name=f"新{number}组", code=code, chosen=chosen, actor=actor.user)


def doors_astray() -> int:
    """How many wait at a building group in which their household does not stand."""
    return DoorPassing.objects.waiting().exclude(place=F("household__place")).count()


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
    monkeypatch.setattr(correcting, "MOST_A_DAY", ROUNDS)
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

    side_by_side(
        lambda n: services.mark(doors[n], "told", actor=chen.user),
        lambda n: services.withdraw(notices[n], actor=li.user, reason="不停水了"),
        rounds=ROUNDS,
    )

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


def test_nobody_is_addressed_by_what_is_withdrawn_at_that_moment(chen, li, places):
    posts.appoint(make_user("new", "新楼长"), role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)
    for _round in range(5):
        notice = sent(places.dalong, li)
        Receipt.objects.all().delete()

        one_after_the_other(
            lambda notice=notice: services.withdraw(notice, actor=li.user, reason="不停水了"),
            services.address_newcomers,
        )

        assert not Receipt.objects.exists()


def test_what_a_street_sends_while_a_group_is_split_waits_where_the_households_stand(huang, li, he, places):
    homes = flats(places.qishan, 6)
    for n in range(5):
        one_after_the_other(
            lambda n=n: split_off(places.qishan, homes[n], 100 + n, li), lambda: sent(places.street, he, "residents")
        )

    assert DoorPassing.objects.count() == 5 * 6
    assert doors_astray() == 0


def test_a_correction_and_a_redrawing_do_not_stop_each_other(chen, li, zhang, places, monkeypatch):
    monkeypatch.setattr(correcting, "MOST_A_DAY", DRAWN)
    homes = flats(places.qishan, DRAWN + 1)
    notices = [sent(places.dalong, li, "residents") for _n in range(DRAWN)]

    side_by_side(
        lambda n: services.correct(notices[n], actor=zhang.user, title="更正", body="后天", reason="写错了"),
        lambda n: split_off(places.qishan, homes[n], 100 + n, li),
        rounds=DRAWN,
    )

    assert Notice.objects.filter(withdrawn_at=None, corrects__isnull=False).count() == DRAWN
    assert Household.objects.exclude(place=places.qishan).count() == DRAWN
    assert doors_astray() == 0


def test_nor_do_a_correction_and_a_household_that_comes_to_another_group(chen, li, zhang, places, monkeypatch):
    monkeypatch.setattr(correcting, "MOST_A_DAY", DRAWN)
    homes = flats(places.qishan, DRAWN + 1)
    notices = [sent(places.dalong, li, "residents") for _n in range(DRAWN)]

    side_by_side(
        lambda n: services.correct(notices[n], actor=zhang.user, title="更正", body="后天", reason="写错了"),
        lambda n: households.move([homes[n]], places.longji, li.user),
        rounds=DRAWN,
    )

    assert Notice.objects.filter(withdrawn_at=None, corrects__isnull=False).count() == DRAWN
    assert Household.objects.filter(place=places.longji).count() == DRAWN


def test_while_somebody_confirms_others_write_what_names_their_place(chen, li, zhang, places):
    notice = sent(places.dalong, li)

    def written() -> Receipt:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        return Receipt.objects.create(notice=notice, user=zhang.user, place=places.qishan, role=Role.SECRETARY)

    with transaction.atomic():
        services.acknowledge(notice, actor=chen.user)

        assert elsewhere(written).place == places.qishan
