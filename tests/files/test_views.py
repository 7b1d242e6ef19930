"""A photo is shown to whoever sees its record, under one address, and to nobody else."""

from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from portal.files import owners, services
from portal.files.models import Attachment

from . import uploads


def content_of(name: str) -> bytes:
    with default_storage.open(name) as stored:
        return stored.read()


@pytest.mark.parametrize("name", ["url", "thumbnail_url"])
@pytest.mark.parametrize("person", ["chen", "wu", "li", "zhang", "he"])
def test_whoever_looks_after_the_place_sees_its_photo(request, photo, client_of, person, name):
    response = client_of(request.getfixturevalue(person)).get(getattr(photo, name))

    stored = photo.image if name == "url" else photo.thumbnail
    assert response.status_code == 200
    assert response.content == content_of(stored.name)


@pytest.mark.parametrize("name", ["url", "thumbnail_url"])
@pytest.mark.parametrize("person", ["huang", "zhou", "nobody"])
def test_a_stranger_does_not_learn_that_it_exists(request, photo, client_of, person, name):
    assert client_of(request.getfixturevalue(person)).get(getattr(photo, name)).status_code == 404


@pytest.mark.parametrize("name", ["url", "thumbnail_url"])
def test_whoever_has_not_signed_in_is_asked_to(photo, client, name):
    response = client.get(getattr(photo, name))

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("person", ["wu", "li", "he", "huang", "nobody"])
def test_a_staged_photo_is_seen_by_its_uploader_alone(request, staged, chen, client_of, person):
    assert client_of(chen).get(staged.thumbnail_url).status_code == 200
    assert client_of(request.getfixturevalue(person)).get(staged.thumbnail_url).status_code == 404


def test_the_uploader_sees_a_sent_photo_only_through_its_record(huang, chen, places, client_of):
    attachment = services.stage(uploads.jpeg(), actor=huang.user)
    services.claim([attachment], chen.place, actor=huang.user)

    assert client_of(huang).get(attachment.url).status_code == 404


def test_a_record_of_a_model_that_nobody_registered_shows_nothing(photo, chen, client_of, monkeypatch):
    monkeypatch.delitem(owners.owners, type(chen.place))

    assert client_of(chen).get(photo.url).status_code == 404


def test_an_address_that_was_guessed_is_not_found(chen, client_of):
    assert client_of(chen).get(reverse("files:show", args=[uuid4()])).status_code == 404
    assert client_of(chen).get("/files/1/").status_code == 404


def test_the_stored_paths_lead_nowhere(photo, chen, client_of):
    for address in (f"/{photo.image.name}", f"/media/{photo.image.name}", f"/files/{photo.image.name}"):
        assert client_of(chen).get(address).status_code == 404


@pytest.mark.parametrize("name", ["url", "thumbnail_url"])
def test_a_photo_travels_with_everything_that_keeps_it_a_photo(photo, chen, client_of, name):
    response = client_of(chen).get(getattr(photo, name))

    assert {header: response[header] for header in ("Content-Type", "Content-Disposition", "Cache-Control")} == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": 'inline; filename="photo.jpg"',
        "Cache-Control": "private, max-age=3600",
    }
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_what_a_browser_has_is_not_sent_again_but_still_only_to_who_may_see_it(photo, chen, huang, client_of):
    tag = client_of(chen).get(photo.url)["ETag"]
    small = client_of(chen).get(photo.thumbnail_url)["ETag"]

    unchanged = client_of(chen).get(photo.url, headers={"If-None-Match": tag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (unchanged["ETag"], unchanged["Cache-Control"]) == (tag, "private, max-age=3600")
    assert tag != small
    assert client_of(chen).get(photo.url, headers={"If-None-Match": small}).status_code == 200
    assert client_of(huang).get(photo.url, headers={"If-None-Match": tag}).status_code == 404


def test_nothing_can_be_posted_to_a_photo(photo, chen, client_of):
    assert client_of(chen).post(photo.url).status_code == 405
    assert client_of(chen).delete(photo.url).status_code == 405


def test_a_photo_whose_file_is_lost_is_not_found(photo, chen, client_of):
    default_storage.delete(photo.image.name)

    assert client_of(chen).get(photo.url).status_code == 404


def test_a_photo_costs_the_same_among_many(photo, chen, client_of, django_assert_max_num_queries):
    client, costs = client_of(chen), []
    for _ in range(3):
        attachment = services.stage(uploads.jpeg(), actor=chen.user)
        services.claim([attachment], chen.place, actor=chen.user)
        client.get(photo.url)
        with django_assert_max_num_queries(6) as asked:
            client.get(photo.url)
        costs.append(len(asked))

    assert Attachment.objects.count() == 4
    assert costs[0] == costs[-1]
