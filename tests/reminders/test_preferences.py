"""How people want to be told: an address that is shown to be theirs, how soon, and when not."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from structlog.testing import capture_logs

from portal.core import outbox
from portal.core.clock import start_of, today
from portal.core.logs import scrub
from portal.core.models import AuditEntry, OutboxMessage
from portal.core.refusals import Refused
from portal.reminders.models import Preference
from portal.reminders.registry import Pace, in_order
from portal.reminders.services import choose, confirm, send_link, set_address
from portal.reminders.services.preferences import A_DAY, token_for, waiting_for

pytestmark = pytest.mark.django_db
PAGE, ADDRESS, AGAIN = "/reminders/settings/", "/reminders/settings/address/", "/reminders/settings/link/"
MINE = "chen.lifang@example.cn"
HOURS = {"quiet_from": time(21), "quiet_until": time(7), "digest_at": time(8)}


def link_in(message: Any) -> str:
    """The path of the link in a mail."""
    found = re.search(r"/reminders/v/[\w-]+/", message.body)
    assert found
    return found[0]


def chosen(**changes: str) -> dict[str, str]:
    """What the page sends, with every group as proposed."""
    paces = {group.key: group.pace.value for group in in_order()}
    return {**paces, "quiet_from": "21:00", "quiet_until": "07:00", "digest_at": "08:00", **changes}


@pytest.fixture
def entered(chen) -> Preference:
    return set_address(chen.user, email=MINE, actor=chen.user)


# The address


def test_an_address_is_kept_and_a_link_sent_to_it(chen, client_of):
    response = client_of(chen).post(ADDRESS, {"email": MINE})
    outbox.drain()

    assert response["Location"] == PAGE
    assert [message.to for message in mail.outbox] == [[MINE]]
    preference = Preference.objects.get()
    assert (preference.email, preference.email_confirmed_at) == (MINE, None)


def test_the_link_confirms_it_with_one_button_and_without_signing_in(entered):
    outbox.drain()
    path = link_in(mail.outbox[0])
    anybody = Client()

    assert anybody.get(path).status_code == 200
    assert Preference.objects.get().email_confirmed_at is None  # mail programs open links by themselves
    assert anybody.post(path).status_code == 200
    assert Preference.objects.get().email_confirmed_at
    assert (anybody.get(path).status_code, anybody.post(path).status_code) == (404, 404)  # once


def test_the_mail_names_nobody_and_speaks_their_language(chen, entered):
    chen.user.language = "en"
    chen.user.save()
    outbox.drain()

    (message,) = mail.outbox
    assert message.subject == "[Community Governance Portal] Confirm your e-mail address"
    assert chen.user.name not in message.subject + message.body
    assert chen.user.username not in message.subject + message.body.replace(MINE, "")


def test_only_whoever_reads_the_mail_can_confirm(entered, huang):
    good = token_for(entered)
    stolen = token_for(Preference(user=huang.user, email=MINE))
    for token in (
        "",
        "x",
        "1",
        good[:-1],
        f"{good}x",
        good.replace("-", "_"),
        stolen,
        f"{huang.pk}-{good.partition('-')[2]}",
    ):
        with pytest.raises(Refused):
            confirm(token)
    assert Preference.objects.get(user=entered.user).email_confirmed_at is None


def test_an_old_link_is_good_no_more(entered):
    token = token_for(entered)

    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1), tick=False), pytest.raises(Refused):
        waiting_for(token)


def test_a_link_to_an_earlier_address_confirms_nothing(chen, entered):
    token = token_for(entered)
    later = timezone.now() + timedelta(minutes=2)
    set_address(chen.user, email="other@example.cn", actor=chen.user, at=later)

    with pytest.raises(Refused):
        confirm(token)


def test_another_address_has_to_be_confirmed_anew(chen, entered):
    confirm(token_for(entered))
    later = timezone.now() + timedelta(minutes=2)
    set_address(chen.user, email="other@example.cn", actor=chen.user, at=later)

    assert Preference.objects.get().email_confirmed_at is None


def test_the_same_address_again_changes_nothing(chen, entered):
    confirm(token_for(entered))
    OutboxMessage.objects.all().delete()
    confirmed_at = Preference.objects.get().email_confirmed_at

    set_address(chen.user, email=MINE, actor=chen.user)

    assert confirmed_at is not None
    assert Preference.objects.get().email_confirmed_at == confirmed_at
    assert not OutboxMessage.objects.exists()


def test_left_empty_it_is_deleted(chen, entered, client_of):
    confirm(token_for(entered))

    client_of(chen).post(ADDRESS, {"email": ""})

    preference = Preference.objects.get()
    assert (preference.email, preference.email_confirmed_at) == ("", None)


def test_links_are_sent_neither_in_a_row_nor_without_end(chen, entered):
    now = timezone.now()
    with pytest.raises(Refused):
        send_link(chen.user, actor=chen.user, at=now + timedelta(seconds=30))
    with time_machine.travel(start_of(today() + timedelta(days=1)), tick=False) as clock:
        for _number in range(A_DAY):
            clock.shift(timedelta(minutes=2))
            send_link(chen.user, actor=chen.user)
        clock.shift(timedelta(minutes=2))
        with pytest.raises(Refused):
            send_link(chen.user, actor=chen.user)
        clock.shift(timedelta(days=1))
        send_link(chen.user, actor=chen.user)


def test_without_an_address_that_waits_there_is_no_link(chen, client_of):
    with pytest.raises(Refused):
        send_link(chen.user, actor=chen.user)

    assert client_of(chen).post(AGAIN, follow=True).status_code == 200
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("email", ["nonsense", "a@b", "x@example.cn\nBcc: all@example.cn", "@example.cn", "陈" * 300])
def test_what_is_no_address_is_refused_beside_its_field(chen, client_of, email):
    response = client_of(chen).post(ADDRESS, {"email": email})

    assert response.status_code == 422
    assert 'class="field field-wrong"' in response.content.decode()
    assert not OutboxMessage.objects.exists()


def test_a_portal_without_a_mail_server_says_so(chen, client_of, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    response = client_of(chen).post(ADDRESS, {"email": MINE})

    assert response.status_code == 422
    assert not Preference.objects.filter(email_confirmed_at__isnull=False).exists()
    assert "message-warning" in client_of(chen).get(PAGE).content.decode()


def test_an_address_that_the_server_refuses_is_marked_and_not_tried_on(entered, mail_server):
    mail_server.recipient = f"550 no such user {MINE}"
    later = timezone.now() + timedelta(minutes=1)

    with time_machine.travel(later, tick=False):
        outbox.drain()

    assert Preference.objects.get().email_refused_at == later
    assert not outbox.due().exists()


def test_with_the_mail_server_away_the_link_waits_and_no_address_is_quoted(entered, mail_server, capfd):
    mail_server.close()
    outbox.drain()

    waiting = OutboxMessage.objects.get()
    assert (waiting.delivered_at, waiting.attempts) == (None, 1)
    assert "Away" in waiting.last_error
    assert MINE not in waiting.last_error + capfd.readouterr().err


def test_what_the_server_says_about_it_stands_nowhere(entered, mail_server, capfd):
    mail_server.recipient = f"451 {MINE} later"
    outbox.drain()

    waiting = OutboxMessage.objects.get()
    assert waiting.last_error.endswith("SMTPRecipientsRefused 451")
    assert MINE not in capfd.readouterr().err


def test_the_address_stands_nowhere_in_the_clear(chen, entered):
    confirm(token_for(entered))
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM reminders_preference")
        assert MINE not in cursor.fetchone()[0]
    kept = [
        *OutboxMessage.objects.values_list("payload", flat=True),
        *AuditEntry.objects.values_list("data", flat=True),
    ]
    assert MINE not in str(kept)
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="reminders.").order_by("id")] == [
        "reminders.address_set",
        "reminders.address_confirmed",
    ]


def test_tokens_stand_in_no_log(entered):
    path = f"/reminders/v/{token_for(entered)}/"
    with capture_logs() as logs:
        Client().get(path)

    assert token_for(entered) not in str(scrub(path))
    assert token_for(entered) not in str(scrub(logs))


# How soon, and when not


def test_choices_are_kept(chen, client_of):
    response = client_of(chen).post(PAGE, chosen(work="off", reports="at_once", quiet_from="22:00", digest_at="18:00"))

    assert response["Location"] == PAGE
    preference = Preference.objects.get()
    assert (preference.pace_of("work"), preference.pace_of("reports")) == (Pace.OFF, Pace.AT_ONCE)
    assert (preference.quiet_from, preference.digest_at) == (time(22), time(18))
    assert '<option value="off" selected>' in client_of(chen).get(PAGE).content.decode()


def test_before_anybody_chooses_the_groups_propose(chen):
    preference = Preference(user=chen.user)

    assert {group.key: preference.pace_of(group.key) for group in in_order()} == {
        group.key: group.pace for group in in_order()
    }


def test_a_daily_mail_in_the_quiet_hours_is_refused_beside_its_field(chen, client_of):
    response = client_of(chen).post(PAGE, chosen(quiet_until="09:00"))

    assert response.status_code == 422
    page = response.content.decode()
    assert re.search(r"field-wrong.*?id_digest_at", page, re.S)
    assert "09:00" in page
    assert not Preference.objects.filter(quiet_until=time(9)).exists()


@pytest.mark.parametrize(
    "wrong", [{"work": "hourly"}, {"quiet_from": "25:00"}, {"digest_at": ""}, {"quiet_until": "07:30"}]
)
def test_what_was_not_offered_is_refused(chen, client_of, wrong):
    assert client_of(chen).post(PAGE, chosen(**wrong)).status_code == 422


def test_a_group_that_does_not_exist_is_refused_by_the_service(chen):
    with pytest.raises(Refused):
        choose(chen.user, paces={"nonsense": Pace.OFF}, actor=chen.user, **HOURS)
    with pytest.raises(Refused):
        choose(chen.user, paces={"work": "hourly"}, actor=chen.user, **HOURS)


def test_extra_fields_change_nothing(chen, huang, client_of):
    extra = {"user": huang.pk, "email": "x@example.cn", "email_confirmed_at": "2026-01-01"}
    client_of(chen).post(PAGE, chosen(**extra))

    preference = Preference.objects.get()
    assert (preference.pk, preference.email, preference.email_confirmed_at) == (chen.pk, "", None)


def test_everybody_changes_only_their_own(chen, huang, client_of):
    client_of(huang).post(PAGE, chosen(work="off"))

    assert not Preference.objects.filter(pk=chen.pk).exists()


@pytest.mark.parametrize("path", ["/reminders/", PAGE, ADDRESS])
def test_strangers_are_sent_to_the_sign_in(path, client):
    assert client.get(path)["Location"].startswith("/sign-in/")


def test_the_page_costs_few_questions(chen, client_of, django_assert_max_num_queries):
    client = client_of(chen)
    client.get(PAGE)

    with django_assert_max_num_queries(6):
        client.get(PAGE)
