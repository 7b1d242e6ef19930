"""What people do with a page: tap, fill in, send, photograph, read."""

import re
from pathlib import PurePosixPath
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

from grid.incidents.models import Incident
from tests.pictures import jpeg

from .words import t


class Thumb:
    """Taps, and counts its taps."""

    def __init__(self) -> None:
        self.taps = 0

    def __call__(self, target: Locator) -> None:
        self.taps += 1
        target.tap()


def photo(colour: str = "#88a") -> FilePayload:
    """A picture as a phone's camera hands it to the page."""
    drawn = jpeg(size=(1600, 1200), colour=colour)
    return {"name": drawn.name, "mimeType": drawn.content_type, "buffer": drawn.read()}


def attach(page: Page, field: str, *photos: FilePayload) -> None:
    """Choose photos from the album and wait until the page shows them."""
    box = page.locator(f"#id_{field}")
    box.locator("[id$=_album]").set_input_files(list(photos))
    expect(box.locator("[data-photo-previews] li")).to_have_count(len(photos))


def fill(page: Page, fields: dict[str, Any]) -> None:
    """Fill in fields by their names: words, a choice, or photos."""
    for name, value in fields.items():
        control = page.locator(f'main form[method=post] [name="{name}"]')
        if isinstance(value, dict):
            attach(page, name, value)
        elif control.first.get_attribute("type") == "radio":
            chosen = page.locator(f'main form[method=post] [name="{name}"][value="{value}"]')
            page.locator(f'label[for="{chosen.get_attribute("id")}"]').click()
        elif control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(str(value))
        else:
            control.fill(value)


def send(page: Page, **fields: Any) -> None:
    """Fill in the page's form and send it; the answer has arrived when this returns."""
    fill(page, fields)
    with page.expect_navigation():
        page.locator("main form[method=post]").last.locator("button[type=submit]").last.click()


def make(page: Page, incident: Incident, move: str, **fields: Any) -> None:
    """Open an incident, press the button of a move, fill in what it asks for and send it."""
    page.goto(incident.get_absolute_url())
    button = page.locator(f'.move-buttons a[href$="/{move}/"]')
    if not button.is_visible():
        page.locator(".moves-more > summary").click()
    button.click()
    send(page, **fields)
    expect(page).to_have_url(re.compile(re.escape(incident.get_absolute_url()) + "$"))
    expect(page.locator(".message-success")).to_be_visible()


def moves(page: Page) -> set[str]:
    """The moves that the page of an incident offers."""
    links = page.locator(".move-buttons a").evaluate_all("links => links.map(link => link.pathname)")
    return {PurePosixPath(link).name for link in links}


def figure(page: Page, label: str) -> str:
    """The value of a figure by the English of its label."""
    tile = page.locator(".figure-tile").filter(has=page.get_by_text(t(label), exact=True))
    return tile.locator(".figure-value").inner_text()
