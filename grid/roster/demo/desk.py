"""Who enters what into the roster of the demonstration."""

import random
from collections import defaultdict
from datetime import date

from grid.places.models import Appointment, Place, Role
from portal.accounts.models import User


class Desk:
    """The people of a community who keep its roster: the building leader of that day, or a clerk."""

    def __init__(self, community: Place) -> None:
        posts = Appointment.objects.filter(
            place__community=community, role__in=(Role.STAFF, Role.BUILDING_LEADER), stands_in_for=None
        ).select_related("user")
        self.posts = list(posts.order_by("since", "pk"))
        self.leaders = defaultdict(list)
        for post in self.posts:
            if post.role == Role.BUILDING_LEADER:
                self.leaders[post.place_id].append(post)

    def who(self, chance: random.Random, day: date, group: int) -> User:
        """Somebody who held such a post on that day."""
        near = [post for post in self.leaders[group] if _held(post, day)]
        if near and chance.random() < 0.6:
            return near[0].user
        return chance.choice([post.user for post in self.posts if post.role == Role.STAFF and _held(post, day)])


def _held(post: Appointment, day: date) -> bool:
    return post.since <= day and (post.until is None or post.until > day)
