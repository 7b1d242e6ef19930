"""The pages of people: what stands on them, who may do what, and each form from the click to the record."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grid.roster import tiles
from grid.roster.models import Household, Resident
from portal.core import audit
from portal.core.identity import check_digit
from portal.core.models import AuditEntry
from tests.roster.people import household, resident

pytestmark = pytest.mark.django_db
MOBILE = "13800138000"
FIRST17 = "44010519570308123"
ID_NUMBER = FIRST17 + check_digit(FIRST17)


@pytest.fixture
def home(places):
    return household(places.qishan)


@pytest.fixture
def one(home):
    """陈家生, head of a household of one."""
    return resident(home, "陈家生", relation="户主", birth=date(1957, 3, 8), sex="male")


def url(page, subject):
    return reverse(f"roster:{page}", args=[subject.pk])


def entered(**changes):
    fields = {"name": "李秀英", "sex": "", "birth": "", "since": "2023-01-01", "idempotency_key": str(uuid4())}
    return {**fields, **changes}


def test_the_list_says_at_a_glance_what_one_wants_to_know(home, li, client_of):
    home.occupancy = Household.Occupancy.RENTED
    home.save()
    resident(
        home, "陈家生", birth=date(1957, 3, 8), is_party_member=True, mobile=MOBILE, away_since=date(2023, 1, 1),
        represents_since=date(2022, 1, 1),
    )  # fmt: skip

    page = client_of(li).get(reverse("roster:people"))

    (line,) = page.context["lines"]
    assert [tag.tone for tag in line.tags] == ["blue", "red", "amber", "amber", "grey", "grey"]
    assert "138****8000" in page.text
    assert MOBILE not in page.text


def test_the_way_to_the_people_is_offered_to_whoever_may_see_them(chen, lin, client_of):
    address = f'href="{reverse("roster:people")}"'

    assert address in client_of(chen).get("/").text
    assert address not in client_of(lin).get("/").text


def test_somebody_is_entered_once_however_often_it_is_sent(home, chen, client_of):
    client, sent = client_of(chen), entered()

    first, second = (client.post(url("resident_add", home), sent) for _time in range(2))

    made = Resident.objects.get()
    assert first.url == second.url == made.get_absolute_url()
    assert (made.name, made.since, made.place_id) == ("李秀英", date(2023, 1, 1), home.place_id)
    assert client.post(url("resident_add", home), entered(name="李明", next="another")).url == home.get_absolute_url()


def test_extra_fields_change_nothing(home, places, chen, client_of):
    sent = entered(
        community=places.lingbian.pk, place=places.fuyi.pk, until="2023-02-01", represents_since="2022-01-01"
    )

    client_of(chen).post(url("resident_add", home), sent)

    made = Resident.objects.get()
    assert (made.community_id, made.place_id, made.until, made.represents_since) == (
        places.dalong.pk, places.qishan.pk, None, None,
    )  # fmt: skip


def test_whoever_has_the_number_already_is_named_to_those_who_see_them(home, places, chen, li, client_of):
    known = resident(household(places.fuyi), "陈家生", id_number=ID_NUMBER)
    sent = entered(id_number=f" {ID_NUMBER[:6]} {ID_NUMBER[6:]} ")

    in_office = client_of(li).post(url("resident_add", home), sent)
    next_door = client_of(chen).post(url("resident_add", home), sent)

    assert (in_office.status_code, next_door.status_code) == (422, 422)
    assert known.get_absolute_url() in in_office.text
    assert known.get_absolute_url() not in next_door.text
    assert "陈家生" not in next_door.text
    assert list(next_door.context["form"].errors) == ["id_number"]
    assert Resident.objects.count() == 1


def test_a_correction_shows_no_number_and_keeps_it(home, li, client_of):
    one = resident(home, "陈家升", mobile=MOBILE, id_number=ID_NUMBER, sex="male", birth=date(1957, 3, 8))
    client = client_of(li)

    page = client.get(url("resident_edit", one)).text
    response = client.post(url("resident_edit", one), {"name": "陈家生", "sex": "male", "birth": "1957-03-08"})

    one.refresh_from_db()
    assert MOBILE not in page
    assert ID_NUMBER not in page
    assert response.url == one.get_absolute_url()
    assert (one.name, one.mobile, one.id_number) == ("陈家生", MOBILE, ID_NUMBER)


def test_a_number_is_taken_off_when_that_is_ticked(home, li, client_of):
    one = resident(home, "陈家生", mobile=MOBILE)

    client_of(li).post(url("resident_edit", one), {"name": "陈家生", "forget_mobile": "on"})

    one.refresh_from_db()
    assert (one.mobile, one.mobile_index) == ("", "")


def test_a_move_is_looked_for_shown_and_agreed_to(one, places, li, client_of):
    target, client = household(places.fuyi, "1栋", "101"), client_of(li)
    household(places.longji, "1栋", "201")

    shown = client.post(url("resident_move", one), {"address": "1-101", "on": "2023-05-01", "step": "look"})
    one.refresh_from_db()
    before = one.household_id
    done = client.post(
        url("resident_move", one), {"address": "1-101", "to": target.pk, "on": "2023-05-01", "step": "move"}
    )

    one.refresh_from_db()
    assert (shown.status_code, shown.context["target"], before) == (200, target, one.spans.get().household_id)
    assert len(shown.context["touches"]) == 1
    assert (done.url, one.household) == (one.get_absolute_url(), target)


def test_of_several_flats_one_is_chosen(one, places, li, client_of):
    first, second = household(places.fuyi, "1栋", "101"), household(places.longji, "2栋", "101")
    client = client_of(li)
    sent = {"address": "101", "on": "2023-05-01"}

    found = client.post(url("resident_move", one), {**sent, "step": "look"})
    unchosen = client.post(url("resident_move", one), {**sent, "step": "move"})
    client.post(url("resident_move", one), {**sent, "to": second.pk, "step": "move"})

    one.refresh_from_db()
    assert (found.context["target"], {flat.pk for flat in found.context["form"].flats}) == (None, {first.pk, second.pk})
    assert unchosen.status_code == 422
    assert one.household == second


def test_nobody_is_moved_out_of_sight(one, places, chen, client_of):
    elsewhere = household(places.fuyi, "1栋", "101")
    sent = {"address": "1-101", "to": elsewhere.pk, "on": "2023-05-01", "step": "move"}

    response = client_of(chen).post(url("resident_move", one), sent)

    assert response.status_code == 422
    assert "address" in response.context["form"].errors


def test_a_leaving_is_previewed_recorded_and_taken_back(one, li, client_of):
    client = client_of(li)

    asked = client.get(url("resident_leave", one))
    client.post(url("resident_leave", one), {"why": "deceased", "on": "2023-05-01"})
    one.refresh_from_db()
    left = one.left_because
    page = client.get(one.get_absolute_url())
    client.post(url("resident_restore", one))

    one.refresh_from_db()
    assert len(asked.context["touches"]) == 1
    assert (left, one.left_because) == ("deceased", "")
    assert url("resident_restore", one) in page.text


def test_away_and_back(one, li, client_of):
    client = client_of(li)

    client.post(url("resident_away", one), {"since": "2023-05-01"})
    one.refresh_from_db()
    away = one.away_since
    refused = client.post(url("resident_away", one), {"since": "2023-04-01"})
    client.post(url("resident_away", one), {"since": "2023-06-01"})

    one.refresh_from_db()
    assert (away, refused.status_code, one.away_since) == (date(2023, 5, 1), 422, None)


@pytest.mark.parametrize("page", ["resident_edit", "resident_move", "resident_leave", "resident_away"])
def test_the_street_reads_and_does_not_write(page, one, he, client_of):
    client = client_of(he)

    assert client.get(one.get_absolute_url()).status_code == 200
    assert client.get(url(page, one)).status_code == 403
    assert client.post(url(page, one)).status_code == 403


def test_neighbours_see_nothing(one, home, huang, zhou, client_of):
    for person in (huang, zhou):
        client = client_of(person)
        for page in ("resident", "resident_edit", "resident_move", "resident_leave", "resident_away"):
            assert client.get(url(page, one)).status_code == 404
        assert client.post(url("resident_restore", one)).status_code == 404
        assert client.get(url("resident_add", home)).status_code == 404


def test_the_history_says_what_was_done_and_keeps_no_value(one, places, li, client_of):
    client, target = client_of(li), household(places.fuyi, "1栋", "101")
    client.post(url("resident_edit", one), {"name": "陈家声", "sex": "male", "birth": "1957-03-08"})
    client.post(url("resident_move", one), {"address": "1-101", "to": target.pk, "on": "2023-05-01", "step": "move"})

    page = client.get(one.get_absolute_url())

    details = [event.detail for event in page.context["history"]]
    assert "3栋502 → 1栋101" in details
    assert "陈家生" not in page.text
    assert not AuditEntry.objects.filter(data__icontains="陈家").exists()


def test_what_came_with_a_file_is_told_as_such(one, li, client_of):
    for action, data in (("moved", {"import": 1}), ("corrected", {"import": 1, "fields": ["remark"]}), ("odd", {})):
        audit.record(f"resident.{action}", one, actor=li.user, data=data)

    page = client_of(li).get(one.get_absolute_url())

    assert [bool(event.detail) for event in page.context["history"]] == [False, True, True]


def test_hostile_text_is_escaped_wherever_it_is_shown(home, li, client_of):
    hostile = "<script>alert(1)</script>"
    one = resident(home, hostile, relation='"><img src=x>', remark=hostile)
    client = client_of(li)

    for page in ("resident", "resident_edit", "resident_move", "resident_leave", "resident_away"):
        html = client.get(url(page, one)).text
        assert hostile not in html
        assert "<img src=x>" not in html


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", ["resident_edit", "resident_move", "resident_leave", "resident_away"])
def test_a_form_costs_the_same_for_any_number_of_members(page, rows, one, li, client_of):
    for number in range(rows):
        resident(one.household, f"陈{number}")
    client = client_of(li)
    client.get(url(page, one))

    with CaptureQueriesContext(connection) as captured:
        client.get(url(page, one))

    assert len(captured) <= 9, [q["sql"][:160] for q in captured]


# What stands on the page of a place


@pytest.fixture
def town(places):
    """Five people of 大龙 in three households, and one of 凌边."""
    first, second, third = household(places.qishan), household(places.longji), household(places.fuyi)
    resident(first, "陈一", birth=date(1950, 1, 1), represents_since=date(2022, 1, 1))
    resident(first, "陈二", mobilised_since=date(2022, 1, 1))
    resident(first, "陈走", until=date(2022, 1, 1), left_because="moved_out")
    resident(second, "黄一")
    resident(third, "富一", birth=date(1950, 1, 1))
    resident(household(places.lingbian_group), "凌一")
    household(places.fuyi, room="空")


def test_a_place_says_who_lives_there(town, places, li, chen, lin, django_assert_num_queries):
    def stats(person, place):
        return {stat.key: stat.value for stat in tiles.of_place(person.user, place)}

    li.user.has_perm("roster.view")
    with django_assert_num_queries(1):
        found = stats(li, places.dalong)

    assert found == {
        "places.households": 3, "places.residents": 4, "places.representatives": 1, "places.mobilised": 2,
        "places.elderly": 2,
    }  # fmt: skip
    assert stats(li, places.grid)["places.residents"] == 3
    assert stats(chen, places.qishan)["places.residents"] == 2
    assert stats(lin, places.dalong) == stats(li, places.street) == stats(chen, places.longji) == {}


def test_siblings_are_counted_in_one_query(town, places, django_assert_num_queries):
    with django_assert_num_queries(1):
        grids = tiles.by_place([places.grid, places.second_grid])
    with django_assert_num_queries(1):
        groups = tiles.by_place([places.qishan, places.longji])

    assert grids == {places.grid.pk: (2, 3, 1, 2, 1), places.second_grid.pk: (1, 1, 0, 0, 1)}
    assert groups == {places.qishan.pk: (1, 2, 1, 2, 1), places.longji.pk: (1, 1, 0, 0, 0)}


def test_the_numbers_of_a_place_lead_to_its_people(town, places, li, client_of):
    client = client_of(li)
    leads = {stat.key.partition(".")[2]: stat.url for stat in tiles.of_place(li.user, places.dalong)}

    assert len(client.get(leads["elderly"]).context["lines"]) == 2
    assert len(client.get(leads["representatives"]).context["lines"]) == 1
    assert len(client.get(leads["residents"]).context["lines"]) == 4
