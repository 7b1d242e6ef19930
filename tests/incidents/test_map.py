"""The schematic of a place: its regions and blocks, their numbers, their colours, where they lead, what they cost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from grid.incidents.blocks import size_of, skyline, told_apart
from grid.incidents.heat import key, step_of
from grid.incidents.map import MEASURES
from grid.incidents.models import Incident
from grid.places import boundaries
from tests.factories import incident
from tests.roster.people import household

pytestmark = pytest.mark.django_db


def url(place, **query):
    return reverse("incidents_at:map", args=[place.pk], query=query or None)


def numbers(page) -> dict[str, int]:
    """What is printed in each block."""
    return {block.place.name: block.number for _region, block in page.context["map"].blocks}


def test_a_community_is_drawn_as_grids_of_building_groups(chen, huang, li, places, client_of):
    household(places.qishan, room="101", floor=1)
    household(places.qishan, room="701", floor=7)
    household(places.longji, building="5栋")
    incident(place=places.qishan, reporter=chen.user)
    incident(place=places.qishan, reporter=chen.user, at=timezone.now() - timedelta(days=60))
    incident(place=places.longji, reporter=huang.user)
    incident(place=places.grid, reporter=li.user)
    incident(place=places.dalong, reporter=li.user)

    drawn = client_of(li).get(url(places.dalong)).context["map"]

    assert [(region.place, region.number, region.at_large) for region in drawn.regions] == [
        (places.grid, 4, 1),
        (places.second_grid, 0, 0),
    ]
    first = drawn.regions[0].blocks[0]
    assert (first.place, first.number, first.homes, first.buildings, first.size) == (places.qishan, 2, 2, 1, 5)
    assert (drawn.number, drawn.at_large, drawn.most) == (5, 1, 2)


@pytest.mark.parametrize(("show", "expected"), [("open", 2), ("overdue", 1), ("30", 1), ("90", 2), ("365", 3)])
def test_the_address_says_what_is_counted(show, expected, chen, zhang, wu, li, places, client_of):
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    incident(**team)
    incident(**team, at=timezone.now() - timedelta(days=60))
    incident(**team, stage="closed", at=timezone.now() - timedelta(days=200))

    page = client_of(li).get(url(places.dalong, show=show))

    assert numbers(page)["岐山中路楼栋小组"] == expected


@pytest.mark.parametrize("show", MEASURES)
def test_the_list_behind_a_number_is_as_long(show, chen, zhang, wu, li, places, client_of):
    """Of a grid as of a building group: the same words in the address narrow the list."""
    team = {"place": places.grid, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    for days in (0, 40, 200):
        incident(**team, at=timezone.now() - timedelta(days=days))
    client = client_of(li)

    (region, _second) = client.get(url(places.dalong, show=show)).context["map"].regions

    assert len(client.get(region.at_large_url).context["page"]) == region.at_large


def test_one_drills_down_from_the_street_to_the_facade(he, chen, places, client_of):
    incident(place=places.qishan, reporter=chen.user)
    client = client_of(he)

    street = client.get(url(places.street)).context["map"]
    community = client.get(street.regions[0].blocks[0].url).context["map"]
    grid = client.get(community.regions[0].url).context["map"]
    facade = client.get(grid.regions[0].blocks[0].url)

    assert [(block.place, block.number) for block in street.regions[0].blocks] == [
        (places.dalong, 1),
        (places.lingbian, 0),
    ]
    assert community.place == places.dalong
    assert (grid.place, grid.regions[0].place) == (places.grid, places.grid)
    assert (facade.context["place"], facade.context["chosen"]) == (places.qishan, "incidents")


def test_a_building_group_is_its_facade(chen, places, client_of):
    response = client_of(chen).get(url(places.qishan))

    assert response.url == reverse("roster:buildings", args=[places.qishan.pk], query={"layer": "incidents"})


def test_every_block_says_its_number_and_name_and_stands_in_the_table_too(li, chen, places, client_of):
    household(places.qishan)
    incident(place=places.qishan, reporter=chen.user)

    page = client_of(li).get(url(places.dalong))

    facade = reverse("roster:buildings", args=[places.qishan.pk], query={"layer": "incidents"})
    assert page.text.count(f'href="{facade}"') == 2
    assert 'title="岐山中路楼栋小组' in page.text
    assert "style=" not in page.text


def test_what_was_merged_is_counted_where_it_is_now(li, chen, places, client_of):
    incident(place=places.qishan, reporter=chen.user)
    boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    assert numbers(client_of(li).get(url(places.dalong)))["龙基花园楼栋小组"] == 1


def test_the_map_is_no_place_for_strangers(huang, zhou, chen, lin, nobody, places, client_of):
    answers = {
        who.user.name: client_of(who).get(url(place)).status_code
        for who, place in ((huang, places.grid), (zhou, places.dalong), (chen, places.dalong), (lin, places.street))
    }

    assert set(answers.values()) == {404}
    assert client_of(nobody).get(url(places.dalong)).status_code == 404


def test_a_district_is_not_drawn(he, places, client_of):
    from grid.places.models import Appointment

    assert Appointment.objects.filter(user=he.user, place=places.district).count() == 0
    assert client_of(he).get(url(places.district)).status_code == 404


@pytest.mark.parametrize("level", ["street", "dalong", "grid"])
def test_the_map_costs_the_same_for_any_number_of_buildings(
    level, he, chen, places, client_of, django_assert_num_queries, django_assert_max_num_queries
):
    from grid.places import services as posts
    from grid.places.models import Level

    client, asked = client_of(he), url(getattr(places, level))
    incident(place=places.qishan, reporter=chen.user)
    household(places.qishan)
    with django_assert_max_num_queries(12) as first:
        client.get(asked)
    for number in range(3, 6):
        code = f"440113106001001{number:03}"
        group = posts.open_place(
            level=Level.BUILDING_GROUP, code=code, name=f"第{number}楼栋小组", parent=places.grid, actor=None
        )
        household(group)
        incident(place=group, reporter=chen.user)

    with django_assert_num_queries(len(first)):
        client.get(asked)


@pytest.mark.parametrize(
    ("number", "most", "step"), [(0, 0, 0), (1, 1, 1), (1, 5, 1), (5, 5, 5), (3, 14, 2), (14, 14, 5), (15, 200, 1)]
)
def test_few_are_pale_and_the_most_are_darkest(number, most, step):
    assert step_of(number, most) == step


@pytest.mark.parametrize("most", [0, 1, 5, 7, 53, 999])
def test_the_key_names_every_number_once(most):
    ranges = [[int(end) for end in words.split("–")] for _step, words in key(most)]
    covered = [number for one in ranges for number in range(one[0], one[-1] + 1)]

    assert covered == list(range(max(most, 5) + 1))
    assert all(
        step_of(ends[0], most) == step == step_of(ends[-1], most)
        for (step, _), ends in zip(key(most), ranges, strict=True)
    )


def test_blocks_are_called_by_what_tells_them_apart():
    assert told_apart(["岐山中路1–2栋楼栋小组", "岐山中路13栋楼栋小组"]) == [
        ("岐山中路", "1–2栋", "楼栋小组"),
        ("岐山中路", "13栋", "楼栋小组"),
    ]
    assert told_apart(["龙基花园A1栋", "龙基花园A2栋"])[0] == ("龙基花园", "A1栋", "")
    assert told_apart(["富怡苑楼栋小组"]) == [("", "富怡苑楼栋小组", "")]
    assert told_apart(["甲", "甲乙"]) == [("", "甲", ""), ("甲", "乙", "")]


def test_blocks_are_as_broad_as_they_are_large():
    assert [size_of(homes, 100) for homes in (0, 1, 20, 21, 100)] == [1, 1, 1, 2, 5]
    assert size_of(0, 0) == 1
    assert skyline([7, 1]) == ("M0 33v-17h9v17zM12 33v-5h9v5z", 24)
    assert Incident.objects.count() == 0
