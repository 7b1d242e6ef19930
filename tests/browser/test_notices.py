"""A notice goes down from the committee to the doors, and its counts come up again: by real clicks."""

import re
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from grid.notices import services
from grid.notices.models import DoorPassing, Notice, Receipt
from portal.core import outbox
from tests.notices.letters import door, flats, sent

from .devices import DESK, PHONE


def tick(page: Page, passing: DoorPassing, outcome: str) -> None:
    """Press a button at a door."""
    page.locator(f'#door-{passing.pk} button[value="{outcome}"]').click()


def numbers(page: Page, notice: Notice) -> list[str]:
    """What the committee's page says of each level: sent, read, confirmed, households told."""
    page.goto(notice.get_absolute_url())
    return page.locator(".notice-levels .level-number").all_inner_texts()


def written(page: Page, places: Any) -> Notice:
    """By a clerk at the desk: to the representatives of the first grid, looked at before it goes."""
    page.goto("/notices/")
    page.locator('a[href="/notices/write/"]').first.click()
    page.fill("[name=title]", "高龄津贴认证")
    page.fill("[name=body]", "请年满七十岁的老人带身份证到居委会。")
    page.locator('label[for="id_audience_3"]').click()
    page.locator(".area-fold > summary").first.click()
    page.locator(f'label[for="area_{places.grid.pk}"]').click()
    page.locator("button[value=preview]").click()
    expect(page.locator(".reach-number")).to_have_text(["2", "3"])
    assert not Notice.objects.exists()
    page.locator("button[value=send]").click()
    expect(page.locator(".message-success")).to_be_visible()
    return Notice.objects.get()


def test_down_to_the_doors_and_up_again(visit, chen, huang, li, places):
    flats(places.qishan, 4, represented=3)
    office = visit(li, DESK)
    notice = written(office, places)
    outbox.drain()
    assert numbers(office, notice) == ["2", "0", "0", "0"]

    leader = visit(chen, PHONE)
    leader.goto("/")
    tile = leader.locator('.big-tile[href="/notices/"]')
    expect(tile.locator(".count")).to_contain_text("1")
    tile.tap()
    leader.locator(f'.letter a[href="{notice.get_absolute_url()}"]').tap()
    leader.locator(".notice-know").tap()
    expect(leader.locator(".notice-known")).to_be_visible()
    leader.locator(f'a[href="{notice.get_absolute_url()}doors/"]').tap()
    expect(leader.locator(".door")).to_have_count(3)

    first, second, third = (door(notice, room) for room in ("101", "201", "301"))
    tick(leader, first, "told")
    expect(leader.locator(".doors-number")).to_have_text("1/3")
    expect(leader.locator(f"#door-{first.pk}")).to_have_class(re.compile("door-told"))
    tick(leader, second, "nobody_home")
    expect(leader.locator(f"#door-{second.pk}")).to_have_class(re.compile("door-missed"))
    tick(leader, third, "told")
    expect(leader.locator(".doors-number")).to_have_text("2/3")
    tick(leader, third, "")
    expect(leader.locator(".doors-number")).to_have_text("1/3")
    assert leader.url.endswith("/doors/"), "no page was left on the way"
    leader.goto("/")
    expect(tile.locator(".count")).to_have_count(0)

    assert numbers(office, notice) == ["2", "1", "1", "1"]
    office.locator(f'a[href="?at={places.grid.pk}"]').click()
    office.locator(f'a[href="?at={places.qishan.pk}"]').click()
    expect(office.locator(".notice-levels .level-number")).to_have_text(["1", "1", "1", "1"])
    office.locator(".notice-trail a").first.click()
    office.locator(".notice-who").click()
    expect(office.locator(".post-facts")).to_have_text(["黄伟强"])


def test_the_doors_need_no_scripts(visit, chen, li, places):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents")
    page = visit(chen, PHONE, scripts=False)
    page.goto(f"{notice.get_absolute_url()}doors/")
    knocked = door(notice, "201")

    tick(page, knocked, "told")

    expect(page).to_have_url(re.compile(rf"/doors/\?show=all#door-{knocked.pk}$"))
    expect(page.locator(".doors-number")).to_have_text("1/2")
    tick(page, knocked, "")
    expect(page.locator(".doors-number")).to_have_text("0/2")
    page.goto(notice.get_absolute_url())
    page.locator(".notice-know").click()
    expect(page.locator(".notice-known")).to_be_visible()
    assert Receipt.objects.get().acknowledged_at


def test_a_thumb_that_taps_twice_ticks_once(visit, chen, li, places):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents")
    page = visit(chen, PHONE)
    page.goto(f"{notice.get_absolute_url()}doors/")
    knocked = door(notice, "101")

    page.locator(f'#door-{knocked.pk} button[value="told"]').dblclick()

    expect(page.locator(".doors-number")).to_have_text("1/2")
    assert door(notice, "101").is_told


def test_two_quick_taps_on_a_slow_line_are_both_counted(visit, chen, li, places):
    flats(places.qishan, 3)
    notice = sent(places.dalong, li, "residents")
    page = visit(chen, PHONE)
    page.goto(f"{notice.get_absolute_url()}doors/")
    first = door(notice, "101")
    kept: list[tuple[Route, APIResponse]] = []
    page.route(f"**/notices/doors/{first.pk}/", lambda route: kept.append((route, route.fetch())), times=1)

    tick(page, first, "told")
    tick(page, door(notice, "201"), "nobody_home")
    page.wait_for_timeout(500)  # the answer to the second would be there by now
    [(route, answer)] = kept
    route.fulfill(response=answer)

    expect(page.locator(".doors-number")).to_have_text("1/3")
    expect(page.locator(".doors-progress .muted").last).to_contain_text("1")


def test_the_facade_shows_where_to_knock_and_leads_there(visit, chen, li, places):
    flats(places.qishan, 3)
    notice = sent(places.dalong, li, "residents")
    page = visit(chen, PHONE)
    page.goto(f"{notice.get_absolute_url()}doors/")
    tick(page, door(notice, "101"), "told")
    tick(page, door(notice, "201"), "nobody_home")
    expect(page.locator(".doors-progress .muted").last).to_contain_text("1")

    page.locator(".page-actions a").tap()

    expect(page.locator("a.cell-green .cell-room")).to_have_text(["101"])
    expect(page.locator("a.cell-amber .cell-room")).to_have_text(["201"])
    expect(page.locator("a.cell-grey .cell-room")).to_have_text(["401"])
    page.locator("a.cell-blue").tap()
    expect(page).to_have_url(re.compile(rf"/notices/{notice.pk}/doors/#door-{door(notice, '301').pk}$"))
    expect(page.locator(f"#door-{door(notice, '301').pk}")).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_leader_sees_first_what_is_urgent_and_the_rest_one_tap_away(scripts, visit, chen, li, places):
    flats(places.qishan, 1)
    for n in range(5):
        sent(places.dalong, li, "residents", title=f"通知{n}", must_acknowledge=True, is_urgent=n == 0)
        services.read(Notice.objects.latest("pk"), actor=chen.user)
    page = visit(chen, PHONE, scripts=scripts)

    page.goto("/")

    first = page.locator(".todo-title").first
    expect(first).to_have_text("通知0")
    expect(first).to_be_in_viewport()
    expect(page.locator(".later .todo-title").first).not_to_be_visible()
    page.locator(".later > summary").tap()
    expect(page.locator(".later .todo-title")).to_have_count(2)
    expect(page.locator(".later .todo-title").last).to_be_visible()
