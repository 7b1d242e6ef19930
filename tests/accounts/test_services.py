from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from portal.accounts import services
from portal.accounts.models import Consent, User
from portal.core import audit
from portal.core.refusals import Refused
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def reasons(refused: Refused) -> list[tuple[str, str]]:
    return [(reason.field, str(reason)) for reason in refused.reasons]


class TestPassword:
    def test_everything_wrong_is_said_at_once(self, chen_lifang: User) -> None:
        with translation.override("en"), pytest.raises(Refused) as caught:
            services.change_password(chen_lifang, old="wrong", new="123456", actor=chen_lifang)

        assert reasons(caught.value) == [
            ("old", "This is not your present password."),
            ("new", "This password is too short. Use at least 8 characters."),
            ("new", "This password is too common."),
            ("new", "This password is entirely numeric."),
        ]

    @pytest.mark.parametrize("new", ["a1b2", "password1", "20260302", "13800138000"])
    def test_what_is_wrong_is_said_in_chinese(self, new: str, chen_lifang: User) -> None:
        with translation.override("zh-hans"), pytest.raises(Refused) as caught:
            services.change_password(chen_lifang, old=PASSWORD, new=new, actor=chen_lifang)

        words = [str(reason) for reason in caught.value.reasons]
        assert words
        assert [one for one in words if "密码" not in one] == []

    def test_the_mobile_number_is_no_password(self, chen_lifang: User) -> None:
        with translation.override("en"), pytest.raises(Refused) as caught:
            services.change_password(chen_lifang, old=PASSWORD, new="13800138000a", actor=chen_lifang)

        assert reasons(caught.value) == [("new", "The password is too similar to the mobile number.")]

    def test_the_first_password_is_no_second_one(self, chen_lifang: User) -> None:
        first = services.set_first_password(chen_lifang)

        with translation.override("en"), pytest.raises(Refused) as caught:
            services.change_password(chen_lifang, old=first, new=first, actor=chen_lifang)

        assert reasons(caught.value) == [("new", "Choose a password that differs from the present one.")]

    def test_a_change_is_on_record_without_the_password(self, chen_lifang: User) -> None:
        services.change_password(chen_lifang, old=PASSWORD, new="yi-er-san-pa-lou", actor=chen_lifang)

        entry = audit.timeline(chen_lifang).get()
        assert (entry.action, entry.actor, entry.note, entry.data) == (
            "account.password_changed", chen_lifang, "", {},
        )  # fmt: skip

    def test_a_first_password_can_be_read_from_paper(self) -> None:
        groups = services.first_password().split("-")

        assert [len(group) for group in groups] == [4, 4, 4]
        assert not set("".join(groups)) & set("ilo01")


class TestConsent:
    def test_agreeing_twice_is_agreeing_once(self, chen_lifang: User) -> None:
        services.consent(chen_lifang, actor=chen_lifang)
        services.consent(chen_lifang, actor=chen_lifang)

        assert Consent.objects.count() == 1
        assert [entry.action for entry in audit.timeline(chen_lifang)] == ["account.consented"]

    def test_withdrawn_and_given_again_stays_on_record(self, chen_lifang: User) -> None:
        services.consent(chen_lifang, actor=chen_lifang)
        services.withdraw_consent(chen_lifang, actor=chen_lifang)
        assert (services.standing_consent(chen_lifang), chen_lifang.consented_version) == (None, "")

        services.consent(chen_lifang, actor=chen_lifang)
        assert [given.withdrawn_at is None for given in chen_lifang.consents.order_by("pk")] == [False, True]
        assert [entry.action for entry in audit.timeline(chen_lifang)] == [
            "account.consented", "account.consent_withdrawn", "account.consented",
        ]  # fmt: skip

    def test_the_database_keeps_one_standing_consent(self, chen_lifang: User) -> None:
        services.consent(chen_lifang, actor=chen_lifang)

        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(user=chen_lifang, version=services.CONSENT_VERSION)

    def test_the_database_refuses_a_withdrawal_before_the_consent(self, chen_lifang: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(
                user=chen_lifang, version="x", given_at=timezone.now(), withdrawn_at=timezone.now().replace(year=2000)
            )


def test_only_language_and_type_size_are_preferences(chen_lifang: User) -> None:
    fields: dict[str, Any] = {"is_active": False}

    with pytest.raises(TypeError):
        services.prefer(chen_lifang, actor=chen_lifang, **fields)
