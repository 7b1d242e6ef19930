"""Reminders are written once, many at a time, each in its reader's language."""

from datetime import time

import pytest
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.reminders.models import Delivery, Reminder
from portal.reminders.registry import Due, Pace
from portal.reminders.services import remind_many
from portal.reminders.timing import leaves_at, within
from tests.core.races import race

from .conftest import moment, tell, tell_many

pytestmark = pytest.mark.django_db
ROUNDS = 30


def test_many_are_told_each_in_their_language(chen, huang, wu, kind):
    kind()
    User.objects.filter(pk=huang.pk).update(language="en")

    assert tell_many([chen, huang, wu], text=_("Closed")) == 3

    said = dict(Reminder.objects.values_list("user__username", "text"))
    assert said == {"chen": "已结案", "huang": "Closed", "wu": "已结案"}


def test_who_has_been_told_is_not_told_again(chen, huang, wu, kind):
    kind()
    tell_many([chen])

    assert tell_many([chen, huang, wu, wu]) == 2
    assert tell_many([chen, huang, wu]) == 0
    assert tell_many([chen], stage="2") == 1


def test_who_has_left_is_told_nothing(chen, huang, kind):
    kind()
    User.objects.filter(pk=huang.pk).update(is_active=False)

    assert tell_many([chen, huang]) == 1


def test_words_with_signs_of_their_own_are_not_read_as_commands(chen, kind):
    kind()
    hostile = "100% <script>'; DROP TABLE 陈\\"

    remind_many([Due(chen.pk, User, chen.pk, "%(what)s", "1", {"what": hostile})], kind="tests.scene")

    assert Reminder.objects.get().text == hostile


def test_what_is_too_long_is_cut(chen, kind):
    kind()

    assert len(tell(chen, text="长" * 900).text) == 300


@pytest.mark.parametrize("people", [1, 3])
def test_the_number_of_questions_does_not_grow(people, chen, huang, wu, kind, reachable, django_assert_num_queries):
    kind()
    told = [chen, huang, wu][:people]
    for one in told:
        reachable(one)
    tell_many(told)  # the content type is known from now on

    with django_assert_num_queries(
        6
    ):  # who they are, a savepoint, write, what they chose, what leaves, the savepoint's end
        tell_many(told, stage="2")


@pytest.mark.django_db(transaction=True)
def test_told_by_several_at_once_it_is_written_once(chen, huang, wu, kind, reachable):
    kind()
    people = [chen, huang, wu]
    for one in people:
        reachable(one)

    told = race(
        lambda number: tell_many(people if number % 2 else people[::-1], stage=str(number)), hands=4, rounds=ROUNDS
    )

    assert [sum(each) for each in told] == [3] * ROUNDS
    assert (Reminder.objects.count(), Delivery.objects.count()) == (3 * ROUNDS, 3 * ROUNDS)


def test_a_letter_is_put_down_for_those_alone_who_have_a_confirmed_address(chen, huang, wu, kind, reachable):
    kind()
    reachable(chen)
    reachable(huang, email_confirmed_at=None)

    tell_many([chen, huang, wu])

    assert list(Delivery.objects.values_list("user__username", flat=True)) == ["chen"]


def test_who_wants_none_of_a_group_gets_none(chen, kind, reachable):
    kind()
    reachable(chen, paces={"work": Pace.OFF})

    tell(chen)

    assert not Delivery.objects.exists()


def test_without_a_mail_server_nothing_is_put_down(chen, kind, reachable, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    kind()
    reachable(chen)

    tell(chen)

    assert not Delivery.objects.exists()


def test_a_kind_without_channels_stays_in_the_portal(chen, kind, reachable):
    kind(channels=())
    reachable(chen)

    tell(chen)

    assert not Delivery.objects.exists()


def test_a_letter_falls_with_the_reminder_that_it_carries(chen, kind, reachable):
    kind()
    reachable(chen)
    told = tell(chen)

    told.delete()

    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("now", "pace", "leaves"),
    [
        ("2026-11-22 12:00", Pace.AT_ONCE, "2026-11-22 12:00"),
        ("2026-11-22 20:59", Pace.AT_ONCE, "2026-11-22 20:59"),
        ("2026-11-22 21:00", Pace.AT_ONCE, "2026-11-23 07:00"),
        ("2026-11-22 23:59", Pace.AT_ONCE, "2026-11-23 07:00"),
        ("2026-11-23 00:00", Pace.AT_ONCE, "2026-11-23 07:00"),
        ("2026-11-23 06:59", Pace.AT_ONCE, "2026-11-23 07:00"),
        ("2026-11-23 07:00", Pace.AT_ONCE, "2026-11-23 07:00"),
        ("2026-11-22 07:30", Pace.DIGEST, "2026-11-22 08:00"),
        ("2026-11-22 07:58", Pace.DIGEST, "2026-11-23 08:00"),  # it might come too late for this morning's
        ("2026-11-22 08:00", Pace.DIGEST, "2026-11-23 08:00"),
        ("2026-11-22 22:00", Pace.DIGEST, "2026-11-23 08:00"),
    ],
)
def test_when_a_letter_may_leave(now, pace, leaves, chen, kind, reachable):
    preference = reachable(chen, quiet_from=time(21), quiet_until=time(7), paces={"work": pace})

    assert leaves_at(preference, kind(), moment(now)) == moment(leaves)


@pytest.mark.parametrize(
    ("begins", "ends", "quiet"),
    [
        (13, 14, ["13:00", "13:59"]),
        (21, 7, ["21:00", "23:59", "00:00", "06:59"]),
        (0, 0, []),
        (9, 9, []),
    ],
)
def test_quiet_hours_may_pass_midnight_and_may_be_none(begins, ends, quiet):
    asked = ["00:00", "06:59", "07:00", "12:59", "13:00", "13:59", "14:00", "20:59", "21:00", "23:59"]
    found = [text for text in asked if within(time.fromisoformat(text), time(begins), time(ends))]

    assert sorted(found) == sorted(quiet)


def test_what_is_urgent_waits_for_no_morning(chen, kind, reachable):
    preference = reachable(chen, quiet_from=time(21), quiet_until=time(7), paces={"work": Pace.DIGEST})
    night = moment("2026-11-22 23:00")

    assert leaves_at(preference, kind(is_urgent=True), night) == night
