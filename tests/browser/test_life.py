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
    thumb(leader.locator("form[data-steps] button.btn-wide[type=submit]"))

    expect(leader.locator(".message-success")).to_be_visible()
    assert thumb.taps <= 5
    incident = Incident.objects.get()
    assert (incident.place, incident.reporter, incident.photos.count()) == (places.qishan, chen.user, 1)

    office.goto("/")
    office.locator('.todo-link[href*="state=reported"]').click()
    office.locator(f'a[href^="{incident.get_absolute_url()}"]').first.click()
    assert {"open", "settle", "decline", "void"} <= moves(office)
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
    make(secretary, incident, "verify", is_confirmed="yes", note="去看过了")
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


def test_a_life_with_rework_then_reopened_and_closed_again(visit, chen, wu, li, zhang, places):
    incident = factories.incident(
        place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress"
    )
    office, handler, leader = visit(li, DESK), visit(wu, PHONE), visit(chen, PHONE)
    make(handler, incident, "arrive", note="堆了半层楼")
    make(handler, incident, "ask-extension", days="2", reason="要等住户回来")
    office.goto("/")
    office.locator('.todo-link[href="/incidents/requests/"]').click()
    office.locator("#results tbody a").first.click()
    send(office, granted="yes", reply="可以")
    expect(office.locator(".message-success")).to_be_visible()

    make(handler, incident, "finish", outcome="搬走了一半", after=photo("#8c8"))
    make(office, incident, "rework", note="还有两箱没有搬走")
    make(handler, incident, "take")
    make(handler, incident, "finish", outcome="都搬走了", after=photo("#8c8"))
    make(visit(zhang, DESK), incident, "verify", is_confirmed="yes", note="去看过了")
    make(office, incident, "close", resolution="solved", note="已核查")

    make(leader, incident, "rate", was_contacted="yes", is_solved="no", satisfaction="dissatisfied")
    make(leader, incident, "ask-reopen", reason="第二天又堆满了", photos=photo("#c88"))
    expect(leader.locator("#requests")).to_contain_text("第二天又堆满了")
    assert "ask-reopen" not in moves(leader)
    outbox.drain()
    office.goto("/reminders/")
    office.locator(".todo-link").first.click()
    office.locator("#requests a.btn-primary").click()
    send(office, granted="yes", reply="情况属实，重新派人")
    incident.refresh_from_db()
    assert (incident.state, incident.reopened_count, incident.holder) == (State.OPENED, 1, None)

    make(office, incident, "dispatch", holder=wu.pk)
    make(handler, incident, "take")
    make(handler, incident, "finish", outcome="与住户签了承诺书", after=photo("#8c8"))
    make(office, incident, "close", resolution="solved", note="连看三天都没有再堆")
    make(leader, incident, "rate", was_contacted="yes", is_solved="yes", satisfaction="satisfied")

    incident.refresh_from_db()
    assert (incident.state, incident.rework_count, incident.reopened_count) == (State.CLOSED, 1, 1)
    said = [(rating.satisfaction, rating.counts_for_id) for rating in Rating.objects.filter(incident=incident)]
    assert said == [("dissatisfied", None), ("satisfied", incident.pk)]


def test_an_objection_is_decided_and_dispatched_to_whom_it_belongs(visit, chen, wu, li, urban, places):
    incident = factories.incident(
        place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched"
    )
    handler, office = visit(wu, PHONE), visit(li, DESK)
    make(handler, incident, "ask-return", reason="是违法搭建", suggested_department=urban.pk)
    expect(handler.locator("#requests")).to_contain_text(urban.name)

    office.goto("/incidents/requests/?kind=return")
    office.locator("#results tbody a").first.click()
    expect(office.locator("[name=department]")).to_have_value(str(urban.pk))
    send(office, granted="yes", reply="请执法办处理")

    incident.refresh_from_db()
    assert (incident.state, incident.holder, incident.department) == (State.DISPATCHED, None, urban)


def test_what_one_asked_for_is_taken_back(visit, chen, wu, li, places):
    incident = factories.incident(
        place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched"
    )
    handler = visit(wu, PHONE)
    make(handler, incident, "ask-return", reason="不归我管")

    handler.locator("#requests details summary").tap()
    with handler.expect_navigation():
        handler.locator("#requests details button").tap()

    expect(handler.locator(".message-success")).to_be_visible()
    assert incident.requests.get().is_withdrawn
    make(handler, incident, "take")


def test_it_goes_up_to_the_street_which_whistles(visit, chen, wu, li, he, urban, places):
    incident = factories.incident(place=places.qishan, reporter=chen.user, code="illegal_building")
    leader, grid, office, street = visit(chen, PHONE), visit(wu, PHONE), visit(li, DESK), visit(he, DESK)
    make(leader, incident, "escalate", note="住户不肯拆")
    make(grid, incident, "escalate", note="谈了两次不行")
    make(office, incident, "escalate", note="需要执法")
    office.goto(incident.get_absolute_url())
    assert not {"dispatch", "escalate", "void"} & moves(office)

    street.goto("/")
    street.locator('.todo-link[href*="level=street"]').click()
    street.locator(f'#results a[href^="{incident.get_absolute_url()}"]').first.click()
    make(street, incident, "dispatch", holder="", department=urban.pk, note="请查处")

    incident.refresh_from_db()
    assert (incident.department, incident.at_street, incident.owner) == (urban, True, chen.user)


def test_an_emergency_is_raised_from_the_home_page(visit, chen, li, places):
    leader, office = visit(chen, PHONE), visit(li, DESK)
    leader.goto("/")
    leader.locator('.big-tile[href="/incidents/emergency/"]').tap()
    for number in ("119", "120", "110"):
        box = leader.locator(f'a[href="tel:{number}"]').bounding_box()
        assert box
        assert box["height"] >= 60
    expect(leader.locator("[name=place]")).to_have_value(str(places.qishan.pk))
    send(leader, category=factories.category("gas").pk, description="三楼很大煤气味")

    expect(leader.locator(".message-success")).to_be_visible()
    incident = Incident.objects.get()
    assert (incident.is_emergency, incident.state) == (True, State.OPENED)
    office.goto("/")
    expect(office.locator(".todo-link").first).to_have_attribute("href", incident.get_absolute_url())


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
    page.locator(f'a[href^="{incident.get_absolute_url()}"]').first.click()

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
        leader.locator("form[data-steps] button.btn-wide[type=submit]").tap()
        expect(leader.locator(".message-success")).to_be_visible()
        assert moves(leader) == set()  # whoever settled it does not confirm it

    office.goto("/")
    office.locator('.todo-link[href*="scope=verify"]').click()
    expect(office.locator(".bulk-bar")).to_be_hidden()
    office.locator("[data-bulk-all]").check()
    expect(office.locator("[data-bulk-count]")).to_contain_text("2")
    with office.expect_navigation():
        office.locator(".bulk-bar button.btn-primary").click()

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
    page.locator('.todo-link[href="/incidents/call-backs/"]').click()
    page.locator(f'a[href^="{incident.get_absolute_url()}"]').first.click()
    make(page, incident, "rate", was_contacted="yes", is_solved="no", satisfaction="fairly", comment="还会返水")

    rating = Rating.objects.get(incident=incident)
    assert (rating.channel, rating.is_solved) == (Rating.Channel.CALL_BACK, False)
    expect(page.locator("main")).to_contain_text("还会返水")


def test_a_department_is_whistled_for_takes_it_and_finishes(visit, chen, li, lin, urban, places):
    incident = factories.incident(place=places.qishan, reporter=chen.user, code="illegal_building")
    office, officer = visit(li, DESK), visit(lin, DESK)
    make(office, incident, "open")
    make(office, incident, "dispatch", holder="", department=urban.pk, note="请现场查处")

    officer.goto("/")
    officer.locator(f'.todo-link[href="{incident.get_absolute_url()}"]').click()
    assert {"take", "ask-return", "ask-extension"} <= moves(officer)
    assert not {"dispatch", "return"} & moves(officer)
    make(officer, incident, "take")
    make(officer, incident, "finish", outcome="已责令拆除", after=photo("#8c8"))
    make(office, incident, "close", note="已拆除")

    incident.refresh_from_db()
    assert (incident.state, incident.department, incident.handled_by) == (State.CLOSED, urban, lin.user)
