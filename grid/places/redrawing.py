"""What lies in a building group and goes with it when groups are merged or split: each app registers its own.

`grid.places` knows places and posts; whatever else stands in a building group (households, the estate it belongs to)
is known to an app above. Such an app writes a module `redrawing`, imports it from its `receivers.py` and registers

    contents.add("roster", Contents(count=…, choices=…, move=…, against=…))

- `count(places, selection)` tells a preview what the step touches in these places (grids or building groups, each with
  all below it), a line each: `Touched(label, number, url, stays)`, in the same number of queries for any number of
  places. Nothing touched is no line. Lines that `stays` are named apart: they keep their place (records of the past).
  A selection comes with a single building group only.
- `choices(place)` offers what may go to a new group when `place` is split: `Choice(key, label, number, group)`, in the
  order in which a reader expects them. Keys are short, ASCII, the app's own, and say nothing about people (`b:3` for a
  building, `h:17` for a household); they come back in `selection`. A key that covers another (a building and one of its
  households) may be chosen together with it.
- `selection` holds the chosen keys of this app; None is everything (merging). Keys that are unknown are ignored.
- `move(from_place, to_place, selection, actor, on)` moves it, inside the transaction of the redrawing and under its
  locks, with audit entries where it matters, and keeps where it stood until the day `on` (the first day at the new
  place). Both places are in one community. It never moves records of what happened (incidents, visits): they keep
  their place. May raise `Refused`, which undoes the whole step.
- `against(from_place, to_place, selection)` says beforehand what `move` would refuse: reasons, in words. `to_place` is
  None when the new group does not exist yet.

Whoever writes what belongs to a place takes `stay_as_drawn(community)` at the beginning of the transaction and then
looks whether the place is still open: no redrawing happens until the transaction ends, and none that is under way is
missed. Redrawing takes `redraw(community)`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from portal.core.refusals import Text
from portal.core.tiles import Registry

from .models import Place

LOCK = 0x9D1A  # class of the advisory locks under which the places of a community are redrawn

Selection = frozenset[str] | None


@dataclass(frozen=True)
class Touched:
    """One line of a preview: so many of these are touched; they come along unless they stay where they are.

    What `waits` still wants somebody: a place with such things is not closed without another in its stead.
    """

    label: Text
    number: int
    url: str = ""
    stays: bool = False
    waits: bool = False


@dataclass(frozen=True)
class Choice:
    """Something of a building group that may go to another when it is split, under the heading `group`."""

    key: str
    label: str
    number: int
    group: str = ""


def _nothing_against(from_place: Place, to_place: Place | None, selection: Selection) -> Iterable[Text]:
    return ()


@dataclass(frozen=True)
class Contents:
    """What one app keeps in building groups; the module's docstring says what each callable promises."""

    count: Callable[[Sequence[Place], Selection], Iterable[Touched]]
    choices: Callable[[Place], Iterable[Choice]]
    move: Callable[[Place, Place, Selection, Any, date], None]
    against: Callable[[Place, Place | None, Selection], Iterable[Text]] = _nothing_against


contents: Registry[Contents] = Registry()


def redraw(community: Place | int | None) -> None:
    """Wait for everybody who writes in a community, and let nobody in until the transaction ends."""
    _lock("pg_advisory_xact_lock", community)


def stay_as_drawn(community: Place | int | None) -> None:
    """Let nobody redraw a community until the transaction ends; any number may hold this at once."""
    _lock("pg_advisory_xact_lock_shared", community)


def choices_of(place: Place) -> list[Choice]:
    """What may go to another group, app by app, under keys that tell the apps apart."""
    return [
        Choice(f"{name}:{choice.key}", choice.label, choice.number, choice.group)
        for name, source in contents.items.items()
        for choice in source.choices(place)
    ]


def touched_in(places: Sequence[Place], chosen: Selection = None) -> list[Touched]:
    """What a step touches in some places: all of it, or what was chosen of `choices_of`."""
    return [line for _name, source, selection in _each(chosen) for line in source.count(places, selection)]


def against(from_place: Place, to_place: Place | None, chosen: Selection = None) -> list[Text]:
    """What the apps would refuse."""
    return [
        reason
        for _name, source, selection in _each(chosen)
        for reason in source.against(from_place, to_place, selection)
    ]


def move_contents(from_place: Place, to_place: Place, chosen: Selection, *, actor: Any, on: date) -> None:
    """Move all or what was chosen; part of a transaction that holds `redraw`."""
    for _name, source, selection in _each(chosen):
        source.move(from_place, to_place, selection, actor, on)


def _each(chosen: Selection) -> Iterator[tuple[str, Contents, Selection]]:
    for name, source in contents.items.items():
        own = (
            None if chosen is None else frozenset(key[len(name) + 1 :] for key in chosen if key.startswith(f"{name}:"))
        )
        yield name, source, own


def _lock(function: str, community: Place | int | None) -> None:
    key = community.pk if isinstance(community, Place) else community
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCK, key or 0])
