"""Opening, confirming, and telling households at the door."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from grid.notices import services
from grid.notices.counting import Counts, counts_of, follow, share, tops_for, unread_in
from grid.notices.models import DoorPassing, Receipt
from grid.notices.services import address_newcomers
from grid.places import boundaries, succession
from grid.places import services as posts
from grid.places.models import Appointment, Role
from portal.accounts.models import User
from portal.core.clock import today
from portal.core.handover import duties_of
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from portal.reminders.services import remind
from tests.cast import make_user

from .letters import addressed, door, flats, receipt, sent

pytestmark = pytest.mark.django_db
TOLD, NOBODY, WAITING = "told", "nobody_home", ""


def test_the_first_reading_counts(chen, li, places):
    notice, first = sent(places.dalong, li), timezone.now() + timedelta(hours=1)

    assert services.read(notice, actor=chen.user, at=first) == 1
    assert services.read(notice, actor=chen.user, at=first + timedelta(days=1)) == 0

    assert receipt(notice, chen).read_at == first


def test_confirming_is_reading_too_and_happens_once(chen, li, places):
    notice = sent(places.dalong, li)

    services.acknowledge(notice, actor=chen.user)
    once = receipt(notice, chen)
    services.acknowledge(notice, actor=chen.user)

    assert once.read_at == once.acknowledged_at is not None
    assert receipt(notice, chen).acknowledged_at == once.acknowledged_at
    assert AuditEntry.objects.filter(action="notice.acknowledged").count() == 1


def test_whoever_reads_a_notice_has_read_the_message_about_it(chen, huang, li, places):
    notice, other = sent(places.dalong, li), sent(places.dalong, li)
    for person, about in ((chen, notice), (chen, other), (huang, notice)):
        remind(person.user, kind="notices.again", about=about, text="A notice")

    services.read(notice, actor=chen.user)

    unread = Reminder.objects.unread()
    assert {(one.user_id, one.subject_id) for one in unread} == {(chen.pk, other.pk), (huang.pk, notice.pk)}


def test_a_reader_at_two_posts_reads_both_at_once(chen, li, places):
    posts.appoint(chen.user, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)
    notice = sent(places.dalong, li)

    services.acknowledge(notice, actor=chen.user)

    assert not Receipt.objects.filter(notice=notice, acknowledged_at=None).exists()


def test_nobody_confirms_what_was_not_addressed_to_them_or_holds_no_more(chen, huang, li, places):
    notice = sent(places.dalong, li, areas=[places.qishan])
    with pytest.raises(Refused):
        services.acknowledge(notice, actor=huang.user)
    services.withdraw(notice, actor=li.user, reason="不停水了")
    with pytest.raises(Refused):
        services.acknowledge(notice, actor=chen.user)


def test_a_door_says_who_knocked_and_when(chen, li, places):
    flats(places.qishan, 2)
    notice, at = sent(places.dalong, li, "residents"), timezone.now()

    services.mark(door(notice, "101"), TOLD, actor=chen.user, at=at)
    services.mark(door(notice, "201"), NOBODY, actor=chen.user, at=at)

    told = door(notice, "101")
    assert (told.outcome, told.by, told.at, told.is_told) == (TOLD, chen.user, at, True)
    assert DoorPassing.objects.progress() == {"households": 2, "told": 1, "nobody_home": 1}
    assert not AuditEntry.objects.filter(action="notice.door_corrected").exists()


def test_the_same_tick_again_changes_nothing_and_an_undone_one_is_on_record(chen, li, places):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    first = services.mark(door(notice, "101"), TOLD, actor=chen.user)

    again = services.mark(first, TOLD, actor=li.user)
    undone = services.mark(again, WAITING, actor=chen.user)

    assert (again.by, again.at) == (chen.user, first.at)
    assert (undone.outcome, undone.by, undone.at) == ("", None, None)
    entry = AuditEntry.objects.get(action="notice.door_corrected")
    assert entry.data == {"door": undone.pk, "household": undone.household_id, "before": TOLD, "now": ""}


def test_a_withdrawn_notice_is_not_passed_on_and_nonsense_is_refused(chen, li, places):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    with pytest.raises(Refused):
        services.mark(door(notice, "101"), "shouted", actor=chen.user)

    services.withdraw(notice, actor=li.user, reason="不停水了")

    with pytest.raises(Refused):
        services.mark(door(notice, "101"), TOLD, actor=chen.user)


def test_the_counts_come_up_level_by_level(chen, huang, wu, li, he, places):
    flats(places.qishan, 3)
    flats(places.longji, 2)
    notice = sent(places.dalong, li, "residents", must_acknowledge=True)
    services.acknowledge(notice, actor=chen.user)
    services.read(notice, actor=huang.user)
    services.mark(door(notice, "301"), TOLD, actor=chen.user)
    services.mark(DoorPassing.objects.filter(place=places.longji).first(), NOBODY, actor=huang.user)

    at_dalong = follow(notice, li.user, places.dalong)
    at_grid = follow(notice, wu.user, places.grid)

    whole = Counts(sent=2, read=2, acknowledged=1, households=5, told=1, nobody_home=1)
    assert at_dalong.totals == at_grid.totals == whole == follow(notice, he.user, places.street).totals
    assert [(row.place, row.counts) for row in at_dalong.rows] == [(places.grid, whole)]
    assert [(row.place.name, row.counts.told, row.counts.households) for row in at_grid.rows] == [
        ("岐山中路楼栋小组", 1, 3),
        ("龙基花园楼栋小组", 0, 2),
    ]
    assert (whole.awareness_rate, whole.reading_rate, whole.acknowledged_rate) == (20, 100, 50)


def test_a_rate_is_a_hundred_only_when_nothing_is_missing():
    assert (share(999, 1000), share(1, 1), share(0, 3), share(0, 0)) == (99, 100, 0, None)


def test_everybody_counts_within_their_own_territory(chen, huang, wu, li, zhou, he, places):
    notice = sent(places.street, he, "everyone")

    seen = {
        who: counts_of([notice], person.user)[notice.pk].sent
        for who, person in {"he": he, "li": li, "wu": wu, "chen": chen, "zhou": zhou}.items()
    }

    assert seen == {"he": 5, "li": 4, "wu": 3, "chen": 1, "zhou": 1}
    assert tops_for(notice, li.user) == [places.dalong]
    assert tops_for(notice, he.user) == [places.street]
    assert [one.user for one in unread_in(notice, wu.user, places.grid)] == [wu.user, chen.user, huang.user]


def test_whoever_comes_to_a_post_while_a_notice_stands_is_addressed_too(chen, li, places):
    standing, over = sent(places.dalong, li), sent(places.dalong, li, answer_by=today())
    type(over).objects.filter(pk=over.pk).update(answer_by=today() - timedelta(days=1))
    taken_back = sent(places.dalong, li)
    services.withdraw(taken_back, actor=li.user, reason="不停水了")
    new = make_user("new", "新楼长")
    posts.appoint(new, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)

    assert address_newcomers() == 1
    assert address_newcomers() == 0

    assert addressed(standing) == {"chen", "new"}
    assert addressed(over) == addressed(taken_back) == {"chen"}


def test_a_post_that_was_entered_late_is_addressed_as_well(chen, li, places):
    notice = sent(places.dalong, li, at=timezone.now() - timedelta(days=3))
    late = make_user("late", "补录楼长")
    posts.appoint(late, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None, since=today() - timedelta(days=10))

    address_newcomers()

    assert addressed(notice) == {"chen", "late"}


def test_so_is_an_account_that_is_switched_on_again_and_a_group_that_comes_to_the_grid(chen, huang, wu, li, places):
    User.objects.filter(pk=chen.pk).update(is_active=False)
    to_all, to_grid = sent(places.dalong, li), sent(places.dalong, li, areas=[places.second_grid, places.longji])
    assert (addressed(to_all), addressed(to_grid)) == ({"huang"}, {"huang"})
    User.objects.filter(pk=chen.pk).update(is_active=True)
    boundaries.move(places.qishan, to=places.second_grid, actor=li.user)

    assert address_newcomers() == 2

    assert addressed(to_all) == addressed(to_grid) == {"chen", "huang"}


def test_newcomers_have_the_receipts_they_would_have_had_that_day(chen, huang, wu, li, zhang, he, places):
    sources = [(places.street, he), (places.dalong, li), (places.grid, wu)]
    drafts = [
        {"audience": audience, "areas": areas}
        for audience in ("everyone", "leaders", "grid_leaders", "committees", "residents")
        for areas in (None, [places.dalong], [places.grid], [places.qishan, places.second_grid])
    ]
    for place, sender in sources:
        for draft in drafts:
            with suppress(Refused):
                sent(place, sender, must_acknowledge=True, **draft)
    columns = ("notice", "user", "role", "place", "community", "must_acknowledge", "sent_at", "is_withdrawn")
    once = set(Receipt.objects.values_list(*columns))
    assert len({row[0] for row in once}) > 20
    Receipt.objects.all().delete()

    assert address_newcomers() == len(once)

    assert set(Receipt.objects.values_list(*columns)) == once


@pytest.mark.parametrize("rows", [1, 3])
def test_looking_for_newcomers_costs_the_same_for_any_number_of_notices(
    rows, chen, li, places, django_assert_num_queries
):
    for _number in range(rows):
        sent(places.dalong, li)

    with django_assert_num_queries(5):
        assert address_newcomers() == 0


def test_what_was_not_read_passes_to_a_successor(chen, li, places):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents", must_acknowledge=True)
    read = sent(places.dalong, li)
    services.acknowledge(read, actor=chen.user)
    post = Appointment.objects.get(user=chen.user)
    assert [(duty.count, duty.passes) for duty in duties_of(chen.user, places.qishan)] == [(1, True), (2, False)]

    successor = make_user("next", "接任楼长")
    succession.replace(post, actor=li.user, successor=successor)

    assert addressed(notice) == {"next"}
    assert addressed(read) == {"chen"}
