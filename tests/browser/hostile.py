"""Hostile text in every name and every word: drawn as text, run by nobody."""

from playwright.sync_api import Page

from grid.incidents import services
from portal.core import outbox

from .tour import Tour

IMAGE = "<img src=x onerror=alert(1)>"
# What text that was taken for markup would leave in a page. The portal's own files are named by their address, some of
# them beside the field that needs them.
RUN = "[onerror], [onload], body script:not([src^='/static/build/'])"
HOSTILE = f"\"'>{IMAGE}<script>alert(2)</script><svg/onload=alert(3)>{{{{7919*7907}}}}</textarea></title>"


def hand_on(tour: Tour) -> None:
    """Let somebody write it, and everybody up to the handler be told of it."""
    people = tour.scene.people
    incident = tour.scene.incident("opened", description=HOSTILE)
    services.dispatch(incident, actor=people["li"].user, holder=people["wu"].user, note=HOSTILE)
    outbox.drain()


def is_drawn(page: Page) -> bool:
    """Whether hostile text is read on this page."""
    return IMAGE in page.locator("body").inner_text()


def findings(page: Page, what: object) -> list[str]:
    """What was taken for markup, or counted out, on this page."""
    found = page.locator(RUN).count() or "62615533" in page.title()
    return [f"{what}: hostile text was run"] if found else []
