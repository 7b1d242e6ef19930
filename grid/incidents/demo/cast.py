"""Who is there to report, to handle and to verify, on any day of the story."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from grid.places.models import Appointment, Department, Level, Place, Role
from portal.accounts.models import User


@dataclass(frozen=True)
class Ground:
    """A building group with its grid: where something can happen."""

    group: Place
    grid: Place
    community: Place


class Cast:
    """The people of one community, read once."""

    def __init__(self, community: Place) -> None:
        self.community = community
        below = Place.objects.filter(community=community, level=Level.BUILDING_GROUP).select_related("parent")
        self.grounds = [Ground(group, group.parent, community) for group in below]
        self.departments = {one.name: one for one in Department.objects.filter(street=community.parent_id)}
        self._posts: dict[tuple[str, int], list[Appointment]] = defaultdict(list)
        here = Appointment.objects.filter(stands_in_for=None).select_related("user")
        for post in here.filter(place__community=community).order_by("since", "pk"):
            self._posts[post.role, post.place_id].append(post)
        for post in here.filter(department__in=self.departments.values()).order_by("since", "pk"):
            self._posts[post.role, post.department_id].append(post)

    def holding(self, role: Role, where: Place | Department, day: date, *, still: bool = False) -> list[User]:
        """Who held a post on a day; with `still`, those of them who hold it to this day."""
        return [
            post.user
            for post in self._posts[role, where.pk]
            if post.since <= day and (post.until is None or (not still and post.until > day))
        ]

    def leader(self, ground: Ground, day: date) -> User | None:
        """Who led the building group on a day."""
        return next(iter(self.holding(Role.BUILDING_LEADER, ground.group, day)), None)

    def grid_leader(self, ground: Ground, day: date) -> User | None:
        return next(iter(self.holding(Role.GRID_LEADER, ground.grid, day)), None)

    def clerks(self, day: date) -> list[User]:
        """Those who hold office in the community to this day."""
        return self.holding(Role.STAFF, self.community, day, still=True)

    def handlers(self, role: str, ground: Ground, place: Place, day: date) -> list[User]:
        """Who may be sent to `place` as posts stand to this day: those of the role, else of the next one above it."""
        for wanted, where in (
            (Role.BUILDING_LEADER, ground.group),
            (Role.GRID_LEADER, ground.grid),
            (Role.SOCIAL_WORKER, ground.community),
            (Role.STAFF, ground.community),
        ):
            is_asked = role in (wanted, Role.BUILDING_LEADER) or wanted == Role.STAFF
            found = self.holding(wanted, where, day, still=True)
            if is_asked and where.level <= place.level and found:
                return found
        return []

    def another(self, chance: random.Random, people: list[User], *but: User | None) -> User | None:
        """Somebody out of `people` who is none of the others."""
        left = [user for user in people if user not in but]
        return chance.choice(left) if left else None
