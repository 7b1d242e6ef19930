"""What a thumb cannot reach on a phone: beyond the edge, or too small to hit."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from .devices import PHONE, resize

NARROW = 320  # px: nothing is lost and nobody scrolls sideways (WCAG 2.2, 1.4.10)
LEAST = 44  # px either way, unless it stands among words (WCAG 2.2, 2.5.5)


def findings(page: Page, what: object) -> list[str]:
    """What lies out of reach on this page, on a phone and on a narrow one."""
    resize(page, PHONE.width, PHONE.height)
    found = small(page, what)
    resize(page, NARROW, PHONE.height)
    return [*found, *wide(page, what)]


def small(page: Page, what: object) -> list[str]:
    """What is too small to hit, at the page's present width."""
    return [f"{what}: {target}" for target in page.evaluate(SMALL, LEAST)]


def wide(page: Page, what: object) -> list[str]:
    """Whether a narrow phone would have to scroll sideways."""
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{what}: {width} px wide on a screen of {NARROW}"] if width > NARROW else []


@contextmanager
def in_large_type(page: Page) -> Iterator[None]:
    """Within this block the page is set in large type, as its server says it: by a word at its root."""
    page.evaluate("document.documentElement.dataset.large = 'true'")
    yield
    page.evaluate("document.documentElement.dataset.large = 'false'")


SMALL = """(least) => {
  const isAlone = (target) => {
    if (getComputedStyle(target).display !== "inline") return true;
    return ![...target.parentElement.childNodes].some((node) =>
      node !== target && node.nodeType === Node.TEXT_NODE && node.data.trim());
  };
  const labels = (target) => [target, ...(target.labels || [])];
  // a target may reach further than its box, through a label or a stretched pseudo-element
  const reach = (target) => {
    const own = labels(target);
    const hits = (x, y) => {
      const hit = document.elementFromPoint(x, y);
      return hit && own.some((one) => one.contains(hit));
    };
    const boxes = [...own, target].map((one) => one.getBoundingClientRect());
    const box = boxes.find((one) => one.width > 1) || boxes.at(-1);
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const far = (dx, dy) => {
      let n = 0;
      while (n < least && hits(x + dx * (n + 1), y + dy * (n + 1))) n += 1;
      return n;
    };
    return [far(-1, 0) + far(1, 0) + 1, far(0, -1) + far(0, 1) + 1];
  };
  const isSeen = (target) => {
    const box = target.getBoundingClientRect();
    const isDrawn = target.checkVisibility({ visibilityProperty: true });
    return isDrawn && box.width > 1 && box.height > 1 && box.bottom + scrollY > 0;
  };
  return [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")]
    .filter((target) => isSeen(target) && isAlone(target))
    .flatMap((target) => {
      const box = target.getBoundingClientRect();
      if (box.width >= least && box.height >= least) return [];
      target.scrollIntoView({ block: "center", inline: "nearest" });
      const [width, height] = reach(target);
      return width >= least && height >= least ? [] : [`${width} x ${height} px: ${target.outerHTML.slice(0, 160)}`];
    });
}"""
