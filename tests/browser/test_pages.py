"""Every page, at a desk and on a phone, in normal and in large type."""

import pytest

from grid.incidents.models import Incident
from tests.test_wall import DOORS, SEEN_BY_NEIGHBOURS, WITHOUT_OBJECT

from . import axe
from .devices import PHONE
from .tour import EMPTY_PORTAL, NO_PAGE, Tour, rename

LONG = "石碁镇大龙社区岐山中路二号楼至二十三号楼居民自治与志愿服务联合楼栋小组"
NARROW = 320  # px; WCAG 1.4.10
TYPE = pytest.mark.parametrize("large", [False, True], ids=["normal type", "large type"])

# The page as its reader may open it up: what is folded away is there as well.
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


@TYPE
def test_axe_finds_nothing_on_any_page(large: bool, tour: Tour):
    found = []
    for stop, page in tour.through(PHONE, large=large, prepare=axe.bring):
        page.evaluate(UNFOLD)
        found += axe.findings(page, stop)

    assert not found, "\n".join(found)


def test_the_tour_passes_every_address_that_is_a_page(tour: Tour):
    passed = {stop.name for stop in tour.stops if ":" in stop.name}

    assert passed == (WITHOUT_OBJECT | DOORS.keys() | SEEN_BY_NEIGHBOURS.keys()) - NO_PAGE - EMPTY_PORTAL


@TYPE
def test_a_phone_shows_everything_within_reach(large: bool, tour: Tour):
    rename(LONG)
    Incident.objects.update(location="一至五楼楼梯口" * 6, description="https://example.org/" + "a" * 300)
    sideways, small = [], {}
    for stop, page in tour.through(PHONE, large=large):
        page.evaluate(UNFOLD)
        for target in page.evaluate(SMALL_TARGETS):
            small.setdefault(target, stop)
        page.set_viewport_size({"width": NARROW, "height": PHONE.height})
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > NARROW:
            sideways.append(f"{stop}: {width} px wide")
        page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})

    assert not sideways, "\n".join(sideways)
    assert not small, "\n".join(f"{target} on {stop}" for target, stop in small.items())


SMALL_TARGETS = """() => {
  const least = 44;
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
    const box = own.map((one) => one.getBoundingClientRect()).find((one) => one.width > 1) || target.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const far = (dx, dy) => { let n = 0; while (n < least && hits(x + dx * (n + 1), y + dy * (n + 1))) n += 1; return n; };
    return [far(-1, 0) + far(1, 0) + 1, far(0, -1) + far(0, 1) + 1];
  };
  const isSeen = (target) => {
    const box = target.getBoundingClientRect();
    return target.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1 && box.bottom + scrollY > 0;
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
