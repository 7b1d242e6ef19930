"""Pages in the states that people bring about: a form refused, a question answered, a menu opened, a failure."""

from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from portal.dashboard.views import home
from tests import factories

from . import axe
from .devices import DESK, PHONE
from .hands import make
from .tour import Tour

REFUSED_WHEN_EMPTY = {
    "accounts:password",
    "accounts:sign_in",
    "incidents:decline",
    "incidents:dispatch",
    "incidents:enter",
    "incidents:finish",
    "incidents:rate",
    "incidents:report",
    "incidents:return",
    "incidents:rework",
    "incidents:settle",
    "places:add_department",
    "places:appoint",
    "places:appoint_officer",
    "places:dismiss",
    "places:open",
    "roster:estate_add",
    "roster:household_add",
    "roster:resident_add",
    "workdays:add",
    "workdays:change",
    "workdays:declare",
}
SEND_EMPTY = """(form) => {
  for (const one of form.elements) {
    if (one.matches("[type=checkbox], [type=radio]")) one.checked = false;
    else if (one.matches("select, textarea, input:not([type=hidden], [type=file])")) one.value = "";
  }
  form.submit();
}"""


def test_axe_finds_nothing_on_a_form_that_came_back(tour: Tour, watch):
    found, refused = [], set()
    for stop, page in tour.through(PHONE, only=REFUSED_WHEN_EMPTY, prepare=axe.bring):
        with watch.expects(422), page.expect_navigation() as sent:
            page.locator("main form[method=post]").first.evaluate(SEND_EMPTY)
        assert sent.value.status == 422, stop
        expect(page.locator(".field-error, .message-error, [data-error-summary]").first).to_be_visible()
        refused.add(stop.name)
        found += axe.findings(page, stop)

    assert refused == REFUSED_WHEN_EMPTY
    assert not found, "\n".join(found)


@pytest.fixture
def look(visit) -> Callable[..., Page]:
    """A browser that knows axe."""

    def at(*guest, **options) -> Page:
        page = visit(*guest, **options)
        axe.bring(page.context)
        return page

    return at


def test_axe_finds_nothing_on_any_question_of_a_report(look, chen):
    page, category = look(chen, PHONE), factories.category()
    page.goto("/incidents/report/")
    found = axe.findings(page, "photo")
    page.locator(".steps-buttons .btn-primary").first.tap()
    found += axe.findings(page, "group")
    page.locator(".tile-button", has_text=category.group.name).tap()
    found += axe.findings(page, "category")
    page.locator(".steps-buttons .btn-primary").first.tap()
    expect(page.locator("[data-complaint]")).to_be_visible()
    found += axe.findings(page, "no category chosen")
    page.locator("label", has_text=category.name).tap()
    expect(page.locator("[name=description]")).to_be_visible()
    found += axe.findings(page, "the rest")

    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_an_open_menu_and_ticked_rows(look, chen, li, places):
    factories.settled(place=places.qishan, reporter=chen.user)
    page = look(li, PHONE)
    page.goto("/incidents/?scope=verify")
    page.locator("[data-bulk-item]").check()
    found = axe.findings(page, "ticked rows")
    page.locator(".band-menu").tap()
    expect(page.locator(".side-close")).to_be_visible()
    found += axe.findings(page, "menu")

    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_a_revealed_number_and_on_messages(look, li, places):
    fields = {"source": "call", "caller_name": "陈家生", "caller_mobile": "13800138000"}
    incident = factories.incident(place=places.qishan, reporter=li.user, **fields)
    page = look(li, DESK)
    page.goto(incident.get_absolute_url())
    page.locator('form[action$="/caller/"] button').click()
    expect(page.locator(".sheet-large")).to_be_visible()
    found = axe.findings(page, "number")
    make(page, incident, "open")
    found += axe.findings(page, "message")

    assert not found, "\n".join(found)


def test_axe_finds_nothing_where_an_empty_portal_is_opened(look):
    page = look(None, DESK)
    page.goto("/")
    expect(page.locator("[name=setup_code]")).to_be_visible()

    found = axe.findings(page, "first run")

    assert not found, "\n".join(found)


def test_axe_finds_nothing_when_something_fails(look, chen, watch, monkeypatch):
    def fails(*args: object) -> None:
        raise RuntimeError("a fault made for a test")

    monkeypatch.setattr(home, "today", fails)
    page = look(chen, PHONE)
    with watch.expects(500):
        page.goto("/")
    assert "a fault made for a test" not in page.content()
    found = axe.findings(page, "500")

    page.goto("/profile/")
    page.context.clear_cookies(name="csrftoken")
    with watch.expects(403), page.expect_navigation():
        page.locator('main form[action="/language/"] button').click()
    found += axe.findings(page, "403 csrf")

    page.context.clear_cookies()
    page.goto("/sign-in/")
    with watch.expects(422, 429):
        for _attempt in range(7):
            page.locator("[name=username]").fill("chen")
            page.locator("[name=password]").fill("wrong")
            with page.expect_navigation() as answer:
                page.locator('main form[action="/sign-in/"] button[type=submit]').click()
            if answer.value.status == 429:
                break
    assert answer.value.status == 429
    found += axe.findings(page, "429")

    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["422.html", "503.html"])
def test_axe_finds_nothing_on_pages_shown_from_outside(name: str, look):
    """Those that a proxy or a middleware shows in place of an answer."""
    page = look(None, PHONE)
    html = render_to_string(name, {"reasons": ["公示还有 4 天", "缺少 1 名代表"]})
    page.route("**/shown/", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto("/shown/")

    found = axe.findings(page, name)

    assert not found, "\n".join(found)
