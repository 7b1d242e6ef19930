"""Histories as hypothesis makes them up: what people do with incidents and places, one after the other, late or not.

Everything goes through the services, as it would on screen; what they refuse is no part of the history.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.db import connection
from hypothesis import strategies as st

from grid.incidents import services
from grid.incidents.models import Category, Incident, Rating
from grid.places import boundaries
from grid.places import services as opening
from grid.places.models import Level, Place
from grid.places.redrawing import choices_of
from grid.roster.models import Household, Resident
from grid.roster.services import households, people
from portal.core.clock import SHANGHAI
from portal.core.refusals import Refused
from portal.files.models import Attachment
from tests.pictures import photo_of

BEGINS = date(2024, 2, 26)  # a leap year: the last days of February are among those counted
Step = tuple[Any, ...]


@dataclass
class World:
    """Who acts, where, and what time it is for them."""

    cast: Any
    staff: Any
    clerk: Any
    leader: Any
    now: datetime = field(default_factory=lambda: datetime.combine(BEGINS, time(9, 30), SHANGHAI))
    taken: int = 0

    @property
    def today(self) -> date:
        return self.now.date()

    @contextmanager
    def clock(self) -> Iterator[None]:
        """For everything inside it is now."""
        with time_machine.travel(self.now, tick=False), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('travel.now', %s, true)", [self.now.isoformat()])
            yield

    def take(self, step: Step) -> None:
        """Let one thing happen, if the services let it."""
        what, *chosen = step
        self.now += timedelta(minutes=7)
        with self.clock():
            try:
                STEPS[what](self, *chosen)
                self.taken += 1
            except Refused:
                pass

    def some(self, rows: Any, number: int) -> Any:
        """One of some rows, the same for the same number; Refused when there are none."""
        found = list(rows)
        if not found:
            raise Refused("there is none")
        return found[number % len(found)]

    def ago(self, hours: int) -> datetime:
        return self.now - timedelta(hours=hours)


def the_database_travels_too() -> None:
    """Until this transaction ends, its clock tells the time of the world: the triggers ask it which days have ended."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA travel")
        cursor.execute(
            "CREATE FUNCTION travel.clock_timestamp() RETURNS timestamptz STABLE LANGUAGE sql"
            " AS $$ SELECT current_setting('travel.now')::timestamptz $$"
        )
        cursor.execute("SET LOCAL search_path = travel, pg_catalog, public")


def report(world: World, place: int, category: int, severity: str, late: int, by: bool) -> None:
    spots = Place.objects.open().filter(level__gte=Level.COMMUNITY)
    known = Category.objects.filter(code__in=["clutter", "stairwell_light", "flying_wire"]).order_by("pk")
    actor = world.leader.user if by else world.clerk.user
    services.report(
        actor=actor,
        place=world.some(spots, place),
        category=world.some(known, category),
        severity=severity,
        description="楼道里有东西",
        photos=[photo_of(actor)],
        at=world.ago(late),
    )


def handle(world: World, number: int, choice: int | str, late: int) -> None:
    """A step that suits the state of an incident, or the one that is named."""
    incident = world.some(Incident.objects.order_by("pk"), number)
    what = choice if isinstance(choice, str) else world.some(SUITS[incident.state], choice)
    MOVES[what](world, incident, world.ago(late))


def _settle(world: World, incident: Incident, at: datetime) -> None:
    after = photo_of(world.leader.user, kind=Attachment.Kind.AFTER)
    services.settle(incident, actor=world.leader.user, outcome="搬走了", photos=[after], at=at)


def _finish(world: World, incident: Incident, at: datetime) -> None:
    after = photo_of(world.leader.user, kind=Attachment.Kind.AFTER)
    services.finish(incident, actor=world.leader.user, outcome="清好了", photos=[after], at=at)


def _rate(satisfaction: str, *, is_solved: bool, was_contacted: bool) -> Callable[[World, Incident, datetime], None]:
    def rated(world: World, incident: Incident, at: datetime) -> None:
        services.rate(
            incident,
            actor=incident.reporter,
            satisfaction=satisfaction,
            is_solved=is_solved,
            was_contacted=was_contacted,
            at=at,
        )

    return rated


def _reopen(world: World, incident: Incident, at: datetime) -> None:
    asked = services.ask_reopen(incident, actor=incident.reporter, reason="又有了", at=at)
    other = world.staff.user if incident.reporter_id == world.clerk.pk else world.clerk.user
    services.decide(asked, actor=other, granted=True, reply="再看看", at=at)


def _extend(world: World, incident: Incident, at: datetime) -> None:
    asked = services.ask_extension(incident, actor=world.leader.user, days=Decimal("1.5"), reason="等配件", at=at)
    services.decide(asked, actor=world.clerk.user, granted=True, reply="可以", at=at)


def _suspend(world: World, incident: Incident, at: datetime) -> None:
    services.suspend(
        incident, actor=world.clerk.user, note="等配件", expected_on=(at + timedelta(days=3)).date(), at=at
    )


def _merge(world: World, incident: Incident, at: datetime) -> None:
    beside = Incident.objects.open().filter(community=incident.community_id, parent=None).exclude(pk=incident.pk)
    main = world.some(beside.order_by("pk"), incident.pk)
    services.merge([incident], into=main, actor=world.clerk.user, at=at)


def _part(world: World, incident: Incident, at: datetime) -> None:
    piece = services.Piece("搬走纸箱", incident.category, holder=world.clerk.user)
    services.part(incident, actor=world.staff.user, pieces=[piece], at=at)


MOVES: dict[str, Callable[[World, Incident, datetime], Any]] = {
    "open": lambda world, one, at: services.open_case(one, actor=world.clerk.user, at=at),
    "judge": lambda world, one, at: services.open_case(one, actor=world.clerk.user, severity="urgent", at=at),
    "decline": lambda world, one, at: services.decline(one, actor=world.clerk.user, note="不归我们", at=at),
    "settle": _settle,
    "dispatch": lambda world, one, at: services.dispatch(one, actor=world.staff.user, holder=world.clerk.user, at=at),
    "take": lambda world, one, at: services.take(one, actor=world.leader.user, at=at),
    "finish": _finish,
    "rework": lambda world, one, at: services.rework(one, actor=world.staff.user, note="没清", at=at),
    "close": lambda world, one, at: services.close(one, actor=world.staff.user, at=at),
    "satisfied": _rate(Rating.Satisfaction.SATISFIED, is_solved=True, was_contacted=True),
    "fairly": _rate(Rating.Satisfaction.FAIRLY, is_solved=True, was_contacted=False),
    "dissatisfied": _rate(Rating.Satisfaction.DISSATISFIED, is_solved=False, was_contacted=True),
    "reopen": _reopen,
    "extend": _extend,
    "suspend": _suspend,
    "resume": lambda world, one, at: services.resume(one, actor=world.clerk.user, at=at),
    "void": lambda world, one, at: services.void(one, actor=world.staff.user, note="误报", at=at),
    "merge": _merge,
    "separate": lambda world, one, at: services.separate(one, actor=world.clerk.user, at=at),
    "part": _part,
}
SUITS = {
    "reported": ("open", "judge", "decline", "settle", "merge", "void"),
    "declined": ("void",),
    "opened": ("dispatch", "suspend", "part", "merge", "void"),
    "dispatched": ("take", "part", "void"),
    "in_progress": ("finish", "extend", "suspend", "part"),
    "suspended": ("resume", "resume", "void"),
    "awaiting_verification": ("close", "rework"),
    "rework": ("take", "dispatch"),
    "closed": ("satisfied", "fairly", "dissatisfied", "reopen"),
    "void": ("separate",),
}
WAY = ("open", "dispatch", "take", "finish", "close")


def bring(world: World, number: int, far: int, hours: int) -> None:
    """One incident as far as it goes, a step every few hours, so that long lives are not rare."""
    incident = world.some(Incident.objects.order_by("pk"), number)
    for count, what in enumerate(WAY[: far + 1]):
        MOVES[what](world, incident, world.ago(hours * (far - count)))


def correct(world: World, number: int, what: str, days: int, place: int) -> None:
    """A record put right by hand in the database, where no service does it."""
    rows = Incident.objects.filter(pk=world.some(Incident.objects.order_by("pk"), number).pk)
    incident = rows.get()
    if what == "place":
        inside = Place.objects.filter(community=incident.community_id).order_by("pk")
        rows.update(place=world.some(inside, place))
    elif what == "rating":
        Rating.objects.filter(incident=incident).update(rated_at=incident.reported_at + timedelta(days=days))
    elif getattr(incident, what):
        rows.update(**{what: getattr(incident, what) - timedelta(days=days)})


def redraw(world: World, what: str, one: int, other: int) -> None:
    """Places are moved, merged, split and closed, from today on."""
    groups = list(Place.objects.open().filter(level=Level.BUILDING_GROUP).order_by("pk"))
    grids = list(Place.objects.open().filter(level=Level.GRID).order_by("pk"))
    group, grid = world.some(groups, one), world.some(grids, one)
    near = [place for place in grids if place.community_id == group.community_id]
    office = world.staff.user
    match what:
        case "move":
            boundaries.move(group, to=world.some(near, other), actor=office)
        case "merge groups":
            beside = [place for place in groups if place.community_id == group.community_id]
            boundaries.merge(group, into=world.some(beside, other), actor=office)
        case "merge grids":
            beside = [place for place in grids if place.community_id == grid.community_id]
            boundaries.merge(grid, into=world.some(beside, other), actor=office)
        case "split":
            chosen = world.some(choices_of(group), other)
            code = opening.next_code(group.parent)
            boundaries.split(group, name=f"新组{code}", code=code, chosen=frozenset({chosen.key}), actor=office)
        case "split grid":
            inside = [place for place in groups if place.parent_id == grid.pk]
            code = opening.next_code(grid.parent)
            boundaries.split_grid(
                grid, name=f"新网格{code}", code=code, groups=[world.some(inside, other)], actor=office
            )
        case "close":
            boundaries.close(group, actor=office)


def live(world: World, what: str, one: int, other: int) -> None:
    """People move within the community, leave, and speak for their households."""
    person = world.some(Resident.objects.order_by("pk"), one)
    homes = Household.objects.filter(community=person.community_id).order_by("pk")
    LIVES[what](world, person, world.some(homes, other))


LIVES: dict[str, Callable[[World, Resident, Household], Any]] = {
    "move": lambda world, person, home: people.move(person, to=home, actor=world.clerk.user),
    "leave": lambda world, person, home: people.leave(person, why="moved_out", actor=world.clerk.user),
    "represent": lambda world, person, home: households.choose_representative(
        person.household, resident=person, actor=world.clerk.user
    ),
}


def wait(world: World, hours: int) -> None:
    world.now += timedelta(hours=hours)


STEPS: dict[str, Callable[..., None]] = {
    "report": report,
    "handle": handle,
    "bring": bring,
    "correct": correct,
    "redraw": redraw,
    "live": live,
    "wait": wait,
}

NUMBER = st.integers(0, 40)
LATE = st.sampled_from([0, 0, 3, 20, 30, 100, 24 * 20])  # hours; the last is entered three weeks after it happened
REDRAWN = ["move", "merge groups", "merge grids", "split", "split grid", "close"]
SEVERITIES = st.sampled_from(["general", "serious", "urgent"])


def steps() -> st.SearchStrategy[Step]:
    """One thing that happens; handling comes most often."""
    named = st.tuples
    handled = named(st.just("handle"), NUMBER, st.integers(0, 59), LATE)
    reported = named(st.just("report"), NUMBER, st.integers(0, 2), SEVERITIES, LATE, st.booleans())
    brought = named(st.just("bring"), NUMBER, st.integers(0, len(WAY) - 1), st.sampled_from([0, 5, 30]))
    return st.one_of(
        reported,
        reported,
        handled,
        handled,
        brought,
        brought,
        named(
            st.just("correct"),
            NUMBER,
            st.sampled_from(["reported_at", "opened_at", "closed_at", "due_at", "place", "rating"]),
            st.integers(-3, 9),
            NUMBER,
        ),
        named(st.just("redraw"), st.sampled_from(REDRAWN), NUMBER, NUMBER),
        named(st.just("live"), st.sampled_from(sorted(LIVES)), NUMBER, NUMBER),
        named(st.just("wait"), st.sampled_from([1, 15, 24, 24 * 9])),
        named(st.just("night")),
    )
