"""Who is addressed when a notice goes down, and what is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from grid.notices import services
from grid.notices.models import DoorPassing, Notice, Receipt
from grid.notices.services import sending
from grid.places import services as posts
from grid.places.models import Role
from portal.core.clock import today
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.cast import make_user

from .letters import addressed, flats, receipt, sent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("audience", "people"),
    [
        ("everyone", {"chen", "huang", "wu", "zhang"}),
        ("grid_leaders", {"wu"}),
        ("leaders", {"chen", "huang"}),
    ],
)
def test_a_notice_of_the_community_reaches_the_posts_of_its_audience_but_not_its_sender(
    audience, people, chen, huang, wu, li, zhang, zhou, he, places
):
    notice = sent(places.dalong, li, audience)

    assert addressed(notice) == people
    assert [area.place for area in notice.areas.all()] == [places.dalong]


def test_only_the_chosen_areas_are_addressed(chen, huang, wu, li, places):
    assert addressed(sent(places.dalong, li, areas=[places.longji])) == {"huang"}
    assert addressed(sent(places.dalong, li, areas=[places.grid])) == {"chen", "huang"}


def test_an_area_within_another_chosen_one_is_not_kept_apart(chen, li, places):
    notice = sent(places.dalong, li, areas=[places.grid, places.qishan])

    assert [area.place for area in notice.areas.all()] == [places.grid]


def test_the_street_reaches_committees_and_leaders_of_all_its_communities(chen, li, zhang, zhou, he, places):
    assert addressed(sent(places.street, he, "committees")) == {"li", "zhang", "zhou"}
    assert addressed(sent(places.street, he, "leaders")) == {"chen"}
    assert addressed(sent(places.street, he, "committees", areas=[places.lingbian])) == {"zhou"}


def test_nobody_floods_every_phone(chen, li, zhang, places, monkeypatch):
    monkeypatch.setattr(sending, "MOST_A_DAY", 2)
    sent(places.dalong, li, at=timezone.now() - timedelta(days=1))
    for _number in range(2):
        sent(places.dalong, li)

    with pytest.raises(Refused):
        sent(places.dalong, li)
    assert sent(places.dalong, zhang).sender == zhang.user


def test_a_mistake_may_be_corrected_however_many_notices_were_sent_that_day(chen, li, places, monkeypatch):
    monkeypatch.setattr(sending, "MOST_A_DAY", 1)
    wrong = sent(places.dalong, li)

    right = services.correct(wrong, actor=li.user, title="停水通知", body="后天停水。", reason="日期写错")

    assert (right.corrects, Notice.objects.get(pk=wrong.pk).is_withdrawn) == (wrong, True)


def test_a_grid_reaches_its_leaders(chen, huang, wu, places):
    assert addressed(sent(places.grid, wu)) == {"chen", "huang"}


def test_stand_ins_are_addressed_and_former_leaders_are_not(chen, huang, li, places):
    post = posts.appoint(
        make_user("stand_in", "代班"),
        role=Role.BUILDING_LEADER,
        place=places.qishan,
        actor=None,
        stands_in_for=chen.user.appointments.get(),
    )
    posts.dismiss(huang.user.appointments.get(), actor=None)

    assert addressed(sent(places.dalong, li)) == {"chen", post.user.username}


def test_whoever_holds_two_such_posts_has_a_receipt_at_each(chen, li, places):
    posts.appoint(chen.user, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)

    notice = sent(places.dalong, li)

    assert {one.place for one in notice.receipts.all()} == {places.qishan, places.fuyi}


def test_households_in_which_somebody_lives_stand_on_the_list(chen, huang, li, places):
    homes = flats(places.qishan, 3, represented=1)
    flats(places.longji, 2)

    everybody = sent(places.dalong, li, "residents", areas=[places.qishan])
    speakers = sent(places.dalong, li, "representatives")

    assert {door.household for door in everybody.doors.all()} == set(homes)
    assert {door.household for door in speakers.doors.all()} == {homes[0]}
    assert {(door.place, door.community) for door in everybody.doors.all()} == {(places.qishan, places.dalong)}


def test_what_is_sent_is_on_record_without_its_words(chen, li, places):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents")

    entry = AuditEntry.objects.get(action="notice.sent")

    told = {"audience": "residents", "areas": [places.dalong.pk], "receipts": 1, "households": 2}
    assert (entry.subject, entry.actor, entry.data, entry.note) == (notice, li.user, told, "")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "  "}, "title"),
        ({"body": "\n"}, "body"),
        ({"audience": "committees"}, "audience"),
        ({"audience": "grid_leaders"}, "audience"),
        ({"answer_by": "yesterday"}, "answer_by"),
        ({"areas": ["lingbian"]}, "areas"),
        ({"areas": ["street"]}, "areas"),
    ],
)
def test_what_is_refused(fields, field, chen, zhou, li, places):
    if fields.get("answer_by"):
        fields = {"answer_by": today() - timedelta(days=1)}
    if fields.get("areas"):
        fields = {"areas": [getattr(places, name) for name in fields["areas"]]}

    with pytest.raises(Refused) as refused:
        sent(places.dalong, li, **fields)

    assert [reason.field for reason in refused.value.reasons] == [field]
    assert not Notice.objects.exists()


def test_all_reasons_come_at_once(li, places):
    with pytest.raises(Refused) as refused:
        sent(places.dalong, li, title="", body="", audience="committees")

    assert [reason.field for reason in refused.value.reasons] == ["title", "body", "audience"]


def test_the_database_refuses_what_makes_no_sense(chen, li, places):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    mine, at_home = Receipt.objects.get(), DoorPassing.objects.get()
    nonsense = [
        lambda: Notice.objects.filter(pk=notice.pk).update(place=places.qishan, place_level=3),
        lambda: Notice.objects.filter(pk=notice.pk).update(place_level=2),
        lambda: Notice.objects.filter(pk=notice.pk).update(title=""),
        lambda: Notice.objects.filter(pk=notice.pk).update(corrects=notice),
        lambda: Notice.objects.filter(pk=notice.pk).update(withdrawn_at=notice.sent_at),
        lambda: Receipt.objects.filter(pk=mine.pk).update(acknowledged_at=notice.sent_at),
        lambda: Receipt.objects.filter(pk=mine.pk).update(community=places.lingbian),
        lambda: Receipt.objects.create(notice=notice, user=chen.user, place=places.qishan, role=mine.role),
        lambda: DoorPassing.objects.filter(pk=at_home.pk).update(outcome="told"),
        lambda: DoorPassing.objects.create(notice=notice, household=at_home.household, place=places.qishan),
    ]
    for write in nonsense:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_a_correction_goes_to_the_same_people_and_takes_the_old_one_back(chen, huang, li, places):
    flats(places.qishan, 2)
    old = sent(places.dalong, li, "residents", areas=[places.qishan], must_acknowledge=True, is_urgent=True)
    services.acknowledge(old, actor=chen.user)

    new = services.correct(old, actor=li.user, title="停水改期", body="改到后天。", reason="日期写错了")

    old.refresh_from_db()
    assert (old.is_withdrawn, old.why_withdrawn, new.corrects, new.audience) == (True, "日期写错了", old, "residents")
    assert (new.is_urgent, new.must_acknowledge, addressed(new), new.doors.count()) == (True, True, {"chen"}, 2)
    assert receipt(new, chen).read_at is None
    assert receipt(old, chen).is_withdrawn
    with pytest.raises(Refused):
        services.correct(old, actor=li.user, title="又改", body="又改", reason="又错了")


def test_a_withdrawal_needs_a_reason_and_happens_once(chen, li, places):
    notice = sent(places.dalong, li)
    with pytest.raises(Refused) as refused:
        services.withdraw(notice, actor=li.user, reason=" ")
    assert [reason.field for reason in refused.value.reasons] == ["reason"]

    services.withdraw(notice, actor=li.user, reason="不停水了")

    with pytest.raises(Refused):
        services.withdraw(notice, actor=li.user, reason="不停水了")
    assert AuditEntry.objects.get(action="notice.withdrawn").note == "不停水了"
