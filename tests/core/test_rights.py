import pytest
import rules
from django.apps import apps

from portal.core import rights


def test_every_permission_is_put_into_words():
    assert rights.undescribed() == set()


def test_nothing_is_described_that_nobody_can_hold():
    assert rights.descriptions.keys() - set(rules.permissions.permissions) == set()


@pytest.mark.django_db
def test_somebody_without_a_post_may_nothing(nobody):
    assert list(rights.allowed(nobody)) == []


@pytest.mark.django_db
def test_a_reader_is_told_all_that_they_may_and_nothing_else(chen):
    told = [words for room in rights.allowed(chen.user) for words in room.sentences]

    assert told == [words for permission, words in rights.descriptions.items() if chen.user.has_perm(permission)]


@pytest.mark.django_db
def test_a_reader_is_told_of_each_room_once_under_its_name(li):
    rooms = [str(room.room) for room in rights.allowed(li.user)]

    assert len(set(rooms)) == len(rooms)
    assert str(apps.get_app_config("incidents").verbose_name) in rooms
