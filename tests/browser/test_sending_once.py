"""One report, however often it is sent: a nervous thumb, a slow server, a broken line, the way back."""

import threading

import pytest
from playwright.sync_api import Page, expect

from grid.incidents import services
from grid.incidents.models import Incident
from tests import factories

from .conftest import DESK, PHONE
from .words import t

SEND = "form[data-steps] button[type=submit]"


def fill_in(page: Page) -> Page:
    """A report that only has to be sent."""
    category = factories.category("clutter")
    page.goto("/incidents/report/")
    page.locator(".steps-buttons .btn-primary").tap()
    page.locator(".tile-button", has_text=category.group.name).tap()
    page.locator("label", has_text=category.name).tap()
    page.locator("[name=description]").fill("三楼堆满纸箱")
    return page


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch):
    """Reports wait until this event is set."""
    answered, really = threading.Event(), services.report

    def report(**entered):
        made = really(**entered)
        answered.wait(10)
        return made

    monkeypatch.setattr(services, "report", report)
    yield answered
    answered.set()


def posts(page: Page) -> list[str]:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    return sent


def test_a_double_tap_sends_once(visit, chen):
    page = fill_in(visit(chen, PHONE))
    sent = posts(page)

    page.locator(SEND).dblclick()
    expect(page.locator(".message-success")).to_be_visible()

    assert (len(sent), Incident.objects.count()) == (1, 1)


def test_while_a_slow_server_thinks_the_button_says_so_and_sends_nothing_more(visit, chen, slow):
    page = fill_in(visit(chen, PHONE))
    sent, send = posts(page), page.locator(SEND)

    send.tap(no_wait_after=True)
    expect(send).to_be_disabled()
    expect(send).to_have_text(t("Sending…"))
    page.evaluate("document.querySelector('form[data-steps]').requestSubmit()")
    slow.set()
    expect(page.locator(".message-success")).to_be_visible()

    assert (len(sent), Incident.objects.count()) == (1, 1)


def test_without_scripts_two_clicks_on_a_slow_server_make_one_report(visit, chen, slow):
    page = visit(chen, DESK, scripts=False)
    sent = posts(page)
    page.goto("/incidents/report/")
    page.locator(f'[name=category][value="{factories.category().pk}"]').check()
    page.locator("[name=description]").fill("三楼堆满纸箱")

    for _twice in range(2):
        page.locator(SEND).click(no_wait_after=True)
    slow.set()
    expect(page.locator(".message-success")).to_be_visible()

    assert (len(sent), Incident.objects.count()) == (2, 1)


def test_going_back_and_sending_again_leads_to_the_same_report(visit, chen):
    page = fill_in(visit(chen, PHONE))
    page.locator(SEND).tap()
    expect(page.locator(".message-success")).to_be_visible()
    address = page.url
    page.go_back()
    expect(page.locator("[name=description]")).to_have_value("三楼堆满纸箱")
    page.evaluate("document.querySelector('form[data-steps]').requestSubmit()")
    page.wait_for_url(address)

    assert Incident.objects.count() == 1


def test_going_back_and_sending_something_else_asks_whether_a_second_report_is_meant(visit, chen, watch):
    page = fill_in(visit(chen, PHONE))
    page.locator(SEND).tap()
    expect(page.locator(".message-success")).to_be_visible()
    page.go_back()
    expect(page.locator("[name=description]")).to_have_value("三楼堆满纸箱")
    page.evaluate("document.querySelector('[name=description]').value = '五楼也堆满纸箱'")
    with watch.expects(422):
        page.evaluate("document.querySelector('form[data-steps]').requestSubmit()")
        expect(page.locator("[data-error-summary]")).to_be_visible()
    assert Incident.objects.count() == 1

    page.evaluate("document.querySelector('form[data-steps]').requestSubmit()")
    expect(page.locator(".message-success")).to_be_visible()

    assert Incident.objects.count() == 2


def test_a_report_sent_into_a_broken_line_is_sent_by_loading_again(visit, chen, watch):
    page = fill_in(visit(chen, PHONE))
    with watch.away():
        page.context.set_offline(True)
        page.locator(SEND).tap()
        expect(page.locator("form[data-steps]")).to_have_count(0)
        page.context.set_offline(False)
        page.reload()
    expect(page.locator(".message-success")).to_be_visible()
    page.go_back()
    page.reload()

    assert Incident.objects.count() == 1


def test_an_answer_that_never_arrived_makes_no_second_report(visit, chen, watch):
    page = fill_in(visit(chen, PHONE))
    lost = []

    def lose(route):
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/incidents/report/", lose, times=1)
    with watch.away():
        page.locator(SEND).tap()
        expect(page.locator("form[data-steps]")).to_have_count(0)
        page.reload()
    expect(page.locator(".message-success")).to_be_visible()

    assert (lost, Incident.objects.count()) == ([302], 1)
