"""Where much is reported, building group by building group and month by month: a trend before any ranking."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import Coalesce, TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.places.models import Place
from portal.core.clock import SHANGHAI, day_of, start_of, today

from .heat import key, step_of
from .models import Category, CategoryGroup, Incident, IncidentQuerySet

PERIODS = (12, 24)  # months
LEAST = 5  # below it nothing is ranked and no trend is drawn
REPEATED, WITHIN = 3, timedelta(days=90)


@dataclass(frozen=True)
class Cell:
    """One month of one place."""

    month: date
    number: int
    step: int
    url: str


@dataclass(frozen=True)
class Repeat:
    """The same again and again: one category at least three times in 90 days at one place."""

    label: str
    number: int
    url: str


@dataclass(frozen=True)
class Row:
    """One place over the months. `before` is the number of the period before, as long as this one."""

    place: Place
    cells: list[Cell]
    total: int
    before: int
    url: str
    repeats: list[Repeat]
    is_at_large: bool = False  # reported for a grid or a community, at none of its buildings

    @property
    def is_comparable(self) -> bool:
        return self.total >= LEAST or self.before >= LEAST

    @property
    def change(self) -> int:
        return self.total - self.before

    @property
    def trend(self) -> tuple[str, str, str]:
        """Tone, arrow and words of the change."""
        if not self.is_comparable:
            return "grey", "", _("too few to compare")
        if self.change > 0:
            return "amber", "↑", _("%(count)d more") % {"count": self.change}
        if self.change < 0:
            return "green", "↓", _("%(count)d fewer") % {"count": -self.change}
        return "grey", "→", _("as many")


@dataclass(frozen=True)
class HotSpots:
    """All places that had anything reported, the most frequent first; those too few to rank after them, as coded."""

    place: Place
    months: list[date]
    group: CategoryGroup | None
    rows: list[Row]
    most: int

    @property
    def key(self) -> list[tuple[int, str]]:
        return key(self.most)


@dataclass(frozen=True)
class Found:
    """Numbers of one place: by month, before these months, and categories that came again and again."""

    months: Counter[date]
    before: int
    repeats: dict[int, int]


def hot_spots_of(place: Place, *, months: int, group: CategoryGroup | None, now: datetime | None = None) -> HotSpots:
    """Look at a place over the last `months` calendar months, this one included; four queries.

    A street is looked at by community, everything below by building group. What counts as a figure counts here: nothing
    void or merged, no part of another; at a place that was merged it counts for the one in its stead.
    """
    now = now or timezone.now()
    shown = months_before(day_of(now), months)
    reported = Incident.objects.within(place).counted().order_by()
    if group:
        reported = reported.filter(category__group=group)
    found = _found(reported, place, shown, now)
    places = Place.objects.select_related("parent").in_bulk(found)
    names = {
        one.pk: str(one) for one in Category.objects.filter(pk__in={pk for f in found.values() for pk in f.repeats})
    }
    most = max((number for one in found.values() for number in one.months.values()), default=0)
    rows = [_row(places[pk], one, shown, most, names, group, now, place.is_street) for pk, one in found.items()]
    rows.sort(key=lambda row: (row.total < LEAST, -row.total if row.total >= LEAST else 0, row.place.code))
    return HotSpots(place, shown, group, rows, most)


def months_before(day: date, count: int) -> list[date]:
    """The first days of the last `count` months, that of `day` the last of them."""
    at = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(at - count + 1, at + 1)]


def _found(reported: IncidentQuerySet, place: Place, shown: list[date], now: datetime) -> dict[int, Found]:
    """Numbers by place; one query for the months, another for what was repeated."""
    first = months_before(shown[0], len(shown) + 1)[0]
    where = Coalesce("community", "place") if place.is_street else Coalesce("place__merged_into", "place")
    month = TruncMonth("reported_at", tzinfo=SHANGHAI)
    counted = reported.filter(reported_at__gte=start_of(first)).annotate(where=where, month=month)
    months: dict[int, Counter[date]] = defaultdict(Counter)
    before: Counter[int] = Counter()
    for pk, begun, number in counted.values_list("where", "month").annotate(number=Count("pk")):
        if day_of(begun) < shown[0]:
            before[pk] += number
        else:
            months[pk][day_of(begun)] += number
    repeats = {} if place.is_street else _repeats(reported, now)
    return {pk: Found(months[pk], before[pk], repeats.get(pk, {})) for pk in months.keys() | before.keys()}


def _repeats(reported: IncidentQuerySet, now: datetime) -> dict[int, dict[int, int]]:
    """By place, the categories reported at least three times in 90 days, with their numbers."""
    lately = reported.filter(reported_at__gte=now - WITHIN)
    where = Coalesce("place__merged_into", "place")
    rows = lately.annotate(where=where).values_list("where", "category").annotate(number=Count("pk"))
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, category, number in rows.filter(number__gte=REPEATED).order_by("-number", "category"):
        found[pk][category] = number
    return found


def _row(
    place: Place,
    found: Found,
    shown: list[date],
    most: int,
    names: dict[int, str],
    group: CategoryGroup | None,
    now: datetime,
    is_street: bool,
) -> Row:
    chosen = {"group": group.pk} if group else {}
    cells = []
    for at, month in enumerate(shown):
        last = shown[at + 1] - timedelta(days=1) if at + 1 < len(shown) else today()
        days = {"since": f"{month:%Y-%m-%d}", "until": f"{last:%Y-%m-%d}"}
        number = found.months[month]
        cells.append(Cell(month, number, step_of(number, most), _list(place, **days, **chosen) if number else ""))
    since = f"{day_of(now - WITHIN):%Y-%m-%d}"
    repeats = [
        Repeat(names[pk], number, _list(place, category=pk, since=since)) for pk, number in found.repeats.items()
    ]
    url = _list(place, since=f"{shown[0]:%Y-%m-%d}", **chosen)
    at_large = not place.is_building_group and not is_street
    return Row(place, cells, found.months.total(), found.before, url, repeats, at_large)


def _list(place: Place, **query: Any) -> str:
    return reverse("incidents:list", query={"scope": "all", "place": place.pk, "counts": "1", **query})
