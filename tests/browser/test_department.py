"""A department by real clicks: whistled for by the office, taken, on site, answered, closed; or objected to."""

from django.urls import reverse
from playwright.sync_api import expect

from grid.incidents.models import Incident
from grid.incidents.workflow import State
from tests import factories

from .devices import DESK, PHONE
from .hands import figure, make, photo, send
from .words import t

DESK_PAGE = "/incidents/department/"


def whistle(page, incident: Incident, department) -> None:
    """The office opens a case and whistles for a department."""
    make(page, incident, "open")
    make(page, incident, "dispatch", holder="", department=department.pk, note="请现场查处")


def tab(page, label: str) -> int:
    """Go to a tab of the desk; how many lie there, by the number on it."""
    page.goto(DESK_PAGE)
    link = page.locator(".scopes a").filter(has_text=t(label))
    number = int(link.locator(".count-quiet").inner_text())
    link.click()
    expect(page.locator(".case")).to_have_count(number)
    return number


def press(page, incident: Incident, move: str, **fields) -> None:
    """Press a button of a case on the desk, fill in what it asks for and send it."""
    page.locator(f'.case-moves a[href$="{incident.get_absolute_url()}{move}/"]').click()
    send(page, **fields)
    expect(page.locator(".message-success")).to_be_visible()


def test_from_the_whistle_to_closed(visit, chen, li, zhang, lin, urban, places):
    incident = factories.incident(place=places.qishan, reporter=chen.user, code="illegal_building")
    office, officer = visit(li, DESK), visit(lin, PHONE)
    whistle(office, incident, urban)

    officer.goto("/")
    officer.locator(f'.big-tile[href="{DESK_PAGE}"]').tap()
    assert figure(officer, "Hours until taken (median)").startswith("—")
    assert tab(officer, "To take") == 1
    press(officer, incident, "take")
    assert tab(officer, "In hand") == 1
    press(officer, incident, "arrive", note="业主在场")
    assert tab(officer, "In hand") == 1
    expect(officer.locator(".case-times")).to_contain_text(t("Arrived"))
    assert officer.locator('.case-moves a[href$="/arrive/"]').count() == 0
    press(officer, incident, "finish", outcome="已责令拆除，三日内自行清理", after=photo("#8c8"))
    assert (tab(officer, "In hand"), tab(officer, "Being verified")) == (0, 1)

    make(visit(zhang, DESK), incident, "verify", is_confirmed="yes", note="看过了，已拆")
    make(office, incident, "close", note="已核查")

    incident.refresh_from_db()
    assert (incident.state, incident.handled_by) == (State.CLOSED, lin.user)
    assert incident.dispatched_at < incident.taken_at < incident.arrived_at < incident.finished_at
    assert tab(officer, "Over") == 1
    assert figure(officer, "Hours until arrival (median)").startswith("0")


def test_an_objection_is_decided_and_the_incident_is_gone(visit, chen, li, lin, urban, wu, places):
    incident = factories.incident(place=places.qishan, reporter=chen.user, code="illegal_building")
    office, officer = visit(li, DESK), visit(lin, DESK)
    whistle(office, incident, urban)

    assert tab(officer, "To take") == 1
    press(officer, incident, "ask-return", reason="没有新的搭建，属于邻里纠纷")
    tab(officer, "To take")
    expect(officer.locator(".case")).to_contain_text(t("Objection waits for a decision"))
    assert officer.locator('.case-moves a[href$="/ask-return/"]').count() == 0

    office.goto(reverse("incidents:requests"))
    office.locator(f'a[href="{reverse("incidents:decide", args=[incident.requests.get().pk])}"]').first.click()
    send(office, granted="yes", holder=wu.pk, reply="同意，转网格调解")
    expect(office.locator(".message-success")).to_be_visible()

    assert tab(officer, "To take") == 0
    incident.refresh_from_db()
    assert (incident.department, incident.holder) == (None, wu.user)
    answer = officer.request.get(incident.get_absolute_url())
    assert answer.status == 404
