from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from portal.accounts.models import User
from tests.cast import PASSWORD, make_user

HOME = "113.66.1.1"  # where the owner lives
OFFICE = "113.66.2.2"  # the committee's router: many people, one address

SignIn = Callable[..., HttpResponse]


@pytest.fixture
def chen_lifang(db: None) -> User:
    """陈丽芳 as an account: user name `chen`, mobile 13800138000."""
    return make_user("chen", "陈丽芳", mobile="13800138000")


@pytest.fixture
def sign_in() -> SignIn:
    """Send the sign-in form; from a new device at home unless a browser or an address is named."""

    def send(
        username: str, password: str = PASSWORD, *, browser: Client | None = None, address: str = HOME, **fields: Any
    ) -> HttpResponse:
        data = {"username": username, "password": password, **fields}
        return (browser or Client()).post("/sign-in/", data, REMOTE_ADDR=address)

    return send


@pytest.fixture
def own_phone(chen_lifang: User, sign_in: SignIn) -> Client:
    """Chen's own phone: she signed in on it before, and has signed out."""
    phone = Client()
    sign_in("chen", browser=phone)
    phone.post("/sign-out/")
    return phone
