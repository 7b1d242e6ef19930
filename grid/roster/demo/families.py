"""People who live together: ages, sexes, relations and names that fit one another."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from grid.roster.models import Resident, completed_years, years_before
from portal.core.personal import blind_index
from portal.core.pinyin import keys_of

from .kinds import Kind
from .naming import FEMALE, MALE, Namer, Numbers, is_elder_name, sex_of, surname_of

DECADES = ((60, 69, 55), (70, 79, 29), (80, 89, 13), (90, 97, 3))  # from, to, how many of a hundred elders
ADULT, RETIRED = 22, 59


@dataclass(frozen=True)
class Known:
    """Somebody who is known already from their account."""

    name: str
    mobile: str


@dataclass
class Family:
    """A household in the making; ages are those of the day on which they are counted."""

    kind: Kind
    day: date
    rents: bool
    since: date
    chance: random.Random
    namer: Namer
    numbers: Numbers
    known: Known | None = None
    members: list[Resident] = field(default_factory=list)

    def __post_init__(self) -> None:
        head = self._head()
        for slot in self.kind.slots[1:]:
            getattr(self, f"_{slot}")(head)

    # Slots

    def _head(self) -> Resident:
        slot, sex = self.kind.slots[0], self._head_sex()
        age = {"elder": self._elder_age, "mate": lambda: self.chance.randint(19, 38)}.get(slot, self._adult_age)()
        surname = surname_of(self.known.name) if self.known else self._own_surname()
        return self._add("户主", sex, age, surname)

    def _spouse(self, head: Resident) -> None:
        self._partner(head, ADULT - 2, RETIRED)

    def _elder_spouse(self, head: Resident) -> None:
        self._partner(head, 60, 99)

    def _partner(self, head: Resident, youngest: int, oldest: int) -> None:
        older = self.chance.randint(-6, 2) * (1 if head.sex == MALE else -1)
        age = min(max(self._age(head) + older, youngest), oldest)
        self._add("配偶", _other(head.sex), age, self._own_surname())

    def _mate(self, head: Resident) -> None:
        sex = head.sex if self.chance.random() < 0.9 else _other(head.sex)
        self._add("租客", sex, min(max(self._age(head) + self.chance.randint(-4, 4), 18), 45), self._own_surname())

    def _child(self, head: Resident) -> None:
        mother = next((one for one in self.members if one.sex == FEMALE), head)
        age = min(max(self._age(mother) - self.chance.randint(22, 34), 0), 27)
        sex = self.chance.choice((MALE, FEMALE))
        self._add("子" if sex == MALE else "女", sex, age, self._fathers_surname(head))

    def _grown(self, head: Resident) -> None:
        sex = MALE if self.chance.random() < 0.6 else FEMALE
        age = min(max(self._age(head) - self.chance.randint(24, 33), ADULT), RETIRED)
        self._add("子" if sex == MALE else "女", sex, age, self._fathers_surname(head))

    def _in_law(self, _head: Resident) -> None:
        grown = self.members[-1]
        sex = _other(grown.sex)
        age = min(max(self._age(grown) + self.chance.randint(-4, 3), ADULT), RETIRED)
        self._add("女婿" if sex == MALE else "儿媳", sex, age, self._own_surname())

    def _grandchild(self, head: Resident) -> None:
        grown, in_law = self.members[-2:]
        father = grown if grown.sex == MALE else in_law
        sex = self.chance.choice((MALE, FEMALE))
        words = ("孙子", "孙女") if father is grown else ("外孙", "外孙女")
        relation = words[sex == FEMALE]
        age = min(max(self._age(grown) - self.chance.randint(24, 33), 0), 25)
        self._add(relation, sex, age, father.name[: len(father.name) - len(father.given_name)])

    def _parent(self, head: Resident) -> None:
        """A mother with her own surname, a father with the head's."""
        is_first = all(one.relation not in ("父亲", "母亲") for one in self.members)
        if is_first:
            sex = FEMALE if self.chance.random() < 0.7 or self.kind.slots.count("parent") > 1 else MALE
        else:
            sex = MALE
        age = min(max(self._age(head) + self.chance.randint(22, 32), 60), 97)
        surname = _surname(head) if sex == MALE else self._own_surname()
        self._add("母亲" if sex == FEMALE else "父亲", sex, age, surname)

    # What they have in common

    def _add(self, relation: str, sex: str, age: int, surname: str) -> Resident:
        chance = self.chance
        birth = self._birth(age)
        is_known = self.known is not None and not self.members
        name = self.known.name if is_known else surname + self.namer.given(sex, birth)
        since = self.since if birth <= self.since else min(birth + timedelta(days=chance.randint(0, 30)), self.day)
        member = newcomer(name, sex, birth, since, relation)
        if chance.random() < (0.94 if self.rents else 0.985):
            give_id_number(member, self.numbers.id_number(birth, sex))
        if is_known:
            give_mobile(member, self.known.mobile)
        elif chance.random() < _has_mobile(age):
            give_mobile(member, self.numbers.mobile())
        member.is_party_member = age >= ADULT and chance.random() < (
            0.55 if is_known else 0.14 if age >= 60 else 0.05 if self.rents else 0.09
        )
        self.members.append(member)
        return member

    def _head_sex(self) -> str:
        if self.known:
            return sex_of(self.known.name)
        if self.kind.slots == ("elder",):
            return FEMALE if self.chance.random() < 0.68 else MALE
        share_of_men = 0.74 if "spouse" in self.kind.slots[1:] or "elder_spouse" in self.kind.slots else 0.5
        return MALE if self.chance.random() < share_of_men else FEMALE

    def _elder_age(self) -> int:
        if self.kind.slots[1:2] == ("spouse",):
            return self.chance.randint(60, 66)
        youngest, oldest, _often = self.chance.choices(DECADES, [often for *_ages, often in DECADES])[0]
        return self.chance.randint(60, 73) if self.known else self.chance.randint(youngest, oldest)

    def _adult_age(self) -> int:
        if self.known:
            return self.chance.randint(50, RETIRED) if is_elder_name(self.known.name) else self.chance.randint(31, 48)
        youngest = 27 if "child" in self.kind.slots or "parent" in self.kind.slots else ADULT
        return round(self.chance.triangular(youngest, RETIRED, 36))

    def _own_surname(self) -> str:
        return self.namer.surname(from_elsewhere=0.55 if self.rents else 0.12)

    def _fathers_surname(self, head: Resident) -> str:
        partner = next((one for one in self.members if one.relation == "配偶"), None)
        return _surname(partner if partner and head.sex == FEMALE else head)

    def _birth(self, age: int) -> date:
        first, last = years_before(self.day, age + 1) + timedelta(days=1), years_before(self.day, age)
        return first + timedelta(days=self.chance.randint(0, (last - first).days))

    def _age(self, one: Resident) -> int:
        return completed_years(one.birth, self.day)


def newcomer(name: str, sex: str, birth: date, since: date, relation: str) -> Resident:
    """Somebody for the roster, without numbers and without a household as yet."""
    keys = keys_of(name)
    return Resident(
        name=name,
        given_name=keys.given_name,
        sort_key=keys.sort_key,
        initials=keys.initials,
        sex=sex,
        birth=birth,
        since=since,
        relation=relation,
    )


def give_id_number(one: Resident, number: str) -> None:
    one.id_number, one.id_number_index = number, blind_index(number)


def give_mobile(one: Resident, number: str) -> None:
    one.mobile, one.mobile_index = number, blind_index(number)


def _surname(one: Resident) -> str:
    return one.name.removesuffix(one.given_name)


def _other(sex: str) -> str:
    return FEMALE if sex == MALE else MALE


def _has_mobile(age: int) -> float:
    if age < 12:
        return 0.0
    return 0.35 if age < 18 else 0.97 if age < 75 else 0.7
