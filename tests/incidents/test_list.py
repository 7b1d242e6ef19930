"""The list: whose incidents it holds, in which order, at which cost, and how it leaves the house."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import Severity
from grid.incidents.workflow import OPEN, State
from grid.places.territory import territory_of
from portal.core.models import AuditEntry
from tests.factories import incident, settled

from .conftest import url

pytestmark = pytest.mark.django_db
MOST_QUERIES = 14


def shown(response) -> list[int]:
    return [one.pk for one in response.context["page"]]


def test_everybody_sees_the_incidents_of_their_own_places(chen, huang, wu, li, zhou, he, nobody, places, client_of):
    qishan = incident(place=places.qishan, reporter=chen.user)
    longji = incident(place=places.longji, reporter=huang.user)
    fuyi = incident(place=places.fuyi, reporter=li.user)
    lingbian = incident(place=places.lingbian_group, reporter=zhou.user)

    def seen(person):
        return set(shown(client_of(person).get(url("list"))))

    assert seen(chen) == {qishan.pk}
    assert seen(huang) == {longji.pk}
    assert seen(wu) == {qishan.pk, longji.pk}
    assert seen(li) == {qishan.pk, longji.pk, fuyi.pk}
    assert seen(zhou) == {lingbian.pk}
    assert seen(he) == {qishan.pk, longji.pk, fuyi.pk, lingbian.pk}
    assert client_of(nobody).get(url("list")).status_code == 403


def test_a_department_sees_only_what_was_whistled_to_it(chen, li, lin, places, client_of):
    theirs = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.dispatch(theirs, actor=li.user, department=lin.department)
    incident(place=places.qishan, reporter=chen.user)

    assert shown(client_of(lin).get(url("list"))) == [theirs.pk]


def test_what_is_overdue_stands_first(chen, li, places, client_of):
    fresh = incident(place=places.qishan, reporter=chen.user)
    late = incident(place=places.qishan, reporter=chen.user, at=timezone.now() - timedelta(days=40))

    response = client_of(li).get(url("list"))

    assert shown(response) == [late.pk, fresh.pk]
    assert shown(client_of(li).get(url("list"), {"overdue": "on"})) == [late.pk]


def test_filters_by_state_category_severity_area_and_words(chen, huang, li, places, client_of):
    light = incident(place=places.longji, reporter=huang.user, code="stairwell_light", description="二楼感应灯不亮")
    urgent = {"code": "gas", "severity": Severity.URGENT, "description": "闻到煤气味"}
    gas = incident(place=places.qishan, reporter=chen.user, **urgent)
    client = client_of(li)

    def found(**query):
        return shown(client.get(url("list"), query))

    assert found(q="感应灯") == [light.pk]
    assert found(q="煤气") == [gas.pk]
    assert found(q=gas.number) == [gas.pk]
    assert found(severity="urgent") == [gas.pk]
    assert found(group=light.category.group_id) == [light.pk]
    assert found(place=places.qishan.pk) == [gas.pk]
    assert found(place=places.grid.pk) == [gas.pk, light.pk]
    assert found(state="closed") == []
    assert found(since="2999-01-01") == []


def test_a_link_narrows_the_list_to_a_building_that_the_street_is_not_offered(he, chen, zhou, places, client_of):
    theirs = incident(place=places.qishan, reporter=chen.user)
    incident(place=places.lingbian_group, reporter=zhou.user)

    linked = client_of(he).get(url("list"), {"place": places.qishan.pk})
    from_elsewhere = client_of(zhou).get(url("list"), {"place": places.qishan.pk})

    assert shown(linked) == [theirs.pk]
    assert shown(from_elsewhere) == []


def test_a_search_looks_where_its_reader_may_look(chen, zhou, li, he, lin, places, client_of):
    mine = incident(place=places.qishan, reporter=chen.user, description="楼道堆物，轮椅过不去")
    theirs = incident(place=places.lingbian_group, reporter=zhou.user, description="楼道堆物，婴儿车过不去")

    def found(person):
        return shown(client_of(person).get(url("list"), {"scope": "all", "q": "楼道堆物"}))

    assert found(li) == found(chen) == [mine.pk]
    assert found(zhou) == [theirs.pk]
    assert sorted(found(he)) == [mine.pk, theirs.pk]
    assert found(lin) == []
    assert territory_of(li.user).only_communities == territory_of(chen.user).only_communities == {places.dalong.pk}
    assert not territory_of(he.user).only_communities, "a street has rows that lie in no community"
    assert not territory_of(lin.user).only_communities, "what is whistled to a department comes from anywhere"


@pytest.mark.parametrize(("name", "wrong"), [("place", "foreign"), ("since", "2026-13-01"), ("severity", "x")])
def test_a_filter_that_makes_no_sense_finds_nothing_rather_than_everything(name, wrong, chen, li, places, client_of):
    incident(place=places.qishan, reporter=chen.user)
    query = {name: places.lingbian.pk if wrong == "foreign" else wrong}

    response = client_of(li).get(url("list"), query)

    assert (list(response.context["filter"].form.errors), shown(response)) == ([name], [])
    assert AuditEntry.objects.filter(action="incidents.exported").count() == 0
    client_of(li).get(url("export"), query)
    assert AuditEntry.objects.get(action="incidents.exported").data == {"rows": 0}


def test_the_tabs_part_the_incidents(chen, li, zhang, wu, places, client_of):
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    called = {"reporter": li.user, "source": "call", "caller_mobile": "13800138000"}
    waits, closed = (incident(**team, stage=stage) for stage in ("awaiting_verification", "closed"))
    rung_back, fresh = incident(**team | called, stage="closed"), incident(**team | called)

    def found(scope):
        return set(shown(client_of(li).get(url("list"), {"scope": scope})))

    assert found("open") == found("nonsense") == {waits.pk, fresh.pk}
    assert found("verify") == {waits.pk}
    assert found("mine") == {rung_back.pk, fresh.pk}
    assert found("call_back") == {rung_back.pk}
    assert found("closed") == {closed.pk, rung_back.pk}
    assert found("all") == {waits.pk, closed.pk, rung_back.pk, fresh.pk}


@pytest.mark.parametrize(
    ("scope", "offered"),
    [("open", {"", *OPEN}), ("all", {"", *State}), ("verify", None), ("call_back", None), ("closed", None)],
)
def test_a_tab_offers_the_states_that_there_are_under_it(scope, offered, li, client_of):
    form = client_of(li).get(url("list"), {"scope": scope}).context["filter"].form

    assert ({value for value, _label in form.fields["state"].choices} if "state" in form.fields else None) == offered


def test_an_incident_leads_back_to_the_list_as_it_was_left(chen, li, places, client_of):
    made, client = incident(place=places.qishan, reporter=chen.user), client_of(li)
    left = f"{url('list')}?scope=all&severity=general&page=2"

    def back(referer):
        return client.get(url("detail", made), headers={"referer": referer}).context["back"]

    assert back(f"http://testserver{left}") == left
    assert back(f"http://elsewhere{left}") == back(f"http://testserver{url('open', made)}?x=1") == url("list")


def test_a_department_is_led_to_no_page_of_a_place_it_does_not_see(chen, li, lin, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.dispatch(made, actor=li.user, department=lin.department)
    link = f'href="{places.qishan.get_absolute_url()}"'

    assert link in client_of(li).get(url("detail", made)).text
    assert link not in client_of(lin).get(url("detail", made)).text


def test_a_number_typed_with_full_width_digits_is_found(chen, li, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user)
    full_width = made.number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    assert shown(client_of(li).get(url("list"), {"q": full_width})) == [made.pk]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["list", "print", "export"])
def test_a_list_costs_the_same_for_any_number_of_rows(name, rows, chen, li, places, client_of):
    for _row in range(rows):
        incident(place=places.qishan, reporter=chen.user)
    client = client_of(li)
    client.get(url(name))

    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(url(name))

    costs = {"list": 10, "print": 8, "export": 9}
    assert len(captured) <= min(costs[name], MOST_QUERIES), [q["sql"][:160] for q in captured]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("person", ["chen", "li", "he"])
def test_the_home_page_costs_the_same_for_any_number_of_things_to_do(person, rows, request, chen, places, client_of):
    who = request.getfixturevalue(person)
    for _row in range(rows):
        incident(place=places.qishan, reporter=chen.user)
    client = client_of(who)
    client.get("/")

    with CaptureQueriesContext(connection) as captured:
        client.get("/")

    assert len(captured) <= MOST_QUERIES, [q["sql"][:160] for q in captured]


def test_pages_of_twenty_five_without_a_count(chen, li, places, client_of):
    for _row in range(26):
        incident(place=places.qishan, reporter=chen.user)

    first = client_of(li).get(url("list"))
    second = client_of(li).get(url("list"), {"page": "2"})

    assert (len(shown(first)), first.context["page"].has_next) == (25, True)
    assert (len(shown(second)), second.context["page"].has_next) == (1, False)


def test_the_excel_sheet_neutralises_formulas_and_the_export_is_on_record(chen, li, places, client_of):
    incident(place=places.qishan, reporter=chen.user, description='=HYPERLINK("http://x")', location="＝1+1")

    response = client_of(li).get(url("export"))

    with ZipFile(BytesIO(response.content)) as archive:
        strings = archive.read("xl/sharedStrings.xml").decode()
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "'=HYPERLINK" in strings
    assert "'＝1+1" in strings
    assert "<f>" not in sheet
    assert AuditEntry.objects.get(action="incidents.exported").data == {"rows": 1}


def test_callers_leave_the_house_in_no_export(li, places, client_of):
    incident(place=places.dalong, reporter=li.user, source="call", caller_name="陈家生", caller_mobile="13800138000")

    content = client_of(li).get(url("export")).content
    printed = client_of(li).get(url("print")).text

    with ZipFile(BytesIO(content)) as archive:
        strings = archive.read("xl/sharedStrings.xml").decode()
    for canary in ("陈家生", "13800138000"):
        assert canary not in strings
        assert canary not in printed


def test_several_settlements_are_confirmed_at_once_and_the_refused_one_is_named(chen, li, wu, places, client_of):
    first, second = (settled(place=places.qishan, reporter=chen.user) for _n in range(2))
    mine = settled(place=places.dalong, reporter=li.user)

    response = client_of(li).post(url("confirm"), {"incident": [first.pk, second.pk, mine.pk]}, follow=True)

    states = []
    for one in (first, second, mine):
        one.refresh_from_db()
        states.append(one.state)
    assert states == ["closed", "closed", "awaiting_verification"]
    assert any(mine.number in str(message) for message in response.context["messages"])


def test_bulk_confirmation_leaves_foreign_incidents_alone(chen, zhou, places, client_of):
    made = settled(place=places.qishan, reporter=chen.user)

    client_of(zhou).post(url("confirm"), {"incident": [made.pk]})

    made.refresh_from_db()
    assert made.state == "awaiting_verification"


def test_a_bulk_confirmation_keeps_the_filter_and_survives_nonsense(chen, li, places, client_of):
    made = settled(place=places.qishan, reporter=chen.user)
    ticked = ["²", "x", "9" * 30, "-1", made.pk]

    response = client_of(li).post(f"{url('confirm')}?scope=verify&severity=general", {"incident": ticked})

    made.refresh_from_db()
    assert made.state == "closed"
    assert response.url == f"{url('list')}?scope=verify&severity=general"


def test_hostile_text_is_escaped_wherever_it_is_shown(chen, li, places, client_of):
    hostile = "<script>alert(1)</script>"
    made = incident(place=places.qishan, reporter=chen.user, description=hostile, location='"><img src=x>')
    client = client_of(li)

    for page in (url("list"), url("detail", made), url("print"), url("open", made)):
        html = client.get(page).text
        assert hostile not in html
        assert "<img src=x>" not in html
