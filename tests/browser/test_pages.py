"""Every page, at a desk and on a phone, in normal and in large type, with names as long as they get."""

import pytest

from grid.incidents.models import Incident
from tests.test_wall import DOORS, SEEN_BY_NEIGHBOURS, WITHOUT_OBJECT

from . import axe, reach
from .devices import PHONE
from .tour import EMPTY_PORTAL, NO_PAGE, Tour, rename

LONG = "石碁镇大龙社区岐山中路二号楼至二十三号楼居民自治与志愿服务联合楼栋小组"

# What is folded away is looked at as well.
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


@pytest.mark.parametrize("large", [False, True], ids=["normal type", "large type"])
def test_no_page_hinders_anybody(large: bool, tour: Tour):
    rename(LONG)
    Incident.objects.update(location="一至五楼楼梯口" * 6, description="https://example.org/" + "a" * 300)

    found = []
    for stop, page in tour.through(PHONE, large=large, prepare=axe.bring):
        page.evaluate(UNFOLD)
        found += [*reach.findings(page, stop), *axe.findings(page, stop)]

    assert not found, "\n".join(found)


def test_the_tour_passes_every_address_that_is_a_page(tour: Tour):
    passed = {stop.name for stop in tour.stops if ":" in stop.name}

    assert passed == (WITHOUT_OBJECT | DOORS.keys() | SEEN_BY_NEIGHBOURS.keys()) - NO_PAGE - EMPTY_PORTAL
