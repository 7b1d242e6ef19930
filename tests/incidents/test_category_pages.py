"""The pages of the categories, what is the street's own, and who may not."""

from decimal import Decimal

import pytest
from django.utils.translation import gettext as _

from grid.incidents import services
from grid.incidents.fields import CategoryField
from grid.incidents.models import Category, CategoryGroup, holding
from grid.incidents.services import categories
from grid.incidents.timing import days_in_words
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.factories import category, incident

from .conftest import url
from .edited import change, limits_of, own

pytestmark = pytest.mark.django_db


# The pages


def test_the_tree_shows_every_category_with_what_holds(he, places, client_of):
    change(he, places, days_general=Decimal("1.5"))

    page = client_of(he).get(url("categories"))

    rows = [row for _group, rows in page.context["tree"] for row in rows]
    assert (len(rows), len(page.context["tree"])) == (56, 12)
    assert next(row["rule"] for row in rows if row["category"] == category()).street == places.street


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tree_costs_the_same_however_many_are_the_streets_own(
    rows, he, places, client_of, django_assert_max_num_queries
):
    for number in range(rows):
        own(he, places, name=f"自设{number}")
    client = client_of(he)
    client.get(url("categories"))

    with django_assert_max_num_queries(12):
        client.get(url("categories"))


def test_saving_on_the_page_and_its_history(he, places, client_of, sent):
    client, page = client_of(he), url("category", category())

    response = client.post(page, sent | {"days_general": "1.5", "photo_after": "on", "note": "街道例会定的"})

    shown = client.get(page)
    assert response.status_code == 302
    assert [change.after for change in shown.context["history"][0].changes] == [days_in_words(Decimal("1.5")), _("yes")]
    assert "街道例会定的" in shown.text


def test_going_back_stands_in_the_history_with_who_did_it(he, places, client_of):
    made, client = change(he, places, days_general=Decimal(4)), client_of(he)

    client.post(url("category_default", category()), {"base": made.pk})

    newest = client.get(url("category", category())).context["history"][0]
    assert (newest.number, newest.who) == (0, str(he.user))


def test_the_page_says_whom_a_change_concerns(he, chen, zhang, wu, places, client_of):
    incident(place=places.qishan, reporter=chen.user)
    incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="dispatched")

    counted = client_of(he).get(url("category", category())).context["affected"]

    assert (counted.waiting, counted.dispatched) == (1, 1)


def test_wrong_limits_come_back_beside_their_fields(he, client_of, sent):
    response = client_of(he).post(url("category", category()), sent | {"days_urgent": "9"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["days_urgent"]


# Of the street's own


def test_an_own_category_is_offered_in_the_street_and_nowhere_else(he, abroad, places):
    made, (street, _user) = own(he, places), abroad

    def offered(*streets):
        return Category.objects.offered_in(streets).filter(pk=made.pk).exists()

    assert (offered(places.street.pk), offered(street.pk), offered()) == (True, False, False)
    assert offered(street.pk, places.street.pk)


def test_reporting_under_another_streets_category_is_refused_beside_the_field(he, abroad, chen, places):
    street, user = abroad
    group = CategoryGroup.objects.get(code="other")
    foreign = categories.add(street=street, group=group, name="市桥专有", actor=user, limits=limits_of())

    with pytest.raises(Refused) as refused:
        services.report(actor=chen.user, place=places.qishan, category=foreign, description="x")

    assert [reason.field for reason in refused.value.reasons] == ["category"]


def test_a_group_and_a_category_on_the_pages(he, places, client_of):
    client = client_of(he)
    key = client.get(url("group_add")).context["form"]["idempotency_key"].value()
    client.post(url("group_add"), {"idempotency_key": key, "name": "新能源", "name_en": "Energy", "icon": "tools"})
    group = CategoryGroup.objects.get(name="新能源")
    page = client.get(url("category_add"))
    fields = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    filled = {name: value for name, value in fields.items() if value not in (None, False)}

    client.post(url("category_add"), filled | {"name": "光伏板", "group": group.pk, "is_offered": "on"})

    made = Category.objects.get(name="光伏板")
    assert (made.street, made.group, holding(made, places.qishan).street) == (places.street, group, places.street)
    client.post(url("category_names", made), {"name": "光伏", "group": CategoryGroup.objects.get(code="fire").pk})
    made.refresh_from_db()
    assert (made.name, made.group.code) == ("光伏", "fire")
    client.post(url("group_names", group), {"name": "绿色能源", "icon": "tree"})
    group.refresh_from_db()
    assert (group.name, group.icon) == ("绿色能源", "tree")
    assert {"category_group.added", "category.added", "category.renamed", "category_group.renamed"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_a_name_stands_once_in_the_tree(he, places):
    own(he, places)

    for name in ("屋顶光伏", "楼道堆物"):
        with pytest.raises(Refused) as refused:
            own(he, places, name=name)
        assert [reason.field for reason in refused.value.reasons] == ["name"]


def test_the_nations_names_are_nobodys_to_change(he, places, client_of):
    with pytest.raises(Refused):
        categories.rename(category(), group=category().group, name="别的", actor=he.user)
    assert client_of(he).get(url("category_names", category())).status_code == 404
    assert client_of(he).get(url("group_names", category().group)).status_code == 404


def test_what_is_retired_is_not_offered_and_keeps_its_incidents(he, chen, li, places, client_of, report_form):
    made = incident(place=places.qishan, reporter=chen.user)
    change(he, places, is_offered=False)

    assert category() not in client_of(chen).get(url("report")).context["form"].fields["category"].queryset
    assert category() not in client_of(li).get(url("enter")).context["form"].fields["category"].queryset
    assert category() in client_of(li).get(url("open", made)).context["form"].fields["category"].queryset
    assert client_of(chen).post(url("report"), report_form()).status_code == 422
    services.open_case(made, actor=li.user, category=category())
    with pytest.raises(Refused):
        services.report(actor=chen.user, place=places.qishan, category=category(), description="x")


def test_nothing_is_retitled_to_what_is_retired(he, chen, li, places):
    made = incident(place=places.qishan, reporter=chen.user, code="noise")
    change(he, places, is_offered=False)

    with pytest.raises(Refused) as refused:
        services.open_case(made, actor=li.user, category=category())

    assert [reason.field for reason in refused.value.reasons] == ["category"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_choice_is_one_query(rows, he, places, django_assert_num_queries):
    for number in range(rows):
        own(he, places, name=f"自设{number}")
    field = CategoryField()
    field.offer([places.street.pk])

    with django_assert_num_queries(1):
        assert sum(len(choices) for _group, choices in field.choices) == 56 + rows


# Who may not


@pytest.mark.parametrize("person", ["chen", "wu", "li", "zhang", "lin", "nobody"])
def test_only_the_street_edits(person, request, he, places, client_of):
    client = client_of(request.getfixturevalue(person))
    made = own(he, places)

    for page in ("categories", "category_add", "group_add"):
        assert client.get(url(page)).status_code == 403
    for page in ("category", "category_names"):
        assert client.get(url(page, made)).status_code == 404
    assert client.post(url("category", category()), {"base": 1}).status_code == 404
    assert client.post(url("category_default", category()), {"base": 1}).status_code == 404


def test_another_street_sees_and_touches_nothing_of_ours(he, abroad, places, client_of, sent):
    made, group = own(he, places), CategoryGroup.objects.get(code="other")
    changed = change(he, places, days_general=Decimal(4))
    _street, user = abroad
    client = client_of(user)

    shown = client.get(url("category", category()))
    answers = [client.get(url(page, made)).status_code for page in ("category", "category_names")]
    foreign = client.get(url("categories") + f"?street={places.street.pk}").status_code

    assert (answers, foreign) == ([404, 404], 404)
    assert (shown.context["rule"].street, shown.context["history"]) == (None, [])
    assert made.name not in client.get(url("categories")).text
    client.post(url("category_default", category()), {"base": changed.pk})
    client.post(url("category", category()), sent | {"days_general": "7"})
    changed.refresh_from_db()
    assert changed.until is None
    with pytest.raises(Refused):
        categories.change(made, street=abroad[0], actor=user, limits=limits_of(days_general=Decimal(3)), base=None)
    with pytest.raises(Refused):
        categories.rename(
            made,
            name="夺",
            group=categories.add_group(street=abroad[0], name="外", icon="tools", actor=user),
            actor=he.user,
        )
    assert group.street is None
