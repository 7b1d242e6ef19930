"""What the cast holds or sits at."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

# Once the window has its width, two frames: the first begins to draw, the second finds it drawn.
DRAWN = """(width) => new Promise((done, fail) => {
  const until = Date.now() + 30000;
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
DEVICES: WeakKeyDictionary[Page, tuple[Device, CDPSession]] = WeakKeyDictionary()


def sit(page: Page, device: Device) -> Page:
    """Remember at which device a page is looked at; returns the page."""
    DEVICES[page] = device, page.context.new_cdp_session(page)
    return page


def resize(page: Page, width: int, height: int) -> None:
    """Give the page another size, and the browser the time to draw it anew.

    Only the page is told: a window of another size would draw its own bars anew, which takes longer than most pages.
    """
    if page in DEVICES:
        device, session = DEVICES[page]
        fixed = {"mobile": device.is_phone, "deviceScaleFactor": 1, "screenWidth": width, "screenHeight": height}
        session.send("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, **fixed})
    else:
        page.set_viewport_size({"width": width, "height": height})
    page.evaluate(DRAWN, width)
