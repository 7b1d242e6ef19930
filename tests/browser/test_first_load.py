"""What a phone has to fetch before its owner can begin."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.cast import PASSWORD

from .devices import PHONE
from .hands import fill

MOST = 60_000  # bytes over the wire, headers and redirects included: a few seconds on a bad line


MORE_ON_A_BOARD = 200_000  # bytes: what draws the charts, once; the tables stand there before it


def weighed(page: Page) -> dict[str, float]:
    """What the page fetches from now on, by request: bytes over the wire."""
    fetched: dict[str, float] = {}
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")

    def redirected(event: dict[str, Any]) -> None:
        if "redirectResponse" in event:
            fetched[f"{event['requestId']} redirect"] = event["redirectResponse"]["encodedDataLength"]

    wire.on("Network.requestWillBeSent", redirected)
    wire.on("Network.loadingFinished", lambda event: fetched.update({event["requestId"]: event["encodedDataLength"]}))
    return fetched


def test_sign_in_and_home_weigh_little_on_a_phone_that_was_never_here(visit, chen):
    page = visit(None, PHONE)
    fetched = weighed(page)

    page.goto("/", wait_until="networkidle")
    fill(page, {"username": "chen", "password": PASSWORD})
    page.locator('main form[action="/sign-in/"] button[type=submit]').tap()
    expect(page.locator(".big-tile-main")).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert len(fetched) >= 5  # two pages, a style sheet, a script, the icons
    assert sum(fetched.values()) <= MOST


def test_a_board_brings_its_charts_within_a_limit(visit, wu, places):
    page = visit(wu, PHONE)
    fetched = weighed(page)

    page.goto(f"/board/{places.grid.pk}/", wait_until="networkidle")
    expect(page.locator("canvas").first).to_be_visible()

    assert MOST < sum(fetched.values()) <= MOST + MORE_ON_A_BOARD


def test_a_board_that_was_seen_before_fetches_its_page_alone(visit, wu, places):
    page = visit(wu, PHONE)
    page.goto(f"/board/{places.grid.pk}/", wait_until="networkidle")
    fetched = weighed(page)

    page.reload(wait_until="networkidle")

    assert sum(fetched.values()) <= MOST / 3
