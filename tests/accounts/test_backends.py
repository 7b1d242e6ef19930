"""Known, unknown and inactive accounts take the same time (security.md 7)."""

from functools import cache
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client

from portal.accounts.models import User
from tests.cast import PASSWORD

from .conftest import SignIn


@pytest.fixture
def hashings(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every run of Argon2, as it is configured for people."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    runs: list[str] = []

    def counted(name: str) -> None:
        original = getattr(Argon2PasswordHasher, name)

        def run(self: Argon2PasswordHasher, *args: Any, **kwargs: Any) -> Any:
            runs.append(name)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(Argon2PasswordHasher, name, run)

    counted("encode")
    counted("verify")
    return runs


@cache
def hashed() -> str:
    return make_password(PASSWORD, hasher="argon2")


@pytest.fixture
def accounts(hashings: list[str], db: None) -> None:
    """An account, one that was made inactive, and one that never had a password."""
    User(username="chen", mobile="13800138000", password=hashed()).save()
    User(username="former", is_active=False, password=hashed()).save()
    User(username="asleep", password=make_password(None)).save()
    hashings.clear()


@pytest.mark.parametrize(
    ("username", "password", "status"),
    [
        ("chen", PASSWORD, 302),
        ("13800138000", PASSWORD, 302),
        ("chen", "wrong", 422),
        ("nobody.here", PASSWORD, 422),
        ("13912345678", PASSWORD, 422),
        ("former", PASSWORD, 422),
        ("former", "wrong", 422),
        ("asleep", "", 422),
        ("asleep", "!", 422),
    ],
)
def test_the_hasher_runs_once_whoever_is_asked_for(
    username: str, password: str, status: int, accounts: None, hashings: list[str], sign_in: SignIn
) -> None:
    response = sign_in(username, password or "anything")

    assert response.status_code == status
    assert len(hashings) == 1


def test_whoever_is_made_inactive_is_out_at_once(client_of: Any, chen_lifang: User) -> None:
    browser: Client = client_of(chen_lifang)
    assert browser.get("/profile/").status_code == 200
    User.objects.update(is_active=False)

    assert browser.get("/profile/").status_code == 302
