"""Every page, at a desk and on a phone, in normal and in large type, with names that are long and hostile."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from grid.incidents.models import Incident
from tests.doors import DOORS, SEEN_BY_NEIGHBOURS, WITHOUT_OBJECT

from . import axe, hostile, reach
from .devices import DESK, PHONE, resize
from .tour import EMPTY_PORTAL, NO_PAGE, ON_A_PHONE, Stop, Tour, calendar_kwargs, refused, rename

LONG = "石碁镇大龙社区岐山中路二号楼至二十三号楼居民自治与志愿服务联合楼栋小组"

# What is folded away is looked at as well.
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
DRAWN_BY_SCRIPTS = {"dashboard:board", "dashboard:boards", "dashboard:figure", "dashboard:home", "incidents:report"}

SHARES = 4  # of the way through all pages, so that several workers walk it


@pytest.mark.parametrize("share", range(SHARES))
def test_no_page_hinders_anybody_or_runs_what_people_wrote(share: int, tour: Tour):
    """All that is judged of a page is judged while it is open, for opening it takes longest."""
    write_much(tour)

    drawn, found = [], []
    for stop, page in tour.through(PHONE, share=(share, SHARES), prepare=axe.bring):
        found += hostile.findings(page, stop)
        drawn += [stop] if hostile.is_drawn(page) else []
        page.evaluate(UNFOLD)
        found += hindering(page, stop)

    assert not found, "\n".join(found)
    assert len(drawn) > len(tour.stops) / SHARES / 2


def hindering(page: Page, stop: Stop) -> list[str]:
    """What hinders somebody on a phone, a desk and a narrow phone; afterwards the page is as wide as it was."""
    is_on_a_phone = stop.who in ON_A_PHONE
    found = reach.small(page, stop)
    if is_on_a_phone:
        with reach.in_large_type(page):
            found += reach.small(page, f"{stop} in large type")
    for device in (PHONE, DESK):
        axe.unroll(page, device)
        found += axe.here(page, stop)
    resize(page, reach.NARROW, PHONE.height)
    found += reach.wide(page, stop)
    if is_on_a_phone:
        with reach.in_large_type(page):
            found += reach.wide(page, f"{stop} in large type")
    resize(page, PHONE.width, PHONE.height)
    return found


def test_what_scripts_draw_is_in_reach_when_it_comes_in_large_type(tour: Tour):
    """Where scripts draw or part what is read, large type is there from the beginning."""
    write_much(tour)
    tour.stops = [stop for stop in tour.stops if stop.who in ON_A_PHONE]

    found = []
    for stop, page in tour.through(PHONE, large=True, only=DRAWN_BY_SCRIPTS):
        assert page.locator("html[data-large=true]").count(), stop
        page.evaluate(UNFOLD)
        found += reach.findings(page, stop)

    assert not found, "\n".join(found)


def write_much(tour: Tour) -> None:
    """Give everything names and texts as long as they get, which begin with markup."""
    rename(hostile.IMAGE + LONG[:26], buildings=(LONG, hostile.IMAGE))
    texts = {"description": hostile.HOSTILE + "https://example.org/" + "a" * 300, "outcome": hostile.HOSTILE}
    place = hostile.HOSTILE[:50] + "一至五楼楼梯口" * 6
    Incident.objects.update(location=place, caller_name=hostile.HOSTILE[:60], **texts)
    hostile.hand_on(tour)


def test_the_tour_passes_every_address_that_is_a_page(tour: Tour):
    others = {stop.name for stop in refused(tour.scene)}  # no addresses of the portal
    passed = {stop.name for stop in tour.stops} - others

    assert passed == (WITHOUT_OBJECT | DOORS.keys() | SEEN_BY_NEIGHBOURS.keys()) - NO_PAGE - EMPTY_PORTAL


def test_what_the_tour_leaves_out_shows_nobody_a_page(tour: Tour, client_of):
    shown = set()
    for name in NO_PAGE:
        door = DOORS.get(name)
        kwargs = door.make(tour.scene) if door else calendar_kwargs().get(name)
        who = door.owner if door else "he"
        response = client_of(tour.scene.people[who]).get(reverse(name, kwargs=kwargs))
        if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
            shown.add(name)

    assert shown == set()
