"""Personal identifiers: unreadable in the database, findable by whoever knows them, masked on screen, in no trace."""

import base64
import io
import logging
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.exceptions import FieldError, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from grid.incidents.models import Incident
from portal.accounts.models import User
from portal.core import health, outbox
from portal.core.models import AuditEntry, OutboxMessage
from portal.core.personal import (
    blind_index,
    clean_mobile,
    decrypt,
    encrypt,
    mask_mobile,
    mask_name,
    normalised_mobile,
)
from tests.cast import make_user
from tests.factories import category

MOBILE = "13800138000"


# Encryption


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_was_encrypted_can_be_read_again(text):
    assert decrypt(encrypt(text)) == text


def test_the_same_text_never_looks_the_same_twice():
    assert len({encrypt(MOBILE) for _time in range(100)}) == 100


@pytest.mark.parametrize("place", range(len(base64.b64decode(encrypt(MOBILE)))))
def test_a_change_in_any_byte_is_noticed(place):
    raw = bytearray(base64.b64decode(encrypt(MOBILE)))
    raw[place] ^= 1

    with pytest.raises(InvalidTag):
        decrypt(base64.b64encode(raw).decode())


@pytest.mark.parametrize(
    "cipher",
    [MOBILE, "", "!", "AQ==", encrypt(MOBILE)[:-4], encrypt(MOBILE) + "AAAA", "陈丽芳"],
    ids=["mobile", "nothing", "sign", "version only", "cut short", "too long", "name"],
)
def test_what_is_no_cipher_is_noticed(cipher):
    with pytest.raises(InvalidTag):
        decrypt(cipher)


def test_without_the_key_nothing_can_be_read(settings):
    cipher = encrypt(MOBILE)
    settings.FIELD_KEY = "a-key-that-somebody-else-has-made-up-for-themselves"

    with pytest.raises(InvalidTag):
        decrypt(cipher)


# The field


def stored(user: User) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT mobile FROM accounts_user WHERE id = %s", [user.pk])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_database_holds_nothing_that_can_be_read(db):
    user = make_user("chen", "陈丽芳", mobile=MOBILE)

    assert MOBILE not in stored(user)
    assert User.objects.get(pk=user.pk).mobile == MOBILE


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["save", "update", "bulk_create", "bulk_update"])
def test_every_way_of_writing_encrypts(way):
    user = make_user("chen", "陈丽芳")
    match way:
        case "save":
            user.mobile = MOBILE
            user.save()
        case "update":
            User.objects.filter(pk=user.pk).update(mobile=MOBILE)
        case "bulk_create":
            user = User.objects.bulk_create([User(username="li", name="李敏", mobile=MOBILE)])[0]
        case "bulk_update":
            user.mobile = MOBILE
            User.objects.bulk_update([user], ["mobile"])

    assert decrypt(stored(user)) == MOBILE
    assert User.objects.values_list("mobile", flat=True).get(pk=user.pk) == MOBILE


@pytest.mark.django_db
def test_nothing_stays_nothing():
    assert stored(make_user("chen", "陈丽芳")) == ""


@pytest.mark.parametrize("lookup", ["mobile", "mobile__contains", "mobile__startswith", "mobile__in", "mobile__gt"])
def test_searching_in_ciphers_is_refused_rather_than_finding_nothing(lookup):
    with pytest.raises(FieldError):
        User.objects.filter(**{lookup: MOBILE})


# The blind index


@pytest.mark.django_db
def test_an_exact_number_is_found_by_its_index():
    user = make_user("chen", "陈丽芳", mobile=MOBILE)
    make_user("li", "李敏", mobile="13800138001")

    assert User.objects.get(mobile_index=blind_index(MOBILE)) == user


def test_an_index_tells_nothing_without_the_key(settings):
    ours = blind_index(MOBILE)
    settings.FIELD_KEY = "a-key-that-somebody-else-has-made-up-for-themselves"

    assert blind_index(MOBILE) != ours


def test_no_value_has_no_index():
    assert blind_index("") == ""


# What people type


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "138–0013–8000",
        "１３８００１３８０００",
        "１３８　００１３　８０００",
        "+86 138 0013 8000",
        "＋８６１３８００１３８０００",
        "8613800138000",
        "0086 13800138000",
        "(+86)13800138000",
        "\u202a13800138000\u202c",
        "138\u200b00138000",
        "138\t0013\t8000\n",
    ],
)
def test_a_number_is_understood_however_it_is_typed_or_pasted(typed):
    assert clean_mobile(typed) == MOBILE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1380013800",
        "138001380000",
        "12800138000",
        "23800138000",
        "1380013800a",
        "١٣٨٠٠١٣٨٠٠٠",
        "138٠٠١٣٨٠٠٠",
        "020-84881234",
        "13800138000,13800138001",
        "8513800138000",
    ],
)
def test_what_is_no_mobile_number_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_mobile(typed)


def test_a_user_name_with_digits_is_left_alone():
    assert normalised_mobile("chen86") == "chen86"


# Masks


@pytest.mark.parametrize(
    ("mobile", "shown"),
    [("13812341234", "138****1234"), ("020-84881234", "020****1234"), ("84881234", "********"), ("", "")],
)
def test_a_number_is_shown_masked(mobile, shown):
    assert mask_mobile(mobile) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("陈家生", "陈*生"), ("陈生", "陈*"), ("陈", "陈"), ("欧阳家生", "欧**生"), ("", "")],
)
def test_a_name_is_shown_masked(name, shown):
    assert mask_name(name) == shown


# Canaries

CANARY = "13977886655"
CANARY_NAME = "钟离不见"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged from here on, down to DEBUG, as it would be written."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    formatters = [kept.formatter for kept in root.handlers if "ProcessorFormatter" in type(kept.formatter).__name__]
    handler.setFormatter(formatters[0])
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


def whole_database() -> str:
    """Every row of every table, as text."""
    rows: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def nudges() -> str:
    with health.broker() as redis:
        return repr(redis.lrange("celery", 0, -1))


def traces(log: io.StringIO) -> dict[str, str]:
    """Where a canary must not be found."""
    return {
        "log": log.getvalue(),
        "outbox": repr(list(OutboxMessage.objects.values())),
        "audit": repr(list(AuditEntry.objects.values("action", "note", "data", "request_id"))),
        "queue": nudges(),
        "cache": repr(getattr(cache, "_cache", "")),
        "sessions": repr([session.get_decoded() for session in Session.objects.all()]),
        "database": whole_database(),
    }


@pytest.fixture
def entered(li, places, client_of, log, django_capture_on_commit_callbacks) -> tuple[Client, Incident, list[str]]:
    """李 enters a call at the desk, and reads it afterwards; the addresses that were called."""
    client = client_of(li)
    sent = {
        "idempotency_key": str(uuid4()),
        "source": "call",
        "caller_name": CANARY_NAME,
        "caller_mobile": f"+86 {CANARY[:3]} {CANARY[3:7]} {CANARY[7:]}",
        "place": places.dalong.pk,
        "category": category("drain").pk,
        "severity": "general",
        "description": "一楼下水道返水",
    }
    with django_capture_on_commit_callbacks(execute=True):
        refused = client.post(reverse("incidents:enter"), {**sent, "category": ""})
        response = client.post(reverse("incidents:enter"), sent)
        again = client.post(reverse("incidents:enter"), sent)
    outbox.drain()
    made = Incident.objects.get()
    assert (refused.status_code, response.url, again.url) == (422, made.get_absolute_url(), made.get_absolute_url())
    return client, made, [response.url, again.url]


@pytest.mark.django_db
def test_a_callers_number_and_name_leave_no_trace_behind_them(entered, log):
    client, made, addresses = entered
    client.get(made.get_absolute_url())
    client.post(reverse("incidents:caller", args=[made.pk]))
    client.get(reverse("incidents:export"))
    client.get(reverse("incidents:list"), {"q": CANARY})

    found = traces(log) | {"addresses": repr(addresses)}

    assert {where for where, text in found.items() if CANARY in text or CANARY_NAME in text} == set()


@pytest.mark.django_db
def test_the_trace_would_be_noticed_if_there_were_one(entered, log):
    logging.getLogger("tests").warning("somebody wrote %s", "不见的钟离")
    OutboxMessage.objects.create(topic="tests.leak", payload={"mobile": CANARY})

    found = traces(log)

    assert "不见的钟离" in found["log"]
    assert {where for where, text in found.items() if CANARY in text} == {"outbox", "database"}


@pytest.mark.django_db
def test_a_number_that_a_crash_would_put_into_the_log_is_scrubbed(log):
    try:
        raise ValueError(f"cannot ring {CANARY}")
    except ValueError:
        logging.getLogger("tests").exception("ringing %s failed", CANARY)

    assert "ringing ••• failed" in log.getvalue()
    assert CANARY not in log.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["incidents:detail", "incidents:list", "incidents:print"])
def test_pages_show_the_caller_masked(page, entered):
    client, made, _addresses = entered
    address = reverse(page, args=[made.pk] if page == "incidents:detail" else [])

    text = client.get(address).text

    assert CANARY not in text
    assert CANARY_NAME not in text


@pytest.mark.django_db
def test_the_caller_is_on_the_page_only_after_somebody_asked_to_see_them(entered):
    client, made, _addresses = entered

    revealed = client.post(reverse("incidents:caller", args=[made.pk]))

    assert CANARY in revealed.text
    assert AuditEntry.objects.filter(action="incident.caller_revealed").count() == 1


# The telephone of an office that everybody who sees the place may ring in an emergency, and reads on its page.
OF_AN_OFFICE = {"places.Place.duty_phone"}


def test_numbers_of_people_are_kept_only_in_encrypted_fields():
    fields = [field for model in apps.get_models() for field in model._meta.fields]
    named = [
        field
        for field in fields
        if re.search("mobile|phone|id_number|id_card", field.name)
        and not field.name.endswith("_index")
        and str(field) not in OF_AN_OFFICE
    ]

    assert {str(field): type(field).__name__ for field in named} == {
        str(field): "EncryptedCharField" for field in named
    }
    assert {"accounts.User.mobile", "incidents.Incident.caller_mobile"} <= {str(field) for field in named}
    assert {str(field) for field in fields} >= OF_AN_OFFICE
