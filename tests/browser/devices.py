"""What the cast holds or sits at."""

from dataclasses import dataclass

from playwright.sync_api import Page

DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True)
class Device:
    """A screen, and whether fingers touch it."""

    width: int
    height: int
    is_phone: bool


PHONE = Device(390, 844, is_phone=True)
DESK = Device(1440, 900, is_phone=False)


def resize(page: Page, width: int, height: int) -> None:
    """Give the window another size, and the browser the time to draw the page anew."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("(width) => innerWidth === width", arg=width)
    page.evaluate(DRAWN)
