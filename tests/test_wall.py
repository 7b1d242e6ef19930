"""The wall: whoever is no neighbour of a record gets 404 at every address of it, and its owner gets in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from structlog.testing import capture_logs

from grid.places.models import Department

from .doors import DOORS, SEEN_BY_NEIGHBOURS, WITHOUT_OBJECT, Scene

pytestmark = pytest.mark.django_db


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The names of all addresses, with their namespaces."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} has no name"
            yield prefix + pattern.name
        else:
            yield from addresses(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)


@pytest.fixture
def scene(request: pytest.FixtureRequest, places: Any, urban: Department) -> Scene:
    names = ("chen", "huang", "wu", "li", "zhang", "zhou", "he")
    return Scene({name: request.getfixturevalue(name) for name in names}, places, urban)


def test_every_address_stands_in_the_matrix():
    assert set(addresses()) == WITHOUT_OBJECT | DOORS.keys() | SEEN_BY_NEIGHBOURS.keys()


@pytest.mark.parametrize("name", DOORS)
def test_strangers_find_nothing_and_it_is_logged(name: str, scene: Scene, client_of: Any):
    door = DOORS[name]
    url = reverse(name, kwargs=door.make(scene))

    for stranger in door.strangers:
        with capture_logs() as logs:
            status = door.knock(client_of(scene.people[stranger]), url)
        assert status == 404, f"{stranger} at {url}"
        assert "access.unseen" in {entry["event"] for entry in logs}


@pytest.mark.parametrize("name", DOORS)
def test_the_owner_gets_in(name: str, scene: Scene, client_of: Any):
    door = DOORS[name]
    kwargs, client = door.make(scene), client_of(scene.people[door.owner])
    if door.first:
        door.first(client, kwargs)

    assert door.knock(client, reverse(name, kwargs=kwargs)) in (200, 302)


@pytest.mark.parametrize("name", SEEN_BY_NEIGHBOURS)
def test_what_neighbours_see_they_may_still_not_change(name: str, scene: Scene, client_of: Any):
    url = reverse(name, args=[scene.urban.pk])

    answers = {who: client_of(scene.people[who]).get(url).status_code for who in ("huang", "zhou", "he")}

    assert answers == {"huang": 403, "zhou": 403, "he": 200}


@pytest.mark.parametrize("name", DOORS)
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(name: str, scene: Scene, client: Client):
    door = DOORS[name]

    url = reverse(name, kwargs=door.make(scene))
    response = client.get(url) if door.data is None else client.post(url)

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:sign_in"))
