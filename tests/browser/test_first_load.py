"""What a phone has to fetch before its owner can begin."""

from typing import Any

from playwright.sync_api import expect

from tests.cast import PASSWORD

from .devices import PHONE
from .hands import fill

MOST = 60_000  # bytes over the wire, headers and redirects included: a few seconds on a bad line


def test_sign_in_and_home_weigh_little_on_a_phone_that_was_never_here(visit, chen):
    page = visit(None, PHONE)
    fetched: dict[str, float] = {}
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")

    def redirected(event: dict[str, Any]) -> None:
        if "redirectResponse" in event:
            fetched[f"{event['requestId']} redirect"] = event["redirectResponse"]["encodedDataLength"]

    wire.on("Network.requestWillBeSent", redirected)
    wire.on("Network.loadingFinished", lambda event: fetched.update({event["requestId"]: event["encodedDataLength"]}))

    page.goto("/", wait_until="networkidle")
    fill(page, {"username": "chen", "password": PASSWORD})
    page.locator('main form[action="/sign-in/"] button[type=submit]').tap()
    expect(page.locator(".big-tile-main")).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert len(fetched) >= 5  # two pages, a style sheet, a script, the icons
    assert sum(fetched.values()) <= MOST
