"""Every figure counted once more, in plain Python, from nothing but the rows of the records and the spans of places.

Slow and simple on purpose: it shares neither a query nor a constant with what it checks.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from grid.incidents.models import Incident, Rating
from grid.places.models import Place, PlaceSpan
from grid.roster.models import Household, HouseholdSpan, Resident, ResidentSpan

Row = dict[str, Any]
ZONE = ZoneInfo("Asia/Shanghai")
MOMENT = timedelta(microseconds=1)
OPEN = {"reported", "opened", "dispatched", "in_progress", "suspended", "awaiting_verification", "rework"}


def day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def midnight_after(one: date) -> datetime:
    return datetime(one.year, one.month, one.day, tzinfo=ZONE) + timedelta(days=1)


def due_day(row: Row) -> date:
    return day(row["due_at"] - MOMENT)


def is_due(row: Row) -> bool:
    return row["state"] != "declined" and row["suspended_at"] is None


def in_time(row: Row, step: str) -> bool:
    return row[step] is not None and row[step] <= row["due_at"]


def on(step: str) -> Callable[[Row], date | None]:
    return lambda row: day(row[step]) if row[step] else None


FLOWS: dict[str, tuple[str, Callable[[Row], date | None], Callable[[Row], bool]]] = {
    "incidents.reported": ("incidents", on("reported_at"), lambda row: True),
    "incidents.opened": ("incidents", on("opened_at"), lambda row: True),
    "incidents.closed": ("incidents", on("closed_at"), lambda row: True),
    "incidents.closed_in_time": ("incidents", on("closed_at"), lambda row: in_time(row, "closed_at")),
    "incidents.settled_on_the_spot": ("incidents", on("closed_at"), lambda row: row["settled_on_the_spot"]),
    "incidents.due_to_close": ("incidents", due_day, is_due),
    "incidents.due_passed": ("incidents", due_day, is_due),
    "incidents.rework": ("incidents", due_day, lambda row: is_due(row) and row["rework_count"] > 0),
    "incidents.due_reworked": ("incidents", due_day, lambda row: is_due(row) and row["rework_count"] > 0),
    "incidents.due_handled": ("incidents", due_day, lambda row: is_due(row) and row["finished_at"] is not None),
    "incidents.due_handled_in_time": ("incidents", due_day, lambda row: is_due(row) and in_time(row, "finished_at")),
    "incidents.due_closed": ("incidents", due_day, lambda row: is_due(row) and row["state"] == "closed"),
    "incidents.due_closed_in_time": ("incidents", due_day, lambda row: is_due(row) and in_time(row, "closed_at")),
    "incidents.call_backs": ("ratings", on("rated_at"), lambda row: True),
    "incidents.contacted": ("ratings", on("rated_at"), lambda row: row["was_contacted"]),
    "incidents.solved": ("ratings", on("rated_at"), lambda row: row["is_solved"]),
    "incidents.satisfied": ("ratings", on("rated_at"), lambda row: row["satisfaction"] == "satisfied"),
    "incidents.fairly_satisfied": ("ratings", on("rated_at"), lambda row: row["satisfaction"] == "fairly"),
}
ONCE_PASSED = {"due_passed", "due_reworked", "due_handled", "due_handled_in_time", "due_closed", "due_closed_in_time"}
RATES: dict[str, tuple[dict[str, Decimal | int], str]] = {  # the upper half, and what it is divided by
    "incidents.handling_rate": ({"incidents.due_handled": 1}, "incidents.due_passed"),
    "incidents.handling_in_time_rate": ({"incidents.due_handled_in_time": 1}, "incidents.due_passed"),
    "incidents.closing_rate": ({"incidents.due_closed": 1}, "incidents.due_passed"),
    "incidents.closing_in_time_rate": ({"incidents.due_closed_in_time": 1}, "incidents.due_passed"),
    "incidents.rework_rate": ({"incidents.due_reworked": 1}, "incidents.due_passed"),
    "incidents.response_rate": ({"incidents.contacted": 1}, "incidents.call_backs"),
    "incidents.solving_rate": ({"incidents.solved": 1}, "incidents.call_backs"),
    "incidents.satisfaction_rate": (
        {"incidents.satisfied": 1, "incidents.fairly_satisfied": Decimal("0.9")},
        "incidents.call_backs",
    ),
}
SCORE = {
    "incidents.response_rate": Decimal("0.1"),
    "incidents.solving_rate": Decimal("0.5"),
    "incidents.satisfaction_rate": Decimal("0.4"),
}


@dataclass
class Book:
    """All records as they are written down now, as plain rows."""

    places: dict[int, Row] = field(default_factory=lambda: _by_key(Place))
    spans: dict[int, list[Row]] = field(default_factory=lambda: _grouped(PlaceSpan, "place_id", "since"))
    incidents: dict[int, Row] = field(default_factory=lambda: _by_key(Incident))
    ratings: dict[int, Row] = field(default_factory=lambda: _by_key(Rating))
    households: dict[int, Row] = field(default_factory=lambda: _by_key(Household))
    stood: dict[int, list[Row]] = field(default_factory=lambda: _grouped(HouseholdSpan, "household_id", "until"))
    residents: dict[int, Row] = field(default_factory=lambda: _by_key(Resident))
    lived: dict[int, list[Row]] = field(default_factory=lambda: _grouped(ResidentSpan, "resident_id", "until"))

    # Where

    def above(self, place: int | None, on_day: date) -> Iterator[int]:
        """The place that stood for this one on a day, and what stood above it then."""
        while place is not None:
            place = self.standing(place, on_day)
            yield place
            place = self.parent(place, on_day)

    def standing(self, place: int, on_day: date) -> int:
        """Itself, or what took its place once it was closed."""
        spans, successor = self.spans[place], self.places[place]["merged_into_id"]
        ended = not spans or (spans[-1]["until"] is not None and spans[-1]["until"] <= on_day)
        return self.standing(successor, on_day) if ended and successor else place

    def parent(self, place: int, on_day: date) -> int | None:
        spans = self.spans[place]
        if not spans:
            return self.places[place]["parent_id"]
        begun = [span for span in spans if span["since"] <= on_day] or spans[:1]
        return begun[-1]["parent_id"]

    # What

    def counted(self, source: str) -> Iterable[Row]:
        """Records that count, each with its own place."""
        for row in (self.incidents if source == "incidents" else self.ratings).values():
            about = row if source == "incidents" else self.incidents[row["incident_id"]]
            if about["state"] == "void" or about["parent_id"] is not None:
                continue
            if source == "ratings" and row["counts_for_id"] is None:
                continue
            yield row | {"place_id": about["place_id"]}

    def flows(self, now: datetime) -> Counter[tuple[int, str, date]]:
        """How many of each flow at every place on every day, as it is told now; what is nowhere is 0."""
        found: Counter[tuple[int, str, date]] = Counter()
        for key, (source, day_in, counts) in FLOWS.items():
            for row in self.counted(source):
                falls_on = day_in(row)
                if key.removeprefix("incidents.") in ONCE_PASSED and row["due_at"] > now:
                    continue
                if falls_on and counts(row):
                    found.update((place, key, falls_on) for place in self.above(row["place_id"], falls_on))
        return found

    def reporters(self, first: date, last: date) -> dict[int, set[int]]:
        """Who reported, at every place, in a period."""
        found: dict[int, set[int]] = defaultdict(set)
        for row in self.counted("incidents"):
            reported = day(row["reported_at"])
            if first <= reported <= last:
                for place in self.above(row["place_id"], reported):
                    found[place].add(row["reporter_id"])
        return found

    def stocks(self, on_day: date, now: datetime) -> Counter[tuple[int, str]]:
        """How many there were at every place when a day ended, or are now."""
        found: Counter[tuple[int, str]] = Counter()
        for row in self.counted("incidents"):
            if self._is_overdue(row, min(midnight_after(on_day), now)):
                found.update((place, "incidents.overdue") for place in self.above(row["place_id"], on_day))
        for key, level in (("places.grids", 2), ("places.building_groups", 3)):
            for place in self.places.values():
                spans = self.spans[place["id"]]
                stands = any(one["since"] <= on_day and (one["until"] or date.max) > on_day for one in spans)
                if place["level"] == level and stands:
                    found.update((one, key) for one in self.above(place["id"], on_day))
        self._people(on_day, found)
        return found

    def _people(self, on_day: date, found: Counter[tuple[int, str]]) -> None:
        homes: set[tuple[int, int]] = set()
        for row in self.residents.values():
            if not (row["since"] <= on_day and (row["until"] or date.max) > on_day):
                continue
            later = [span for span in self.lived[row["id"]] if span["until"] > on_day]
            home = later[0]["household_id"] if later else row["household_id"]
            redrawn = [span for span in self.stood[home] if span["until"] > on_day]
            place = redrawn[0]["place_id"] if redrawn else self.households[home]["place_id"]
            for one in self.above(place, on_day):
                homes.add((one, home))
                found.update((one, key) for key in _kinds(row, on_day))
        found.update((place, "places.households") for place, _home in homes)

    @staticmethod
    def _is_overdue(row: Row, moment: datetime) -> bool:
        is_open = row["state"] in OPEN or (row["state"] == "closed" and row["closed_at"] >= moment)
        stands = row["suspended_at"] is not None and row["suspended_at"] < moment
        return is_open and not stands and row["reported_at"] < moment and row["due_at"] < moment


def rates(flows: Counter[str]) -> dict[str, tuple[Decimal | None, Decimal]]:
    """Each rate in per cent with its n; None over nothing."""
    found: dict[str, tuple[Decimal | None, Decimal]] = {}
    for key, (upper, over) in RATES.items():
        numerator, n = sum((weight * flows[one] for one, weight in upper.items()), Decimal(0)), flows[over]
        found[key] = (100 * numerator / n if n else None, Decimal(n))
    return found


def score(of: dict[str, tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """The three rates with their weights; None when nobody was asked."""
    parts = [(of[key][0], weight) for key, weight in SCORE.items()]
    return (
        sum((rate * weight for rate, weight in parts if rate is not None), Decimal(0))
        if parts[0][0] is not None
        else None
    )


def _kinds(row: Row, on_day: date) -> Iterator[str]:
    yield "places.residents"
    if row["represents_since"] and row["represents_since"] <= on_day < (row["represents_until"] or date.max):
        yield "places.representatives"
    if row["mobilised_since"] and row["mobilised_since"] <= on_day:
        yield "places.mobilised"
    born = row["birth"]
    if born and on_day.year - born.year - ((on_day.month, on_day.day) < (born.month, born.day)) >= 60:
        yield "places.elderly"


def _by_key(model: Any) -> dict[int, Row]:
    return {row["id"]: row for row in model.objects.order_by("pk").values()}


def _grouped(model: Any, by: str, order: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in model.objects.order_by(order, "pk").values():
        found[row[by]].append(row)
    return found
