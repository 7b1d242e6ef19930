"""Every page, at a desk and on a phone, in normal and in large type, with names as long as they get."""

import pytest
from django.urls import reverse

from grid.incidents.models import Incident
from tests.doors import DOORS, SEEN_BY_NEIGHBOURS, WITHOUT_OBJECT

from . import axe, reach
from .devices import PHONE
from .tour import EMPTY_PORTAL, NO_PAGE, ON_A_PHONE, Tour, calendar_kwargs, refused, rename

LONG = "石碁镇大龙社区岐山中路二号楼至二十三号楼居民自治与志愿服务联合楼栋小组"

# What is folded away is looked at as well.
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


SHARES = 4  # of the way through all pages, so that several workers walk it


@pytest.mark.parametrize("share", range(SHARES))
def test_no_page_hinders_anybody(share: int, tour: Tour):
    lengthen()

    found = []
    for stop, page in tour.through(PHONE, share=(share, SHARES), prepare=axe.bring):
        page.evaluate(UNFOLD)
        found += [*reach.findings(page, stop), *axe.findings(page, stop)]

    assert not found, "\n".join(found)


def test_in_large_type_everything_is_in_reach_of_those_who_use_a_phone(tour: Tour):
    lengthen()
    tour.stops = [stop for stop in tour.stops if stop.who in ON_A_PHONE]

    found = []
    for stop, page in tour.through(PHONE, large=True):
        page.evaluate(UNFOLD)
        found += reach.findings(page, stop)

    assert not found, "\n".join(found)


def lengthen() -> None:
    """Give everything names and texts as long as they get."""
    rename(LONG)
    Incident.objects.update(location="一至五楼楼梯口" * 6, description="https://example.org/" + "a" * 300)


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
