"""The street edits its categories: versions, two editors at once, and photos that a rule wants."""

from decimal import Decimal
from threading import Barrier

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils.translation import gettext as _

from grid.incidents import services
from grid.incidents.models import CategoryRule, Incident
from grid.incidents.services import categories
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.core.races import race
from tests.factories import category, incident
from tests.pictures import jpeg, photo_of

from .conftest import url
from .edited import change, limits_of

pytestmark = pytest.mark.django_db


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
