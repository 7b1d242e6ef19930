"""The inbox: what is unread, of which kind, and one tap to be done with it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from grid.places.models import Appointment
from portal.core.clock import today
from portal.reminders.models import Reminder
from portal.reminders.registry import Kind
from portal.reminders.services import remind
from tests.factories import incident

from .conftest import tell, tell_many

pytestmark = pytest.mark.django_db
INBOX = "/reminders/"


@pytest.fixture(autouse=True)
def _kinds(kind):
    kind("tests.work", "work", label="Work for you")
    kind("tests.post", "posts", label="A post ends")


def shown(client, query: str = "") -> list[str]:
    """The lines of the list, from above to below."""
    page = client.get(f"{INBOX}{query}").content.decode()
    return re.findall(r'class="todo-title">([^<]*)<', page)


def test_it_opens_with_what_is_unread_the_newest_first(chen, client_of):
    for number in "123":
        tell(chen, number, kind="tests.work", text=f"事{number}")
    Reminder.objects.filter(stage="2").update(read_at="2026-01-01T00:00Z")

    assert shown(client_of(chen)) == ["事3", "事1"]
    assert shown(client_of(chen), "?show=all") == ["事3", "事2", "事1"]


def test_nobody_reads_anothers(chen, huang, client_of):
    tell(huang, kind="tests.work")

    assert shown(client_of(chen), "?show=all") == []


def test_it_is_narrowed_to_a_kind_and_counts_what_is_unread(chen, client_of):
    tell(chen, "1", kind="tests.work", text="事1")
    tell(chen, "2", kind="tests.work", text="事2")
    tell(chen, "3", kind="tests.post", text="职3")
    client = client_of(chen)

    assert shown(client, "?group=work") == ["事2", "事1"]
    assert shown(client, "?group=posts&show=all") == ["职3"]
    page = client.get(INBOX).content.decode()
    assert re.findall(r'group=(\w+)"[^>]*>[^<]*<span class="pill-count">(\d+)', page) == [("work", "2"), ("posts", "1")]


@pytest.mark.parametrize("query", ["?group=nonsense", "?show=nonsense", "?page=x", "?group=%00"])
def test_nonsense_in_the_address_is_no_filter(chen, client_of, query):
    tell(chen, kind="tests.work", text="事1")

    assert shown(client_of(chen), query) == ["事1"]


def test_one_tap_is_enough_and_the_list_stays_as_it_was_filtered(chen, client_of):
    told = tell(chen, kind="tests.work")
    client, later = client_of(chen), timezone.now() + timedelta(minutes=1)

    with time_machine.travel(later, tick=False):
        response = client.post(f"{INBOX}{told.pk}/done/?show=all&group=work")

    assert response["Location"] == f"{INBOX}?show=all&group=work"
    told.refresh_from_db()
    assert told.read_at == later


def test_a_second_tap_changes_nothing(chen, client_of):
    told = tell(chen, kind="tests.work")
    client = client_of(chen)
    client.post(f"{INBOX}{told.pk}/done/")
    first = Reminder.objects.get().read_at

    assert client.post(f"{INBOX}{told.pk}/done/").status_code == 302
    assert Reminder.objects.get().read_at == first


def test_a_link_alone_is_not_enough(chen, client_of):
    told = tell(chen, kind="tests.work")

    assert client_of(chen).get(f"{INBOX}{told.pk}/done/").status_code == 405
    assert client_of(chen).get(f"{INBOX}read/").status_code == 405


def test_htmx_gets_the_list_without_it_and_the_count_for_the_menu(chen, client_of):
    tell(chen, "1", kind="tests.work", text="事1")
    second = tell(chen, "2", kind="tests.work", text="事2")

    page = client_of(chen).post(f"{INBOX}{second.pk}/done/", headers={"HX-Request": "true"}).content.decode()

    assert re.findall(r'class="todo-title">([^<]*)<', page) == ["事1"]
    assert "hx-swap-oob=\"innerHTML:a[href='/reminders/'] &gt; .count\"" in page.replace(" > .count", " &gt; .count")
    assert "<html" not in page
    assert page.count("autofocus") == 1  # a keyboard goes on with the next


def test_with_the_last_one_done_the_count_is_gone(chen, client_of):
    told = tell(chen, kind="tests.work")

    page = client_of(chen).post(f"{INBOX}{told.pk}/done/", headers={"HX-Request": "true"}).content.decode()

    assert 'hx-swap-oob="delete:' in page


def test_all_are_marked_or_those_of_a_kind(chen, huang, client_of):
    tell(chen, "1", kind="tests.work")
    tell(chen, "2", kind="tests.post")
    tell(huang, "3", kind="tests.work")
    client = client_of(chen)

    response = client.post(f"{INBOX}read/?group=work")
    assert response["Location"] == f"{INBOX}?group=work"
    assert set(Reminder.objects.unread().values_list("stage", flat=True)) == {"2", "3"}

    client.post(f"{INBOX}read/")
    assert set(Reminder.objects.unread().values_list("stage", flat=True)) == {"3"}


def test_opening_one_marks_it_and_leads_to_its_subject(chen, client_of):
    told = tell(chen, kind="tests.work")

    response = client_of(chen).get(told.get_absolute_url())

    assert response["Location"] == chen.user.get_absolute_url()
    assert Reminder.objects.get().read_at


def test_a_subject_that_is_gone_leads_back_to_the_inbox(chen, client_of):
    told = tell(chen, kind="tests.work")
    Reminder.objects.update(subject_id=0)

    assert client_of(chen).get(told.get_absolute_url())["Location"] == INBOX


def test_what_its_reader_sees_no_more_reads_like_what_is_gone(chen, li, places, client_of):
    made = incident(place=places.qishan, reporter=li.user)
    told = [remind(chen.user, kind="tests.work", about=made, stage=stage, text="楼道堆物") for stage in "12"]
    client = client_of(chen)
    assert client.get(told[0].get_absolute_url())["Location"] == made.get_absolute_url()
    Appointment.objects.filter(user=chen.user).update(until=today())
    Reminder.objects.update(read_at=None)

    unseen = client.get(told[0].get_absolute_url(), follow=True)
    Reminder.objects.filter(pk=told[1].pk).update(subject_id=0)
    gone = client.get(told[1].get_absolute_url(), follow=True)

    assert (unseen.redirect_chain, said(unseen)) == ([(INBOX, 302)], said(gone))
    assert len(said(gone)) == 1
    assert Reminder.objects.unread().count() == 0
    assert not re.search(r"""class="count">""", gone.content.decode())


def test_a_page_that_serves_its_reader_no_more_is_not_led_to(chen, client_of, kind):
    kind("tests.away", leads_to=lambda _reminder: "/incidents/")
    told = tell(chen, kind="tests.away")
    assert client_of(chen).get(told.get_absolute_url())["Location"] == "/incidents/"

    Appointment.objects.filter(user=chen.user).update(until=today())
    assert client_of(chen).get(told.get_absolute_url())["Location"] == INBOX


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("address", ["/workdays/2026/", "/reminders/settings/"])
def test_a_kind_may_lead_elsewhere(chen, client_of, kind, address):
    made: Kind = kind("tests.away", leads_to=lambda _reminder: address)
    told = tell(chen, "7", kind=made.key)

    assert client_of(chen).get(told.get_absolute_url())["Location"] == address


def test_an_address_that_the_portal_does_not_know_leads_nowhere(chen, client_of, kind):
    kind("tests.away", leads_to=lambda _reminder: "/somewhere/7/")
    told = tell(chen, kind="tests.away")

    assert client_of(chen).get(told.get_absolute_url())["Location"] == INBOX


def test_pages_turn_and_keep_the_filter(chen, client_of):
    for number in range(30):
        tell(chen, str(number), kind="tests.work", text=f"事{number}")
    client = client_of(chen)

    assert (len(shown(client, "?group=work")), len(shown(client, "?group=work&page=2"))) == (25, 5)
    assert "?group=work&amp;page=2" in client.get(f"{INBOX}?group=work").content.decode()


def test_empty_it_says_what_will_stand_there(chen, client_of):
    assert "empty-title" in client_of(chen).get(INBOX).content.decode()
    assert "empty-title" in client_of(chen).get(f"{INBOX}?show=all").content.decode()


def test_hostile_words_stay_text(chen, client_of):
    tell(chen, kind="tests.work", text='<script>alert("1")</script>')

    assert "<script>alert" not in client_of(chen).get(INBOX).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_inbox_costs_the_same_for_any_number_of_rows(rows, chen, client_of, django_assert_max_num_queries):
    for number in range(rows):
        tell(chen, str(number), kind="tests.work")
    client = client_of(chen)
    client.get(INBOX)

    with django_assert_max_num_queries(7) as asked:
        client.get(f"{INBOX}?show=all")
    assert len(asked) == COST.setdefault("inbox", len(asked))


COST: dict[str, int] = {}


def test_the_menu_counts_what_is_unread(chen, huang, client_of):
    tell_many([chen, huang], kind="tests.work")
    tell_many([chen], "2", kind="tests.work")

    assert re.search(
        r'href="/reminders/"[^>]*>.*?<span class="count">2<', client_of(chen).get("/").content.decode(), re.S
    )
