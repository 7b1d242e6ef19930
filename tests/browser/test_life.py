"""The life of an incident by real clicks: leaders on a phone, the office and the street at a desk."""

import re

from playwright.sync_api import Page, expect

from grid.incidents import services
from grid.incidents.models import Incident, Rating
from grid.incidents.workflow import State
from portal.core import outbox
from tests import factories
from tests.cast import PASSWORD

from .devices import DESK, PHONE
from .hands import Thumb, attach, figure, fill, make, moves, photo, send
from .words import t

FIGURES = ("Open", "Reported this month", "Closed this month", "Reported in all")


def figures_of(page: Page, place) -> dict[str, int]:
    page.goto(place.get_absolute_url())
    return {label: int(figure(page, label)) for label in FIGURES}


def report(page: Page, thumb: Thumb, code: str) -> None:
    """From the home page to the last question of a report."""
    category = factories.category(code)
    page.goto("/")
    thumb(page.locator('.big-tile[href="/incidents/report/"]'))
    with page.expect_file_chooser() as camera:
        thumb(page.locator("#id_photos_camera"))
    camera.value.set_files(photo())
    thumb(page.locator(".tile-button", has_text=category.group.name))
    thumb(page.locator("label", has_text=category.name))


def test_a_leader_signs_in_and_is_asked_for_consent_first(visit, chen):
    chen.user.consented_version = ""
    chen.user.save()
    page = visit(None, PHONE)

    page.goto("/incidents/")
    expect(page).to_have_url(re.compile("/sign-in/"))
    fill(page, {"username": "chen", "password": PASSWORD})
    page.locator('main form[action="/sign-in/"] button[type=submit]').tap()
    expect(page).to_have_url(re.compile("/consent/"))
    page.locator('main form[action="/consent/"] button[type=submit]').tap()

    expect(page).to_have_url(re.compile("/incidents/$"))


def test_from_the_phone_to_closed_and_rated(visit, chen, wu, li, zhang, places):
    leader, office = visit(chen, PHONE), visit(li, DESK)
    before = figures_of(office, places.dalong)
    thumb = Thumb()

    report(leader, thumb, "clutter")
    expect(leader.locator("[name=place]")).to_have_value(str(places.qishan.pk))
    thumb(leader.locator("form[data-steps] button[type=submit]"))

    expect(leader.locator(".message-success")).to_be_visible()
    assert thumb.taps <= 5
    incident = Incident.objects.get()
    assert (incident.place, incident.reporter, incident.photos.count()) == (places.qishan, chen.user, 1)

    office.goto("/")
    office.locator('.todo-link[href*="state=reported"]').click()
    office.locator(f'a[href="{incident.get_absolute_url()}"]').click()
    assert moves(office) == {"open", "settle", "decline"}
    make(office, incident, "open")
    make(office, incident, "dispatch", holder=wu.pk, note="请三天内处理")

    handler = visit(wu, PHONE)
    handler.goto("/")
    handler.locator(f'.todo-link[href="{incident.get_absolute_url()}"]').tap()
    assert "请三天内处理" in handler.locator(".timeline").inner_text()
    make(handler, incident, "take")
    make(handler, incident, "finish", outcome="请住户搬走了纸箱", after=photo("#8c8"))
    assert moves(handler) == set()

    make(office, incident, "rework", note="还有两箱没有搬走")
    make(handler, incident, "take")
    make(handler, incident, "finish", outcome="两箱也搬走了", after=photo("#8c8"))

    secretary = visit(zhang, DESK)
    make(secretary, incident, "verify", note="去看过了")
    make(office, incident, "close", note="已核查")
    incident.refresh_from_db()
    assert (incident.state, incident.handled_by, incident.verified_by) == (State.CLOSED, wu.user, zhang.user)
    assert incident.rework_count == 1

    outbox.drain()
    leader.goto("/")
    leader.locator('.tab[href="/reminders/"]').tap()
    news = t("“%(incident)s” is closed. Are you satisfied?", incident=f"{incident.place} {incident.category}")
    expect(leader.locator(".todo-title").first).to_have_text(news)
    leader.locator(".todo-link").first.tap()
    expect(leader).to_have_url(re.compile(re.escape(incident.get_absolute_url()) + "$"))
    make(leader, incident, "rate", was_contacted="yes", is_solved="yes", satisfaction="satisfied")
    assert Rating.objects.get(incident=incident).satisfaction == Rating.Satisfaction.SATISFIED

    after = figures_of(office, places.dalong)
    assert {label: after[label] - before[label] for label in FIGURES} == {
        "Open": 0,
        "Reported this month": 1,
        "Closed this month": 1,
        "Reported in all": 1,
    }


def test_the_street_drills_down_from_the_street_to_the_incident(visit, he, chen, places):
    incident = factories.incident(place=places.qishan, reporter=chen.user)
    page = visit(he, DESK)
    page.goto("/")
    page.locator('nav.side a[href="/places/"]').click()

    for place in (places.dalong, places.grid, places.qishan):
        page.locator(f'#below a[href="{place.get_absolute_url()}"]').click()
        expect(page.locator("h1")).to_contain_text(place.name)
        assert figure(page, "Open") == "1"
    page.locator(".figure-tile", has_text=t("Open")).first.locator("a").click()
    page.locator(f'a[href="{incident.get_absolute_url()}"]').click()

    expect(page.locator(".page-head")).to_contain_text(incident.number)
    assert page.locator("#below").count() == 0


def test_settled_on_the_spot_and_confirmed_in_bulk(visit, chen, li):
    leader, office = visit(chen, PHONE), visit(li, DESK)
    for code in ("clutter", "small_ads"):
        report(leader, Thumb(), code)
        leader.locator("details.settled summary").tap()
        leader.locator("label[for=id_settled]").tap()
        fill(leader, {"outcome": "请住户搬走了"})
        attach(leader, "after", photo("#8c8"))
        leader.locator("form[data-steps] button[type=submit]").tap()
        expect(leader.locator(".message-success")).to_be_visible()
        assert moves(leader) == set()  # whoever settled it does not confirm it

    office.goto("/")
    office.locator('.todo-link[href*="scope=verify"]').click()
    expect(office.locator(".bulk-bar")).to_be_hidden()
    office.locator("[data-bulk-all]").check()
    expect(office.locator("[data-bulk-count]")).to_contain_text("2")
    with office.expect_navigation():
        office.locator(".bulk-bar button[type=submit]").click()

    expect(office.locator(".message-success")).to_contain_text("2")
    closed = Incident.objects.values_list("state", "settled_on_the_spot", "verified_by")
    assert list(closed) == [(State.CLOSED, True, li.pk)] * 2


def test_a_caller_is_entered_rung_back_and_rates(visit, li, wu, zhang, places):
    page = visit(li, DESK)
    page.goto("/")
    page.locator('.big-tile[href="/incidents/enter/"]').click()
    send(
        page,
        source="call",
        caller_name="陈家生",
        caller_mobile="138 0013 8000",
        category=factories.category("drain").pk,
        place=places.qishan.pk,
        description="一楼下水道返水",
    )

    expect(page.locator(".message-success")).to_be_visible()
    expect(page.locator("dd", has_text="138****8000")).to_be_visible()
    assert "13800138000" not in page.content()
    page.locator('form[action$="/caller/"] button').click()
    expect(page.locator(".sheet-large")).to_have_text("陈家生 13800138000")

    incident = Incident.objects.get()
    services.open_case(incident, actor=li.user)
    services.dispatch(incident, actor=li.user, holder=wu.user)
    services.take(incident, actor=wu.user)
    services.finish(incident, actor=wu.user, outcome="管道已疏通")
    services.close(incident, actor=zhang.user)
    page.goto("/")
    page.locator('.todo-link[href*="scope=call_back"]').click()
    page.locator(f'a[href="{incident.get_absolute_url()}"]').click()
    make(page, incident, "rate", was_contacted="yes", is_solved="no", satisfaction="fairly", comment="还会返水")

    rating = Rating.objects.get(incident=incident)
    assert (rating.channel, rating.is_solved) == (Rating.Channel.CALL_BACK, False)
    expect(page.locator("aside")).to_contain_text("还会返水")


def test_a_department_is_whistled_for_takes_it_and_finishes(visit, chen, li, lin, urban, places):
    incident = factories.incident(place=places.qishan, reporter=chen.user, code="illegal_building")
    office, officer = visit(li, DESK), visit(lin, DESK)
    make(office, incident, "open")
    make(office, incident, "dispatch", holder="", department=urban.pk, note="请现场查处")

    officer.goto("/")
    officer.locator(f'.todo-link[href="{incident.get_absolute_url()}"]').click()
    assert moves(officer) == {"take", "return"}
    make(officer, incident, "take")
    make(officer, incident, "finish", outcome="已责令拆除", after=photo("#8c8"))
    make(office, incident, "close", note="已拆除")

    incident.refresh_from_db()
    assert (incident.state, incident.department, incident.handled_by) == (State.CLOSED, urban, lin.user)
