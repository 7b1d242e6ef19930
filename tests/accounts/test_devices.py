from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.utils import timezone

from portal.accounts.devices import ACCOUNTS, COOKIE, known_device
from portal.accounts.models import User
from tests.cast import make_user

from .conftest import SignIn

pytestmark = pytest.mark.django_db


def device_of(browser: Client, user: User) -> str:
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in browser.cookies.items()}
    return known_device(request, user)


def test_a_device_is_known_to_those_who_signed_in_on_it(own_phone: Client, chen_lifang: User) -> None:
    assert len(device_of(own_phone, chen_lifang)) == 16
    assert device_of(own_phone, make_user("huang", "黄伟强")) == ""
    assert device_of(Client(), chen_lifang) == ""


def test_a_wrong_password_makes_no_device_known(chen_lifang: User, sign_in: SignIn) -> None:
    browser = Client()
    sign_in("chen", "wrong", browser=browser)

    assert COOKIE not in browser.cookies


def test_the_cookie_is_out_of_reach_of_scripts_and_other_pages(own_phone: Client, settings: Any) -> None:
    cookie = own_phone.cookies[COOKIE]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/sign-in/")


def test_the_cookie_travels_encrypted_where_sessions_do(chen_lifang: User, sign_in: SignIn, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    browser = Client()
    sign_in("chen", browser=browser)

    assert browser.cookies[COOKIE]["secure"] is True


def test_an_offices_tablet_knows_the_last_ten(sign_in: SignIn, db: None) -> None:
    tablet = Client()
    people = [make_user(f"staff{number}", "工作人员") for number in range(ACCOUNTS + 1)]
    for person in people:
        sign_in(person.username, browser=tablet)
        tablet.post("/sign-out/")

    assert [bool(device_of(tablet, person)) for person in people] == [False] + [True] * ACCOUNTS
    assert len({device_of(tablet, person) for person in people[1:]}) == 1


def test_a_device_is_forgotten_after_400_days(own_phone: Client, chen_lifang: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=401)):
        assert device_of(own_phone, chen_lifang) == ""
