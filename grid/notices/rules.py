"""Who sends notices, who follows what becomes of them, and who tells the households."""

from collections.abc import Sequence
from typing import Any

import rules
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place, Role
from grid.places.rules import holds, is_appointed
from grid.places.territory import Post, territory_of
from portal.core import rights
from portal.core.refusals import Text

from .models import DoorPassing, Notice

SENDERS = (Role.STREET_ADMIN, Role.SECRETARY, Role.STAFF, Role.GRID_LEADER)


@rules.predicate
def is_addressed(user: Any, notice: Notice | None = None) -> bool:
    """The notice was addressed to a post of this user."""
    return notice is None or notice.receipts.filter(user=user).exists()


@rules.predicate
def looks_after_somebody(user: Any, notice: Notice | None = None) -> bool:
    """The user holds a post above those who are told; what they see of the counts is their own territory."""
    return bool(territory_of(user).roles_at(None) & set(SENDERS))


@rules.predicate
def passes_on(user: Any, subject: Any = None) -> bool:
    """The user leads, or stands in at, the building group of the door; for a notice, one with doors on its list."""
    led = led_by(user)
    if subject is None:
        return bool(led)
    if isinstance(subject, Notice):
        return bool(led) and doors_of(subject, led).exists()
    return any(post.covers(subject.place) for post in led)


def led_by(user: Any) -> list[Post]:
    """The posts as a building leader, one's own or stood in at."""
    return [post for post in territory_of(user).posts if post.role == Role.BUILDING_LEADER]


def doors_of(notice: Notice, led: Sequence[Post]) -> Any:
    """The doors of a notice in the building groups of these posts, and in what was merged into them."""
    places = frozenset[int]().union(*(post.places for post in led))
    communities = {post.community_of_places for post in led}
    return DoorPassing.objects.filter(notice=notice, community__in=communities, place__in=places)


def sends_from(user: Any) -> list[Place]:
    """The places from which the user may send: those at which they hold such a post, the highest first."""
    found = {post.place.pk: post.place for post in territory_of(user).posts if post.place and post.role in SENDERS}
    return sorted(found.values(), key=lambda place: (place.level, place.code))


def _grant(what: str, predicate: rules.Predicate, words: Text) -> None:
    rules.add_perm(f"notices.{what}", predicate)
    rights.describe(f"notices.{what}", words)


_grant("view", is_appointed, _("read the notices addressed to you and those of your area"))
_grant("send", holds(*SENDERS), _("send notices to those below you"))
_grant("follow", looks_after_somebody, _("see who has read a notice and how many households were told, in your area"))
_grant("manage", holds(*SENDERS), _("correct and withdraw the notices of your office"))
_grant("acknowledge", is_appointed & is_addressed, _("confirm that you know what a notice says"))
_grant("pass_on", passes_on, _("tell your households at the door what a notice says, and tick them off"))
