"""One incident from the report to the rating, step by step through the services.

A life is a generator: it yields the moment at which its next step is due and takes that step when it is resumed. So all
lives unfold together, in the order of time, and stop where the present begins.
"""

import heapq
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from grid.incidents import services
from grid.incidents.models import Category, CategoryRule, Incident, Severity
from grid.places.models import Department, Place, Role
from portal.accounts.models import User
from portal.core.clock import SHANGHAI, day_of
from portal.files.models import Attachment
from portal.files.services import stage

from . import turns, words
from .cast import Cast, Ground
from .flats import flat_at
from .habits import HABITS
from .pictures import Album
from .rhythm import Rhythm

Steps = Iterator[datetime]
BRIEFLY = (timedelta(minutes=8), timedelta(minutes=55))
UNHURRIED = timedelta(days=6)  # whoever has less time than this hurries
RECENT = timedelta(days=60)  # from here on photos are taken of most things


@dataclass(frozen=True)
class Stage:
    """What all lives of a community share."""

    cast: Cast
    rhythm: Rhythm
    album: Album
    now: datetime


@dataclass
class Story:
    """What is decided about an incident beforehand; the rest follows from chance and from who is there."""

    ground: Ground
    category: Category
    rule: CategoryRule
    at: datetime
    reporter: User
    source: str = Incident.Source.WALK
    severity: str = Severity.GENERAL
    place: Place | None = None
    caller: tuple[str, str] = ("", "")
    settles: bool = False
    declines: bool = False
    whistles: bool = False
    hands_back: bool = False
    reworks: bool = False
    late: bool = False
    rates: bool = True
    briskly: bool = False
    stops_at: str = ""
    handler: User | None = None
    emergency: bool = False
    then: "turns.Turn | None" = None


def unfold(lives: Iterable["Life"], *, until: datetime) -> None:
    """Let all lives go on side by side, the earliest step first, up to a moment."""
    waiting = []
    for number, life in enumerate(lives):
        steps = life.steps()
        waiting.append((next(steps), number, steps))
    heapq.heapify(waiting)
    while waiting and waiting[0][0] <= until:
        _at, number, steps = heapq.heappop(waiting)
        coming = next(steps, None)
        if coming:
            heapq.heappush(waiting, (coming, number, steps))


@dataclass
class Life:
    """The life of one incident; `chance` is its own, so that no life disturbs another."""

    story: Story
    stage: Stage
    chance: random.Random
    speaker: words.Speaker = field(init=False)
    at: datetime = field(init=False)
    incident: Incident = field(init=False)
    handled_by: User = field(init=False)
    pace: float = field(init=False, default=1.0)

    def steps(self) -> Steps:
        """Yield when the next step is due; take it when resumed."""
        story = self.story
        self.speaker = words.Speaker(
            self.chance, story.category.code, group=story.ground.group.name, month=story.at.month
        )
        self.at = story.at
        yield self.at
        self._report()
        if story.settles:
            yield from self._settle()
        elif story.declines:
            yield from self._decline()
        elif story.stops_at != "reported":
            yield from self._handle()
        if story.then:
            yield from story.then(self)

    def _report(self) -> None:
        story, (name, mobile) = self.story, self.story.caller
        put_down = services.raise_emergency if story.emergency else partial(services.report, severity=story.severity)
        self.incident = put_down(
            actor=story.reporter,
            place=self._place,
            category=story.category,
            description=self.speaker.said,
            location=self.speaker.where,
            household=flat_at(self._place, self.speaker.where),
            source=story.source,
            caller_name=name,
            caller_mobile=mobile,
            photos=self._photos(story.reporter, after=False),
            at=self.at,
        )
        self.pace = min(max((self.incident.due_at - self.at) / UNHURRIED, 0.2), 1.0)

    def _settle(self) -> Steps:
        story = self.story
        yield self.later(timedelta(minutes=8), timedelta(hours=3))
        self.handled_by = story.reporter
        photos = self._photos(story.reporter, after=True, always=True)
        small = services.settle(
            self.incident, actor=story.reporter, outcome=self.speaker.done, photos=photos, at=self.at
        )
        if story.stops_at == "settled":
            return
        looks = self.cast.grid_leader(story.ground, self.day)
        if looks == story.reporter or looks is None or self.chance.random() < 0.35:
            looks = self.clerk(story.reporter)
        yield self._next_day_by(looks)
        seen = self.chance.choice(words.SETTLED_CONFIRMED)
        if small.is_sampled:
            services.verify(self.incident, actor=looks, note=seen, at=self.at)
        services.close(self.incident, actor=looks, note=seen, at=self.at)
        yield from self._rate()

    def _decline(self) -> Steps:
        yield self.in_office(timedelta(minutes=20), timedelta(hours=20))
        clerk = self.clerk()
        services.decline(self.incident, actor=clerk, note=self.chance.choice(words.DECLINED), at=self.at)

    def _handle(self) -> Steps:
        story, clerk = self.story, self.clerk()
        if not story.emergency:
            yield self.in_office(timedelta(minutes=10), timedelta(hours=5))
            services.open_case(self.incident, actor=clerk, note=self.chance.choice(words.TO_OPEN), at=self.at)
        if story.stops_at == "opened":
            return
        if story.hands_back:
            yield from self._hand_back(clerk)
        handler, department = self._assign(clerk)
        self.handled_by = handler
        yield self.in_office(timedelta(minutes=4), timedelta(hours=2))
        self._dispatch(clerk, handler, department)
        if story.stops_at == "dispatched":
            return
        yield from self._work(handler)
        if story.reworks or story.stops_at == "sent_back":
            yield from self._rework(clerk, handler)
        if story.stops_at not in ("in_progress", "sent_back", "finished"):
            yield from self._verify_and_close(clerk, handler)

    def _hand_back(self, clerk: User) -> Steps:
        """Sent to the wrong one first."""
        story = self.story
        department = self.department() if story.whistles else None
        other = Role.BUILDING_LEADER if story.rule.first_handler == Role.GRID_LEADER else Role.GRID_LEADER
        wrong = None if department else self._handlers(other)[0]
        yield self.in_office(timedelta(minutes=4), timedelta(hours=2))
        self._dispatch(clerk, wrong, department)
        yield self.in_office(timedelta(hours=1), timedelta(hours=9))
        notes = words.HANDED_BACK_BY_DEPARTMENT if department else words.HANDED_BACK
        actor = wrong or self._officer(department)
        asked = services.ask_return(self.incident, actor=actor, reason=self.chance.choice(notes), at=self.at)
        yield self.in_office(timedelta(minutes=10), timedelta(hours=3))
        services.decide(asked, actor=self.clerk(actor), granted=True, at=self.at)
        story.whistles = False

    def _dispatch(self, clerk: User, handler: User | None, department: Department | None) -> None:
        notes = words.TO_WHISTLE if department else words.TO_DISPATCH
        holder = None if department else handler
        services.dispatch(
            self.incident,
            actor=clerk,
            holder=holder,
            department=department,
            note=self.chance.choice(notes),
            at=self.at,
        )

    def _work(self, handler: User, *, again: bool = False) -> Steps:
        self.handled_by = handler
        yield self._soon_by(handler)
        self.incident = services.take(
            self.incident, actor=handler, note=self.chance.choice(words.ON_TAKING), at=self.at
        )
        if self.story.stops_at == "in_progress":
            return
        if self.incident.department_id and self.incident.arrived_at is None:
            yield self.later(timedelta(minutes=25), timedelta(hours=4))
            self.incident = services.arrive(self.incident, actor=handler, at=self.at)
        yield self._done_by(handler, again=again)
        photos = self._photos(handler, after=True)
        services.finish(self.incident, actor=handler, outcome=self.speaker.done, photos=photos, at=self.at)

    def _rework(self, clerk: User, handler: User) -> Steps:
        actor = clerk if clerk != handler else self.clerk(handler)
        yield self.in_office(timedelta(hours=1), timedelta(hours=20))
        reasons = words.SENT_BACK[self.story.category.group.code]
        services.rework(self.incident, actor=actor, note=self.chance.choice(reasons), at=self.at)
        if self.story.stops_at != "sent_back":
            yield from self._work(handler, again=True)

    def _verify_and_close(self, clerk: User, handler: User) -> Steps:
        ground, reporter = self.story.ground, self.story.reporter
        near = [self.cast.leader(ground, self.day), self.cast.grid_leader(ground, self.day), reporter]
        verifier = self.cast.another(self.chance, [one for one in near if one], handler)
        if verifier and (self.story.stops_at == "verified" or self.chance.random() < 0.5):
            yield self.later(timedelta(hours=1), timedelta(hours=14))
            services.verify(self.incident, actor=verifier, note=self.chance.choice(words.LOOKED_AT), at=self.at)
        if self.story.stops_at == "verified":
            return
        yield self.in_office(timedelta(minutes=30), timedelta(hours=12))
        closer = clerk if clerk != handler else self.clerk(handler)
        result = self.chance.choices(list(words.CLOSED), (91, 5, 3, 1))[0]
        said = self.chance.choice(words.CLOSED[result])
        services.close(self.incident, actor=closer, resolution=result, note=said, at=self.at)
        yield from self._rate(is_solved=result == "solved")

    def _rate(self, *, is_solved: bool = True) -> Steps:
        """The committee rings callers back (回访); others rate what they reported, unless they handled it."""
        story = self.story
        on_behalf = story.source != Incident.Source.WALK
        actor = self.clerk(self.handled_by) if on_behalf else story.reporter
        if not story.rates or actor in (self.handled_by, story.settles and story.reporter):
            return
        if on_behalf:
            yield self.in_office(timedelta(hours=2), timedelta(days=4))
        else:
            yield self.later(timedelta(hours=2), timedelta(days=5))
        weights = (50, 35, 15) if story.late or story.reworks else (83, 14, 3)
        satisfaction = self.chance.choices(list(words.RATED), weights)[0]
        services.rate(
            self.incident,
            actor=actor,
            satisfaction=satisfaction,
            is_solved=is_solved and satisfaction != "dissatisfied",
            was_contacted=self.chance.random() < 0.96,
            comment=self.chance.choice(words.RATED[satisfaction]),
            at=self.at,
        )

    # Who

    @property
    def cast(self) -> Cast:
        return self.stage.cast

    @property
    def day(self) -> date:
        return day_of(self.at)

    def clerk(self, *but: User) -> User:
        found = self.cast.another(self.chance, self.cast.clerks(self.day), *but)
        assert found, "a community has two clerks at least"  # noqa: S101
        return found

    def department(self) -> Department | None:
        return self.cast.departments.get(HABITS[self.story.category.code].department)

    def _officer(self, department: Department) -> User:
        return self.cast.holding(Role.DEPARTMENT_OFFICER, department, self.day)[0]

    def _assign(self, clerk: User) -> tuple[User, Department | None]:
        """Who does the work: the officer of a department, or somebody near, rather not the clerk who sends it."""
        department = self.department() if self.story.whistles else None
        if department:
            return self._officer(department), department
        people = self._handlers(self.story.rule.first_handler)
        return self.story.handler or self.cast.another(self.chance, people, clerk) or people[0], None

    def _handlers(self, role: str) -> list[User]:
        return self.cast.handlers(role, self.story.ground, self._place, self.day)

    @property
    def _place(self) -> Place:
        return self.story.place or self.story.ground.group

    def _photos(self, actor: User, *, after: bool, always: bool = False) -> list[Attachment]:
        motif = HABITS[self.story.category.code].motif
        is_recent = self.at > self.stage.now - RECENT
        by_telephone = not after and self.story.source != Incident.Source.WALK
        if not (always or (motif and is_recent and not by_telephone and self.chance.random() < 0.85)):
            return []
        kind = Attachment.Kind.AFTER if after else Attachment.Kind.BEFORE
        return [stage(self.stage.album.photo(motif or "paper", after=after), actor=actor, kind=kind)]

    # When

    def _pause(self, least: timedelta, most: timedelta) -> datetime:
        if self.story.briskly:
            least, most = BRIEFLY
        return self.at + least + (most - least) * self.chance.random() * self.pace

    def later(self, least: timedelta, most: timedelta) -> datetime:
        return self._on(self._pause(least, most), office=False)

    def in_office(self, least: timedelta, most: timedelta) -> datetime:
        urgent = self.story.severity == Severity.URGENT
        if urgent:
            least, most = BRIEFLY
        return self._on(self._pause(least, most), office=not urgent)

    def _on(self, moment: datetime, *, office: bool) -> datetime:
        if not self.story.briskly:
            rhythm = self.stage.rhythm
            moment = (rhythm.in_office if office else rhythm.by_day)(self.chance, moment)
        self.at = moment.replace(microsecond=0)
        return self.at

    def _is_official(self, user: User) -> bool:
        leaders = (
            self.cast.leader(self.story.ground, self.day),
            self.cast.grid_leader(self.story.ground, self.day),
        )
        return user not in leaders

    def _soon_by(self, handler: User) -> datetime:
        pause = (timedelta(minutes=5), timedelta(hours=5))
        return self.in_office(*pause) if self._is_official(handler) else self.later(*pause)

    def _next_day_by(self, looks: User) -> datetime:
        pause = (timedelta(minutes=40), timedelta(hours=26))
        return self.in_office(*pause) if self._is_official(looks) else self.later(*pause)

    def _done_by(self, handler: User, *, again: bool) -> datetime:
        """Within the time allowed, mostly in its first half; when late, some time after it."""
        allowed = max(self.incident.due_at.astimezone(SHANGHAI) - self.at, timedelta(hours=3))
        share = self.chance.uniform(*((1.05, 1.5) if self.story.late and not again else (0.06, 0.5)))
        if self.story.briskly:
            return self.later(*BRIEFLY)
        urgent = self.story.severity == Severity.URGENT
        return self._on(self.at + allowed * share, office=self._is_official(handler) and not urgent)
