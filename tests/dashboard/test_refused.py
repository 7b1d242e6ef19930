"""Boards are the office's and the grid leader's: whoever only lives with a place sees none of their pages."""

import pytest

from .conftest import board_url, figure_url

pytestmark = pytest.mark.django_db
PAGES = ("board", "wall", "board_export")


def answers(client, place) -> list[int]:
    urls = [*(board_url(place, page) for page in PAGES), figure_url(place, "incidents.reported")]
    return [client.get(url).status_code for url in urls]


def test_a_building_leader_opens_none_of_their_own_building_group(chen, places, client_of):
    assert answers(client_of(chen), places.qishan) == [403] * 4


def test_a_department_officer_and_somebody_without_a_post_find_none(lin, nobody, places, client_of):
    assert answers(client_of(lin), places.street) == [404] * 4
    assert answers(client_of(nobody), places.dalong) == [404] * 4


def test_a_grid_leader_opens_their_own_and_not_what_stands_above_or_beside(wu, places, client_of):
    client = client_of(wu)

    assert answers(client, places.grid) == [200] * 4
    assert [answers(client, place) for place in (places.dalong, places.second_grid)] == [[404] * 4] * 2
