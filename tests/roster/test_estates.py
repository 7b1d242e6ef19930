"""Estates: kept by the committee, seen by whoever looks after the community, at most one for a building group."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from grid.roster.models import Estate, EstateGroup
from grid.roster.services import estates as services
from portal.core.models import AuditEntry

from .people import household, resident

pytestmark = pytest.mark.django_db


def estate(community, *groups, name="岐山中路小区", **facts):
    return services.add(community, facts=services.Facts(name, **facts), groups=groups, actor=None)


def entered(community, *groups, **changes):
    key = {"idempotency_key": str(uuid4())}
    return {
        **key,
        "community": community.pk,
        "name": "龙基花园",
        "council": "committee",
        "groups": [g.pk for g in groups],
        **changes,
    }


def test_the_committee_adds_an_estate_with_its_building_groups(li, places, client_of):
    form = entered(places.dalong, places.longji, property_company="龙基物业")

    responses = [client_of(li).post(reverse("roster:estate_add"), form) for _time in range(2)]

    made = Estate.objects.get()
    assert [response.url for response in responses] == [made.get_absolute_url()] * 2
    assert (made.place, made.property_company, list(made.groups.all())) == (places.dalong, "龙基物业", [places.longji])
    assert list(
        AuditEntry.objects.filter(action__startswith="estate").order_by("pk").values_list("action", "data")
    ) == [
        ("estate.added", {}),
        ("estate.regrouped", {"added": [places.longji.pk], "removed": []}),
    ]


def test_an_estate_is_put_right(li, places, client_of):
    made = estate(places.dalong, places.qishan)

    client_of(li).post(
        reverse("roster:estate_edit", args=[made.pk]), entered(places.dalong, places.longji, name="新名")
    )

    made.refresh_from_db()
    assert (made.name, made.council, list(made.groups.all())) == ("新名", "committee", [places.longji])
    assert AuditEntry.objects.get(action="estate.corrected").data == {"fields": ["council", "name"]}


def test_a_building_group_belongs_to_one_estate(li, places, client_of):
    first = estate(places.dalong, places.qishan)

    response = client_of(li).post(reverse("roster:estate_add"), entered(places.dalong, places.qishan))

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["groups"])
    with pytest.raises(IntegrityError), transaction.atomic():
        EstateGroup.objects.create(estate=first, group=places.qishan)


@pytest.mark.parametrize("wrong", ["lingbian_group", "grid"])
def test_only_building_groups_of_the_community_belong_to_it(wrong, li, places, client_of):
    response = client_of(li).post(reverse("roster:estate_add"), entered(places.dalong, getattr(places, wrong)))

    assert (response.status_code, Estate.objects.count()) == (422, 0)


def test_a_name_comes_once_in_a_community(li, zhou, places, client_of):
    estate(places.dalong, name="龙基花园")

    again = client_of(li).post(reverse("roster:estate_add"), entered(places.dalong))
    elsewhere = client_of(zhou).post(reverse("roster:estate_add"), entered(places.lingbian))

    assert (again.status_code, list(again.context["form"].errors)) == (422, ["name"])
    assert (elsewhere.status_code, Estate.objects.count()) == (302, 2)


def test_nobody_adds_an_estate_to_another_community(li, places, client_of):
    response = client_of(li).post(reverse("roster:estate_add"), entered(places.lingbian))

    assert (response.status_code, Estate.objects.count()) == (422, 0)


def test_an_estate_counts_its_flats_and_people(li, places, client_of):
    made = estate(places.dalong, places.qishan, places.longji)
    resident(household(places.qishan, room="501"))
    resident(household(places.qishan, room="502"))
    household(places.longji)
    resident(household(places.fuyi))

    page = client_of(li).get(made.get_absolute_url())
    ((_estate, numbers),) = client_of(li).get(reverse("roster:estates")).context["rows"]

    assert page.context["totals"] == {"flats": 3, "lived_in": 2, "people": 2}
    assert (numbers.flats, numbers.lived_in, numbers.people) == (3, 2, 2)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number(rows, li, places, client_of, django_assert_max_num_queries):
    for number, group in enumerate((places.qishan, places.longji, places.fuyi)[:rows]):
        estate(places.dalong, group, name=f"小区{number}")
        resident(household(group))

    client = client_of(li)
    with django_assert_max_num_queries(10):
        client.get(reverse("roster:estates"))


def test_everybody_sees_the_estates_of_their_own_communities(li, zhou, he, chen, places, client_of):
    estate(places.dalong, name="甲"), estate(places.lingbian, name="乙")

    def seen(person):
        return [one.name for one, _numbers in client_of(person).get(reverse("roster:estates")).context["rows"]]

    assert (seen(li), seen(zhou), seen(he), seen(chen)) == (["甲"], ["乙"], ["甲", "乙"], [])


def test_only_the_committee_keeps_estates(he, wu, chen, places, client_of):
    made = estate(places.dalong)

    for person in (he, wu, chen):
        assert client_of(person).post(reverse("roster:estate_add"), entered(places.dalong)).status_code == 403
    assert client_of(he).post(reverse("roster:estate_edit", args=[made.pk]), entered(places.dalong)).status_code == 403
    assert client_of(wu).get(reverse("roster:estate_edit", args=[made.pk])).status_code == 404


def test_the_group_that_takes_over_flats_follows_into_the_estate(li, places):
    made = estate(places.dalong, places.qishan)

    services.follow(places.qishan, places.longji, actor=li.user, leaves=False)
    assert set(made.groups.all()) == {places.qishan, places.longji}

    services.follow(places.qishan, places.longji, actor=li.user, leaves=True)
    assert set(made.groups.all()) == {places.longji}


def test_a_group_keeps_its_own_estate_when_it_takes_over_flats(li, places):
    estate(places.dalong, places.qishan, name="甲")
    other = estate(places.dalong, places.longji, name="乙")

    services.follow(places.qishan, places.longji, actor=li.user, leaves=False)

    assert EstateGroup.objects.get(group=places.longji).estate == other
