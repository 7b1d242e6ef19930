"""The street edits its categories: versions, what is its own, two editors at once, and who may not."""

from decimal import Decimal
from threading import Barrier

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils.translation import gettext as _

from grid.incidents import services
from grid.incidents.fields import CategoryField
from grid.incidents.models import Category, CategoryGroup, CategoryRule, Incident, holding
from grid.incidents.services import categories
from grid.incidents.services.categories import Limits
from grid.incidents.timing import days_in_words
from grid.places import services as posts
from grid.places.models import Level, Role
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.cast import SINCE, make_user
from tests.core.races import race
from tests.factories import category, incident
from tests.pictures import jpeg, photo_of

from .conftest import url

pytestmark = pytest.mark.django_db


def limits_of(street=None, code="clutter", **changes) -> Limits:
    held = Limits.of(CategoryRule.objects.holding(category(code), street and street.pk))
    return Limits(**{**vars(held), **changes})


def change(he, places, code="clutter", **changes) -> CategoryRule:
    base = categories.held_by(category(code), places.street).pk
    limits = limits_of(places.street, code, **changes)
    return categories.change(category(code), street=places.street, actor=he.user, limits=limits, base=base, note="试行")


@pytest.fixture
def abroad(places):
    """The admin of another street of the district, and that street."""
    street = posts.open_place(
        level=Level.STREET, code="440113107", name="市桥街", parent=places.district, actor=None, since=SINCE
    )
    user = make_user("qiao", "乔建")
    posts.appoint(user, role=Role.STREET_ADMIN, place=street, actor=None, since=SINCE)
    return street, user


@pytest.fixture
def sent(he, places):
    """What the page of 楼道堆物 sends when nothing is altered."""
    rule = categories.held_by(category(), places.street)
    fields = {name: value for name, value in vars(Limits.of(rule)).items() if value is not False}
    return {**{name: "on" if value is True else value for name, value in fields.items()}, "base": rule.pk, "note": ""}


# Versions


def test_a_change_writes_a_version_of_the_street_and_leaves_the_nations(he, places):
    made = change(he, places, days_general=Decimal("1.5"))

    nation = CategoryRule.objects.get(category=category(), street=None)
    entry = AuditEntry.objects.get(action="category.changed")
    assert (made.number, made.street, made.until, made.edited_by, made.note) == (
        1,
        places.street,
        None,
        he.user,
        "试行",
    )
    assert (nation.until, nation.days_general) == (None, 2)
    assert entry.data["changes"] == {"days_general": "1.5"}
    assert entry.actor == he.user


def test_the_next_change_ends_the_version_before_in_the_same_moment(he, places):
    first = change(he, places, days_general=Decimal(4))
    second = change(he, places, days_general=Decimal(5))

    first.refresh_from_db()
    assert (second.number, first.until) == (2, second.since)
    assert CategoryRule.objects.holding(category(), places.street.pk) == second


def test_back_to_the_default_keeps_the_versions_and_counts_on(he, places):
    made = change(he, places, days_general=Decimal(4))

    held = categories.back_to_default(category(), street=places.street, actor=he.user, base=made.pk)

    assert held.street is None
    assert change(he, places, days_general=Decimal(6)).number == 2


def test_there_is_no_way_back_from_the_default(he, places):
    with pytest.raises(Refused, match=_("This category goes by the default already.")):
        categories.back_to_default(category(), street=places.street, actor=he.user, base=1)


def test_what_is_dispatched_keeps_its_version_and_the_rest_is_judged_by_the_new_one(he, chen, zhang, wu, places):
    dispatched = incident(
        place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="dispatched"
    )
    waiting = incident(place=places.qishan, reporter=chen.user)
    before = {one.pk: (one.rule_id, one.due_at) for one in (dispatched, waiting)}

    made = change(he, places, days_general=Decimal(9))

    for one in (dispatched, waiting):
        one.refresh_from_db()
        assert (one.rule_id, one.due_at) == before[one.pk]  # nothing moves behind anybody's back
    services.open_case(waiting, actor=zhang.user)
    services.take(dispatched, actor=wu.user)
    waiting.refresh_from_db()
    dispatched.refresh_from_db()
    assert (waiting.rule, waiting.due_at > before[waiting.pk][1]) == (made, True)
    assert dispatched.rule_id == before[dispatched.pk][0]


def test_half_days_are_kept_and_other_fractions_refused(he, places):
    assert change(he, places, accept_days=Decimal("0.5")).accept_days == Decimal("0.5")
    with pytest.raises(Refused) as refused:
        change(he, places, act_days=Decimal("0.3"))
    assert [reason.field for reason in refused.value.reasons] == ["act_days"]


def test_all_that_is_wrong_is_said_at_once_and_beside_its_field(he, places):
    with pytest.raises(Refused) as refused:
        change(
            he, places, days_serious=Decimal(5), days_urgent=Decimal(7), accept_days=Decimal(999), sampled_percent=101
        )

    fields = {reason.field for reason in refused.value.reasons}
    assert fields == {"days_serious", "days_urgent", "accept_days", "sampled_percent"}


def test_nothing_changed_makes_no_version(he, places):
    with pytest.raises(Refused, match=_("Nothing was changed.")):
        change(he, places)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incidents_categoryrule SET days_general = days_general + 1",
        "UPDATE incidents_categoryrule SET until = since, note = 'x'",
        "UPDATE incidents_categoryrule SET until = NULL WHERE until IS NOT NULL",
        "UPDATE incidents_categoryrule SET until = now() WHERE until IS NOT NULL",
        "DELETE FROM incidents_categoryrule",
        "TRUNCATE incidents_categoryrule CASCADE",
    ],
)
def test_the_database_keeps_every_version(statement, he, places):
    change(he, places, days_general=Decimal(4))
    change(he, places, days_general=Decimal(5))
    kept = list(CategoryRule.objects.order_by("pk").values_list())

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
            cursor.execute(statement)

    assert list(CategoryRule.objects.order_by("pk").values_list()) == kept


# Two editors


def test_one_of_two_editors_wins_and_the_other_sees_what_the_first_did(he, places, client_of, sent):
    client, page = client_of(he), url("category", category())
    change(he, places, days_general=Decimal(6))

    refused = client.post(page, sent | {"days_general": "4"})

    assert refused.status_code == 422
    told = _("Somebody else has just changed this category. Look at their version first.")
    assert refused.context["form"].non_field_errors() == [told]
    assert refused.context["history"][0].changes[0].after.startswith("6")
    assert refused.context["form"]["days_general"].value() == "4"  # nothing typed is lost
    again = client.post(page, sent | {"days_general": "4", "base": refused.context["form"]["base"].value()})
    assert again.status_code == 302
    assert CategoryRule.objects.holding(category(), places.street.pk).days_general == 4


def test_a_slip_of_the_hand_does_not_hide_that_somebody_else_was_faster(he, places, client_of, sent):
    client, page = client_of(he), url("category", category())
    change(he, places, days_general=Decimal(6))

    first = client.post(page, sent | {"days_general": "soon"})

    assert first.context["form"]["base"].value() == str(sent["base"])


def test_the_database_lets_one_version_hold_whatever_python_thinks(he, places):
    change(he, places, days_general=Decimal(4))
    rule = vars(limits_of(places.street))

    with pytest.raises(IntegrityError), transaction.atomic():
        CategoryRule.objects.create(category=category(), street=places.street, number=2, **rule)


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


def own(he, places, *, name="屋顶光伏", group="other", **changes) -> Category:
    group = CategoryGroup.objects.get(code=group) if isinstance(group, str) else group
    return categories.add(street=places.street, group=group, name=name, actor=he.user, limits=limits_of(**changes))


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


# Photos that a rule wants


def test_a_walk_report_without_the_wanted_photo_comes_back_beside_the_field(he, chen, places, client_of, report_form):
    change(he, places, photo_before=True)
    client = client_of(chen)

    refused = client.post(url("report"), report_form())

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["photos"]
    assert client.post(url("report"), report_form(photos=jpeg())).status_code == 302


def test_calls_emergencies_and_parts_wait_for_no_photo(he, li, chen, places):
    change(he, places, photo_before=True)

    called = {"source": "call", "caller_mobile": "13800138000"}
    services.report(actor=li.user, place=places.qishan, category=category(), description="x", **called)
    services.report(actor=chen.user, place=places.qishan, category=category(), description="x", is_emergency=True)

    assert Incident.objects.count() == 2


def test_finishing_without_the_wanted_photo_is_refused(he, chen, zhang, wu, places, client_of):
    change(he, places, photo_after=True)
    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="in_progress")
    client = client_of(wu)

    refused = client.post(url("finish", made), {"outcome": "清走了"})

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["after"]
    with pytest.raises(Refused) as service:
        services.finish(made, actor=wu.user, outcome="清走了")
    assert [reason.field for reason in service.value.reasons] == ["after"]
    services.finish(made, actor=wu.user, outcome="清走了", photos=[photo_of(wu.user)])


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_the_same_moment_one_wins_every_time(he, places):
    def edit(number: int) -> bool:
        base, limits = bases[number], limits_of(places.street, days_general=Decimal(number + 10))
        try:
            categories.change(category(), street=places.street, actor=he.user, limits=limits, base=base)
        except Refused:
            return False
        finally:
            both_done.wait(timeout=30)
            bases.setdefault(number + 1, categories.held_by(category(), places.street).pk)
        return True

    bases, both_done = {0: categories.held_by(category(), places.street).pk}, Barrier(2)

    won = race(edit, hands=2, rounds=15)

    assert [sum(one) for one in won] == [1] * 15
    assert CategoryRule.objects.filter(street=places.street).count() == 15
    assert CategoryRule.objects.filter(street=places.street, until=None).count() == 1
