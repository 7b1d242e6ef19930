"""What the suite keeps in order to be quick is what the services and the migrations made."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Model

from grid.incidents.models import Category
from grid.places.models import Place, Role

from . import cast
from .keeping import Kept
from .snapshot import Snapshot


def rows(models: tuple[type[Model], ...]) -> dict[str, list[dict[str, Any]]]:
    """Every row of these models, by its place in the order of keys, without the moment of writing."""
    return {model.__name__: [_told(one) for one in model.objects.order_by("pk")] for model in models}


def _told(one: Model) -> dict[str, Any]:
    place = getattr(one, "subject", None) or getattr(one, "place", None) or one
    parent = getattr(one, "parent", None)
    names = {"place": str(place), "parent": str(parent), "user": str(getattr(one, "user", ""))}
    keys = {"id", "subject_id", "recorded_at", "place_id", "parent_id", "community_id", "request_id"}
    keys |= {"user_id", "date_joined", "password", "data"}
    fields = {field.attname: getattr(one, field.attname) for field in one._meta.fields if field.attname not in keys}
    return fields | names


@pytest.mark.django_db
def test_the_places_of_the_cast_are_put_back_as_the_services_open_them():
    with transaction.atomic():
        kept = Kept.by(cast._opened, *cast.PLACES)
        opened = rows(cast.PLACES)
        transaction.set_rollback(True)
    assert not Place.objects.exists()

    places = kept.put_back()

    assert rows(cast.PLACES) == opened
    assert (places.qishan.parent, places.qishan.community_id) == (places.grid, places.dalong.pk)
    assert Place.objects.get(pk=places.qishan.pk) == places.qishan
    assert places.qishan is not kept.handed_out().qishan, "a test may change its own"


@pytest.mark.django_db
def test_somebody_of_the_cast_is_put_back_as_the_services_appoint_them(places):
    def appoint() -> Any:
        return cast._appointed("qiu", "丘家明", Role.BUILDING_LEADER, places.qishan)

    with transaction.atomic():
        kept = Kept.by(appoint, *cast.POSTS)
        appointed = rows(cast.POSTS)
        transaction.set_rollback(True)

    qiu = kept.put_back()

    assert rows(cast.POSTS) == appointed
    assert qiu.check_password(cast.PASSWORD)
    assert [post.place for post in qiu.appointments.all()] == [places.qishan]


@pytest.mark.django_db(transaction=True)
def test_a_database_is_put_back_to_the_last_row(places):
    before = Snapshot.take()
    Category.objects.filter(code="clutter").update(name="改了")
    Permission.objects.all().delete()
    cast.make_user("qiu", "丘社长")
    assert Snapshot.take() != before

    before.put_back(keys=False)

    assert Snapshot.take().rows == before.rows
