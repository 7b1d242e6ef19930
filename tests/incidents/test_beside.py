"""The incident of a page is read whole by its key, once its reader is known to see it."""

import pytest
from django.urls import reverse

from grid.incidents.beside import read_whole
from grid.incidents.models import Incident, Rating
from tests.factories import incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def clutter(chen, places) -> Incident:
    return incident(place=places.qishan, reporter=chen.user)


def test_it_is_the_row_with_all_that_stands_in_other_tables(clutter, django_assert_num_queries):
    usual = Incident.objects.select_related("place", "category__group", "rule").get(pk=clutter.pk)

    with django_assert_num_queries(1):
        whole = read_whole(clutter.pk)
        beside = (whole.place, whole.category, whole.category.group, whole.rule)
        rating = getattr(whole, "rating", None)

    assert {field.attname: getattr(whole, field.attname) for field in Incident._meta.concrete_fields} == {
        field.attname: getattr(usual, field.attname) for field in Incident._meta.concrete_fields
    }
    assert beside == (usual.place, usual.category, usual.category.group, usual.rule)
    assert rating is None


def test_its_rating_comes_with_it(clutter, chen, django_assert_num_queries):
    given = Rating.objects.create(
        incident=clutter,
        counts_for=clutter,
        channel="self",
        is_solved=True,
        satisfaction="satisfied",
        rated_by=chen.user,
    )

    with django_assert_num_queries(1):
        whole = read_whole(clutter.pk)
        assert (whole.rating, whole.rating.counts_for) == (given, whole)


def test_what_is_gone_is_nothing(db):
    assert read_whole(0) is None


def test_whoever_does_not_see_it_finds_nothing(clutter, chen, zhou, client_of):
    url = reverse("incidents:detail", args=[clutter.pk])

    assert (client_of(chen).get(url).status_code, client_of(zhou).get(url).status_code) == (200, 404)
