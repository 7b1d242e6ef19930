"""Made-up incidents in every state, each with the trail it would have left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType

from grid.incidents.models import Category, CategoryRule, Incident, Rating, Resolution, Severity, Tier
from grid.incidents.models.incidents import word_of_community
from grid.incidents.workflow import OPEN, State
from grid.places.generation import Ground
from grid.places.models import Role
from grid.roster.generation import Homes
from portal.core import search
from portal.core.clock import day_of
from portal.core.generation import Deed, Lot, Part, copy_in, ids, register
from portal.core.personal import encrypt
from portal.files.models import Attachment
from portal.reminders.models import Reminder
from portal.workdays.calendar import Calendar, load

YEARS = timedelta(days=1080)  # over which they were reported, evenly
FRESH = 0.02  # of them all are open: two hundred on the desk of a community with ten thousand
WHOLE_TRAIL = 0.33  # the newest keep every step; of older ones the trail has the beginning and the end
TOLD = 0.1  # the newest left a line in their reporter's inbox
SEEN = (
    "早上经过时看见的，已经有几天了。",
    "邻居来说了两次，请尽快处理。",
    "昨晚下雨以后更严重了。",
    "老人进出不方便。",
)
DONE = ("已到现场处理完毕，恢复原状。", "已联系物业当天整改。", "已上门劝导，当事人自行清理。")
WHERE = ("一楼大堂", "二楼转角", "天台", "地下车库入口", "电梯口", "五楼走廊", "垃圾投放点旁", "单元门口")
NAMES = ("陈伯", "李阿姨", "黄先生", "梁女士")
STEPS = {  # how far along each state is; `sent_back` and the endings come apart
    State.OPENED: ("opened",),
    State.DISPATCHED: ("opened", "dispatched"),
    State.IN_PROGRESS: ("opened", "dispatched", "taken"),
    State.SUSPENDED: ("opened", "dispatched", "taken"),
    State.AWAITING_VERIFICATION: ("opened", "dispatched", "taken", "finished"),
    State.REWORK: ("opened", "dispatched", "taken", "finished", "sent_back"),
    State.CLOSED: ("opened", "dispatched", "taken", "finished", "verified", "closed"),
}
MADE_BY = {"opened": "desk", "dispatched": "desk", "taken": "holder", "finished": "holder"}


@dataclass
class Chronicler:
    """Tells the life of one incident after the other, as rows."""

    lot: Lot
    ground: Ground
    homes: Homes
    categories: list[Category]
    rules: dict[int, CategoryRule]
    calendar: Calendar
    ratings: list[dict] = field(default_factory=list)
    reminders: list[dict] = field(default_factory=list)
    photos: list[dict] = field(default_factory=list)
    deadlines: dict[tuple[date, bool, Decimal], datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = self.lot.random("incidents")
        self.kind = ContentType.objects.get_for_model(Incident).pk
        self.codes = {category.pk: category.code for category in self.categories}
        self.groups = list(self.ground.groups)

    def tell(self, keys: range) -> Iterator[dict[str, Any]]:
        """One row each; the last key is the newest."""
        count = len(keys)
        fresh = min(count, max(20, round(count * FRESH)))
        for position, key in enumerate(reversed(keys)):
            age = YEARS * ((position + self.chance.random()) / count)
            state = OPEN[position % len(OPEN)] if position < fresh else self._ended()
            yield self._life(key, state, self.lot.now - age, age, position / count, newer=key + 1)

    def _ended(self) -> State:
        dice = self.chance.random()
        return State.CLOSED if dice < 0.92 else State.DECLINED if dice < 0.96 else State.VOID

    def _life(
        self, key: int, state: State, reported: datetime, age: timedelta, oldness: float, *, newer: int
    ) -> dict[str, Any]:
        chance, ground = self.chance, self.ground
        category = chance.choice(self.categories)
        rule = self.rules[category.pk]
        severity = Severity.GENERAL if chance.random() < 0.85 else chance.choice((Severity.SERIOUS, Severity.URGENT))
        place, level = self._where()
        reporter = ground.leaders.get(place) or chance.choice(ground.staff)
        source = Incident.Source.WALK if place in ground.leaders and chance.random() < 0.8 else Incident.Source.CALL
        row: dict[str, Any] = {
            "id": key,
            "place_id": place,
            "community_id": ground.community,
            "category_id": category.pk,
            "severity": severity.value,
            "description": f"{category.name}。{chance.choice(SEEN)}",
            "location": chance.choice(WHERE),
            "source": source.value,
            "state": state.value,
            "level": level,
            "reporter_id": reporter,
            "owner_id": reporter,
            "household_id": self._household(place),
            "rule_id": rule.pk,
            "reported_at": reported,
            "accept_due_at": self._due(reported, rule.accept(severity)),
            "due_at": self._due(reported, rule.days(severity)),
        }
        words = f"{row['description']} {row['location']} {category.name} {category.name_en}"
        row["search"] = _vector(f"{words} {word_of_community(ground.community)}")
        if source == Incident.Source.CALL:
            row |= {"caller_name": encrypt(chance.choice(NAMES)), "caller_mobile": encrypt(f"137{key % 10**8:08d}")}
        told = {"state": State.REPORTED.value, "category": category.code, "severity": severity.value, "rule": rule.pk}
        self._deed(key, "reported", reported, reporter, row["description"], told)
        if state == State.DECLINED:
            self._deed(key, "declined", reported + min(age, timedelta(days=1)) / 2, ground.staff[0], "不属于社区事务。")
        elif state == State.VOID:
            self._void(key, row, reported + min(age, timedelta(days=1)) / 2, newer)
        else:
            self._go_on(row, state, severity, min(age, timedelta(days=3)), whole=oldness < WHOLE_TRAIL)
        if oldness < TOLD and state == State.CLOSED:
            self._remind(row)
        if self.lot.size.photos and key % 3 == 0:
            self._photo(row)
        return row

    def _go_on(self, row: dict[str, Any], state: State, severity: Severity, span: timedelta, *, whole: bool) -> None:
        """Let it come as far as its state, in even steps over `span`."""
        steps = STEPS.get(state, ())
        at = {step: row["reported_at"] + span * (n + 1) / (len(steps) + 1) for n, step in enumerate(steps)}
        desk, rule = self.chance.choice(self.ground.staff), self.rules[row["category_id"]]
        holder, department, tier = self._handler(row["place_id"], rule.first_handler)
        if "opened" in at:
            row |= {"opened_at": at["opened"], "owner_id": desk, "level": Tier.COMMUNITY.value}
        if "dispatched" in at:
            row |= {
                "dispatched_at": at["dispatched"],
                "rule_frozen_at": at["dispatched"],
                "act_due_at": self._due(at["dispatched"], rule.act(severity)),
                "holder_id": holder if department is None or "taken" in at else None,
                "department_id": department,
                "level": tier,
            }
        if "taken" in at:
            row |= {"taken_at": at["taken"], "owner_id": holder}
        if "finished" in at:
            row |= {"handled_by_id": holder, "outcome": self.chance.choice(DONE)}
            row["finished_at"] = None if state == State.REWORK else at["finished"]
        if state == State.REWORK:
            row["rework_count"] = 1
        if state == State.SUSPENDED:
            row["suspended_at"] = at["taken"] + (self.lot.now - at["taken"]) / 2
        if state == State.CLOSED:
            self._close(row, at["closed"], next(one for one in self.ground.staff if one not in (holder, desk)))
        self._steps(row, state, at, {"desk": desk, "holder": holder}, whole=whole)

    def _steps(
        self, row: dict[str, Any], state: State, at: dict[str, datetime], who: dict[str, int], *, whole: bool
    ) -> None:
        """What the trail keeps of it."""
        for step, moment in at.items():
            if whole or step == "closed":
                actor = who.get(MADE_BY.get(step, ""), row.get("verified_by_id") or who["desk"])
                self._deed(row["id"], step, moment, actor, row["outcome"] if step == "finished" else "")
        if state == State.SUSPENDED:
            self._deed(row["id"], "suspended", row["suspended_at"], who["holder"], "等待配件到货。")

    def _close(self, row: dict[str, Any], at: datetime, verifier: int) -> None:
        resolution = self.chance.choice([Resolution.SOLVED] * 8 + [Resolution.PARTLY, Resolution.EXPLAINED])
        row |= {"closed_at": at, "verified_by_id": verifier, "resolution": resolution.value}
        row |= {"settled_on_the_spot": row["id"] % 5 == 0, "rework_count": int(row["id"] % 17 == 0)}
        if self.chance.random() < 0.3:
            satisfied = self.chance.choice(Rating.Satisfaction.values)
            self.ratings.append(
                {
                    "incident_id": row["id"],
                    "counts_for_id": row["id"],
                    "channel": Rating.Channel.SELF.value,
                    "is_solved": resolution == Resolution.SOLVED,
                    "satisfaction": satisfied,
                    "rated_by_id": row["reporter_id"],
                    "rated_at": at,
                }
            )

    def _void(self, key: int, row: dict[str, Any], at: datetime, newer: int) -> None:
        """Half of them are repeats of what was reported next."""
        if key % 2:
            self._deed(key, "voided", at, self.ground.staff[0], "误报。")
        else:
            row["merged_into_id"] = newer
            self._deed(key, "merged", at, self.ground.staff[0], "", {"state": State.VOID.value, "into": newer})

    def _where(self) -> tuple[int, str]:
        dice = self.chance.random()
        if dice < 0.9:
            return self.chance.choice(self.groups), Tier.BUILDING_GROUP.value
        if dice < 0.97:
            return self.chance.choice(self.ground.grids), Tier.GRID.value
        return self.ground.community, Tier.COMMUNITY.value

    def _household(self, place: int) -> int | None:
        flats = self.homes.flats.get(place)
        return self.chance.choice(flats) if flats and self.chance.random() < 0.2 else None

    def _handler(self, place: int, first: str) -> tuple[int, int | None, str]:
        """Who does it: a user, the department they answer for if any, and the level at which it is handled."""
        ground = self.ground
        grid = ground.groups.get(place, place)
        if first == Role.DEPARTMENT_OFFICER:
            department, officer = self.chance.choice(list(ground.officers.items()))
            return officer, department, Tier.DEPARTMENT.value
        if first == Role.BUILDING_LEADER and place in ground.groups:
            return ground.leaders[place], None, Tier.BUILDING_GROUP.value
        if first in (Role.BUILDING_LEADER, Role.GRID_LEADER) and grid in ground.leaders:
            return ground.leaders[grid], None, Tier.GRID.value
        worker = ground.social if first == Role.SOCIAL_WORKER else self.chance.choice(ground.staff)
        return worker, None, Tier.COMMUNITY.value

    def _due(self, start: datetime, days: Decimal) -> datetime:
        """A deadline, computed once for each half of a day and number of days."""
        key = (day_of(start), start.hour >= 4, days)  # noon in Shanghai is 4 o'clock UTC
        if key not in self.deadlines:
            self.deadlines[key] = self.calendar.deadline(start, days=days).at
        return self.deadlines[key]

    def _deed(
        self, key: int, what: str, at: datetime, actor: int, note: str = "", data: Mapping[str, Any] | None = None
    ) -> None:
        self.lot.trail.append(Deed(f"incident.{what}", self.kind, key, at, actor, note, data or {}))

    def _remind(self, row: dict[str, Any]) -> None:
        self.reminders.append(
            {
                "user_id": row["reporter_id"],
                "kind": "incidents.closed",
                "subject_type_id": self.kind,
                "subject_id": row["id"],
                "stage": str(row["id"]),
                "text": f"“{row['description'][:20]}”已结案，您满意吗？",
                "created_at": row["closed_at"],
                "read_at": row["closed_at"] if row["id"] % 5 else None,
            }
        )

    def _photo(self, row: dict[str, Any]) -> None:
        name = f"generated/{self.lot.number}-{row['id']}"
        self.photos.append(
            {
                "id": UUID(int=self.chance.getrandbits(128), version=4),
                "kind": Attachment.Kind.BEFORE.value,
                "owner_type_id": self.kind,
                "owner_id": row["id"],
                "uploaded_by_id": row["reporter_id"],
                "created_at": row["reported_at"],
                "image": f"{name}.jpg",
                "thumbnail": f"{name}-s.jpg",
                "sha256": f"{row['id']:064x}",
                "size": 1,
                "width": 1600,
                "height": 1200,
            }
        )


def make(lot: Lot) -> None:
    """Let everything have happened that the size asks for."""
    ground: Ground = lot.made[Ground]
    chronicler = Chronicler(
        lot=lot,
        ground=ground,
        homes=lot.made[Homes],
        categories=list(Category.objects.filter(is_active=True, street=None).order_by("pk")),
        rules=CategoryRule.objects.by_category(None),
        calendar=load(day_of(lot.now - YEARS - timedelta(days=1))),
    )
    rows = list(chronicler.tell(ids(Incident, lot.size.incidents)))
    lot.counts["incidents"] += copy_in(Incident, reversed(rows))  # the oldest first, as they would have come
    copy_in(Rating, chronicler.ratings)
    copy_in(Reminder, chronicler.reminders)
    copy_in(Attachment, chronicler.photos)


@lru_cache(maxsize=65_536)
def _vector(words: str) -> str:
    """A search vector as COPY reads it; lexemes are letters, digits and Chinese characters, so none needs escaping."""
    return " ".join(f"'{word}'" for word in dict.fromkeys(search.lexemes(words)))


def _finds_others(expected: Mapping[str, int]) -> bool:
    return not expected.get("people") and Incident.objects.exists()


register(Part("incidents", 20, make, _finds_others))
