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


def test_installing_again_adds_what_is_missing_and_changes_nothing(monkeypatch):
    group = ("other", "咨询与其他", "Enquiries and other", "chat-dots")
    added = catalogue.Row("drones", "无人机扰民", "Drones", catalogue.STAFF, (2, 1, 0))
    monkeypatch.setitem(catalogue.CATALOGUE, group, [*catalogue.CATALOGUE[group], added])
    Category.objects.filter(code="noise").update(is_active=False, name_en="Loud")
    rules = set(CategoryRule.objects.values_list())

    catalogue.install()

    assert CategoryRule.objects.get(category__code="drones").days_urgent == 0
    assert set(CategoryRule.objects.exclude(category__code="drones").values_list()) == rules
    assert Category.objects.values_list("is_active", "name_en").get(code="noise") == (False, "Loud")
    assert Category.objects.count() == 57


def test_what_is_graver_never_takes_longer():
    rule = CategoryRule.objects.get(category__code="noise")
    rule.pk, rule.number, rule.until, rule.days_urgent = None, 2, rule.since, 99

    with pytest.raises(IntegrityError, match="graver"), transaction.atomic():
        rule.save()
