"""The façade by keyboard: Tab enters it once, the arrow keys walk over it, Enter opens the flat."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.roster.people import household

from .devices import DESK


@pytest.fixture
def page(visit, chen, places):
    for unit in ("1单元", "2单元"):
        for floor in (1, 2, 3):
            for flat in (1, 2):
                if (unit, floor, flat) != ("1单元", 2, 2):  # a hole
                    household(places.qishan, room=f"{floor}0{flat}", unit=unit)
    page = visit(chen, DESK)
    page.goto(reverse("roster:buildings", args=[places.qishan.pk]))
    return page


def test_arrow_keys_walk_over_floors_holes_and_units(page):
    walked = []
    page.locator(".facade a.cell").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp", "End"):
        page.keyboard.press(key)
        walked.append(page.evaluate("document.activeElement.querySelector('title').textContent.split(/[,，]/)[0]"))

    assert walked == [
        "3栋1单元302",
        "3栋2单元301",
        "3栋2单元201",
        "3栋2单元101",
        "3栋1单元102",
        "3栋1单元302",
        "3栋2单元102",
    ]


def test_tab_enters_once_and_enter_opens_the_flat(page):
    page.locator(".facade a.cell").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.facade')") is None

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("3栋1单元301")


def test_the_focus_is_seen(page):
    ring = page.locator(".facade a.cell .cell-ring").first
    assert ring.evaluate("(one) => getComputedStyle(one).stroke") == "none"

    page.keyboard.press("Tab")
    page.locator(".facade a.cell").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")

    assert ring.evaluate("(one) => getComputedStyle(one).stroke") == "rgb(26, 95, 180)"
