"""Lists under a name: one's own, a dozen at most, and nothing that was typed."""

from uuid import uuid4

import pytest
from django.urls import reverse

from grid.incidents.models import SavedView
from grid.incidents.services.saved_views import MOST_VIEWS
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db


def save(client, name="我的应急", query="?scope=open&severity=urgent", **fields):
    data = {"name": name, "idempotency_key": str(uuid4()), **fields}
    return client.post(reverse("incidents:view_save") + query, data)


def test_a_view_stands_beside_the_tabs_and_leads_to_its_list(chen, li, places, client_of):
    client = client_of(li)
    incident(place=places.qishan, reporter=chen.user)
    gas = incident(place=places.qishan, reporter=chen.user, code="gas", severity="urgent")

    response = save(client)

    assert response.url == f"{url('list')}?scope=open&severity=urgent"
    page = client.get(response.url)
    assert [row.pk for row in page.context["page"]] == [gas.pk]
    assert page.context["view"] == SavedView.objects.get()
    assert 'href="?scope=open&amp;severity=urgent" aria-current="page"' in page.text


def test_words_flats_pages_and_unknown_parameters_are_not_kept(li, client_of):
    save(client_of(li), query="?q=陈家生&household=7&page=3&severity=urgent&next=//evil&scope=all")

    assert SavedView.objects.get().query == "scope=all&severity=urgent"


def test_the_page_says_what_is_kept_and_that_words_are_not(li, client_of):
    page = client_of(li).get(reverse("incidents:view_save"), {"scope": "all", "severity": "urgent", "q": "陈家生"})

    assert [str(value) for _label, value in page.context["filters"]] == ["全部", "紧急"]
    assert page.context["leaves_words"]


@pytest.mark.parametrize("twice", [{"query": "?scope=all"}, {"name": "另一个名字"}])
def test_a_second_one_of_the_same_name_or_of_the_same_list_is_refused_beside_the_field(twice, li, client_of):
    client = client_of(li)
    save(client)

    again = save(client, **twice)

    assert (again.status_code, list(again.context["form"].errors)) == (422, ["name"])
    assert SavedView.objects.count() == 1


def test_two_people_may_use_the_same_name(li, zhang, client_of):
    save(client_of(li))

    assert save(client_of(zhang)).status_code == 302


def test_sending_twice_keeps_one(li, client_of):
    client, key = client_of(li), str(uuid4())

    answers = [save(client, idempotency_key=key).status_code for _time in range(2)]

    assert (answers, SavedView.objects.count()) == ([302, 302], 1)


def test_at_most_a_dozen(li, client_of):
    for number in range(MOST_VIEWS):
        SavedView.objects.create(user=li.user, name=f"视图{number}", query=f"scope=all&place={number}")

    assert save(client_of(li)).status_code == 422
    assert SavedView.objects.count() == MOST_VIEWS


def test_renamed_and_deleted(li, client_of):
    client = client_of(li)
    save(client)
    save(client, name="全部", query="?scope=all")
    first, _second = SavedView.objects.all()

    taken = client.post(reverse("incidents:view_edit", args=[first.pk]), {"name": "全部"})
    client.post(reverse("incidents:view_edit", args=[first.pk]), {"name": "紧急的"})
    assert (taken.status_code, SavedView.objects.get(pk=first.pk).name) == (422, "紧急的")

    client.post(reverse("incidents:view_delete", args=[first.pk]))
    assert [one.name for one in SavedView.objects.all()] == ["全部"]


def test_nobody_sees_or_changes_anothers(li, zhang, client_of):
    save(client_of(li))
    view, other = SavedView.objects.get(), client_of(zhang)

    assert other.get(url("list")).context["views"] == []
    assert other.get(reverse("incidents:view_edit", args=[view.pk])).status_code == 404
    assert other.post(reverse("incidents:view_delete", args=[view.pk])).status_code == 404
    assert SavedView.objects.count() == 1
