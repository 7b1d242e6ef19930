"""Take the pictures of the documents from a portal that `make demo` serves: `make screenshots`.

PORTAL names its address (default http://127.0.0.1:8000), CHROMIUM the browser.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import launch

PORTAL = os.environ.get("PORTAL", "http://127.0.0.1:8000")
IMAGES = Path(__file__).parent / "images"
PASSWORD = "shequ-2023-jiayuan"  # noqa: S105 - the demonstration's, printed by `make demo`
GAP, GROUND = 24, "#dfe4ea"


@contextmanager
def signed_in(browser: Browser, username: str, width: int, height: int) -> Iterator[Page]:
    """A browser in which somebody of the demonstration has signed in and agreed."""
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=PORTAL, locale="zh-CN")
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    if "/consent/" in page.url:
        page.locator("main form button[type=submit]").first.click()
    yield page
    context.close()


def picture(page: Page, address: str) -> Image.Image:
    """What the window shows at an address."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures side by side on a grey ground, all as high as the highest."""
    height = max(one.height for one in pictures) + 2 * GAP
    sheet = Image.new("RGB", (sum(one.width + GAP for one in pictures) + GAP, height), GROUND)
    left = GAP
    for one in pictures:
        sheet.paste(one, (left, GAP))
        left += one.width + GAP
    return sheet


def main() -> None:
    """Write every picture the documents show."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        with signed_in(browser, "leader", 390, 844) as phone:
            home, report = picture(phone, "/"), picture(phone, "/incidents/report/")
        with signed_in(browser, "staff", 1280, 844) as desk:
            incidents = picture(desk, "/incidents/")
        browser.close()
    beside(home, report, incidents).quantize(128).save(IMAGES / "portal.png", optimize=True)


if __name__ == "__main__":
    main()
