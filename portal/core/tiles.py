"""What apps show on screens they do not own: figures of a place, things to do, tiles of the phone's home page.

A registry lives below whoever fills it, so that a screen shows every domain and imports none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import connection

from .refusals import Text


@dataclass(frozen=True)
class Tile:
    """A large button on the phone's home page; `permission` says who gets it, `badge` counts what waits behind it.

    `hint_for` says the hint to a user for whom it depends on what they do.
    """

    label: Text
    icon: str
    url: Text
    permission: str
    hint: Text = ""
    order: int = 100
    badge: Callable[[Any], int] | None = None
    hint_for: Callable[[Any], Text] | None = None


@dataclass(frozen=True)
class ToDo:
    """Something that waits for this user: one record with its deadline, or how many of a kind; and where it is done."""

    title: Any
    url: str
    count: int | None = None
    meta: Text = ""
    tag: Text = ""
    due: date | None = None
    tone: str = "blue"
    order: int = 100


@dataclass(frozen=True)
class Stat:
    """A counted figure of a place. `n` is the number it was counted over; `value` None reads "—"."""

    key: str
    label: Text
    value: Any
    unit: Text = ""
    n: int | None = None
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class NavItem:
    """An entry of the navigation, for those who hold `permission` ("" for everyone signed in).

    With `shows` it stands there only as long as that finds something for the user. `also` names the pages under it.
    """

    label: Text
    icon: str
    url_name: str
    permission: str = ""
    order: int = 100
    on_phone: bool = False
    badge: Callable[[Any], int] | None = None
    shows: Callable[[Any], bool] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceColumn:
    """A column of counts beside a list of places; `levels` names the levels of places it stands beside, () is all."""

    key: str
    label: Text
    tone: str = ""
    levels: tuple[int, ...] = ()


@dataclass(frozen=True)
class PlaceColumns:
    """Columns counted together: `count(places)` returns {place id: a number for each column}, all in one query.

    The places are siblings; one that has nothing to count may be missing.
    """

    columns: tuple[PlaceColumn, ...]
    count: Callable[[Sequence[Any]], Mapping[int, Sequence[int]]]


@dataclass(frozen=True)
class PlaceLink:
    """A way from the page of a place to a page of its own about that place; `is_facade` where a building is drawn."""

    label: Text
    icon: str
    url: str
    is_facade: bool = False


T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Things in the order of their names' registration; a name is taken once."""

    items: dict[str, T] = field(default_factory=dict)

    def add(self, name: str, item: T) -> T:
        if name in self.items:
            raise ValueError(f"{name} is registered twice")
        self.items[name] = item
        return item

    def __iter__(self) -> Iterator[T]:
        return iter(self.items.values())


home_tiles: Registry[Tile] = Registry()
navigation: Registry[NavItem] = Registry()
to_dos: Registry[Callable[[Any], Iterable[ToDo]]] = Registry()
place_stats: Registry[Callable[[Any, Any], Iterable[Stat]]] = Registry()
department_stats: Registry[Callable[[Any, Any], Iterable[Stat]]] = Registry()
place_columns: Registry[PlaceColumns] = Registry()
place_links: Registry[Callable[[Any, Any], Iterable[PlaceLink]]] = Registry()
# Numbers that every page asks for: queries of one number each, where %(user)s is whoever asks, sent as one.
counters: Registry[str] = Registry()


def counted(user: Any, name: str) -> int:
    """A registered number; all are asked for at once, and once for each user object, that is for each request."""
    if not hasattr(user, "_counted"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"({query})" for query in counters), {"user": user.pk})
            user._counted = dict(zip(counters.items, cursor.fetchone(), strict=True))
    return user._counted[name]
