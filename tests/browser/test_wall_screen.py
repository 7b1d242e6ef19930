"""The screen on an office wall: it turns by itself, stands still when asked to, and says when it is out of date."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from grid.incidents.models import Incident
from portal.dashboard.wall import STAY
from tests import factories

from . import axe
from .devices import Device
from .tour import rename

HOSTILE = "<img src=x onerror=alert(1)>{a|b}"
WALL = Device(1920, 1080, is_phone=False)
FIGURE, WORD = 96, 36  # pixels that are read at five metres
SMALLER = """(least) => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((one) => !one.closest(".visually-hidden, .skip-link") && parseFloat(getComputedStyle(one).fontSize) < least)
  .map((one) => `${one.className} ${getComputedStyle(one).fontSize} ${one.textContent.trim().slice(0, 20)}`)"""


@pytest.fixture
def url(places, chen) -> str:
    factories.incident(place=places.qishan, reporter=chen.user)
    return reverse("dashboard:wall", args=[places.street.pk])


@pytest.fixture
def page(visit, he, url) -> Page:
    """Its time stands still, and goes on only when a test says so: however long a step takes, no turn comes between."""
    page = visit(he, WALL)
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(url)
    return page


def shown(page: Page) -> str:
    """Which panel hangs there, as the screen says it."""
    panel = page.locator("[data-wall-panel]:visible")
    expect(panel).to_have_count(1)
    said = page.locator("[data-wall-number]").inner_text()
    assert panel.get_attribute("data-wall-panel") == said
    return re.findall(r"\d+", said)[0]


def after(page: Page, seconds: float) -> str:
    page.clock.run_for(seconds * 1000)
    page.wait_for_timeout(50)
    return shown(page)


def test_it_turns_by_itself_and_begins_anew(page):
    number = page.locator("[data-wall-panel]").count()
    seen = [shown(page), *(after(page, STAY) for _each in range(number))]

    assert seen == [*map(str, range(1, number + 1)), "1"]


def test_it_stands_still_when_asked_to_by_hand_or_keyboard(page):
    pause = page.locator("[data-wall-pause]")
    pause.click()
    page.locator("body").click(position={"x": 5, "y": 5})
    assert after(page, 3 * STAY) == "1"

    page.keyboard.press("Space")
    assert after(page, STAY) == "2"
    page.keyboard.press("Space")
    assert after(page, 3 * STAY) == "2"


def test_the_arrow_keys_turn_it(page):
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        page.wait_for_timeout(50)
        seen.append(shown(page))

    assert seen == ["2", "3", "2", "1", str(page.locator("[data-wall-panel]").count())]


def test_what_somebody_reads_by_keyboard_does_not_turn_away(page):
    page.keyboard.press("ArrowRight")
    page.locator(".wall-sheet:visible").focus()

    assert after(page, 3 * STAY) == "2"


def renewed(page: Page) -> None:
    """Let the screen ask for new figures, and hang them up: at the first turn after they have come."""
    page.locator("[data-wall-as-of]").evaluate("(one) => { one.dataset.hung = 'before'; }")
    with page.expect_response("**/wall/"):
        for _each in range(3):
            after(page, STAY)
    for _turn in range(100):
        page.wait_for_timeout(100)
        after(page, STAY)
        if not page.locator("[data-hung=before]").count():
            return
    pytest.fail("no new figures were hung up")


def test_new_figures_come_by_themselves(page, he, places, chen):
    type(he.user).objects.filter(pk=he.pk).update(language="en")
    page.reload()
    tile = page.locator(".wall-figure").filter(has=page.get_by_text("Reported", exact=True))
    expect(tile.locator(".wall-value")).to_contain_text("1")
    page.locator("[data-wall-pause]").click()
    factories.incident(place=places.longji, reporter=chen.user)
    renewed(page)

    expect(tile.locator(".wall-value")).to_contain_text("2")


def test_old_figures_say_that_they_are_old(page, watch):
    old = page.locator("[data-wall-old]")
    expect(old).to_be_hidden()
    with watch.away():
        page.context.set_offline(True)
        for _each in range(10):
            after(page, STAY)
        expect(old).to_be_visible()
        page.context.set_offline(False)
    renewed(page)

    expect(old).to_be_hidden()


def test_without_scripts_each_turn_is_a_page(visit, he, url):
    page = visit(he, WALL, scripts=False)
    page.goto(url)
    expect(page.locator("[data-wall-panel]:visible")).to_have_count(1)
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == f"{STAY};url={url}?show=2"

    page.locator("[data-wall-step='1']").click()
    expect(page.locator("[data-wall-panel]:visible")).to_have_attribute("data-wall-panel", re.compile("2"))
    page.locator("[data-wall-plain]").click()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)


def test_it_is_read_at_five_metres(page):
    found = []
    for _each in range(page.locator("[data-wall-panel]").count()):
        found += page.evaluate(SMALLER, WORD)
        values = page.locator(".wall-value:visible")
        found += [
            f"{size} px"
            for size in values.evaluate_all("all => all.map((one) => parseFloat(getComputedStyle(one).fontSize))")
            if size < FIGURE
        ]
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)

    assert not found, "\n".join(found)


def test_every_panel_fits_on_the_screen(page):
    found = []
    for _each in range(page.locator("[data-wall-panel]").count()):
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        if size != [WALL.width, WALL.height]:
            found.append(f"{shown(page)}: {size}")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)

    assert not found, "\n".join(found)


def test_nobody_is_hindered(visit, he, url):
    page = visit(he, WALL)
    axe.bring(page.context)
    page.goto(url)
    page.locator("[data-wall-pause]").click()
    found = []
    for _each in range(page.locator("[data-wall-panel]").count()):
        found += axe.findings(page, shown(page))
        page.locator("[data-wall-step='1']").click()
        page.wait_for_timeout(50)

    assert not found, "\n".join(found)


def test_hostile_names_hang_as_text(page, url):
    rename(HOSTILE)
    Incident.objects.update(description="<script>alert(2)</script>")
    page.goto(url)
    for _each in range(page.locator("[data-wall-panel]").count()):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)

    expect(page.locator("h1")).to_contain_text(HOSTILE)
    assert page.locator("[onerror], body script").count() == 0
