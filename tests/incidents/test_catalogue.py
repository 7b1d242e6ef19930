"""The category tree that a community starts with."""

from collections import Counter

import pytest
from django.db import IntegrityError, transaction

from grid.incidents import catalogue
from grid.incidents.models import Category, CategoryGroup, CategoryRule

pytestmark = pytest.mark.django_db


def test_about_twelve_groups_and_fifty_categories():
    assert (CategoryGroup.objects.count(), Category.objects.count()) == (12, 56)


def test_no_row_of_values_serves_more_than_ten_categories():
    values = CategoryRule.objects.values_list(
        "first_handler", "days_general", "days_serious", "days_urgent", "settle_alone"
    )

    most, times = Counter(values).most_common(1)[0]

    assert times <= 10, most


def test_every_name_stands_once_and_in_both_languages():
    names = list(Category.objects.values_list("name", flat=True))
    english = list(Category.objects.values_list("name_en", flat=True))

    assert len(set(names)) == len(names)
    assert len(set(english)) == len(english)
    assert all(name.isascii() and name for name in english)


def test_installing_again_adds_what_is_missing_and_changes_nothing():
    CategoryRule.objects.filter(category__code="gas").delete()
    Category.objects.filter(code="gas").delete()
    Category.objects.filter(code="noise").update(is_active=False)
    CategoryRule.objects.filter(category__code="noise").update(days_general=9)

    catalogue.install()

    assert CategoryRule.objects.get(category__code="gas").days_urgent == 0
    assert CategoryRule.objects.values_list("days_general", "category__is_active").get(category__code="noise") == (
        9,
        False,
    )
    assert Category.objects.count() == 56


def test_what_is_graver_never_takes_longer():
    with pytest.raises(IntegrityError), transaction.atomic():
        CategoryRule.objects.filter(category__code="noise").update(days_urgent=99)
