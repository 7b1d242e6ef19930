"""Leaders for a whole list at once: all accounts, appointments and slips, or none, and nothing typed is lost."""

import json
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from grid.places import services
from grid.places.models import Appointment, Level, Place, Role
from portal.accounts.models import User
from tests.cast import SINCE, make_user
from tests.roster.people import household, resident

MOBILE = "13912345678"


def leaders_url(place: Place) -> str:
    return reverse("places:appoint_leaders", args=[place.pk])


def slips_url(place: Place) -> str:
    return reverse("places:slips", args=[place.pk])


@pytest.fixture
def rows(places):
    """What is typed into the rows, by place: `rows({places.fuyi: {"name": "何小明"}})`."""

    def typed(entered: dict[Place, dict[str, str]]) -> dict[str, str]:
        return {f"{field}_{place.pk}": text for place, fields in entered.items() for field, text in fields.items()}

    return typed


def test_every_vacant_building_group_has_a_row_with_a_user_name_of_its_own(li, chen, places, client_of):
    form = client_of(li).get(leaders_url(places.dalong)).context["form"]

    assert [(row.place.name, row.username.value()) for row in form.rows] == [
        ("龙基花园楼栋小组", "lz1-1-2"),
        ("富怡苑楼栋小组", "lz1-2-1"),
    ]


def test_filled_rows_get_accounts_appointments_and_slips_and_blank_ones_nothing(li, places, rows, client_of, send):
    client = client_of(li)
    data = rows(
        {
            places.fuyi: {"name": "何小明", "mobile": "139 1234 5678"},
            places.longji: {"name": "梁志华", "username": "liang"},
        }
    )

    answer = send(client, leaders_url(places.dalong), **data)

    assert answer.url == slips_url(places.dalong)
    made = Appointment.objects.filter(role=Role.BUILDING_LEADER).order_by("place__code")
    assert [(one.place.name, one.user.name, one.user.username) for one in made] == [
        ("龙基花园楼栋小组", "梁志华", "liang"),
        ("富怡苑楼栋小组", "何小明", "lz1-2-1"),
    ]
    assert User.objects.by_sign_in(MOBILE).name == "何小明"
    page = client.get(answer.url)
    for appointment, first in page.context["slips"]:
        assert User.objects.get(pk=appointment.user_id).check_password(first)
        assert appointment.user.must_change_password
        assert first in page.text


def test_slips_are_shown_once_and_to_nobody_else(li, zhang, places, rows, client_of, send):
    client = client_of(li)
    send(client, leaders_url(places.dalong), **rows({places.fuyi: {"name": "何小明"}}))

    kept = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert client_of(zhang).get(slips_url(places.dalong)).status_code == 410
    first = client.get(slips_url(places.dalong))
    assert first.context["slips"][0][1] not in kept
    assert "no-store" in first["Cache-Control"]
    assert client.get(slips_url(places.dalong)).status_code == 410


def test_one_wrong_row_makes_nobody_and_keeps_all_that_was_typed(li, places, rows, client_of, send):
    make_user("taken", "别人", mobile=MOBILE)
    data = rows({
        places.fuyi: {"name": "何小明", "mobile": MOBILE},
        places.longji: {"name": "梁志华", "username": "taken"},
        places.qishan: {"name": "区少芬", "mobile": "123"},
    })  # fmt: skip

    answer = send(client_of(li), leaders_url(places.dalong), **data)

    assert answer.status_code == 422
    assert not Appointment.objects.filter(role=Role.BUILDING_LEADER).exists()
    assert {row.place.name for row in answer.context["form"].rows if row.errors} == {"岐山中路楼栋小组"}
    for text in data.values():
        assert f'value="{text}"' in answer.text

    del data[f"mobile_{places.qishan.pk}"]
    again = send(client_of(li), leaders_url(places.dalong), **data)
    wrong = {row.place.name: len(row.errors) for row in again.context["form"].rows if row.errors}
    assert wrong == {"龙基花园楼栋小组": 1, "富怡苑楼栋小组": 1}


def test_the_same_number_in_two_rows_is_refused_in_both(li, places, rows, client_of, send):
    data = rows({place: {"name": "何小明", "mobile": MOBILE} for place in (places.fuyi, places.longji)})

    answer = send(client_of(li), leaders_url(places.dalong), **data)

    assert [len(row.errors) for row in answer.context["form"].rows if row.errors] == [1, 1]


def test_a_row_whose_post_was_taken_meanwhile_stays_and_says_so(li, places, huang, rows, client_of, send):
    answer = send(client_of(li), leaders_url(places.dalong), **rows({places.longji: {"name": "梁志华"}}))

    assert answer.status_code == 422
    assert "梁志华" in answer.text
    assert "黄伟强" in answer.text


def test_an_empty_list_is_refused(li, places, client_of, send):
    assert send(client_of(li), leaders_url(places.dalong)).status_code == 422


def test_a_double_tap_makes_one_account_each(li, places, rows, client_of):
    client = client_of(li)
    data = {"idempotency_key": str(uuid4()), **rows({places.fuyi: {"name": "何小明"}})}

    answers = [client.post(leaders_url(places.dalong), data) for _tap in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert User.objects.filter(name="何小明").count() == 1
    assert len(client.get(slips_url(places.dalong)).context["slips"]) == 1


def test_a_place_of_another_community_cannot_be_slipped_in(li, places, rows, client_of, send):
    answer = send(client_of(li), leaders_url(places.dalong), **rows({places.lingbian_group: {"name": "何小明"}}))

    assert answer.status_code == 422
    assert not Appointment.objects.filter(place=places.lingbian_group).exists()


def test_outside_the_grid_whose_page_it_is_nothing_is_given(li, places, rows, client_of, send):
    answer = send(client_of(li), leaders_url(places.grid), **rows({places.fuyi: {"name": "何小明"}}))

    assert answer.status_code == 422
    assert not Appointment.objects.filter(place=places.fuyi).exists()


@pytest.mark.parametrize(
    ("who", "status"), [("li", 200), ("zhang", 200), ("he", 200), ("wu", 403), ("chen", 404), ("zhou", 404)]
)
def test_who_may_appoint_the_leaders_of_a_grid(who, status, request, places, client_of):
    assert client_of(request.getfixturevalue(who)).get(leaders_url(places.grid)).status_code == status


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_list_costs_the_same_for_any_number_of_rows(number, li, places, client_of, django_assert_num_queries):
    for n in range(number):
        group = services.open_place(
            level=Level.BUILDING_GROUP, code=f"{places.grid.code}{500 + n}", name=f"第{n}栋", parent=places.grid,
            actor=None, since=SINCE,
        )  # fmt: skip
        resident(household(group), "陈家生")
    client, url = client_of(li), leaders_url(places.grid)
    client.get(url)

    with django_assert_num_queries(8):
        assert len(list(client.get(url).context["form"].rows)) == number + 2


# Candidates of the roster


@pytest.fixture
def neighbours(places):
    """Of 富怡苑: a party member, somebody taking part, an adult, a child, and one who has moved away."""
    home = household(places.fuyi)
    return [
        resident(home, "普通人", birth="1980-01-01"),
        resident(home, "参与人", birth="1980-01-01", mobilised_since=SINCE),
        resident(home, "党员甲", birth="1980-01-01", is_party_member=True, mobile=MOBILE),
        resident(home, "小朋友", birth="2022-01-01", is_party_member=True),
        resident(home, "搬走人", birth="1980-01-01", until=SINCE, since=SINCE, left_because="moved_out"),
    ]


def appoint_url(place: Place) -> str:
    return reverse("places:appoint", args=[place.pk], query={"person": "new"})


def test_party_members_come_first_then_who_takes_part_and_only_adults_who_are_there(li, places, neighbours, client_of):
    page = client_of(li).get(appoint_url(places.fuyi))

    field = page.context["form"].fields["candidate"]
    assert [one.name for one in field.by_key.values()] == ["党员甲", "参与人", "普通人"]
    assert MOBILE not in page.text


def test_whoever_is_chosen_fills_in_name_and_number_unseen(li, places, neighbours, client_of, send):
    client, key = client_of(li), f"roster:{neighbours[2].pk}"

    answer = send(client, appoint_url(places.fuyi), candidate=key, role=Role.BUILDING_LEADER, since="2026-01-01")

    made = Appointment.objects.get(place=places.fuyi)
    assert (made.user.name, made.user.mobile) == ("党员甲", MOBILE)
    assert MOBILE not in client.get(answer.url).text


def test_in_the_list_too(li, places, neighbours, rows, client_of, send):
    data = rows({places.fuyi: {"candidate": f"roster:{neighbours[2].pk}"}})

    send(client_of(li), leaders_url(places.dalong), **data)

    assert Appointment.objects.get(place=places.fuyi).user.mobile == MOBILE


def test_a_number_that_somebody_else_signs_in_with_is_left_out(li, places, neighbours, rows, client_of, send):
    make_user("wife", "家属", mobile=MOBILE)

    send(client_of(li), leaders_url(places.dalong), **rows({places.fuyi: {"candidate": f"roster:{neighbours[2].pk}"}}))

    assert Appointment.objects.get(place=places.fuyi).user.mobile == ""


def test_whoever_has_an_account_is_not_given_a_second_one(li, places, neighbours, rows, client_of, send):
    make_user("member", "党员甲", mobile=MOBILE)

    answer = send(
        client_of(li), leaders_url(places.dalong), **rows({places.fuyi: {"candidate": f"roster:{neighbours[2].pk}"}})
    )

    assert answer.status_code == 422
    assert MOBILE not in answer.text


def test_nobody_of_another_building_group_can_be_chosen(li, places, neighbours, rows, client_of, send):
    data = rows({places.longji: {"candidate": f"roster:{neighbours[2].pk}"}})

    assert send(client_of(li), leaders_url(places.dalong), **data).status_code == 422


def test_a_name_and_a_candidate_are_not_both_meant(li, places, neighbours, rows, client_of, send):
    data = rows({places.fuyi: {"candidate": f"roster:{neighbours[2].pk}", "name": "何小明"}})

    assert send(client_of(li), leaders_url(places.dalong), **data).status_code == 422
