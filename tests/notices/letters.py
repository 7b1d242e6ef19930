"""Notices in the states a scene needs; they are sent through the service."""

from datetime import datetime
from typing import Any

from grid.notices import services
from grid.notices.models import DoorPassing, Notice, Receipt
from grid.places.models import Place
from tests.roster.people import LONG_AGO, household, resident


def sent(place: Place, sender: Any, audience: str = "leaders", *, at: datetime | None = None, **fields: Any) -> Notice:
    """停水通知, from a place, by somebody of the cast."""
    fields = {"title": "停水通知", "body": "明天上午八时至下午六时停水。\n请提前储水。", **fields}
    return services.send(services.Draft(audience=audience, **fields), actor=sender.user, place=place, at=at)


def flats(place: Place, number: int, *, represented: int = 0) -> list[Any]:
    """So many flats in which somebody lives, the first few with a representative; and an empty one."""
    homes = [household(place, room=f"{floor}01") for floor in range(1, number + 2)]
    for n, home in enumerate(homes[:number]):
        resident(home, represents_since=LONG_AGO if n < represented else None)
    return homes[:number]


def door(notice: Notice, room: str) -> DoorPassing:
    return DoorPassing.objects.get(notice=notice, household__room=room)


def receipt(notice: Notice, person: Any) -> Receipt:
    return Receipt.objects.get(notice=notice, user=person.user)


def addressed(notice: Notice) -> set[str]:
    """The user names of those addressed."""
    return set(notice.receipts.values_list("user__username", flat=True))
