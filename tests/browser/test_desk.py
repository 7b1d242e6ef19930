"""The committee's desk: by the keyboard alone, several at once, and along the list without losing it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from grid.incidents.models import Incident
from tests.factories import incident

from .axe import bring, findings
from .devices import DESK, PHONE, Device, resize
from .words import t


@pytest.fixture
def heap(chen, huang, li, places) -> list[Incident]:
    """Four opened cases in two buildings, the most urgent first."""
    now, here = timezone.now(), {"office": li.user, "stage": "opened"}
    places_and_people = [(places.qishan, chen), (places.longji, huang)] * 2
    return [
        incident(place=place, reporter=person.user, at=now - timedelta(days=9 - n), **here)
        for n, (place, person) in enumerate(places_and_people)
    ]


@pytest.fixture
def sit(visit):
    """Sit somebody down where axe is at hand: `sit(li)`."""

    def at(person, device: Device = DESK) -> Page:
        page = visit(person, device)
        bring(page.context)
        return page

    return at


def check(page: Page, device: Device = DESK) -> None:
    """Nothing hinders anybody on this page; the window is as it was afterwards."""
    found = findings(page, page.url)
    resize(page, device.width, device.height)
    assert not found, "\n".join(found)


def picked(page: Page) -> list[str]:
    return page.locator("[data-bulk-item]:checked").evaluate_all("boxes => boxes.map(box => box.value)")


def test_ticked_and_dispatched_with_the_keyboard_alone(sit, li, wu, heap):
    page = sit(li)
    page.goto("/incidents/")

    for key in ("j", "x", "ArrowDown", "x", "j", "x", "k", "x"):  # the second is ticked and unticked again
        page.keyboard.press(key)
    assert picked(page) == [str(heap[0].pk), str(heap[2].pk)]

    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(re.escape(t("Dispatch")))).press("Enter")
    check(page)
    page.locator("[name=to]").select_option(f"p{wu.pk}")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").press("Enter")

    expect(page.locator("[data-bulk-results] .bulk-rows li")).to_have_count(2)
    check(page)
    states = {one.pk: one.state for one in Incident.objects.all()}
    assert [states[one.pk] for one in heap] == ["dispatched", "opened", "dispatched", "opened"]


def test_sent_again_by_reloading_it_is_done_once(sit, li, wu, heap):
    page = sit(li)
    page.goto("/incidents/")
    page.locator("[data-bulk-item]").first.check()
    page.get_by_role("button", name=re.compile(re.escape(t("Dispatch")))).click()
    page.locator("[name=to]").select_option(f"p{wu.pk}")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()

    page.reload()

    expect(page.locator("[data-bulk-results] [role=status]")).to_be_visible()
    assert Incident.objects.filter(state="dispatched").count() == 1


def test_from_the_list_to_the_next_and_back_to_the_same_row(sit, li, heap):
    page = sit(li)
    page.goto("/incidents/?severity=general")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/incidents/{heap[0].pk}/\?"))

    page.keyboard.press("n")
    page.wait_for_url(re.compile(rf"/incidents/{heap[1].pk}/\?"))
    page.keyboard.press("n")
    page.wait_for_url(re.compile(rf"/incidents/{heap[2].pk}/\?"))
    page.keyboard.press("p")
    page.wait_for_url(re.compile(rf"/incidents/{heap[1].pk}/\?"))
    page.keyboard.press("u")
    page.wait_for_url(re.compile(r"/incidents/\?.*severity=general"))

    expect(page.locator("tr.is-at a")).to_have_attribute("href", re.compile(f"/{heap[1].pk}/"))


def test_keys_are_letters_while_one_types(sit, li, heap):
    page = sit(li)
    page.goto("/incidents/")

    page.keyboard.press("/")
    page.keyboard.type("jxk?")

    expect(page.locator("[name=q]")).to_have_value("jxk?")
    expect(page.locator("tr.is-at")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_keys_are_shown_and_closed_again(sit, li, heap):
    page = sit(li)
    page.goto("/incidents/")

    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")

    expect(page.locator("dialog[open]")).to_have_count(0)


def test_without_scripts_the_same_can_be_done(visit, li, wu, heap):
    page = visit(li, DESK, scripts=False)
    page.goto("/incidents/")
    expect(page.locator("[data-desk-keys]")).to_be_hidden()
    page.locator("[data-bulk-item]").first.check()
    page.get_by_role("button", name=re.compile(re.escape(t("Dispatch")))).click()
    page.locator("[name=to]").select_option(f"p{wu.pk}")
    page.locator("main form button[type=submit]").click()

    assert Incident.objects.get(pk=heap[0].pk).state == "dispatched"
    page.goto(f"{heap[1].get_absolute_url()}?scope=open")
    page.locator("#alike a").click()
    expect(page).to_have_url(re.compile(r"/alike/\?scope=open"))


def test_what_is_alike_comes_after_the_page(sit, li, heap):
    page = sit(li)

    page.goto(heap[0].get_absolute_url())

    expect(page.locator("#alike h2").first).to_be_visible()
    expect(page.locator("[data-desk-later]")).to_have_count(0)
    check(page)


def test_on_a_phone_the_first_step_is_within_reach_of_the_thumb(sit, li, heap):
    page = sit(li, PHONE)
    page.goto(heap[0].get_absolute_url())

    box = page.locator(".move-first").bounding_box()

    assert box["height"] >= 60
    assert PHONE.height / 2 < box["y"] < PHONE.height - box["height"]
    check(page, PHONE)
