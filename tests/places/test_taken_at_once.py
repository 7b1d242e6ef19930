"""Two who enter the same name or number at the same moment: the database lets one through and tells the other why."""

import re

import pytest
from django.db import IntegrityError, transaction

from grid.places.models import Department, Level, Place
from portal.accounts.models import User
from portal.core.refusals import explained


def told(make) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    return str(explained(caught.value))


@pytest.fixture
def rivals(places, li):
    """What somebody else has written a moment ago."""
    User.objects.create_user("hexm", "kuai-2468-lehuo", name="何小明", mobile="13912345678")
    Department.objects.create(street=places.street, name="应急办")
    return places


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda places: User.objects.create_user("hexm"), "登录名|用户名"),
        (lambda places: User.objects.create_user("other", mobile="13912345678"), "手机号"),
        (lambda places: Department.objects.create(street=places.street, name="应急办"), "部门"),
        (
            lambda places: Place.objects.create(
                level=Level.GRID, code=places.grid.code, name="别的网格", parent=places.dalong
            ),
            "代码",
        ),
        (
            lambda places: Place.objects.create(
                level=Level.GRID, code="440113106001009", name="第一网格", parent=places.dalong
            ),
            "名",
        ),
    ],
)
def test_the_loser_is_told(make, word, rivals):
    assert re.search(word, told(lambda: make(rivals)))
