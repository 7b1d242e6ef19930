from datetime import timedelta

import pytest
from django.urls import reverse

from grid.places import services
from grid.places.census import census_of
from grid.places.models import Level, Place, Role
from portal.core.clock import today
from tests import factories
from tests.cast import SINCE, make_user

MOST_QUERIES = 11
ROSTER_QUERIES = 2  # who lives here, and in each place below; a street's are counted elsewhere


@pytest.fixture(autouse=True)
def in_english(request):
    for name in ("he", "zhang", "li", "wu", "chen", "lin"):
        if name in request.fixturenames:
            user = request.getfixturevalue(name).user
            user.language = "en"
            user.save()


def page(place: Place) -> str:
    return reverse("places:place", args=[place.pk])


def fill(grid: Place, number: int) -> None:
    """Building groups below a grid, every third one with a leader and an incident."""
    for n in range(number):
        code = f"{grid.code}{500 + n}"
        group = services.open_place(
            level=Level.BUILDING_GROUP, code=code, name=f"第{n}栋", parent=grid, actor=None, since=SINCE
        )
        if n % 3 == 0:
            leader = make_user(f"leader{n}", f"楼长{n}", mobile=f"139{n:08d}")
            services.appoint(leader, role=Role.BUILDING_LEADER, place=group, actor=None, since=SINCE)
            factories.incident(place=group, reporter=leader)


# What it shows


def test_the_way_up_is_linked_as_far_as_one_may_go(li, places, client_of):
    trail = client_of(li).get(page(places.qishan)).context["look"].trail

    assert trail == [
        ("番禺区", ""),
        ("石碁镇", ""),
        ("大龙社区", page(places.dalong)),
        ("第一网格", page(places.grid)),
        ("岐山中路楼栋小组", ""),
    ]


def test_the_head_and_the_stand_in_are_named_with_a_masked_number(li, chen, nobody, places, client_of, post_of):
    chen.user.mobile = "13800138000"
    chen.user.save()
    services.appoint(
        nobody, role=Role.BUILDING_LEADER, place=places.qishan, actor=None, stands_in_for=post_of(chen),
        until=today() + timedelta(days=9),
    )  # fmt: skip

    response = client_of(li).get(page(places.qishan))

    team = response.context["look"].team
    assert (team.head.user, [post.user for post in team.stand_ins], team.others) == (chen.user, [nobody], [])
    for words in ("陈丽芳", "since 2021-01-01", "138****8000", "Stand-in", "for 陈丽芳"):
        assert words in response.text
    assert "13800138000" not in response.text


def test_a_vacancy_is_shown_where_it_is_and_counted_above(li, chen, wu, places, client_of):
    response = client_of(li).get(page(places.fuyi))
    assert response.context["look"].team.is_vacant
    assert "Vacant" in response.text

    look = client_of(li).get(page(places.dalong)).context["look"]
    assert [(str(entry.title), str(entry.tag)) for entry in look.waiting] == [
        ("Vacant posts", "3"),
        ("Community secretary", "Vacant"),
    ]


def test_the_table_counts_what_lies_below(he, li, chen, huang, wu, zhang, places, client_of):
    factories.incident(place=places.qishan, reporter=chen.user)
    table = client_of(he).get(page(places.street)).context["look"].below

    assert [str(column.label) for column in table.columns] == [
        "Open", "Overdue", "Grids", "Building groups", "Vacant posts",
    ]  # fmt: skip
    assert [(row.place.name, [cell.value for cell in row.cells]) for row in table.rows] == [
        ("大龙社区", [1, 0, 2, 3, 2]),
        ("凌边社区", [0, 0, 1, 1, 3]),
    ]
    assert [row.team.head and row.team.head.user.name for row in table.rows] == ["张国华", None]


def test_a_grids_table_lists_its_building_groups(wu, chen, places, client_of):
    table = client_of(wu).get(page(places.grid)).context["look"].below

    assert [(row.place.name, row.team.head and row.team.head.user.name) for row in table.rows] == [
        ("岐山中路楼栋小组", "陈丽芳"),
        ("龙基花园楼栋小组", None),
    ]
    people = ["Households", "Residents", "Representatives", "Mobilised", "60 and over"]
    assert [str(column.label) for column in table.columns] == ["Open", "Overdue", *people]


def test_a_street_shows_its_departments_with_their_officers(he, lin, urban, places, client_of):
    services.add_department(places.street, name="公共服务办", actor=None)

    response = client_of(he).get(page(places.street))

    found = [(department.name, [post.user.name for post in team.others]) for department, team in
             response.context["look"].departments]  # fmt: skip
    assert sorted(found) == [("公共服务办", []), ("综合行政执法办", ["林浩"])]
    assert "Nobody works here yet" in response.text


def test_only_what_one_may_do_is_offered(li, chen, wu, places, client_of, post_of):
    offered = client_of(li).get(page(places.qishan)).text
    assert reverse("places:dismiss", args=[post_of(chen).pk]) in offered
    assert reverse("places:reset_password", args=[post_of(chen).pk]) in offered
    assert reverse("places:appoint", args=[places.qishan.pk]) in offered

    for person in (wu, chen):
        plain = client_of(person).get(page(places.qishan)).text
        assert "/dismiss/" not in plain
        assert "/appoint/" not in plain
        assert "/reset-password/" not in plain


def test_an_empty_community_says_so_and_offers_to_begin(he, places, client_of):
    empty = services.open_place(
        level=Level.COMMUNITY, code="440113106009", name="新社区", parent=places.street, actor=None
    )

    text = client_of(he).get(page(empty)).text

    assert "There are none here yet" in text
    assert reverse("places:open", args=[empty.pk]) in text


def test_hostile_names_are_text(he, places, client_of):
    Place.objects.filter(pk=places.dalong.pk).update(name="<script>alert(1)</script>")

    text = client_of(he).get(page(places.street)).text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


# What it costs


@pytest.mark.parametrize(("who", "where"), [("he", "street"), ("zhang", "dalong"), ("wu", "grid"), ("chen", "qishan")])
def test_every_level_costs_few_queries(
    who, where, request, places, urban, lin, client_of, django_assert_max_num_queries
):
    client, url = client_of(request.getfixturevalue(who)), page(getattr(places, where))
    client.get(url)

    with django_assert_max_num_queries(MOST_QUERIES + ROSTER_QUERIES * (where != "street")):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("number", [1, 3, 113])
def test_a_grid_costs_the_same_for_any_number_of_building_groups(
    number, wu, places, client_of, django_assert_num_queries
):
    fill(places.second_grid, number)
    services.appoint(wu.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None, since=SINCE)
    client, url = client_of(wu), page(places.second_grid)
    client.get(url)

    with django_assert_num_queries(MOST_QUERIES + 1):
        look = client.get(url).context["look"]
    assert len(look.below.rows) == number + 1


@pytest.mark.parametrize("number", [1, 3, 30])
def test_a_street_costs_the_same_for_any_number_of_communities(
    number, he, lin, places, client_of, django_assert_num_queries
):
    for n in range(number):
        community = services.open_place(
            level=Level.COMMUNITY, code=f"440113106{100 + n}", name=f"第{n}社区", parent=places.street, actor=None
        )
        services.appoint(
            make_user(f"secretary{n}", f"书记{n}"), role=Role.SECRETARY, place=community, actor=None, since=SINCE
        )
        services.add_department(places.street, name=f"部门{n}", actor=None)
    client, url = client_of(he), page(places.street)
    client.get(url)

    with django_assert_num_queries(MOST_QUERIES):
        look = client.get(url).context["look"]
    assert len(look.below.rows) == number + 2


def test_a_census_is_one_query(places, chen, wu, django_assert_num_queries):
    for place, totals, vacant in (
        (places.district, (1, 2, 3, 4), 7),
        (places.grid, (0, 0, 0, 2), 1),
        (places.qishan, (0,) * 4, 0),
    ):
        fresh = Place.objects.get(pk=place.pk)
        with django_assert_num_queries(1 if place.level < Level.BUILDING_GROUP else 0):
            census = census_of(fresh)
            census = census_of(fresh)
        below = (Level.STREET, Level.COMMUNITY, Level.GRID, Level.BUILDING_GROUP)
        assert tuple(census.totals[level] for level in below) == totals
        assert census.vacant == vacant


# Where I am responsible


def test_one_post_leads_straight_to_its_place(chen, places, client_of):
    assert client_of(chen).get(reverse("places:mine")).url == page(places.qishan)


def test_several_posts_are_listed(chen, places, client_of):
    services.appoint(chen.user, role=Role.STAFF, place=places.lingbian, actor=None, since=SINCE)

    response = client_of(chen).get(reverse("places:mine"))

    assert response.status_code == 200
    assert page(places.qishan) in response.text
    assert page(places.lingbian) in response.text


def test_an_officers_department_is_listed(lin, client_of):
    response = client_of(lin).get(reverse("places:mine"))

    assert response.status_code == 200
    assert "综合行政执法办" in response.text


def test_whoever_holds_no_post_is_refused(nobody, client_of):
    assert client_of(nobody).get(reverse("places:mine")).status_code == 403


@pytest.mark.parametrize(
    ("who", "status"), [("li", 200), ("wu", 200), ("chen", 404), ("huang", 404), ("zhou", 404), ("lin", 404)]
)
def test_who_sees_a_grid(who, status, request, places, client_of):
    assert client_of(request.getfixturevalue(who)).get(page(places.grid)).status_code == status


def test_an_ended_appointment_counts_from_the_next_request(chen, places, client_of, post_of):
    client = client_of(chen)
    assert client.get(page(places.qishan)).status_code == 200

    services.dismiss(post_of(chen), actor=None)

    assert client.get(page(places.qishan)).status_code == 404


def test_an_ended_second_post_is_gone_from_the_next_request_too(chen, places, client_of):
    extra = services.appoint(chen.user, role=Role.STAFF, place=places.lingbian, actor=None, since=SINCE)
    client = client_of(chen)
    assert client.get(page(places.lingbian_group)).status_code == 200

    services.dismiss(extra, actor=None)

    assert client.get(page(places.lingbian_group)).status_code == 404


# Earlier holders


def test_earlier_holders_are_listed_the_last_first(li, chen, places, client_of, post_of):
    services.dismiss(post_of(chen), actor=None, last_day=today() - timedelta(days=1))
    for n in range(3):
        user = make_user(f"past{n}", f"前任{n}")
        begins = SINCE - timedelta(days=400 * (n + 1))
        services.appoint(
            user, role=Role.BUILDING_LEADER, place=places.qishan, actor=None, since=begins,
            until=begins + timedelta(days=100),
        )  # fmt: skip

    response = client_of(li).get(reverse("places:history", args=[places.qishan.pk]))

    assert [post.user.name for post in response.context["page"]] == ["陈丽芳", "前任0", "前任1", "前任2"]


@pytest.mark.parametrize("number", [1, 3, 40])
def test_the_history_costs_the_same_for_any_number(number, li, places, client_of, django_assert_num_queries):
    for n in range(number):
        begins = SINCE - timedelta(days=10 * (n + 1))
        services.appoint(
            make_user(f"past{n}", f"前任{n}"), role=Role.BUILDING_LEADER, place=places.fuyi, actor=None, since=begins,
            until=begins + timedelta(days=5),
        )  # fmt: skip
    client, url = client_of(li), reverse("places:history", args=[places.fuyi.pk])
    client.get(url)

    with django_assert_num_queries(7):
        response = client.get(url)
    assert len(response.context["page"]) == min(number, 25)
