import pytest
from django.urls import reverse
from django.utils import translation

from grid.places import services
from grid.places.models import Role
from portal.core import rights
from tests.cast import SINCE


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_every_permission_has_its_words():
    assert rights.undescribed() == set()


def test_a_permission_is_described_once():
    with pytest.raises(ValueError, match="twice"):
        rights.describe("places.view", "see everything")


def test_every_post_has_a_card_of_its_own(chen, places, client_of):
    services.appoint(chen.user, role=Role.STAFF, place=places.lingbian, actor=None, since=SINCE)

    posts = client_of(chen).get(reverse("places:rights")).context["posts"]

    said = {str(post.place): {str(sentence) for room in rooms for sentence in room.sentences} for post, rooms in posts}
    assert said.keys() == {"岐山中路楼栋小组", "凌边社区"}
    appoints = str(rights.descriptions["places.appoint"])
    assert appoints not in said["岐山中路楼栋小组"]
    assert appoints in said["凌边社区"]


@pytest.mark.parametrize("who", ["he", "zhang", "li", "wu", "chen", "lin"])
def test_what_it_says_is_what_holds(who, request, client_of):
    person = request.getfixturevalue(who)

    [(_post, rooms)] = client_of(person).get(reverse("places:rights")).context["posts"]

    said = {str(sentence) for room in rooms for sentence in room.sentences}
    held = {str(words) for permission, words in rights.descriptions.items() if person.user.has_perm(permission)}
    assert said == held


def test_it_costs_the_same_for_any_number_of_posts(chen, places, client_of, django_assert_max_num_queries):
    for place, role in (
        (places.lingbian, Role.STAFF),
        (places.second_grid, Role.GRID_LEADER),
        (places.street, Role.STREET_ADMIN),
    ):
        services.appoint(chen.user, role=role, place=place, actor=None, since=SINCE)

    client = client_of(chen)

    with django_assert_max_num_queries(6):
        assert client.get(reverse("places:rights")).status_code == 200


def test_without_a_post_there_is_nothing_to_say(nobody, client_of):
    response = client_of(nobody).get(reverse("places:rights"))

    assert response.status_code == 200
    assert response.context["posts"] == []


def test_whoever_is_not_signed_in_is_asked_to(client, db):
    assert client.get(reverse("places:rights")).status_code == 302
