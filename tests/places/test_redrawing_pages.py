"""Every step of redrawing is asked for, shown with what it touches, and agreed to."""

from uuid import uuid4

import pytest
from django.urls import reverse

from grid.places import boundaries, departments, services
from grid.places.models import Appointment, Department, Place
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests import factories
from tests.roster.people import household, resident


def step_url(slug: str, place: Place) -> str:
    return reverse(f"places:{slug}", args=[place.pk])


@pytest.fixture
def two_buildings(places):
    found = [household(places.qishan, "1栋", "101"), household(places.qishan, "2栋", "201")]
    for home in found:
        resident(home)
    return found


@pytest.fixture
def agree(send):
    """Send a step to be shown what it touches, then agree to what was shown."""

    def agreed(client, url: str, **data):
        key = {"idempotency_key": str(uuid4())}
        shown = client.post(url, {**key, **data})
        assert shown.status_code == 200, shown.text
        return client.post(url, {**key, **data, "seen": shown.context["plan"].seen})

    return agreed


def test_nothing_is_done_before_it_was_shown(li, two_buildings, places, client_of, send):
    shown = send(client_of(li), step_url("merge", places.qishan), into=places.longji.pk)

    assert [line.number for line in shown.context["plan"].coming] == [2, 2]
    assert not Place.objects.get(pk=places.qishan.pk).is_closed


def test_each_step_is_carried_out_once_it_was_agreed_to(li, two_buildings, places, client_of, agree):
    client = client_of(li)
    building = [
        choice for choice in client.get(step_url("split", places.qishan)).context["form"].offered if choice.number
    ]

    answers = [
        agree(client, step_url("rename", places.fuyi), name="富怡苑小组", code=places.fuyi.code),
        agree(client, step_url("move", places.longji), to=places.second_grid.pk, renumber="on"),
        agree(
            client, step_url("split", places.qishan), name="新小组", code="440113106001001009", chosen=[building[0].key]
        ),
        agree(
            client,
            step_url("split", places.second_grid),
            name="第三网格",
            code="440113106001003",
            groups=[places.fuyi.pk],
        ),
        agree(client, step_url("close", places.fuyi), note="拆迁"),
        agree(client, step_url("merge", places.second_grid), into=places.grid.pk),
    ]

    assert [answer.status_code for answer in answers] == [302] * 6
    assert Place.objects.open().filter(community=places.dalong).count() == 6
    moved = Place.objects.get(pk=places.longji.pk)
    assert (moved.code, moved.parent) == ("440113106001002002", places.grid)


def test_going_back_keeps_what_was_entered_and_agrees_to_nothing(li, places, client_of, send):
    client, data = client_of(li), {"name": "新名称", "code": places.fuyi.code}

    back = send(client, step_url("rename", places.fuyi), **data, seen="0123456789abcdef", change="1")

    assert "新名称" in back.text
    assert "seen" not in back.text
    assert Place.objects.get(pk=places.fuyi.pk).name == "富怡苑楼栋小组"


def test_what_changed_in_between_is_shown_anew(li, two_buildings, places, client_of, send):
    client, url = client_of(li), step_url("merge", places.qishan)
    seen = send(client, url, into=places.longji.pk).context["plan"].seen
    resident(household(places.qishan, "3栋", "301"))

    answer = send(client, url, into=places.longji.pk, seen=seen)

    assert answer.status_code == 422
    assert [line.number for line in answer.context["plan"].coming] == [3, 3]


def test_what_cannot_be_done_is_said_before_it_is_agreed_to(li, two_buildings, places, client_of, send):
    answer = send(client_of(li), step_url("close", places.qishan), note="拆迁")

    assert (answer.status_code, answer.context["plan"]) == (422, None)


def test_a_double_tap_splits_once(li, places, client_of, send):
    client, url = client_of(li), step_url("split", places.grid)
    data = {
        "idempotency_key": str(uuid4()),
        "name": "第三网格",
        "code": "440113106001003",
        "groups": [places.longji.pk],
    }
    seen = client.post(url, data).context["plan"].seen

    answers = [client.post(url, {**data, "seen": seen}) for _tap in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Place.objects.filter(name="第三网格").count() == 1


def test_a_double_tap_merges_once(li, places, client_of, send):
    client, url = client_of(li), step_url("merge", places.qishan)
    data = {"idempotency_key": str(uuid4()), "into": places.longji.pk}
    seen = client.post(url, data).context["plan"].seen

    answers = [client.post(url, {**data, "seen": seen}) for _tap in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]


def test_the_place_of_another_community_is_no_target(li, places, client_of, send):
    for slug, field in (("merge", "into"), ("move", "to")):
        target = places.lingbian_group if slug == "merge" else places.lingbian_grid
        assert send(client_of(li), step_url(slug, places.qishan), **{field: target.pk}).status_code == 422


@pytest.mark.parametrize("slug", ["rename", "move", "merge", "split", "close"])
@pytest.mark.parametrize(("who", "status"), [("zhang", 200), ("he", 200), ("wu", 403), ("chen", 403), ("zhou", 404)])
def test_who_may_redraw_a_building_group(slug, who, status, request, places, client_of):
    client = client_of(request.getfixturevalue(who))

    assert client.get(step_url(slug, places.qishan)).status_code == status


def test_a_community_is_named_by_the_street_and_redrawn_by_nobody(he, zhang, places, client_of):
    assert client_of(he).get(step_url("rename", places.dalong)).status_code == 200
    assert client_of(zhang).get(step_url("rename", places.dalong)).status_code == 403
    for slug in ("move", "merge", "split", "close"):
        assert client_of(he).get(step_url(slug, places.dalong)).status_code == 403


def test_the_page_of_a_place_names_the_steps(li, chen, places, client_of):
    offered = [form.slug for form in client_of(li).get(places.qishan.get_absolute_url()).context["may"]["steps"]]

    assert offered == ["rename", "move", "split", "merge", "close"]
    assert client_of(chen).get(places.qishan.get_absolute_url()).context["may"]["steps"] == []


def test_where_it_was_redrawn_stands_in_its_history(li, places, client_of):
    boundaries.move(places.qishan, to=places.second_grid, actor=li.user)

    page = client_of(li).get(reverse("places:history", args=[places.qishan.pk]))

    assert [event.who for event in page.context["events"]] == ["李敏", ""]


# Departments


def department_url(name: str, department: Department) -> str:
    return reverse(f"places:{name}", args=[department.pk])


def test_a_department_is_renamed(he, urban, client_of):
    client_of(he).post(department_url("rename_department", urban), {"name": "综合执法队"})

    assert Department.objects.get(pk=urban.pk).name == "综合执法队"
    assert AuditEntry.objects.get(action="department.renamed").data == {"old": "综合行政执法办", "new": "综合执法队"}


def test_a_name_that_another_has_is_refused(he, urban, places, client_of):
    services.add_department(places.street, name="公共服务办", actor=None)

    assert client_of(he).post(department_url("rename_department", urban), {"name": "公共服务办"}).status_code == 422


def test_a_deactivated_department_has_no_officers_and_may_come_back(he, lin, urban, client_of):
    client, url = client_of(he), department_url("department_state", urban)

    client.post(url, {"note": "撤并"})
    assert not Department.objects.get(pk=urban.pk).is_active
    assert not Appointment.objects.current().filter(department=urban).exists()
    with pytest.raises(Refused):
        services.appoint(
            lin.user, role="department_officer", department=Department.objects.get(pk=urban.pk), actor=None
        )

    client.post(url, {"x": ""})
    assert Department.objects.get(pk=urban.pk).is_active


def test_a_department_that_holds_something_stays(he, lin, li, chen, urban, places, client_of):
    from grid.incidents import services as incidents

    made = factories.incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    incidents.dispatch(made, actor=li.user, department=urban)

    assert client_of(he).post(department_url("department_state", urban), {"note": "撤并"}).status_code == 422
    with pytest.raises(Refused):
        departments.reactivate(urban, actor=he.user)


@pytest.mark.parametrize("name", ["rename_department", "department_state"])
def test_who_may_change_departments(name, he, zhang, chen, urban, client_of):
    statuses = {who.user.name: client_of(who).get(department_url(name, urban)).status_code for who in (he, zhang, chen)}

    assert statuses == {"何志明": 200, "张国华": 403, "陈丽芳": 403}
