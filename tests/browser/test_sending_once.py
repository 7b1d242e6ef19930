"""One report, however often it is sent: a nervous thumb, a slow server, a broken line, the way back."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from grid.incidents import services
from grid.incidents.models import Incident
from tests import factories

from .devices import DESK, PHONE
from .hands import fill
from .words import t

SEND = "form[data-steps] button.btn-wide[type=submit]"

# From inside: a page that is being left answers no questions from outside.
TELL = """(selector) => {
  const button = document.querySelector(selector);
  button.form.addEventListener("submit", () => setTimeout(() => said([button.disabled, button.innerText]), 50));
}"""


def fill_in(page: Page) -> Page:
    """A report that only has to be sent."""
    page.goto("/incidents/report/")
    answer(page)
    page.locator("[name=description]").fill("三楼堆满纸箱")
    return page


def answer(page: Page) -> None:
    """From the first question to the last, without a photo."""
    category = factories.category("clutter")
    page.locator(".steps-buttons .btn-primary").first.tap()
    page.locator(".tile-button", has_text=category.group.name).tap()
    page.locator("label", has_text=category.name).tap()
    expect(page.locator(SEND)).to_be_visible()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch):
    """Reports wait until this event is set."""
    answered, really = threading.Event(), services.report

    def report(**entered):
        made = really(**entered)
        answered.wait(60)
        return made

    monkeypatch.setattr(services, "report", report)
    yield answered
    answered.set()


def posts(page: Page) -> list[str]:
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/incidents/report/"):
            sent.append(request.url)

    page.on("request", note)
    return sent


def thumb_on(page: Page, target: str) -> Callable[[], None]:
    """Press where the target stands now, without waiting for what comes of it."""
    button = page.locator(target)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    return lambda: page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_double_tap_sends_once(visit, chen):
    page = fill_in(visit(chen, PHONE))
    sent = posts(page)

    page.locator(SEND).dblclick()
    expect(page.locator(".message-success")).to_be_visible()

    assert (len(sent), Incident.objects.count()) == (1, 1)


def test_while_a_slow_server_thinks_the_button_says_so_and_sends_nothing_more(visit, chen, slow):
    page = fill_in(visit(chen, PHONE))
    sent, said, press = posts(page), [], thumb_on(page, SEND)
    page.expose_function("said", lambda seen: said.append(seen))
    page.evaluate(TELL, SEND)

    with page.expect_request("**/incidents/report/"):
        press()
    press()
    while not said:
        page.wait_for_timeout(20)
    press()
    slow.set()
    expect(page.locator(".message-success")).to_be_visible()

    assert said[0] == [True, t("Sending…")]
    assert (len(sent), Incident.objects.count()) == (1, 1)


def test_without_scripts_two_clicks_on_a_slow_server_make_one_report(visit, chen, slow):
    page = visit(chen, DESK, scripts=False)
    page.goto("/incidents/report/")
    fill(page, {"category": factories.category().pk, "description": "三楼堆满纸箱"})
    sent, press = posts(page), thumb_on(page, SEND)

    for _twice in range(2):
        with page.expect_request("**/incidents/report/"):
            press()
    slow.set()
    expect(page.locator(".message-success").first).to_be_visible()

    assert (len(sent), Incident.objects.count()) == (2, 1)


@pytest.fixture
def gone_back(visit, chen) -> Page:
    """A report that was sent; its sender went back and stands before the send button once more."""
    page = fill_in(visit(chen, PHONE))
    page.locator(SEND).tap()
    expect(page.locator(".message-success")).to_be_visible()
    page.go_back()
    answer(page)
    expect(page.locator("[name=description]")).to_have_value("三楼堆满纸箱")
    return page


def test_going_back_and_sending_again_leads_to_the_same_report(gone_back):
    gone_back.locator(SEND).tap()
    expect(gone_back.locator(".message-success")).to_be_visible()

    assert gone_back.url.endswith(Incident.objects.get().get_absolute_url())


def test_going_back_and_sending_something_else_asks_whether_a_second_report_is_meant(gone_back, watch):
    gone_back.locator("[name=description]").fill("五楼也堆满纸箱")
    with watch.expects(422):
        gone_back.locator(SEND).tap()
        expect(gone_back.locator("[data-error-summary]")).to_be_visible()
    assert Incident.objects.count() == 1

    gone_back.locator(SEND).tap()
    expect(gone_back.locator(".message-success")).to_be_visible()

    assert Incident.objects.count() == 2


def without_scripts(visit: Callable[..., Page], chen: Any) -> Page:
    """A report filled in where scripts do not run, which would keep it: see test_phone.py."""
    page = visit(chen, DESK, scripts=False)
    page.goto("/incidents/report/")
    fill(page, {"category": factories.category().pk, "description": "三楼堆满纸箱"})
    return page


def test_a_report_sent_into_a_broken_line_is_sent_by_loading_again(visit, chen, watch):
    page = without_scripts(visit, chen)
    with watch.away():
        page.context.set_offline(True)
        page.locator(SEND).click()
        expect(page.locator("form[data-steps]")).to_have_count(0)
        page.context.set_offline(False)
        page.reload()
    expect(page.locator(".message-success")).to_be_visible()
    page.go_back()
    page.reload()

    assert Incident.objects.count() == 1


def test_an_answer_that_never_arrived_makes_no_second_report(visit, chen, watch):
    page = without_scripts(visit, chen)
    lost = []

    def lose(route):
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/incidents/report/", lose, times=1)
    with watch.away():
        page.locator(SEND).click()
        expect(page.locator("form[data-steps]")).to_have_count(0)
        page.reload()
    expect(page.locator(".message-success").first).to_be_visible()

    assert (lost, Incident.objects.count()) == ([302], 1)
