"""What a façade can be coloured by: every room of the portal may register a layer of its own.

A layer says of each household what there is to say (a `Mark`), and what it knows of the building group that belongs to
no household: the stairwell, the roof, what lies outside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from portal.core.refusals import Text
from portal.core.tiles import Registry, ToDo

from .facade import Mark
from .marks import as_lived_in, occupants_of
from .models import Household, Resident


@dataclass(frozen=True)
class Beside:
    """What belongs to the building group and to none of its households: how much, the first few, and all of it."""

    title: Text
    summary: Text
    entries: Sequence[ToDo] = ()
    url: str = ""


@dataclass(frozen=True)
class Topic:
    """One of several things of which a layer can show the state, one at a time; `url` leads to it."""

    key: str
    label: Text
    url: str = ""


@dataclass(frozen=True)
class Painted:
    """A building group as one layer shows it; `topic` is the one that is shown of `topics`, `summary` sums it up."""

    mark: Callable[[Household], Mark]
    beside: Beside | None = None
    topics: Sequence[Topic] = ()
    topic: Topic | None = None
    summary: Text = ""


@dataclass(frozen=True)
class Layer:
    """A way to colour the façades of a building group, for those who hold `permission` on it.

    `paint(group, user, topic)` costs the same number of queries however many households there are; `topic` is what
    the address asks for, "" for nothing. `column` and `note_column` head the mark and its note in the table; `hint`
    explains the notes in the cells.
    """

    label: Text
    icon: str
    permission: str
    paint: Callable[[Place, Any, str], Painted]
    column: Text
    note_column: Text
    hint: Text = ""
    order: int = field(default=100)


facade_layers: Registry[Layer] = Registry()
LIVED_IN = "lived_in"


def offered(user: Any, group: Place) -> dict[str, Layer]:
    """The layers that this user may lay over this building group, by name, in their order."""
    named = sorted(facade_layers.items.items(), key=lambda item: item[1].order)
    return {name: layer for name, layer in named if user.has_perm(layer.permission, group)}


def _lived_in(group: Place, user: Any, topic: str = "") -> Painted:
    """By who lives there; one query."""
    return Painted(as_lived_in(occupants_of(Resident.objects.filter(community=group.community_id, place=group))))


facade_layers.add(
    LIVED_IN,
    Layer(
        _("Who lives there"),
        "people",
        "roster.view",
        _lived_in,
        column=_("Occupancy"),
        note_column=_("People"),
        order=10,
    ),
)
