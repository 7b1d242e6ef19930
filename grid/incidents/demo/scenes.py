"""What waits today for those as whom a visitor signs in: placed by hand, so that every to-do list tells something.

All of it happened by yesterday evening, so that it is there whatever the hour at which the data are loaded.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from grid.incidents.models import Incident, Severity
from grid.places.models import Role
from portal.accounts.models import User

from . import turns
from .cast import Ground
from .life import Story
from .rhythm import DAY, at_time
from .stories import Chronicler

WALK, CALL, WALK_IN = Incident.Source.WALK, Incident.Source.CALL, Incident.Source.WALK_IN
GENERAL, SERIOUS, URGENT = Severity.GENERAL, Severity.SERIOUS, Severity.URGENT


@dataclass(frozen=True)
class Scene:
    """A category brought as far as `stops_at` ("" for the end), with its deadline `due` days from today.

    `by` names who holds it: the user name of a sign-in, "department" for the one that the category belongs to, "" for
    whoever comes first by the catalogue. Without `due` it was reported `ago` days ago. `then` happens after that.
    """

    category: str
    stops_at: str = ""
    due: int | None = None
    ago: int = 1
    by: str = ""
    source: str = WALK
    severity: str = GENERAL
    settles: bool = False
    declines: bool = False
    emergency: bool = False
    then: turns.Turn | None = None


LEADER = (
    Scene("stairwell_light", "dispatched", due=0, by="leader", source=CALL),
    Scene("noise", "dispatched", due=2, by="leader", source=WALK_IN),
    Scene("dispute", "in_progress", due=4, by="leader", source=CALL),
    Scene("clutter", "sent_back", due=0, by="leader", source=CALL),
    Scene("rubbish_sorting", "in_progress", due=-2, by="leader", source=CALL),
    Scene("entrance_door", "reported"),
    Scene("handrail", "finished", due=3, by="grid"),
    Scene("small_ads", "settled", settles=True),
    Scene("roof_leak", ago=6, by="staff"),
    Scene("drain", ago=4, by="staff"),
    Scene("illegal_building", "in_progress", due=6, by="department"),
    Scene("falling_wall", "in_progress", due=0, by="staff", severity=URGENT, emergency=True, then=turns.arrives),
    Scene("drain", ago=3, by="staff", then=turns.asks_to_reopen),
    Scene("stairwell_light", ago=5, by="staff", then=turns.is_reopened),
    Scene("ebike_upstairs", "dispatched", due=2, by="leader", source=CALL, then=turns.has_to_keep_it),
    Scene("noise", "in_progress", due=2, by="grid", source=CALL, then=turns.is_passed_on),
)
STOOD_IN_FOR = (Scene("stairwell_light", "dispatched", due=1, by="leader2", source=CALL),)
LEADER2 = (
    Scene("ebike_upstairs", "dispatched", due=0, by="leader2", source=CALL),
    Scene("bikes", "in_progress", due=1, by="leader2", source=WALK_IN),
    Scene("stairwell_dirt", "sent_back", due=-1, by="leader2", source=CALL),
    Scene("cables", "finished", due=5, by=""),
    Scene("flying_wire", "settled", settles=True),
    Scene("falling_wall", ago=5, by="staff"),
    Scene("handrail", "in_progress", due=1, by="leader2", source=CALL, then=turns.asks_for_time),
    Scene("monitoring", "in_progress", due=2, by="staff", then=turns.stands),
    Scene("manhole", ago=4, by="staff", then=turns.asks_to_reopen),
    Scene("leak_dispute", "reported", due=4, then=turns.goes_up_to_the_grid),
)
GRID = (
    Scene("rubbish", "dispatched", due=1, by="grid", source=CALL, then=turns.objects),
    Scene("cables", "in_progress", due=3, by="grid", then=turns.gets_time),
    Scene("fire_lane", "dispatched", due=0, by="grid"),
    Scene("thrown_objects", "in_progress", due=1, by="grid", source=CALL),
    Scene("bulky_waste", "sent_back", due=0, by="grid"),
    Scene("dead_corner", "in_progress", due=-1, by="grid"),
    Scene("clutter", "settled", settles=True),
    Scene("stairwell_light", "settled", settles=True),
)
OFFICE = (
    Scene("road", "opened", due=2, then=turns.goes_up_to_the_street),
    Scene("parking", "opened", due=1, source=CALL, then=turns.goes_up_to_the_street),
    Scene("roof_leak", "in_progress", due=6, by="staff", then=turns.stands),
    Scene("bulky_waste", "opened", due=2, source=CALL, then=turns.is_void),
    Scene("power_outage", ago=3, source=CALL, then=turns.asks_to_reopen),
    Scene("drain", "dispatched", due=1, by="staff", source=CALL),
    Scene("monitoring", "in_progress", due=3, by="staff"),
    Scene("property_company", "in_progress", due=-3, by="staff", source=CALL),
    Scene("fire_equipment", "in_progress", due=0, by="staff", severity=SERIOUS),
    Scene("falling_wall", "in_progress", due=2, by="secretary", severity=SERIOUS),
    Scene("suggestion", "dispatched", due=4, by="secretary", source=WALK_IN),
    Scene("lift_fault", "reported", due=1, severity=SERIOUS),
    Scene("pruning", "reported"),
    Scene("policy", "reported", source=WALK_IN, due=0),
    Scene("renovation", "opened", due=2, source=CALL),
    Scene("leak_dispute", "opened", source=CALL, due=5),
    Scene("gas", "opened", due=0),
    Scene("tree_danger", "opened", due=-1),
    Scene("barrier_free", "finished", due=2),
    Scene("elderly_alone", "finished", due=1, by="", source=CALL),
    Scene("pests", "verified", due=3),
    Scene("water_outage", source=CALL, ago=3),
    Scene("charging_pile", source=CALL, ago=4),
    Scene("noise", source=CALL, ago=5),
    Scene("procedure", source=WALK_IN, ago=2),
    Scene("lift_trapped", ago=2, severity=URGENT, source=CALL),
    Scene("missing", ago=8, severity=URGENT, source=WALK_IN),
    Scene("parking", ago=2, declines=True),
    Scene("property_company", ago=9, declines=True, source=CALL),
)
DEPARTMENTS = (
    Scene("illegal_building", "opened", due=8, by="street", then=turns.is_whistled_for),
    Scene("business", "dispatched", due=1, by="department", then=turns.objects),
    Scene("bikes", "in_progress", due=1, by="department", source=CALL, then=turns.asks_for_time),
    Scene("business", "dispatched", due=0, by="department", source=CALL),
    Scene("business", "in_progress", due=-2, by="department"),
    Scene("illegal_building", "dispatched", due=7, by="department"),
    Scene("green_occupied", "sent_back", due=2, by="department"),
    Scene("small_ads", "finished", due=2, by="department", source=CALL),
    Scene("gas", "dispatched", due=0, by="department"),
    Scene("road", "in_progress", due=4, by="department"),
    Scene("zombie_car", "in_progress", due=8, by="department"),
    Scene("hardship", "dispatched", due=3, by="department", source=WALK_IN),
)
NEXT_DOOR = (
    Scene("drain", "dispatched", due=0, by="staff2", source=CALL),
    Scene("entrance_door", "in_progress", due=2, by="staff2"),
    Scene("monitoring", "in_progress", due=-1, by="staff2"),
    Scene("clutter", "settled", settles=True),
    Scene("stairwell_dirt", "settled", settles=True),
    Scene("falling_wall", "reported", due=3, severity=SERIOUS),
    Scene("suggestion", "reported", source=WALK_IN),
    Scene("tree_danger", "opened", due=1),
    Scene("dogs", "finished", due=2),
    Scene("business", "in_progress", due=3, by="department"),
    Scene("noise", source=CALL, ago=3),
    Scene("policy", source=WALK_IN, ago=2),
    Scene("power_outage", "in_progress", due=0, by="staff2", severity=URGENT, emergency=True),
    Scene("handrail", "dispatched", due=3, by="", source=CALL, then=turns.objects),
    Scene("cables", "in_progress", due=4, by="staff2", then=turns.asks_for_time),
    Scene("road", "opened", due=3, then=turns.goes_up_to_the_street),
)
LARGE = (
    Scene("lift_fault", "in_progress", due=0),
    Scene("parking", "dispatched", due=-1),
    Scene("road", "dispatched", due=3, by="department"),
    Scene("business", "dispatched", due=2, by="department"),
    Scene("rubbish", "settled", settles=True),
    Scene("leak_dispute", "sent_back", due=3),
    Scene("power_outage", "opened", due=1, source=CALL),
    Scene("fitness", "reported"),
)


@dataclass
class Stagehand:
    """Turns scenes into stories of one community."""

    chronicler: Chronicler
    today: date
    people: dict[str, User]

    def set(self, scenes: tuple[Scene, ...], *, at: User | str = "") -> Iterator[Story]:
        """The stories of some scenes: in what somebody leads, in a building group by its name, or anywhere."""
        for scene in scenes:
            yield self._story(scene, self._ground(at))

    def _ground(self, at: User | str) -> Ground:
        cast, yesterday = self.chronicler.cast, self.today - DAY
        return self.chronicler.chance.choice(
            [
                one
                for one in cast.grounds
                if at in ("", one.group.name, cast.leader(one, yesterday), cast.grid_leader(one, yesterday))
                and cast.holding(Role.BUILDING_LEADER, one.group, yesterday, still=True)
            ]
        )

    def _story(self, scene: Scene, ground: Ground) -> Story:
        chance, cast = self.chronicler.chance, self.chronicler.cast
        day = self._day(scene)
        drafted = self.chronicler.story(day, scene.category)
        clerks = [user for user in cast.clerks(day) if user != self.people.get(scene.by)]
        leader = cast.leader(ground, day)
        reporter = leader if scene.source == WALK and leader else chance.choice(clerks)
        return dataclasses.replace(
            drafted,
            ground=ground,
            place=None,
            at=at_time(day, time(8, 30)) + timedelta(minutes=chance.randint(0, 150)),
            reporter=reporter,
            source=scene.source,
            severity=scene.severity,
            caller=self.chronicler.caller() if scene.source != WALK else ("", ""),
            settles=scene.settles,
            declines=scene.declines,
            whistles=scene.by == "department",
            hands_back=False,
            reworks=False,
            late=False,
            rates=False,
            briskly=True,
            stops_at=scene.stops_at,
            handler=self.people.get(scene.by),
            emergency=scene.emergency,
            then=scene.then,
        )

    def _day(self, scene: Scene) -> date:
        """The day of the report, yesterday at the latest."""
        if scene.due is None:
            return self.today - DAY * scene.ago
        days = self.chronicler.rules[scene.category].days(scene.severity)
        return self.chronicler.rhythm.reported_for(self.today + DAY * scene.due, days=days, before=self.today)
