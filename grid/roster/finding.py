"""Finding people: what somebody typed is a name, letters, a room or a number, and an index answers each of them.

Whoever looks after a district searches a hundred communities: the first few of each are taken by the index, which
begins with the community, and merged. Prefixes are ranges and not LIKE, so that a prepared statement uses the index
whatever was typed; the columns are sorted by code point (collation C), where a prefix is one range.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place, inside
from grid.places.territory import only, territory_of
from portal.core.identity import normalised_id_number
from portal.core.personal import MOBILE, blind_index, normalised_mobile
from portal.core.pinyin import keys_of, latin, written_name
from portal.core.search import HAN

from .addresses import Sought, parse_address
from .merging import FAR_END, Arm, best_of
from .models import Resident, ResidentQuerySet

SHOWN = 50
LONGEST = 60
ID_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
HAS_HAN = re.compile(f"[{HAN}]")

Narrow = Callable[[ResidentQuerySet], ResidentQuerySet]


class Kind(models.TextChoices):
    """What a text was taken for."""

    NAME = "name", _("name")
    LETTERS = "letters", _("pinyin or initials")
    ROOM = "room", _("room")
    MOBILE = "mobile", _("mobile number")
    ID_NUMBER = "id_number", _("ID number")


@dataclass(frozen=True)
class Question:
    """What somebody looks for; `key` is the name, the letters or the blind index of the number."""

    kind: Kind
    key: str = ""
    address: Sought | None = None


@dataclass(frozen=True)
class Area:
    """Whole communities, or with `places` some places inside the one community."""

    communities: tuple[int, ...]
    places: tuple[int, ...] | None = None

    def covers(self, resident: Resident) -> bool:
        inside = self.places is None or resident.place_id in self.places
        return inside and resident.community_id in self.communities

    def as_q(self) -> Q:
        whole = Q(community_id__in=self.communities)
        return whole if self.places is None else whole & Q(place_id__in=self.places)


def understood(text: str) -> Question | None:
    """What a text means; None when it is nothing one can look for, such as half a phone number."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).strip()
    mobile, id_number = normalised_mobile(plain), normalised_id_number(plain)
    if MOBILE.fullmatch(mobile):
        return Question(Kind.MOBILE, blind_index(mobile))
    if ID_SHAPE.fullmatch(id_number):
        return Question(Kind.ID_NUMBER, blind_index(id_number))
    if address := parse_address(plain):
        return Question(Kind.ROOM, address=address)
    name, letters = written_name(plain), latin(plain)
    if HAS_HAN.search(name):
        return Question(Kind.LETTERS, keys_of(name).sort_key) if letters else Question(Kind.NAME, name)
    return Question(Kind.LETTERS, letters) if letters and not letters.isdecimal() else None


# Where somebody may look


def areas_of(user: Any, permission: str) -> tuple[Area, ...]:
    """Where the user's posts allow something: their communities at once, other posts place by place."""
    posts = [post for post in territory_of(user).posts if only(user, post).has_perm(permission)]
    whole = frozenset().union(*(post.communities for post in posts))
    found = [Area(tuple(sorted(whole)))] if whole else []
    for post in posts:
        community = post.community_of_places
        if community and community not in whole:
            found.append(Area((community,), tuple(sorted(post.places))))
    return tuple(found)


def area_of(place: Place) -> Area:
    """A place with everything below it."""
    if place.is_community:
        return Area((place.pk,))
    if place.level < Level.COMMUNITY:
        below = Place.objects.order_by().filter(Q(parent=place.pk) | Q(parent__parent=place.pk))
        return Area(tuple(sorted(below.filter(level=Level.COMMUNITY).values_list("pk", flat=True))))
    return Area((place.community_id or 0,), tuple(inside(place).values_list("pk", flat=True)))


def residents_in(areas: Iterable[Area]) -> ResidentQuerySet:
    """Everybody of some areas, community by community in the order of their names: the order of an index."""
    return Resident.objects.filter(_within(areas)).order_by("community_id", "sort_key", "pk")


# The answer


def find(
    question: Question, *, areas: Sequence[Area], narrow: Narrow = lambda queryset: queryset, most: int = SHOWN + 1
) -> ResidentQuerySet:
    """The best `most` residents of some areas, exact hits first, then by name; `narrow` filters before they are cut.

    The areas and `narrow` are the caller's word on who may be seen.
    """
    if question.kind in (Kind.MOBILE, Kind.ID_NUMBER):
        column = "mobile_index" if question.kind is Kind.MOBILE else "id_number_index"
        return narrow(residents_in(areas).filter(**{column: question.key}))
    arms = [_rooms(question, narrow)] if question.address else _names(question, narrow)
    found = best_of([_within_area(arm, area) for arm in arms for area in areas], most)
    if question.address:
        return found.order_by("community_id", "household__building_key", "household_id", "birth", "pk")
    return found.annotate(rank=_rank(question)).order_by("rank", "sort_key", "pk")


def _names(question: Question, narrow: Narrow) -> list[Arm]:
    """The two indexes that know a name: from its beginning, and by the given name or the initials."""
    arms = []
    for at, (column, order) in enumerate(_columns(question)):
        rows = narrow(Resident.objects.filter(**_begins(column, question.key)))
        rank = Case(When(**{column: question.key}, then=at), default=at + 2)
        arms.append(Arm(rows.annotate(rank=rank).order_by(*order), column))
    return arms


def _rooms(question: Question, narrow: Narrow) -> Arm:
    """Who lives in the rooms of a number, building by building."""
    address = question.address
    assert address is not None  # noqa: S101  (a question of this kind has one)
    rows = narrow(Resident.objects.filter(in_room(address, "household__")))
    rank = Case(When(household__building_key=address.building, then=0), default=1)
    building = "household__building_key"
    rows = rows.annotate(rank=rank).order_by(building, "household_id", "pk")
    return Arm(rows, building, community="household__community_id")


def _within_area(arm: Arm, area: Area) -> Arm:
    rows = arm.rows if area.places is None else arm.rows.filter(place_id__in=area.places)
    return replace(arm, rows=rows, communities=area.communities)


def in_room(address: Sought, prefix: str = "") -> Q:
    """Households of an address as it was typed: building 3 is also the third of 岐山中路3, and never the thirteenth."""
    found = Q(**{f"{prefix}room_key": address.room})
    if address.unit:
        found &= Q(**{f"{prefix}unit_key": address.unit})
    if address.building:
        column = f"{prefix}building_key"
        ends = Q(**{f"{column}__endswith": address.building})
        if address.building[0].isdecimal():
            ends &= ~Q(**{f"{column}__regex": f"[0-9]{re.escape(address.building)}$"})
        found &= Q(**{column: address.building}) | ends
    return found


def _within(areas: Iterable[Area]) -> Q:
    found = [area.as_q() for area in areas] or [Q(pk__in=[])]
    return reduce(or_, found)


def _columns(question: Question) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each column with the order of the index that begins with the community and with it."""
    if question.kind is Kind.NAME:
        return ("name", ("name", "pk")), ("given_name", ("given_name", "pk"))
    return ("sort_key", ("sort_key", "pk")), ("initials", ("initials", "sort_key"))


def _begins(column: str, prefix: str) -> dict[str, str]:
    return {f"{column}__gte": prefix, f"{column}__lt": prefix + FAR_END}


def _rank(question: Question) -> Case:
    """Whole names and initials first, as each arm ranks its own."""
    (first, _order), (second, _order2) = _columns(question)
    ranked = ({first: question.key}, {second: question.key}, _begins(first, question.key))
    return Case(*(When(**wanted, then=Value(at)) for at, wanted in enumerate(ranked)), default=Value(3))
