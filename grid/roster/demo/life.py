"""What happens to the people of a community after the reference day, event by event in the order of time."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from grid.roster.models import Household, Resident, ResidentSpan, completed_years
from portal.core.clock import SHANGHAI
from portal.core.demonstration import Deed, Demonstration

from .desk import Desk
from .families import Family, give_id_number, newcomer
from .kinds import NEWCOMERS
from .naming import FEMALE, MALE, Namer, Numbers
from .plans import REFERENCE
from .settling import Home, Settlement

MONTH = timedelta(days=30)
TRIES = 60
LOOKS_SINCE = timedelta(days=40)
WHY_REVEALED = (
    "核对户籍登记信息",
    "老人摔倒，联系家属",
    "停水通知电话核实",
    "办理高龄津贴核对身份",
    "居民来电要求更正电话",
)
# How often in a month, for a thousand residents.
OFTEN = {
    "birth": 0.5,
    "death": 0.42,
    "family_leaves": 0.45,
    "family_arrives": 0.48,
    "somebody_leaves": 0.3,
    "somebody_moves": 0.12,
    "family_moves": 0.12,
    "new_representative": 0.9,
    "joins": 1.3,
}


@dataclass
class Chronicle:
    """The years of a community since the reference day, with what the audit trail keeps of them."""

    scene: Demonstration
    settlement: Settlement
    numbers: Numbers
    namer: Namer = field(init=False)
    chance: random.Random = field(init=False)
    desk: Desk = field(init=False)
    deeds: list[Deed] = field(default_factory=list)
    spans: list[ResidentSpan] = field(default_factory=list)
    moves: list[tuple[Deed, Household, Household]] = field(default_factory=list)

    def __post_init__(self) -> None:
        code = self.settlement.place.code
        self.chance, self.namer = self.scene.random("life", code), Namer(self.scene.random("newcomers", code))
        self.desk = Desk(self.settlement.place)

    def unfold(self) -> None:
        """Let everything happen up to yesterday."""
        for day, event in self._events():
            event(day)
        self._some_are_away()
        self._some_were_looked_at()

    def told(self) -> list[Deed]:
        """The deeds for the trail, once the households are in the database: a move says from which to which."""
        for deed, old, new in self.moves:
            deed.data.update({"from": old.pk, "to": new.pk})
        return self.deeds

    def _events(self) -> Iterator[tuple[date, Callable[[date], None]]]:
        """A month's events are drawn before the next month's, so that a later present only adds to the story."""
        first, thousands = REFERENCE + timedelta(days=1), len(self.settlement.everybody) / 1000
        while first < self.scene.today:
            month = []
            for name, often in OFTEN.items():
                for _time in range(int(often * thousands + self.chance.random())):
                    month.append((first + timedelta(days=self.chance.randrange(MONTH.days)), name))
            for day, name in sorted(month):
                if day < self.scene.today:
                    yield day, getattr(self, f"_{name}")
            first += MONTH

    # What happens

    def _birth(self, day: date) -> None:
        def is_young_couple(home: Home) -> bool:
            return (
                any(one.sex == FEMALE and 22 <= completed_years(one.birth, day) <= 42 for one in self._couple(home))
                and sum(one.relation in ("子", "女") for one in home.people) < 3
            )

        if home := self._find(is_young_couple):
            father = next(one for one in self._couple(home) if one.sex == MALE)
            sex = self.chance.choice((MALE, FEMALE))
            birth = day - timedelta(days=self.chance.randint(5, 35))
            name = father.name.removesuffix(father.given_name) + self.namer.given(sex, birth)
            child = newcomer(name, sex, birth, day, "子" if sex == MALE else "女")
            give_id_number(child, self.numbers.id_number(birth, sex))
            self._enter(home, child, day=day)

    def _death(self, day: date) -> None:
        """The older, the likelier; a widow or widower becomes the head."""

        def is_struck(home: Home) -> bool:
            return not home.keeps and any(self.chance.random() < _risk(one, day) for one in home.people)

        if home := self._find(is_struck):
            self._leave(home, [min(home.people, key=lambda one: one.birth)], Resident.Left.DECEASED, day)

    def _family_leaves(self, day: date) -> None:
        if home := self._find(lambda home: not home.keeps and (home.rents or self.chance.random() < 0.2)):
            self._leave(home, list(home.people), Resident.Left.MOVED_OUT, day)

    def _family_arrives(self, day: date) -> None:
        if not self.settlement.empty:
            return
        home, kind = self._occupy(), self.chance.choices(NEWCOMERS, [kind.often for kind in NEWCOMERS])[0]
        rents = self.chance.random() < kind.rented + 0.15
        home.household.occupancy = Household.Occupancy.RENTED if rents else Household.Occupancy.REGISTERED
        family = Family(kind, day, rents, day, self.chance, self.namer, self.numbers)
        for one in family.members:
            self._enter(home, one, day=day)

    def _somebody_leaves(self, day: date) -> None:
        """A grown child who has found work elsewhere, or one of several tenants."""
        if home := self._find(lambda home: _free(home, day) is not None):
            self._leave(home, [_free(home, day)], Resident.Left.MOVED_OUT, day)

    def _somebody_moves(self, day: date) -> None:
        """A grown child takes a flat of their own in the community."""
        if self.settlement.empty and (home := self._find(lambda home: _free(home, day) is not None)):
            one, new = _free(home, day), self._occupy()
            new.household.occupancy = Household.Occupancy.RENTED
            self._move(home, new, [one], day)
            one.relation = "户主"

    def _family_moves(self, day: date) -> None:
        if self.settlement.empty and (home := self._find(lambda home: not home.keeps)):
            new = self._occupy()
            new.household.occupancy = home.household.occupancy
            self._move(home, new, list(home.people), day)

    def _new_representative(self, day: date) -> None:
        """For a household that has had none, or in the place of one who hands over."""

        def can(home: Home) -> bool:
            return (
                not home.keeps
                and bool(self._candidates(home, day))
                and self.chance.random() < (0.3 if home.rents else 0.8)
            )

        if home := self._find(can):
            for one in home.people:
                if one.is_representative:
                    one.represents_until = day
                    self._note("resident.represents_no_more", one, home, day)
            self._appoint(home, day)

    def _joins(self, day: date) -> None:
        def may_join(one: Resident) -> bool:
            return one.mobilised_since is None and completed_years(one.birth, day) >= 18

        if home := self._find(lambda home: any(may_join(one) for one in home.people)):
            one = next(one for one in home.people if may_join(one))
            one.mobilised_since = day
            self._note("resident.corrected", one, home, day, {"fields": ["mobilised_since"]})

    # How it is written down

    def _enter(self, home: Home, one: Resident, *, day: date) -> None:
        home.take_in(one)
        self.settlement.everybody.append(one)
        self._note("resident.entered", one, home, day)

    def _leave(self, home: Home, people: list[Resident], why: str, day: date) -> None:
        were_represented = any(one.is_representative for one in people)
        for one in people:
            self._gives_up(home, one, day)
            one.until, one.left_because = day, why
            self._note("resident.left", one, home, day, {"why": str(why)})
        if not home.people:
            self._vacate(home)
            return
        if all(one.relation != "户主" for one in home.people):
            heir = next((one for one in home.people if one.relation == "配偶"), home.people[0])
            heir.relation = "户主"
            self._note("resident.corrected", heir, home, day, {"fields": ["relation"]})
        if were_represented and self._candidates(home, day):
            self._appoint(home, day)

    def _move(self, home: Home, new: Home, people: list[Resident], day: date) -> None:
        for one in people:
            self._gives_up(home, one, day)
            self.spans.append(ResidentSpan(resident=one, household=home.household, until=day))
            new.take_in(one)
            self.moves.append((self._note("resident.moved", one, new, day), home.household, new.household))
        if not home.people:
            self._vacate(home)

    def _appoint(self, home: Home, day: date) -> None:
        one = self.chance.choice(self._candidates(home, day)[:2])
        one.represents_since, one.mobilised_since = day, one.mobilised_since or day
        self._note("resident.represents", one, home, day)

    def _gives_up(self, home: Home, one: Resident, day: date) -> None:
        """Nobody represents a household that they have left."""
        home.people.remove(one)
        if one.is_representative:
            one.represents_until = day

    def _candidates(self, home: Home, day: date) -> list[Resident]:
        """Adults who have not represented before: of whoever did, the roster keeps that time."""
        return [one for one in home.people if one.represents_since is None and completed_years(one.birth, day) >= 18]

    def _some_are_away(self) -> None:
        """With a child elsewhere, at work far off, in hospital for long."""
        residents = [(home, one) for home in self.settlement.homes if not home.keeps for one in home.people]
        for home, one in self.chance.sample(residents, len(residents) // 70):
            day = self.scene.today - timedelta(days=self.chance.randint(8, 300))
            if day > max(one.since, REFERENCE):
                one.away_since = day
                self._note("resident.away", one, home, day)

    def _some_were_looked_at(self) -> None:
        """Whoever looks at a page leaves a trace; a few numbers were shown, with the reason."""
        for _time in range(self.scene.share(len(self.settlement.everybody) // 120)):
            home = self.chance.choice(self.settlement.homes)
            day = self.scene.today - timedelta(days=self.chance.randint(1, LOOKS_SINCE.days))
            if home.people and home.people[0].since < day:
                one = home.people[0]
                self._note("resident.seen", one, home, day)
                if one.mobile and self.chance.random() < 0.2:
                    self._note(
                        "resident.revealed", one, home, day, {"what": "mobile"}, self.chance.choice(WHY_REVEALED)
                    )

    def _note(
        self, action: str, one: Resident, home: Home, day: date, data: dict[str, object] | None = None, why: str = ""
    ) -> Deed:
        at = datetime.combine(day, time(8, 40), SHANGHAI) + timedelta(minutes=self.chance.randrange(540))
        actor = self.desk.who(self.chance, day, home.household.place_id)
        self.deeds.append(Deed(action, one, at, actor, why, data or {}))
        return self.deeds[-1]

    # Where it happens

    def _find(self, suits: Callable[[Home], bool]) -> Home | None:
        """A home somewhere in the community that suits; None when none is met soon."""
        for _time in range(TRIES):
            home = self.chance.choice(self.settlement.homes)
            if home.people and suits(home):
                return home
        return None

    def _occupy(self) -> Home:
        """An empty flat, from now on lived in."""
        empty = self.settlement.empty
        number = self.chance.randrange(len(empty))
        empty[number], empty[-1] = empty[-1], empty[number]
        home = empty.pop()
        self.settlement.homes.append(home)
        return home

    def _vacate(self, home: Home) -> None:
        home.household.occupancy = Household.Occupancy.VACANT
        self.settlement.homes.remove(home)
        self.settlement.empty.append(home)

    def _couple(self, home: Home) -> list[Resident]:
        couple = [one for one in home.people if one.relation in ("户主", "配偶")]
        return couple if len(couple) == 2 and couple[0].sex != couple[1].sex else []


def _risk(one: Resident, day: date) -> float:
    return max(0, completed_years(one.birth, day) - 52) ** 2 / 4000


def _free(home: Home, day: date) -> Resident | None:
    """Somebody of a family who may go their own way."""
    grown = (
        one for one in home.people if one.relation in ("子", "女", "租客") and completed_years(one.birth, day) >= 21
    )
    return None if home.keeps else next(grown, None)
