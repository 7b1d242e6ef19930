"""What apps register is taken once: two things under one name are a mistake of the programmer, found at the start."""

from datetime import timedelta

import pytest
from celery import current_app

from grid.places.models import Place
from portal.core import demonstration, doctor, outbox, rights, schedule, tiles
from portal.files import owners

TASK = "tests.tasks.never_run"


def register_a_tile() -> None:
    tiles.home_tiles.add("tests.twice", tiles.Tile("上报", "camera", "/", "incidents.report"))


def register_a_handler() -> None:
    outbox.handler("tests.twice")(lambda: None)


def register_a_description() -> None:
    rights.describe("tests.twice", "两次")


def register_a_check() -> None:
    doctor.check("tests.twice", "两次")(lambda: doctor.Finding(True, "好"))


def register_a_clock_entry() -> None:
    schedule.every(timedelta(hours=1), TASK)


def register_a_demonstration() -> None:
    demonstration.register(demonstration.Part("tests.twice", 1, lambda told: Place(), lambda: False))


def register_an_owner_of_photos() -> None:
    owners.register(Place, visible=Place.objects.visible_to)


@pytest.mark.parametrize(
    ("register", "kept"),
    [
        (register_a_tile, tiles.home_tiles.items),
        (register_a_handler, outbox.handlers),
        (register_a_description, rights.descriptions),
        (register_a_check, doctor.checks),
        (register_a_clock_entry, schedule.entries),
        (register_a_demonstration, demonstration.parts),
        (register_an_owner_of_photos, owners.owners),
    ],
)
def test_a_name_is_taken_once(register, kept):
    before = dict(kept)
    try:
        register()
        with pytest.raises(ValueError, match=r"twice|two"):
            register()
    finally:
        kept.clear()
        kept.update(before)


def test_a_registry_gives_things_back_in_the_order_in_which_they_came():
    registry: tiles.Registry[int] = tiles.Registry()
    for name, item in (("b", 2), ("a", 1)):
        registry.add(name, item)

    assert list(registry) == [2, 1]


def test_every_app_has_filled_the_registries_when_the_portal_starts():
    assert set(tiles.navigation.items) >= {"home"}
    assert set(outbox.handlers) >= {"incidents.moved"}
    assert set(doctor.checks) >= {"core.database", "core.outbox", "workdays"}


def test_everything_that_the_clock_starts_is_a_task_that_exists():
    current_app.loader.import_default_modules()

    assert {entry["task"] for entry in schedule.entries.values()} <= set(current_app.tasks)
