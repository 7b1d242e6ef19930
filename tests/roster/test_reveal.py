"""Full numbers: shown once, for a reason, on record, and so many a day; and the page says who looked."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from structlog.testing import capture_logs

from grid.places import services as posts
from grid.places.models import Role
from grid.roster.services import reveal
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests.cast import make_user
from tests.core.races import race
from tests.roster.people import household, resident

pytestmark = pytest.mark.django_db
MOBILE, ID_NUMBER = "13800138000", "440105195703081236"


@pytest.fixture
def one(places):
    """陈家生, whose numbers are known."""
    return resident(household(places.qishan), "陈家生", mobile=MOBILE, id_number=ID_NUMBER)


def url(resident_, page="resident"):
    return reverse(f"roster:{page}", args=[resident_.pk])


def ask(client, resident_, **fields):
    return client.post(url(resident_, "reveal"), {"what": "mobile", "reason": "通知体检", **fields})


def looks():
    return AuditEntry.objects.filter(action="resident.revealed")


@pytest.mark.parametrize(("what", "number"), [("mobile", MOBILE), ("id_number", ID_NUMBER)])
def test_a_number_is_shown_once_and_kept_nowhere(what, number, one, chen, client_of):
    with capture_logs() as logs:
        response = ask(client_of(chen), one, what=what)

    assert number in response.text
    assert "no-store" in response["Cache-Control"]
    entry = looks().get()
    assert (entry.actor, entry.data, entry.note, entry.subject) == (chen.user, {"what": what}, "通知体检", one)
    assert number not in str(logs)


def test_the_page_holds_no_full_number(one, chen, li, he, client_of):
    for person in (chen, li, he):
        page = client_of(person).get(url(one)).text
        assert "138****8000" in page
        assert MOBILE not in page
        assert ID_NUMBER not in page
        assert ID_NUMBER[6:14] not in page


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"what": "name"}, {"what": ""}])
def test_without_a_reason_or_for_anything_else_nothing_is_shown(wrong, one, chen, client_of):
    response = ask(client_of(chen), one, **wrong)

    assert response.status_code == 422
    assert MOBILE not in response.text
    assert not looks().exists()


def test_a_number_that_nobody_knows_cannot_be_seen(chen, places, client_of):
    assert ask(client_of(chen), resident(household(places.qishan))).status_code == 422


def test_only_whoever_is_near_may_see_a_number(one, huang, zhou, he, client_of):
    assert [ask(client_of(person), one).status_code for person in (huang, zhou, he)] == [404, 404, 403]
    assert client_of(he).get(url(one)).context["may"] == {"edit": False, "reveal": False}
    assert not looks().exists()


def test_a_number_is_not_to_be_had_by_an_address(one, chen, client_of):
    assert client_of(chen).get(url(one, "reveal")).status_code == 405


def test_beyond_the_quota_nothing_is_shown_and_the_secretary_hears_of_it_once(one, chen, zhang, settings, client_of):
    settings.REVEALS_A_DAY = 2
    client = client_of(chen)
    assert [ask(client, one).status_code for _time in range(2)] == [200, 200]

    with capture_logs() as logs:
        refused = [ask(client, one) for _time in range(2)]

    assert [response.status_code for response in refused] == [429, 429]
    assert all(MOBILE not in response.text for response in refused)
    assert [log["user_id"] for log in logs if log["event"] == "roster.reveal_quota"] == [chen.pk, chen.pk]
    told = Reminder.objects.get()
    assert (told.user, "陈丽芳" in told.text, "陈家生" in told.text) == (zhang.user, True, False)
    assert client_of(zhang).get(told.get_absolute_url()).status_code == 302
    assert looks().count() == 2


def test_the_street_hears_of_a_secretary(one, zhang, he, settings, client_of):
    settings.REVEALS_A_DAY_IN_OFFICE = 0

    assert ask(client_of(zhang), one).status_code == 429
    assert Reminder.objects.get().user == he.user


def test_the_office_may_see_more_and_yesterday_does_not_count(one, chen, li, settings):
    settings.REVEALS_A_DAY, settings.REVEALS_A_DAY_IN_OFFICE = 1, 3
    reveal.reveal(one, what="mobile", reason="通知", actor=chen.user)

    assert (reveal.left_today(chen.user), reveal.left_today(li.user)) == (0, 3)


def test_everybody_reads_who_looked_and_why(one, chen, li, client_of):
    ask(client_of(chen), one)
    client_of(chen).get(url(one))
    client_of(chen).get(url(one))

    response = client_of(li).get(url(one))

    seen = [(look.who, look.is_reveal, look.reason) for look in response.context["looks"]]
    assert seen == [("李敏", False, ""), ("陈丽芳", False, ""), ("陈丽芳", True, "通知体检")]
    assert AuditEntry.objects.filter(action="resident.seen").count() == 2


def test_a_stranger_leaves_no_look_and_sees_no_page(one, huang, client_of):
    assert client_of(huang).get(url(one)).status_code == 404
    assert not AuditEntry.objects.filter(action="resident.seen").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_members_and_looks(rows, one, chen, li, client_of):
    for number in range(rows):
        resident(one.household, f"陈{number}")
        ask(client_of(chen), one)
    client = client_of(li)
    client.get(url(one))

    with CaptureQueriesContext(connection) as captured:
        client.get(url(one))

    assert len(captured) <= 14, [q["sql"][:160] for q in captured]


@pytest.mark.django_db(transaction=True)
def test_many_looks_at_once_see_no_more_than_the_quota(places, settings):
    settings.REVEALS_A_DAY = 5
    user = make_user("ma", "马小明")
    posts.appoint(user, role=Role.BUILDING_LEADER, place=places.qishan, actor=None)
    one = resident(household(places.qishan), mobile=MOBILE)

    def look(_round: int) -> bool:
        try:
            return reveal.reveal(one, what="mobile", reason="通知", actor=user) == MOBILE
        except Refused:
            return False

    answers = race(look, hands=8, rounds=4)

    assert sum(sum(round_) for round_ in answers) == 5
    assert looks().count() == 5
