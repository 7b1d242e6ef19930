"""Hostile text in every name and every word: drawn as text, run by nobody."""

import pytest

from grid.incidents import services
from grid.incidents.models import Incident
from portal.core import outbox

from .devices import PHONE
from .tour import Tour, rename

SHARES = 2
IMAGE = "<img src=x onerror=alert(1)>"
# What text that was taken for markup would leave in a page. The portal's own files are named by their address, some of
# them beside the field that needs them.
RUN = "[onerror], [onload], body script:not([src^='/static/build/'])"
HOSTILE = f"\"'>{IMAGE}<script>alert(2)</script><svg/onload=alert(3)>{{{{7919*7907}}}}</textarea></title>"


@pytest.mark.parametrize("share", range(SHARES))
def test_hostile_text_stays_text_on_every_page(share: int, tour: Tour):
    people = tour.scene.people
    rename(IMAGE)
    Incident.objects.update(description=HOSTILE, location=HOSTILE[:100], outcome=HOSTILE, caller_name=HOSTILE[:60])
    incident = tour.scene.incident("opened", description=HOSTILE)
    services.dispatch(incident, actor=people["li"].user, holder=people["wu"].user, note=HOSTILE)
    outbox.drain()

    drawn, ran = [], []
    for stop, page in tour.through(PHONE, share=(share, SHARES)):
        if IMAGE in page.locator("body").inner_text():
            drawn.append(stop)
        if page.locator(RUN).count() or "62615533" in page.title():
            ran.append(stop)

    assert not ran
    assert len(drawn) > len(tour.stops) / SHARES / 2
