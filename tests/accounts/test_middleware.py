from typing import Any

import pytest
from django.test import Client

from portal.accounts.middleware import next_step
from portal.accounts.models import User
from tests.cast import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer() -> User:
    """Somebody with a slip: a first password, and nothing agreed to yet."""
    return make_user("newcomer", "新楼长", must_change_password=True, consented_version="")


class TestFirstSteps:
    def test_consent_comes_first_then_a_password_of_ones_own(self, newcomer: User, client_of: Any) -> None:
        browser: Client = client_of(newcomer)
        assert browser.get("/profile/?a=1").url == "/consent/?next=%2Fprofile%2F%3Fa%3D1"
        assert browser.get("/password/").url == "/consent/?next=%2Fpassword%2F"

        User.objects.update(consented_version="2000-01")
        assert browser.get("/profile/").url == "/consent/?next=%2Fprofile%2F"

        browser.post("/consent/")
        assert browser.get("/profile/?a=1").url == "/password/?next=%2Fprofile%2F%3Fa%3D1"
        assert browser.get("/consent/").url == "/password/?next=%2Fconsent%2F"

        User.objects.update(must_change_password=False)
        assert browser.get("/profile/").status_code == 200

    def test_nothing_can_be_sent_either(self, newcomer: User, client_of: Any) -> None:
        response = client_of(newcomer).post("/consent/withdraw/")

        assert (response.status_code, response.url) == (302, "/consent/")

    def test_a_part_of_a_page_sends_the_whole_page_there(self, newcomer: User, client_of: Any) -> None:
        response = client_of(newcomer).get("/profile/", headers={"HX-Request": "true"})

        assert (response.status_code, response["HX-Redirect"]) == (200, "/consent/")

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("get", "/consent/", 200),
            ("get", "/livez", 200),
            ("get", "/readyz", 200),
            ("post", "/language/", 302),
            ("post", "/large-type/", 302),
            ("post", "/sign-out/", 302),
        ],
    )
    def test_the_way_out_the_language_and_health_stay_open(
        self, method: str, path: str, status: int, newcomer: User, client_of: Any
    ) -> None:
        response = getattr(client_of(newcomer), method)(path, {"language": "en"})

        assert response.status_code == status
        assert "/consent/" not in response.get("Location", "")

    def test_asking_costs_no_query(self, chen_lifang: User, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            assert next_step(chen_lifang) is None


class TestAppearance:
    def test_chinese_whatever_the_browser_prefers(self, chen_lifang: User, client: Client) -> None:
        response = client.get("/sign-in/", headers={"Accept-Language": "en-GB,en;q=0.9"})

        assert response["Content-Language"] == "zh-hans"
        assert '<html lang="zh-Hans" data-large="false">' in response.content.decode()

    def test_the_readers_own_language_and_size(self, client_of: Any) -> None:
        reader = make_user("reader", "Reader", language="en", large_type=True)
        response = client_of(reader).get("/profile/")

        assert response["Content-Language"] == "en"
        assert '<html lang="en" data-large="true">' in response.content.decode()

    def test_an_unknown_language_in_the_cookie_is_ignored(self, chen_lifang: User, client: Client) -> None:
        client.cookies["django_language"] = "xx"

        assert client.get("/sign-in/")["Content-Language"] == "zh-hans"
