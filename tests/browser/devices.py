"""What the cast holds or sits at."""

from dataclasses import dataclass

from playwright.sync_api import Page

# Once the window has its width, two frames: the first begins to draw, the second finds it drawn.
DRAWN = """(width) => new Promise((done, fail) => {
  const until = Date.now() + 10000;
  const look = () => {
    if (innerWidth === width) requestAnimationFrame(() => requestAnimationFrame(() => done()));
    else if (Date.now() > until) fail(new Error(`${innerWidth} px wide, not ${width}`));
    else requestAnimationFrame(look);
  };
  look();
})"""


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
    page.evaluate(DRAWN, width)
