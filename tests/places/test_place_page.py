import pytest
from django.urls import reverse

from grid.places import services
from grid.places.models import Department, Level, Place, Role

MOST_QUERIES = 12


def page(place: Place) -> str:
    return reverse("places:place", args=[place.pk])


@pytest.mark.parametrize(("who", "where"), [("he", "street"), ("he", "dalong"), ("li", "dalong"), ("li", "grid"), ("chen", "qishan")])
def test_costs(who, where, request, places, client_of, django_assert_max_num_queries):
    client = client_of(request.getfixturevalue(who))
    place = getattr(places, where)
    client.get(page(place))
    with django_assert_max_num_queries(MOST_QUERIES):
        response = client.get(page(place))
    assert response.status_code == 200
