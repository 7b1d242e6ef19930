"""Sessions are Django's own, asked for by a question of ours."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore as DjangoStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.accounts.sessions import SessionStore
from tests.cast import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored() -> SessionStore:
    """A session that says something."""
    session = SessionStore()
    session["said"] = "你好"
    session.save()
    return session


def test_both_read_what_either_wrote(stored: SessionStore) -> None:
    assert DjangoStore(stored.session_key)["said"] == "你好"

    written = DjangoStore()
    written["said"] = "再见"
    written.save()
    assert SessionStore(written.session_key)["said"] == "再见"


def test_one_that_has_expired_is_none_and_its_key_is_nobodys(stored: SessionStore) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    found = SessionStore(stored.session_key)

    assert (found.get("said"), found.session_key) == (None, None)


@pytest.mark.parametrize("key", ["x" * 32, "' OR true --", "短"])
def test_nobody_chooses_a_key(key: str, db: None) -> None:
    found = SessionStore(key)

    assert (dict(found.items()), found.session_key) == ({}, None)


def test_whoever_is_made_inactive_is_out_at_the_next_request(li: Person, client_of) -> None:
    client = client_of(li)
    assert client.get("/profile/").status_code == 200

    li.user.is_active = False
    li.user.save()

    assert client.get("/profile/").status_code == 302


def test_the_user_of_a_session_has_their_number_as_they_gave_it(li: Person, client_of) -> None:
    li.user.mobile = "13800138000"
    li.user.save()

    assert client_of(li).get("/profile/").wsgi_request.user.mobile == "13800138000"
