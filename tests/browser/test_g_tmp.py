import pytest
from . import axe, reach
from .devices import DESK, PHONE
from .test_pages import UNFOLD, lengthen
from .tour import ON_A_PHONE
from grid.notices.models import Notice

N = {
    "notices:list",
    "notices:write",
    "notices:notice",
    "notices:unread",
    "notices:correct",
    "notices:withdraw",
    "notices:doors",
}


def test_g(tour):
    tour.stops = [s for s in tour.stops if s.name in N]
    assert {s.name for s in tour.stops} == N
    lengthen()
    Notice.objects.update(title="石碁镇大龙社区关于开展" * 5, body="https://example.org/" + "a" * 300, is_urgent=True)
    found = []
    for device, large in ((PHONE, False), (PHONE, True), (DESK, False)):
        for stop, page in tour.through(device, large=large, prepare=axe.bring):
            page.evaluate(UNFOLD)
            if device is PHONE:
                found += reach.findings(page, stop)
            found += axe.findings(page, stop)
    assert not found, "\n".join(found)
