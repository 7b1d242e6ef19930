"""What comes back up the levels: how many were sent it, read it, confirmed it, and how many households were told.

Counted live from the receipts and doors, as far as the reader's territory goes; nothing is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Coalesce

from grid.places.models import Level, Place
from grid.places.territory import territory_of

from .models import DoorPassing, Notice, Receipt

TOLD, NOBODY_HOME = DoorPassing.Outcome.TOLD, DoorPassing.Outcome.NOBODY_HOME
OF_RECEIPTS = {
    "sent": Count("pk"),
    "read": Count("pk", Q(read_at__isnull=False)),
    "acknowledged": Count("pk", Q(acknowledged_at__isnull=False)),
}
OF_DOORS = {
    "households": Count("pk"),
    "told": Count("pk", Q(outcome=TOLD)),
    "nobody_home": Count("pk", Q(outcome=NOBODY_HOME)),
}


@dataclass(frozen=True)
class Counts:
    """How far a notice has come: posts addressed, and households to be told."""

    sent: int = 0
    read: int = 0
    acknowledged: int = 0
    households: int = 0
    told: int = 0
    nobody_home: int = 0

    @property
    def unread(self) -> int:
        return self.sent - self.read

    @property
    def to_tell(self) -> int:
        return self.households - self.told

    @property
    def reading_rate(self) -> int | None:
        """阅知率: posts that read it of those addressed, in whole per cent; None where nobody was."""
        return share(self.read, self.sent)

    @property
    def acknowledged_rate(self) -> int | None:
        return share(self.acknowledged, self.sent)

    @property
    def awareness_rate(self) -> int | None:
        """知晓率: households told of those to be told, in whole per cent; None where none is."""
        return share(self.told, self.households)


@dataclass(frozen=True)
class Row:
    """One place below, with all below it; `is_own` is the looked-at place itself, for the posts held there."""

    place: Place
    counts: Counts
    is_own: bool = False


@dataclass(frozen=True)
class Follow:
    """A notice as seen at one place: in all, and place by place below it."""

    place: Place
    totals: Counts
    rows: Sequence[Row] = ()


def share(part: int, whole: int) -> int | None:
    """In per cent; a hundred only when nothing is missing."""
    return None if not whole else 100 if part == whole else min(99, round(100 * part / whole))


def follow(notice: Notice, user: Any, at: Place) -> Follow:
    """How far a notice has come at a place and place by place below it; three queries."""
    found = _grouped(notice, user, at)
    totals = Counts(**{name: sum(one[name] for one in found.values()) for name in (*OF_RECEIPTS, *OF_DOORS)})
    places = Place.objects.in_bulk([pk for pk in found if pk])
    rows = [Row(places[pk], Counts(**numbers), is_own=pk == at.pk) for pk, numbers in found.items() if pk in places]
    rows.sort(key=lambda row: (not row.is_own, row.place.code))
    says_more = at.level < Level.BUILDING_GROUP and any(not row.is_own for row in rows)
    return Follow(at, totals, rows if says_more else ())


def tops_for(notice: Notice, user: Any) -> list[Place]:
    """The highest places at which the user may look at a notice: where it was sent from, or what of it is theirs."""
    territory = territory_of(user)
    if territory.covers(notice.place):
        return [notice.place]
    posts = {post.place.pk: post.place for post in territory.posts if post.place}
    touched = [place for place in posts.values() if notice.place_id in {above.pk for above in place.ancestors}]
    inner = [place for place in touched if not posts.keys() & {above.pk for above in place.ancestors}]
    return sorted(inner, key=lambda place: (place.level, place.code))


def counts_of(notices: Iterable[Notice], user: Any) -> Mapping[int, Counts]:
    """The counts of several notices, as far as the user's territory goes; two queries."""
    keys = [notice.pk for notice in notices]
    numbers: dict[int, dict[str, int]] = {pk: {} for pk in keys}
    if not keys:
        return {}
    for rows, counted in ((Receipt.objects, OF_RECEIPTS), (DoorPassing.objects, OF_DOORS)):
        seen = rows.filter(notice__in=keys).visible_to(user).order_by().values_list("notice")
        for pk, *found in seen.annotate(**counted):
            numbers[pk] |= dict(zip(counted, found, strict=True))
    return {pk: Counts(**named) for pk, named in numbers.items()}


def unread_in(notice: Notice, user: Any, at: Place) -> QuerySet[Receipt]:
    """Posts at a place and below where it was not read yet, in the order of the places."""
    unread = Receipt.objects.filter(notice=notice, read_at=None).visible_to(user).within(at)
    return unread.select_related("user", "place").order_by("place__code", "role", "pk")


def _grouped(notice: Notice, user: Any, at: Place) -> dict[int, dict[str, int]]:
    """Place below → numbers; what was merged counts where it is now."""
    found: dict[int, dict[str, int]] = {}
    for rows, counted in ((Receipt.objects, OF_RECEIPTS), (DoorPassing.objects, OF_DOORS)):
        seen = _keyed(rows.filter(notice=notice).visible_to(user).within(at), at)
        for row in seen.order_by().values("key").annotate(**counted):
            key = row.pop("key")
            found.setdefault(key, dict.fromkeys((*OF_RECEIPTS, *OF_DOORS), 0)).update(row)
    return found


def _keyed(rows: QuerySet, at: Place) -> QuerySet:
    """Rows with the place right below `at` to which each belongs, or `at` itself."""
    now = Coalesce("place__merged_into", "place")
    if at.level == Level.STREET:
        return rows.annotate(key=Coalesce("community", "place"))
    if at.level == Level.COMMUNITY:
        above = Coalesce("place__merged_into__parent", "place__parent")
        by_level = Case(
            When(place__level=Level.GRID, then=now),
            When(place__level=Level.BUILDING_GROUP, then=above),
            default=F("place"),
        )
        return rows.annotate(key=by_level)
    return rows.annotate(key=now)
