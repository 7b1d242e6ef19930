"""On the stairs without a signal: what was typed and photographed is kept, sent once, and gone after signing out."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from grid.incidents.models import CoReport, Incident
from tests import factories
from tests.cast import PASSWORD

from .conftest import WAIT
from .devices import PHONE
from .hands import attach, fill, photo
from .words import t

SEND = "form[data-steps] .steps-buttons [type=submit]"
KEPT = """() => new Promise((done) => {
  const asked = indexedDB.open("kept");
  asked.onsuccess = () => {
    const base = asked.result;
    if (!base.objectStoreNames.length) { base.close(); done([]); return; }
    const forms = base.transaction("forms").objectStore("forms").getAll();
    forms.onsuccess = () => { base.close(); done(forms.result.map(({ fields }) => Object.fromEntries(fields))); };
  };
})"""

# Photos take a second and a half until they are stored
SLOW_PHOTOS = """
  window.storing = 0;
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...what) {
    const asked = put.call(this, ...what), until = Date.now() + 1500;
    const hold = () => { if (Date.now() < until) this.get("nothing").onsuccess = hold; else window.storing -= 1; };
    if (this.name === "files") { window.storing += 1; hold(); }
    return asked;
  };
"""


def begin(page: Page, *, photos: int = 0, words: str = "三楼堆满纸箱") -> Page:
    """A report filled in up to the send button."""
    page.goto("/incidents/report/")
    if photos:
        attach(page, "photos", *[photo(colour) for colour in ("#88a", "#a88", "#8a8")[:photos]])
    else:
        page.locator(".steps-buttons .btn-primary").first.tap()
    answer(page)
    page.locator("[name=description]").fill(words)
    return page


def answer(page: Page) -> None:
    category = factories.category("clutter")
    page.locator(".tile-button", has_text=category.group.name).tap()
    page.locator("label", has_text=category.name).tap()
    expect(page.locator(SEND)).to_be_visible()


def bar(page: Page) -> Locator:
    return page.locator("section.unsent")


def until(page: Page, told: str, expected: Any) -> None:
    """Wait until a promise of the page tells this: `wait_for_function` takes the promise itself for a yes."""
    patience, found = WAIT, page.evaluate(told)
    while found != expected and patience > 0:
        page.wait_for_timeout(100)
        patience, found = patience - 100, page.evaluate(told)
    assert found == expected


def kept(page: Page, number: int) -> None:
    """Wait until so many reports are kept in this browser."""
    until(page, f"async () => (await ({KEPT})()).length", number)


def kept_whole(page: Page, words: str = "三楼堆满纸箱") -> None:
    """Wait until the one report is kept with its words: they rest for a moment before they are."""
    until(page, f"async () => (await ({KEPT})()).map(({{ description }}) => description)", [words])


def send_into_the_void(page: Page, watch: Any) -> None:
    page.context.set_offline(True)
    page.locator(SEND).tap()
    expect(page.locator("[data-queued]")).to_be_visible()
    expect(bar(page)).to_contain_text(t("{n} waiting to be sent").replace("{n}", "1"))


def test_sent_without_a_line_it_arrives_when_the_line_is_back(visit, chen, places, watch):
    page = begin(visit(chen, PHONE), photos=2)

    with watch.away():
        send_into_the_void(page, watch)
        assert not Incident.objects.exists()
        page.context.set_offline(False)
        expect(bar(page)).to_contain_text(t("What was waiting has been sent."))

    made = Incident.objects.get()
    assert (made.place, made.description, made.photos.count()) == (places.qishan, "三楼堆满纸箱", 2)
    kept(page, 0)
    bar(page).locator("a").click()
    expect(page).to_have_url(f"{page.url.split('/incidents/')[0]}{made.get_absolute_url()}")


def test_what_waits_is_sent_from_any_page_and_shown_until_then(visit, chen, watch):
    page = begin(visit(chen, PHONE))
    with watch.away():
        send_into_the_void(page, watch)
        page.route("**/token/", lambda route: route.abort())
        page.context.set_offline(False)
        page.goto("/")
        expect(bar(page)).to_contain_text("1")
        page.goto("/incidents/mine/")
        expect(bar(page)).to_contain_text("1")
        page.unroute("**/token/")
        bar(page).locator("[data-waiting-send]").dispatch_event("click")  # it may just be sending by itself
        expect(bar(page)).to_contain_text(t("What was waiting has been sent."))

    assert Incident.objects.count() == 1


def test_a_second_report_can_be_made_while_the_first_one_waits(visit, chen, watch):
    page = begin(visit(chen, PHONE), photos=1)
    with watch.away():
        send_into_the_void(page, watch)
        page.locator("[data-queued] button").tap()
        expect(page.locator("[data-photo-previews] li")).to_have_count(0)
        page.locator(".steps-buttons .btn-primary").first.tap()
        answer(page)
        page.locator("[name=description]").fill("五楼也堆满纸箱")
        page.locator(SEND).tap()
        expect(bar(page)).to_contain_text(t("{n} waiting to be sent").replace("{n}", "2"))
        page.context.set_offline(False)
        expect(bar(page)).to_contain_text(t("What was waiting has been sent."))

    assert list(Incident.objects.order_by("pk").values_list("description", flat=True)) == [
        "三楼堆满纸箱",
        "五楼也堆满纸箱",
    ]


def test_a_closed_tab_loses_neither_words_nor_photos(visit, chen, places):
    page = begin(visit(chen, PHONE), photos=2)
    kept_whole(page)
    context = page.context
    page.close()

    page = context.new_page()
    page.goto("/incidents/report/")
    row = page.locator("[data-kept-list] li")
    expect(row).to_contain_text(t("Draft saved"))
    row.locator("[data-kept-go]").tap()

    expect(page.locator("[name=description]")).to_have_value("三楼堆满纸箱")
    expect(page.locator("[data-photo-previews] canvas")).to_have_count(2)
    expect(page.locator(SEND)).to_be_visible()
    page.locator(SEND).tap()
    expect(page.locator(".message-success")).to_be_visible()
    made = Incident.objects.get()
    assert (made.photos.count(), made.category) == (2, factories.category("clutter"))
    kept(page, 0)


def test_a_photo_that_was_faster_than_the_scripts_is_taken_up(visit, chen):
    page = visit(chen, PHONE)
    held: list[Route] = []
    page.route(re.compile(r"/forms[^/]*\.js"), lambda route: held.append(route))
    page.goto("/incidents/report/", wait_until="commit")
    page.locator("#id_photos_camera").set_input_files(photo())
    for route in held:
        route.continue_()

    expect(page.locator("[data-photo-previews] canvas")).to_have_count(1)
    expect(page.locator(".tile-button").first).to_be_visible()
    kept(page, 1)


def test_words_are_not_overtaken_by_photos_that_take_long(visit, chen):
    page = visit(chen, PHONE)
    page.add_init_script(SLOW_PHOTOS)
    begin(page, photos=1)

    page.wait_for_timeout(1_000)  # until the words have rested
    page.wait_for_function("window.storing === 0")
    page.wait_for_timeout(500)
    kept_whole(page)


def test_a_draft_is_thrown_away_by_two_taps(visit, chen):
    page = begin(visit(chen, PHONE))
    kept(page, 1)
    page.goto("/incidents/report/")

    away = page.locator("[data-kept-away]")
    away.tap()
    expect(away).to_contain_text(t("Really delete?"))
    away.tap()

    expect(page.locator("[data-kept-list]")).to_be_hidden()
    kept(page, 0)


def test_the_same_report_sent_from_two_tabs_on_a_bad_line_is_one(visit, chen, watch):
    first = begin(visit(chen, PHONE), photos=1)
    kept_whole(first)
    second = first.context.new_page()
    second.goto("/incidents/report/")
    second.locator("[data-kept-go]").tap()
    expect(second.locator(SEND)).to_be_visible()
    expect(second.locator("[data-photo-previews] canvas")).to_have_count(1)
    lost = []

    def lose(route: Any) -> None:  # the server has it, and the answer is lost
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    first.route("**/incidents/report/", lose)
    with watch.away():
        first.locator(SEND).tap()
        expect(first.locator("[data-queued]")).to_be_visible()
        second.locator(SEND).tap()
        expect(second.locator(".message-success").first).to_be_visible()
        first.unroute("**/incidents/report/")
        first.reload()
        expect(bar(first)).to_be_hidden()

    assert set(lost) == {201}
    assert Incident.objects.count() == 1


def test_a_tab_that_waited_for_another_to_send_it_is_told_where_it_stands(visit, chen, watch):
    first = begin(visit(chen, PHONE))
    kept_whole(first)
    second = first.context.new_page()
    second.goto("/incidents/report/")
    second.locator("[data-kept-go]").tap()
    expect(second.locator(SEND)).to_be_visible()
    slow: list[Route] = []
    first.route("**/incidents/report/", lambda route: slow.append(route), times=1)

    with first.expect_request("**/incidents/report/"):
        first.locator(SEND).tap()
    second.locator(SEND).tap()
    until(second, "async () => (await navigator.locks.query()).pending.length", 1)
    (answer,) = slow
    answer.continue_()

    expect(first.locator(".message-success").first).to_be_visible()
    expect(second).to_have_url(first.url)
    kept(second, 0)
    assert Incident.objects.count() == 1


def test_a_queued_page_begins_anew_when_another_tab_has_sent_it(visit, chen, watch):
    first = begin(visit(chen, PHONE))
    with watch.away():
        send_into_the_void(first, watch)
        first.route("**/token/", lambda route: route.abort())
        second = first.context.new_page()
        first.context.set_offline(False)
        second.goto("/")
        expect(bar(second)).to_contain_text(t("What was waiting has been sent."))
        first.evaluate("dispatchEvent(new Event('online'))")

        expect(first.locator("[data-queued]")).to_be_hidden()

    assert Incident.objects.count() == 1


def test_a_refused_report_says_why_beside_the_field_and_loses_nothing(visit, chen, watch):
    page = begin(visit(chen, PHONE), photos=2)
    page.locator("details.settled summary").tap()
    page.locator("label[for=id_settled]").tap()
    page.locator("[name=outcome]").fill("清走了")
    expect(page.locator("[data-before] canvas")).to_have_count(2)

    with watch.expects(422):
        page.locator(SEND).tap()
        expect(page.locator("[data-error-summary]")).to_be_visible()

    expect(page.locator("#id_after .field-error")).to_be_visible()
    expect(page.locator("#id_photos canvas")).to_have_count(2)
    attach(page, "after", photo("#8c8"))
    page.locator(SEND).tap()
    expect(page.locator(".message-success")).to_be_visible()
    made = Incident.objects.get()
    assert (made.settled_on_the_spot, made.photos.count()) == (True, 3)


def test_signed_out_meanwhile_the_report_waits_for_its_owner(visit, chen, watch, client):
    page = begin(visit(chen, PHONE))
    page.context.clear_cookies()

    page.locator(SEND).tap()
    expect(bar(page)).to_contain_text(t("Sign in again to send it."))
    assert not Incident.objects.exists()
    bar(page).locator("[data-waiting-look]").tap()
    fill(page, {"username": "chen", "password": PASSWORD})
    page.locator('main form[action="/sign-in/"] button[type=submit]').tap()

    expect(bar(page)).to_contain_text(t("What was waiting has been sent."))
    assert Incident.objects.get().reporter == chen.user


def test_signing_out_warns_of_what_was_not_sent_and_leaves_nothing_behind(visit, chen):
    page = begin(visit(chen, PHONE), photos=1)
    kept(page, 1)
    page.goto("/profile/")
    leave = page.locator('main form[action="/sign-out/"] button')

    leave.tap()
    warning = t("{n} not sent yet. Send it first: signing out deletes it from this phone.")
    expect(bar(page)).to_contain_text(warning.replace("{n}", "1"))
    assert "/profile/" in page.url
    bar(page).locator("[data-waiting-leave]").tap()
    page.wait_for_url("**/sign-in/")
    kept(page, 0)

    page.go_back()
    page.wait_for_url("**/sign-in/**")
    expect(page.locator("[name=username]")).to_be_visible()


def test_another_user_of_the_phone_neither_sees_nor_sends_it(visit, chen, huang, watch):
    page = begin(visit(chen, PHONE))
    page.context.clear_cookies()
    page.locator(SEND).tap()
    expect(bar(page)).to_contain_text(t("Sign in again to send it."))
    page.goto("/sign-in/")
    fill(page, {"username": "huang", "password": PASSWORD})
    page.locator('main form[action="/sign-in/"] button[type=submit]').tap()
    expect(page.locator(".big-tile-main")).to_be_visible()

    page.goto("/incidents/report/")
    page.wait_for_timeout(500)

    expect(bar(page)).to_be_hidden()
    expect(page.locator("[data-kept-list]")).to_be_hidden()
    kept(page, 1)
    assert not Incident.objects.exists()


def test_me_too_in_one_tap(visit, chen, li, places):
    known = factories.incident(place=places.qishan, reporter=li.user, description="三楼楼梯口堆满纸箱")
    page = begin(visit(chen, PHONE), photos=1)
    found = page.locator(".similar li")
    expect(found).to_contain_text(t("same building"))

    found.locator("button").tap()
    expect(page.locator(".message-success")).to_be_visible()

    said = CoReport.objects.get()
    assert (said.incident, said.reporter, said.note) == (known, chen.user, "三楼堆满纸箱")
    assert (Incident.objects.count(), known.photos.count()) == (1, 1)
    kept(page, 0)


@pytest.fixture
def flats(places):
    from tests.roster.people import household

    return [household(places.qishan, room=f"{floor}0{flat}") for floor in (1, 2, 3) for flat in (1, 2)]


def test_the_flat_is_pointed_at_on_the_facade(visit, chen, flats):
    page = begin(visit(chen, PHONE))
    page.locator("[data-flats] summary").tap()
    cell = page.locator("[data-flats] a.cell", has_text=flats[3].room)
    cell.click()
    expect(page.locator("[name=flat]")).to_have_value(flats[3].address)
    expect(cell).to_have_attribute("aria-pressed", "true")

    page.locator(SEND).tap()
    expect(page.locator(".message-success")).to_be_visible()

    assert Incident.objects.get().household == flats[3]
