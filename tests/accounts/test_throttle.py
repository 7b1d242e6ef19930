"""Guessing is slow from wherever it comes, and the owner never notices (security.md 5)."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from axes.models import AccessFailureLog
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from portal.accounts import services
from portal.accounts.models import User
from portal.accounts.throttle import Caller, attempt, forget_old, network_of
from tests.cast import make_user

from .conftest import HOME, OFFICE, SignIn

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


def addresses(count: int) -> list[str]:
    return [f"45.{number // 250}.7.{number % 250 + 1}" for number in range(count)]


def guess_from_everywhere(sign_in: SignIn, username: str, count: int) -> list[int]:
    return [sign_in(username, f"guess {n}", address=address).status_code for n, address in enumerate(addresses(count))]


def spray(sign_in: SignIn, count: int, address: str) -> list[int]:
    return [sign_in(f"leader{number}", "woaini1314", address=address).status_code for number in range(count)]


@pytest.mark.django_db
class TestGuessing:
    def test_one_account_from_one_address_allows_six_tries(self, chen_lifang: User, sign_in: SignIn) -> None:
        assert [sign_in("chen", f"guess {n}").status_code for n in range(8)] == [422] * 6 + [429] * 2

    def test_one_account_from_many_addresses_allows_twenty(self, chen_lifang: User, sign_in: SignIn) -> None:
        assert guess_from_everywhere(sign_in, "chen", 24) == [422] * 20 + [429] * 4

    def test_many_accounts_from_one_address_allow_sixty(self, chen_lifang: User, sign_in: SignIn) -> None:
        assert spray(sign_in, 63, OFFICE) == [422] * 60 + [429] * 3
        assert sign_in("chen", address=OFFICE).status_code == 429
        assert sign_in("chen", address=HOME).status_code == 302

    def test_the_right_password_does_not_help_while_the_door_is_shut(self, chen_lifang: User, sign_in: SignIn) -> None:
        for n in range(6):
            sign_in("chen", f"guess {n}")

        assert sign_in("chen").status_code == 429

    @pytest.mark.parametrize(
        "written",
        ["CHEN", " chen ", "ｃｈｅｎ", "13800138000", "138 0013-8000", "+86 13800138000", "１３８００１３８０００"],
    )
    def test_an_account_is_one_account_however_it_is_written(
        self, written: str, chen_lifang: User, sign_in: SignIn
    ) -> None:
        for n in range(6):
            sign_in(written if n % 2 else "chen", f"guess {n}")

        assert sign_in(written, "guess").status_code == 429
        assert sign_in("chen", "guess").status_code == 429

    def test_an_account_that_does_not_exist_is_refused_alike(self, chen_lifang: User, sign_in: SignIn) -> None:
        with time_machine.travel(MORNING, tick=False):
            known = [sign_in("chen", f"guess {n}", address="45.1.1.1") for n in range(8)]
            unknown = [sign_in("ghost", f"guess {n}", address="45.1.1.2") for n in range(8)]

        def words(response: HttpResponse) -> str:
            own = r'(?<=csrfmiddlewaretoken" value=")\w+|<p class="failure-number">.*?</p>'
            page = re.sub(own, "", response.content.decode())
            return page.replace('value="chen"', "").replace('value="ghost"', "")

        assert [r.status_code for r in known] == [r.status_code for r in unknown]
        assert [words(r) for r in known] == [words(r) for r in unknown]
        assert [r.get("Retry-After") for r in known] == [r.get("Retry-After") for r in unknown]

    def test_a_forged_or_foreign_device_cookie_opens_no_door(self, chen_lifang: User, sign_in: SignIn) -> None:
        make_user("huang", "黄伟强")
        guess_from_everywhere(sign_in, "chen", 20)
        foreign, forged = Client(), Client()
        sign_in("huang", browser=foreign)
        foreign.post("/sign-out/")
        forged.cookies["device"] = "WyJhYmMiLFsxXV0:1abc:forged"

        assert sign_in("chen", browser=foreign).status_code == 429
        assert sign_in("chen", browser=forged).status_code == 429

    def test_ones_own_account_does_not_wash_the_address_clean(self, sign_in: SignIn) -> None:
        make_user("insider", "内鬼")
        for number in range(60):
            sign_in(f"leader{number}", "woaini1314", address=OFFICE)
            if number % 10 == 0:
                assert sign_in("insider", address=OFFICE).status_code == 302

        assert sign_in("leader60", "woaini1314", address=OFFICE).status_code == 429

    def test_addresses_of_one_ipv6_network_are_one(self, chen_lifang: User, sign_in: SignIn) -> None:
        statuses = [sign_in("chen", "guess", address=f"240e:3b7:1:2::{n:x}").status_code for n in range(1, 9)]

        assert statuses == [422] * 6 + [429] * 2

    def test_without_an_address_the_account_is_still_guarded(self, chen_lifang: User, sign_in: SignIn) -> None:
        assert [sign_in("chen", f"guess {n}", address="").status_code for n in range(7)] == [422] * 6 + [429]
        assert sign_in("huang", "guess", address="").status_code == 422


class TestTheOwner:
    def test_signs_in_on_their_own_phone_while_the_whole_world_guesses(
        self, own_phone: Client, sign_in: SignIn
    ) -> None:
        assert guess_from_everywhere(sign_in, "chen", 25)[-1] == 429

        assert sign_in("chen", "typing error", browser=own_phone).status_code == 422
        assert sign_in("chen", browser=own_phone).status_code == 302

    def test_signs_in_on_their_own_phone_behind_the_attackers_address(self, own_phone: Client, sign_in: SignIn) -> None:
        spray(sign_in, 61, HOME)
        for n in range(7):
            sign_in("chen", f"guess {n}", address=HOME)

        assert sign_in("chen", browser=own_phone, address=HOME).status_code == 302

    def test_may_err_ten_times_on_their_own_phone(self, own_phone: Client, sign_in: SignIn) -> None:
        statuses = [sign_in("chen", f"error {n}", browser=own_phone).status_code for n in range(11)]

        assert statuses == [422] * 10 + [429]

    def test_shuts_nobody_out_with_their_own_errors(self, own_phone: Client, sign_in: SignIn) -> None:
        for n in range(11):
            sign_in("chen", f"error {n}", browser=own_phone)

        assert sign_in("chen", browser=Client()).status_code == 302

    def test_starts_afresh_after_signing_in(self, own_phone: Client, sign_in: SignIn) -> None:
        for n in range(9):
            sign_in("chen", f"error {n}", browser=own_phone)
        sign_in("chen", browser=own_phone)
        own_phone.post("/sign-out/")

        assert [sign_in("chen", "error", browser=own_phone).status_code for _n in range(9)] == [422] * 9

    def test_gets_in_at_once_with_a_new_slip(self, chen_lifang: User, sign_in: SignIn) -> None:
        for n in range(7):
            sign_in("chen", f"error {n}")
        first = services.set_first_password(chen_lifang)

        assert sign_in("chen", first).status_code == 302


@pytest.mark.django_db
class TestOneAddressForMany:
    def test_a_colleague_is_not_shut_out(self, chen_lifang: User, sign_in: SignIn) -> None:
        make_user("huang", "黄伟强")
        for n in range(8):
            sign_in("chen", f"error {n}", address=OFFICE)

        assert sign_in("huang", address=OFFICE).status_code == 302

    def test_a_hall_of_leaders_each_errs_twice_and_gets_in(self, sign_in: SignIn) -> None:
        for number in range(35):
            make_user(f"leader{number}", "楼长")
            sign_in(f"leader{number}", "misread", address=OFFICE)
            sign_in(f"leader{number}", "misread again", address=OFFICE)
            assert sign_in(f"leader{number}", address=OFFICE).status_code == 302


class TestCoolingOff:
    def test_ends_ten_minutes_after_the_first_failure(self, chen_lifang: User, sign_in: SignIn) -> None:
        with time_machine.travel(MORNING, tick=False) as clock:
            for n in range(6):
                sign_in("chen", f"guess {n}")
            clock.shift(timedelta(minutes=9, seconds=59))
            assert sign_in("chen").status_code == 429
            clock.shift(timedelta(seconds=1))
            assert sign_in("chen").status_code == 302

    def test_is_not_made_longer_by_trying_again(self, chen_lifang: User, sign_in: SignIn) -> None:
        with time_machine.travel(MORNING, tick=False) as clock:
            for n in range(6):
                sign_in("chen", f"guess {n}")
            for _minute in range(9):
                clock.shift(timedelta(minutes=1))
                assert sign_in("chen").status_code == 429
            clock.shift(timedelta(minutes=1))
            assert sign_in("chen").status_code == 302

    def test_is_told_in_words(self, chen_lifang: User, sign_in: SignIn) -> None:
        browser = Client()
        browser.post("/language/", {"language": "en"})
        with time_machine.travel(MORNING, tick=False) as clock:
            for n in range(6):
                sign_in("chen", f"guess {n}")
            clock.shift(timedelta(minutes=2, seconds=30))
            response = sign_in("chen", browser=browser)

        assert response["Retry-After"] == "450"
        assert "please try again in 8 minutes, at 09:10." in response.content.decode()


@pytest.mark.django_db
class TestStore:
    def test_holds_nothing_that_was_typed(self, chen_lifang: User, sign_in: SignIn) -> None:
        sign_in("13800138000", "a secret")
        sign_in("13912345678", "a secret")

        stored = [
            (row.username, row.ip_address, row.user_agent, row.http_accept, row.path_info)
            for row in AccessFailureLog.objects.order_by("pk")
        ]
        nobody = stored[1][0]
        assert stored == [(f"user:{chen_lifang.pk}", HOME, "", "", ""), (nobody, HOME, "", "", "")]
        assert re.fullmatch("nobody:[0-9a-f]{32}", nobody)

    def test_is_emptied_once_no_limit_looks_at_it(self, chen_lifang: User, sign_in: SignIn) -> None:
        with time_machine.travel(MORNING, tick=False) as clock:
            sign_in("ghost", "guess")
            clock.shift(timedelta(minutes=20))
            sign_in("ghost", "guess")
            clock.shift(timedelta(minutes=11))

            assert forget_old() == 1
            assert AccessFailureLog.objects.count() == 1

    def test_is_cleared_for_one_account_by_command(self, chen_lifang: User, sign_in: SignIn) -> None:
        for n in range(7):
            sign_in("chen", f"guess {n}")
            sign_in("ghost", f"guess {n}")
        call_command("axes_reset_username", "13800138000")

        assert sign_in("chen").status_code == 302
        assert sign_in("ghost", "guess").status_code == 429

    @pytest.mark.parametrize(
        ("address", "network"),
        [("113.66.1.1", "113.66.1.1"), ("240e:3b7:1:2:aaaa::1", "240e:3b7:1:2::"), (None, None)],
    )
    def test_knows_networks(self, address: str | None, network: str | None) -> None:
        assert network_of(address) == network


@pytest.mark.slow
@pytest.mark.django_db
def test_a_burst_of_tries_at_once_passes_no_limit() -> None:
    rounds, threads = 100, 8
    together = Barrier(threads, timeout=60)

    def guess(_thread: int) -> list[tuple[int, bool]]:
        passed = []
        for number in range(rounds):
            together.wait()
            for address in (f"45.0.{number}.1", f"45.0.{number}.2"):
                passed.append((number, attempt(Caller(f"user:{number}", address)).open_at is None))
        connection.close()
        return passed

    def clean_up() -> None:
        """In a thread, like the tries: their connections commit, this test's own does not."""
        AccessFailureLog.objects.all().delete()
        connection.close()

    with ThreadPoolExecutor(threads) as pool:
        try:
            tries = [one for found in pool.map(guess, range(threads)) for one in found]
        finally:
            pool.submit(clean_up).result()

    passed_of = Counter(number for number, passed in tries if passed)
    assert passed_of == dict.fromkeys(range(rounds), 12)  # six from either address
