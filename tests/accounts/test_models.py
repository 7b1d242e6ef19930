import pytest
from django.db import connection

from portal.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text", ["chen", " Chen ", "ｃｈｅｎ", "13800138000", "+86 138-0013-8000", "１３８００１３８０００"]
)
def test_a_user_is_found_by_name_or_number_however_it_is_typed(text: str, chen_lifang: User) -> None:
    assert User.objects.by_sign_in(text) == chen_lifang


@pytest.mark.parametrize("text", ["", " ", "1380013800", "che", "chen%", "陈丽芳"])
def test_nobody_is_found_by_anything_else(text: str, chen_lifang: User) -> None:
    User.objects.create_user("without.number", name="无号码")

    assert User.objects.by_sign_in(text) is None


def test_the_number_is_not_readable_in_the_database(chen_lifang: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT mobile, mobile_index FROM accounts_user WHERE id = %s", [chen_lifang.pk])
        row = cursor.fetchone()

    assert not [column for column in row if "13800138000" in column]
    assert User.objects.get(pk=chen_lifang.pk).mobile == "13800138000"
    assert chen_lifang.masked_mobile == "138****8000"


def test_the_index_follows_a_changed_number(chen_lifang: User) -> None:
    chen_lifang.mobile = "13900139000"
    chen_lifang.save(update_fields=["mobile"])

    assert User.objects.by_sign_in("13900139000") == chen_lifang
    assert User.objects.by_sign_in("13800138000") is None
