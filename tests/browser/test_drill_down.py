"""From the street's number to its record: community, grid, building group with its façade, and the record itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.models import User
from portal.dashboard.rules import LEAST_N
from tests import factories

from .devices import DESK, PHONE, Device

BELOW = ".side-by-side tbody th a"
RECORDS = "#records .todo-link"


@pytest.fixture
def incident(places, chen):
    return factories.incident(place=places.qishan, reporter=chen.user)


@pytest.mark.parametrize(("device", "scripts"), [(DESK, True), (PHONE, False)], ids=["desk", "phone without scripts"])
def test_from_the_streets_number_to_its_record(device: Device, scripts: bool, visit, he, places, incident):
    User.objects.filter(pk=he.pk).update(language="en")
    page: Page = visit(he, device, scripts=scripts)
    page.goto("/board/")
    tile = page.locator(".reading").filter(has=page.get_by_role("link", name="Reported", exact=True))
    expect(tile.locator(".figure-value")).to_contain_text("1")

    tile.get_by_role("link").click()
    for place in (places.dalong, places.grid, places.qishan):
        expect(page.locator(RECORDS)).to_have_count(1)
        page.locator(BELOW, has_text=place.name).click()
    expect(page.locator("main a", has_text="Façade").first).to_be_visible()
    page.locator(RECORDS).click()

    expect(page).to_have_url(re.compile(re.escape(incident.get_absolute_url()) + "$"))


def test_a_bar_of_the_chart_leads_down_as_well(visit, he, places, chen, zhou):
    for place, reporter in ((places.qishan, chen), (places.lingbian_group, zhou)):
        for _each in range(LEAST_N):
            factories.incident(place=place, reporter=reporter.user)
    page: Page = visit(he, DESK)
    page.goto(f"/board/{places.street.pk}/?sort=incidents.reported")
    chart = page.locator("[data-chart=across]")
    expect(chart.locator("canvas")).to_be_visible()
    chart.locator("[data-chart-place]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_contain_text(places.dalong.name)
