"""What an address or a field names is a key, or nothing; it is never an error."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from portal.core.keys import key_of


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("7", 7),
        (7, 7),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, 0),
        ("9" * 5000, 0),  # more digits than Python turns into a number
        ("-1", 0),
        ("1 ", 0),
        ("1\n", 0),
        ("٣", 0),
        ("²", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_only_a_number_that_may_be_a_key_is_one(text, key):
    assert key_of(text) == key


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("incidents:report", {"suggest": "9" * 5000}),
        ("places:appoint_leaders", {f"name_{'9' * 5000}": "陈", f"candidate_{'9' * 5000}": "1"}),
    ],
)
def test_one_that_is_far_too_long_is_a_mistake_of_the_sender(name, data, li, places, client_of):
    url = reverse(name, args=[places.grid.pk] if name.startswith("places:") else [])

    response = client_of(li).post(url, urlencode(data), content_type="application/x-www-form-urlencoded")

    assert response.status_code in (200, 422)
