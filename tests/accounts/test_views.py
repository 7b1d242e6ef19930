from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts import services
from portal.accounts.models import User
from portal.core import audit
from tests.cast import PASSWORD, make_user

from .conftest import SignIn

pytestmark = pytest.mark.django_db

STRANGERS = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "http:///evil.example/",
    "ftp://testserver/",
    "",
]


class TestSignIn:
    @pytest.mark.parametrize("name", ["chen", "Chen", "13800138000", "138 0013 8000"])
    def test_by_user_name_or_mobile_number(self, name: str, chen_lifang: User, sign_in: SignIn) -> None:
        browser = Client()
        response = sign_in(name, browser=browser)

        assert (response.status_code, response.url) == (302, "/")
        assert browser.session["_auth_user_id"] == str(chen_lifang.pk)

    def test_known_unknown_and_inactive_accounts_hear_the_same(self, chen_lifang: User, sign_in: SignIn) -> None:
        make_user("former", "前任", is_active=False)
        answers = [sign_in("chen", "wrong"), sign_in("ghost"), sign_in("13912345678"), sign_in("former")]

        assert [answer.status_code for answer in answers] == [422] * 4
        assert len({str(answer.context["form"].errors) for answer in answers}) == 1

    def test_a_password_is_never_sent_back(self, chen_lifang: User, sign_in: SignIn) -> None:
        page = sign_in("chen", "mistyped-secret").content.decode()

        assert "mistyped-secret" not in page
        assert 'value="chen"' in page

    def test_the_session_gets_another_key(self, chen_lifang: User, sign_in: SignIn) -> None:
        browser = Client()
        session = browser.session
        session["planted"] = True
        session.save()
        sign_in("chen", browser=browser)

        assert browser.session.session_key != session.session_key
        assert not session.exists(session.session_key)

    def test_goes_where_they_wanted(self, chen_lifang: User, sign_in: SignIn) -> None:
        page = Client().get("/sign-in/", {"next": "/profile/?a=1"}).content.decode()

        assert '<input type="hidden" name="next" value="/profile/?a=1">' in page
        assert sign_in("chen", next="/profile/?a=1").url == "/profile/?a=1"

    @pytest.mark.parametrize("elsewhere", STRANGERS)
    def test_goes_nowhere_else(self, elsewhere: str, chen_lifang: User, sign_in: SignIn) -> None:
        assert sign_in("chen", next=elsewhere).url == "/"
        assert 'name="next" value="/"' in Client().get("/sign-in/", {"next": elsewhere}).content.decode()

    def test_whoever_is_in_is_not_asked_again(self, chen_lifang: User, client_of: Any) -> None:
        assert client_of(chen_lifang).get("/sign-in/", {"next": "/profile/"}).url == "/profile/"

    def test_an_empty_portal_begins_with_the_first_run(self, client: Client) -> None:
        assert client.get("/sign-in/").url == reverse("places:first_run")

    @pytest.mark.parametrize("name", ["", "a" * 61, "che\0n"])
    def test_nonsense_is_refused_without_asking_anybody(self, name: str, chen_lifang: User, sign_in: SignIn) -> None:
        assert sign_in(name).status_code == 422

    def test_is_on_record(self, chen_lifang: User, sign_in: SignIn) -> None:
        sign_in("chen")

        entry = audit.timeline(chen_lifang).get()
        assert (entry.action, entry.actor) == ("account.signed_in", chen_lifang)

    def test_language_and_size_chosen_before_become_the_accounts(self, chen_lifang: User, sign_in: SignIn) -> None:
        browser = Client()
        browser.post("/language/", {"language": "en"})
        browser.post("/large-type/")
        sign_in("chen", browser=browser)
        chen_lifang.refresh_from_db()

        assert (chen_lifang.language, chen_lifang.large_type) == ("en", True)
        assert (browser.cookies["django_language"].value, browser.cookies["large_type"].value) == ("", "")


class TestSignOut:
    def test_leaves_nothing_readable_on_a_shared_phone(self, chen_lifang: User, client_of: Any) -> None:
        browser = client_of(chen_lifang)
        response = browser.post("/sign-out/")

        assert (response.url, response["Clear-Site-Data"]) == ("/sign-in/", '"cache", "storage"')
        assert browser.get("/profile/").url == "/sign-in/?next=/profile/"

    def test_a_link_signs_nobody_out(self, chen_lifang: User, client_of: Any) -> None:
        browser = client_of(chen_lifang)

        assert browser.get("/sign-out/").status_code == 405
        assert browser.get("/profile/").status_code == 200

    def test_twice_is_harmless(self, chen_lifang: User, client: Client) -> None:
        assert client.post("/sign-out/").status_code == 302


@pytest.mark.parametrize("path", ["/profile/", "/password/", "/consent/", "/sign-in/"])
def test_no_page_is_kept_by_a_browser(path: str, chen_lifang: User, client_of: Any) -> None:
    assert "no-store" in client_of(chen_lifang).get(path)["Cache-Control"]


class TestPassword:
    NEW = "pa-lou-6-ceng"

    def change(self, browser: Client, **fields: str) -> Any:
        return browser.post("/password/", {"old": PASSWORD, "new": self.NEW, "repeat": self.NEW, **fields})

    def test_is_changed_here_and_signs_out_elsewhere(self, chen_lifang: User, client_of: Any, sign_in: SignIn) -> None:
        here, elsewhere = client_of(chen_lifang), client_of(chen_lifang)
        response = self.change(here, next="/profile/")

        assert (response.status_code, response.url) == (302, "/profile/")
        assert [browser.get("/profile/").status_code for browser in (here, elsewhere)] == [200, 302]
        assert [sign_in("chen", word).status_code for word in (PASSWORD, self.NEW)] == [422, 302]

    @pytest.mark.parametrize(
        ("field", "value"), [("old", "wrong"), ("new", "12345678"), ("repeat", "pa-lou-7-ceng"), ("new", "")]
    )
    def test_stays_when_something_is_wrong_with_it(
        self, field: str, value: str, chen_lifang: User, client_of: Any, sign_in: SignIn
    ) -> None:
        response = self.change(client_of(chen_lifang), **{field: value})

        assert response.status_code == 422
        assert sign_in("chen").status_code == 302

    def test_a_stolen_session_cannot_guess_it(self, chen_lifang: User, client_of: Any) -> None:
        thief = client_of(chen_lifang)
        statuses = [self.change(thief, old=f"guess {n}").status_code for n in range(11)]

        assert statuses == [422] * 10 + [429]

    def test_a_weak_new_one_uses_up_no_try(self, chen_lifang: User, client_of: Any) -> None:
        browser = client_of(chen_lifang)
        statuses = [self.change(browser, new="12345678", repeat="12345678").status_code for _n in range(12)]

        assert statuses == [422] * 12

    def test_a_first_one_is_replaced_before_anything_else(self, chen_lifang: User, sign_in: SignIn) -> None:
        first = services.set_first_password(chen_lifang)
        browser = Client()
        browser.post("/language/", {"language": "en"})
        sign_in("chen", first, browser=browser)
        page = browser.get("/profile/", follow=True)
        assert "First password, from your slip" in page.content.decode()
        response = self.change(browser, old=first, next=page.context["next"])

        assert response.url == "/profile/"
        assert browser.get("/profile/").status_code == 200


class TestConsent:
    @pytest.fixture
    def newcomer(self) -> User:
        return make_user("newcomer", "新楼长", consented_version="")

    def test_is_asked_once_and_leads_on(self, newcomer: User, sign_in: SignIn) -> None:
        browser = Client()
        page = browser.get(sign_in("newcomer", browser=browser, next="/profile/").url, follow=True)
        assert page.redirect_chain == [("/consent/?next=%2Fprofile%2F", 302)]
        response = browser.post("/consent/", {"next": page.context["next"]})

        assert response.url == "/profile/"
        assert browser.get("/profile/").status_code == 200
        assert services.standing_consent(newcomer).version == services.CONSENT_VERSION

    def test_says_whom_to_ask(self, newcomer: User, client_of: Any, settings: Any) -> None:
        settings.PRIVACY_CONTACT = "石碁镇数据专员 020-8455 0000"

        assert "石碁镇数据专员 020-8455 0000" in client_of(newcomer).get("/consent/").content.decode()

    def test_can_be_read_again_and_not_given_twice(self, newcomer: User, client_of: Any) -> None:
        browser = client_of(newcomer)
        assert 'action="/consent/"' in browser.get("/consent/").content.decode()
        browser.post("/consent/")

        assert 'action="/consent/"' not in browser.get("/consent/").content.decode()

    def test_withdrawn_signs_out_everywhere_and_is_asked_for_again(self, chen_lifang: User, client_of: Any) -> None:
        services.consent(chen_lifang, actor=chen_lifang)
        here, elsewhere = client_of(chen_lifang), client_of(chen_lifang)
        response = here.post("/consent/withdraw/")

        assert (response.url, response["Clear-Site-Data"]) == ("/sign-in/", '"cache", "storage"')
        assert here.get("/profile/").url == "/sign-in/?next=/profile/"
        assert elsewhere.get("/profile/").url == "/consent/?next=%2Fprofile%2F"


class TestProfile:
    def test_shows_ones_own_data_with_the_number_masked(self, chen_lifang: User, client_of: Any) -> None:
        page = client_of(chen_lifang).get("/profile/").content.decode()

        assert "陈丽芳" in page
        assert "138****8000" in page
        assert "13800138000" not in page

    def test_hostile_names_are_text(self, client_of: Any) -> None:
        mallory = make_user("mallory", "<script>alert(1)</script>")
        page = client_of(mallory).get("/profile/").content.decode()

        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page

    def test_costs_few_queries(self, chen_lifang: User, client_of: Any, django_assert_max_num_queries: Any) -> None:
        browser = client_of(chen_lifang)

        with django_assert_max_num_queries(12):
            browser.get("/profile/")

    def test_asks_strangers_to_sign_in(self, chen_lifang: User, client: Client) -> None:
        for path in ("/profile/", "/password/", "/consent/"):
            assert client.get(path).url == f"/sign-in/?next={path}"


class TestPreferences:
    def test_are_the_accounts_when_signed_in(self, chen_lifang: User, client_of: Any) -> None:
        browser = client_of(chen_lifang)
        response = browser.post("/language/", {"language": "en", "next": "/profile/"})
        browser.post("/large-type/")
        chen_lifang.refresh_from_db()

        assert response.url == "/profile/"
        assert (chen_lifang.language, chen_lifang.large_type) == ("en", True)
        assert not {"django_language", "large_type"} & browser.cookies.keys()

    def test_are_this_browsers_before_signing_in(self, chen_lifang: User, client: Client) -> None:
        client.post("/language/", {"language": "en"})
        client.post("/large-type/")

        assert '<html lang="en" data-large="true">' in client.get("/sign-in/").content.decode()

    @pytest.mark.parametrize(("sent", "large"), [("true", True), ("false", False), ("", False), ("nonsense", False)])
    def test_large_type_is_said_or_turned_round(self, sent: str, large: bool, client_of: Any) -> None:
        reader = make_user("reader", "读者", large_type=True)
        client_of(reader).post("/large-type/", {"large_type": sent})
        reader.refresh_from_db()

        assert reader.large_type is large

    @pytest.mark.parametrize("language", ["", "fr", "zh-hant", "<script>"])
    def test_no_other_language_is_taken(self, language: str, chen_lifang: User, client_of: Any) -> None:
        assert client_of(chen_lifang).post("/language/", {"language": language}).status_code == 400

    @pytest.mark.parametrize("path", ["/language/", "/large-type/"])
    def test_a_link_changes_nothing(self, path: str, client: Client) -> None:
        assert client.get(path).status_code == 405

    @pytest.mark.parametrize("elsewhere", STRANGERS)
    def test_lead_nowhere_else(self, elsewhere: str, client: Client) -> None:
        assert client.post("/language/", {"language": "en", "next": elsewhere}).url == "/"

    def test_no_field_slips_in_beside_them(self, chen_lifang: User, client_of: Any) -> None:
        browser = client_of(chen_lifang)
        before = User.objects.values().get()
        browser.post("/large-type/", {"large_type": "false", "is_active": "0", "username": "root", "language": "en"})

        assert User.objects.values().get() == before
