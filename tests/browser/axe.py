"""What axe finds on a page: WCAG 2.2 A and AA, and what its makers call best practice."""

from functools import cache

from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from .devices import DESK, PHONE, Device, resize

SOURCE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${innerWidth} px: ${id}: ${help}: ${node.target.join(" ")} ${node.html.slice(0, 160)}`));
}"""


@cache
def _source() -> str:
    return SOURCE.read_text()


def bring(context: BrowserContext) -> None:
    """Let every page of this context know axe; what the browser itself brings along passes the pages' policy."""
    context.add_init_script(_source())


def findings(page: Page, what: object) -> list[str]:
    """What hinders somebody on this page, at a desk and on a phone."""
    found = []
    for device in (DESK, PHONE):
        unroll(page, device)
        found += here(page, what)
    return found


def unroll(page: Page, device: Device) -> None:
    """Make the page as wide as a device and as tall as what stands on it, so that a bar at the edge covers nothing."""
    height = "document.documentElement.scrollHeight"
    tall = max(page.evaluate(height), device.height)
    resize(page, device.width, tall)
    taller = page.evaluate(height)
    if taller > tall:
        resize(page, device.width, taller)


def here(page: Page, what: object) -> list[str]:
    """What hinders somebody on this page, as wide as it is now."""
    return [f"{what}, {finding}" for finding in page.evaluate(RUN, TAGS)]
