"""Everything works where scripts do not: old engines inside other apps, a script that did not load."""

import re

import pytest
from playwright.sync_api import Page, expect

from grid.incidents.models import Incident
from grid.incidents.workflow import State
from tests import factories
from tests.cast import PASSWORD

from .devices import DESK, PHONE
from .hands import fill, make, photo, send


@pytest.fixture
def leader(visit, chen) -> Page:
    return visit(chen, PHONE, scripts=False)


def test_signing_in_with_another_language_and_larger_type(visit, chen):
    page = visit(None, PHONE, scripts=False)
    page.goto("/")
    page.locator('form[action="/language/"] button').click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator('form[action="/large-type/"] button').click()
    expect(page.locator("html")).to_have_attribute("data-large", "true")

    fill(page, {"username": "chen", "password": PASSWORD})
    page.locator('main form[action="/sign-in/"] button[type=submit]').click()

    expect(page.locator(".big-tile-main")).to_be_visible()
    chen.user.refresh_from_db()
    assert (chen.user.language, chen.user.large_type) == ("en", True)


def test_a_report_with_a_photo(leader, places):
    category = factories.category("clutter")
    leader.goto("/")
    leader.locator(".big-tile-main").click()
    leader.locator("#id_photos_camera").set_input_files(photo())
    send(leader, category=category.pk, description="三楼堆满纸箱")

    expect(leader.locator(".message-success")).to_be_visible()
    incident = Incident.objects.get()
    assert (incident.place, incident.category, incident.photos.count()) == (places.qishan, category, 1)


def test_a_refused_report_keeps_what_was_entered(leader, watch):
    leader.goto("/incidents/report/")
    leader.locator("details.settled summary").click()
    leader.locator("label[for=id_settled]").click()
    leader.locator("#id_photos_album").set_input_files(photo())
    with watch.expects(422):
        send(leader, category=factories.category("clutter").pk, outcome="清走了")

    expect(leader.locator("#id_after .field-error")).to_be_visible()
    expect(leader.locator(".photo-kept img")).to_have_count(1)
    leader.locator("#id_after_album").set_input_files(photo("#8c8"))
    send(leader)

    assert Incident.objects.get().settled_on_the_spot


def test_a_move(visit, li, chen, places):
    incident = factories.incident(place=places.qishan, reporter=chen.user)

    make(visit(li, DESK, scripts=False), incident, "decline", note="不属于社区职责")

    incident.refresh_from_db()
    assert incident.state == State.DECLINED


def test_the_filter_and_confirming_in_bulk(visit, li, chen, places):
    for code in ("clutter", "small_ads"):
        factories.settled(place=places.qishan, reporter=chen.user, code=code)
    page = visit(li, DESK, scripts=False)
    page.goto("/incidents/?scope=verify")
    group = factories.category("clutter").group
    page.locator("[name=group]").select_option(str(group.pk))
    page.locator("[name=q]").fill("小广告")
    page.locator(".filter-bar button[type=submit]").click()
    expect(page).to_have_url(re.compile(rf"scope=verify.*&?group={group.pk}|group={group.pk}.*scope=verify"))

    page.locator("[data-bulk-item]").check()  # the only one left
    page.locator(".bulk-bar button.btn-primary").click()

    expect(page.locator(".message-success")).to_be_visible()
    assert set(Incident.objects.values_list("category__code", "state")) == {
        ("clutter", State.AWAITING_VERIFICATION),
        ("small_ads", State.CLOSED),
    }
