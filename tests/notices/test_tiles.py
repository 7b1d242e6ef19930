"""What notices show on other screens: the tile's count, things to do, a way from the page of a place."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from grid.notices import services, tiles
from grid.notices.models import Notice
from grid.places.redrawing import touched_in
from portal.accounts.models import User
from portal.core.clock import today

from .letters import door, flats, sent

pytestmark = pytest.mark.django_db


def waiting(source: Any, person: Any) -> list[tuple[str, int]]:
    user = User.objects.get(pk=person.pk)
    return [(entry.url, entry.order) for entry in source(user)]


def test_the_tile_counts_what_was_not_opened(chen, li, places, client_of):
    first, _second = sent(places.dalong, li), sent(places.dalong, li)
    assert tiles.unread(User.objects.get(pk=chen.pk)) == 2

    services.read(first, actor=chen.user)

    assert tiles.unread(User.objects.get(pk=chen.pk)) == 1  # counted anew with each request
    assert (
        "通知公告" in client_of(chen).get("/").content.decode()
        or "Notices" in client_of(chen).get("/").content.decode()
    )


def test_what_is_urgent_stands_before_other_work(chen, li, places):
    plain, urgent = sent(places.dalong, li), sent(places.dalong, li, is_urgent=True)

    assert waiting(tiles.to_read, chen) == [(urgent.get_absolute_url(), 3), (plain.get_absolute_url(), 28)]


def test_nor_do_newer_ones_push_it_away(chen, li, places):
    now = timezone.now()
    urgent = sent(places.dalong, li, is_urgent=True, at=now - timedelta(hours=9))
    for hour in range(tiles.SHOWN + 1):
        sent(places.dalong, li, at=now - timedelta(hours=hour))

    shown = waiting(tiles.to_read, chen)

    assert (shown[0], len(shown)) == ((urgent.get_absolute_url(), 3), tiles.SHOWN)


def test_what_was_read_waits_only_while_it_is_to_be_confirmed(chen, li, places):
    notice, other = sent(places.dalong, li, must_acknowledge=True), sent(places.dalong, li)
    for one in (notice, other):
        services.read(one, actor=chen.user)
    assert waiting(tiles.to_read, chen) == [(notice.get_absolute_url(), 28)]

    services.acknowledge(notice, actor=chen.user)

    assert waiting(tiles.to_read, chen) == []


def test_old_ones_and_withdrawn_ones_wait_for_nobody(chen, li, places):
    old, gone = sent(places.dalong, li), sent(places.dalong, li)
    Notice.objects.filter(pk=old.pk).update(answer_by=today() - timedelta(days=30))
    services.withdraw(gone, actor=li.user, reason="不停水了")

    assert waiting(tiles.to_read, chen) == []


def test_doors_wait_once_the_notice_was_read_until_all_are_told(chen, li, places):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents")
    assert waiting(tiles.to_tell, chen) == []
    services.read(notice, actor=chen.user)
    assert waiting(tiles.to_tell, chen) == [(f"/notices/{notice.pk}/doors/", 29)]

    services.mark(door(notice, "101"), "told", actor=chen.user)
    services.mark(door(notice, "201"), "nobody_home", actor=chen.user)
    assert len(waiting(tiles.to_tell, chen)) == 1, "nobody home is not told"

    services.mark(door(notice, "201"), "told", actor=chen.user)
    assert waiting(tiles.to_tell, chen) == []


def test_the_way_to_a_notice_stands_on_the_pages_of_those_who_may_send(chen, li, he, places):
    assert [link.url for link in tiles.from_place(li.user, places.qishan)] == [f"/notices/write/?to={places.qishan.pk}"]
    assert list(tiles.from_place(chen.user, places.qishan)) == []


def test_a_redrawing_says_how_many_households_are_still_to_be_told(chen, li, places):
    flats(places.qishan, 2)
    sent(places.dalong, li, "residents")

    with translation.override("en"):
        found = {str(line.label): (line.number, line.stays) for line in touched_in([places.qishan])}

    assert found["Households still to be told of notices"] == (2, False)
