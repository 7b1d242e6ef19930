"""What each permission allows, in words: a reader is told what they may do, never a key.

An app describes its permissions beside the predicates that grant them, in its `rules.py`; a test asks for the words of
every permission there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import rules
from django.apps import apps

from .refusals import Text

descriptions: dict[str, Text] = {}


@dataclass(frozen=True)
class Allowed:
    """What somebody may do in one room of the house: sentences without subject, such as “close incidents”."""

    room: Text
    sentences: tuple[Text, ...]


def describe(permission: str, words: Text) -> None:
    """Say in words what a permission allows, to go after “may”."""
    if permission in descriptions:
        raise ValueError(f"{permission} is described twice")
    descriptions[permission] = words


def undescribed() -> set[str]:
    """Permissions that nobody has put into words."""
    return set(rules.permissions.permissions) - descriptions.keys()


def allowed(user: Any) -> Iterator[Allowed]:
    """What the user may do anywhere, room by room, in the order in which it was described."""
    held: dict[str, list[Text]] = {}
    for permission, words in descriptions.items():
        if rules.has_perm(permission, user):
            held.setdefault(permission.partition(".")[0], []).append(words)
    for label, sentences in held.items():
        yield Allowed(apps.get_app_config(label).verbose_name, tuple(sentences))
