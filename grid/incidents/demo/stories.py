"""What happens in a community over the years: how much, where, to whom, and how it went."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from grid.incidents.models import Category, CategoryRule, Incident, Severity
from grid.places.demo.names import caller, mobile
from grid.places.models import Place, Role
from portal.accounts.models import User

from .cast import Cast, Ground
from .habits import HABITS, LIFTS, WITH_LIFTS
from .life import Story
from .rhythm import DAY, Rhythm

ALWAYS_URGENT = {"lift_trapped", "missing"}
CALLS = (Incident.Source.CALL, Incident.Source.WALK_IN)


@dataclass
class Chronicler:
    """Makes up what happens in one community."""

    cast: Cast
    rhythm: Rhythm
    categories: dict[str, Category]
    rules: dict[str, CategoryRule]
    chance: random.Random

    def period(self, number: int, first: date, last: date, *, growth: float = 1.0) -> Iterator[Story]:
        """So many stories from one day to another, in order; at the end `growth` times as many as at the start."""
        days = [first + DAY * offset for offset in range((last - first).days + 1)]
        weights = [
            (1.0 if self.rhythm.calendar.is_working(day) else 0.55) * (1 + (growth - 1) * place / len(days))
            for place, day in enumerate(days)
        ]
        for day in sorted(self.chance.choices(days, weights, k=number)):
            yield self.story(day)

    def story(self, day: date, category: str = "") -> Story:
        """Something that happened on a day, left to its natural course."""
        chance = self.chance
        kind = self.categories[category or self._what(day.month)]
        rule = self.rules[kind.code]
        ground = self._where(kind.code)
        severity = self._how_bad(rule)
        source, reporter = self._who(ground, day, kind.code)
        at = self.rhythm.on_a_round(chance, day)
        if source != Incident.Source.WALK:
            at = self.rhythm.in_office(chance, at - timedelta(hours=chance.randint(0, 8)))
        elif reporter in self.cast.clerks(day):
            at = self.rhythm.in_office(chance, at)
        in_reach = source == Incident.Source.WALK and rule.settle_alone and severity == Severity.GENERAL
        settles = in_reach and chance.random() < 0.88
        whistles = rule.first_handler == Role.DEPARTMENT_OFFICER or chance.random() < 0.05
        return Story(
            ground=ground,
            category=kind,
            rule=rule,
            at=at,
            reporter=reporter,
            source=source,
            severity=severity,
            place=self._wider(ground, kind.code),
            caller=self.caller() if source != Incident.Source.WALK else ("", ""),
            settles=settles,
            declines=not settles and severity == Severity.GENERAL and chance.random() < 0.05,
            whistles=whistles and not settles,
            hands_back=chance.random() < 0.05,
            reworks=chance.random() < 0.07,
            late=chance.random() < 0.07,
            rates=chance.random() < 0.7,
        )

    def caller(self) -> tuple[str, str]:
        """Who rings up, and where they can be reached."""
        return caller(self.chance), mobile(self.chance.randint(10_000, 9_999_999))

    def _what(self, month: int) -> str:
        codes = list(HABITS)
        return self.chance.choices(codes, [HABITS[code].often * HABITS[code].months[month - 1] for code in codes])[0]

    def _where(self, code: str) -> Ground:
        """Some building groups are livelier than others; lifts are only where there are any."""
        grounds = self.cast.grounds
        if code in LIFTS:
            grounds = [one for one in grounds if one.group.name.startswith(WITH_LIFTS)] or grounds
        return self.chance.choices(grounds, [1 + 40 / (8 + place * 17 % 41) for place in range(len(grounds))])[0]

    def _wider(self, ground: Ground, code: str) -> Place | None:
        """What happens out of doors may belong to the whole grid, or to the community."""
        dice = self.chance.random()
        if not HABITS[code].outdoors or dice > 0.35:
            return None
        return ground.grid if dice > 0.07 else ground.community

    def _how_bad(self, rule: CategoryRule) -> str:
        if rule.category.code in ALWAYS_URGENT:
            return Severity.URGENT
        weights = [96, 4, 0] if rule.settle_alone else [80, 16, 4]
        return self.chance.choices([Severity.GENERAL, Severity.SERIOUS, Severity.URGENT], weights)[0]

    def _who(self, ground: Ground, day: date, code: str) -> tuple[str, User]:
        """A leader on a walk, mostly; else a clerk who takes down what somebody rings or comes in about."""
        chance, clerks = self.chance, self.cast.clerks(day)
        leader, grid_leader = self.cast.leader(ground, day), self.cast.grid_leader(ground, day)
        workers = self.cast.holding(Role.SOCIAL_WORKER, self.cast.community, day)
        dice = chance.random() if HABITS[code].motif else chance.random() + 0.25
        if dice < 0.64 and leader:
            return Incident.Source.WALK, leader
        if dice < 0.76 and grid_leader:
            return Incident.Source.WALK, grid_leader
        if dice < 0.82:
            return Incident.Source.WALK, chance.choice([*clerks, *workers])
        return chance.choices(CALLS, [3, 1])[0], chance.choice(clerks)
