"""Whom one may choose for a post, and what to call them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from portal.accounts.models import User
from portal.core.refusals import Text
from portal.core.tiles import Registry

from .models import Appointment, Level, Place, Role

ROLES = list(Role)
OFFICES = (Role.STREET_ADMIN, Role.SECRETARY, Role.STAFF, Role.DEPARTMENT_OFFICER)
INITIALS = {
    Role.STREET_ADMIN: "jd",  # 街道
    Role.SECRETARY: "sj",  # 书记
    Role.STAFF: "sq",  # 社区
    Role.SOCIAL_WORKER: "sg",  # 社工
    Role.GRID_LEADER: "wg",  # 网格
    Role.BUILDING_LEADER: "lz",  # 楼长
    Role.DEPARTMENT_OFFICER: "bm",  # 部门
}


@dataclass(frozen=True)
class Candidate:
    """Somebody who comes into question for leading a building group and may have no account; `group` is a heading."""

    key: str
    name: str
    note: str
    group: Text


@dataclass(frozen=True)
class CandidateSource:
    """Where candidates are known: `near(places, most)` the best of each place, `mobile(key)` a number, never shown."""

    near: Callable[[Sequence[Place], int], Mapping[int, Iterable[Candidate]]]
    mobile: Callable[[str], str]


candidates: Registry[CandidateSource] = Registry()


def candidates_near(places: Sequence[Place], *, most: int) -> dict[int, list[Candidate]]:
    """The best candidates of each building group, `most` from each source, under keys that tell the sources apart."""
    groups = [place for place in places if place.level == Level.BUILDING_GROUP]
    found: dict[int, list[Candidate]] = {place.pk: [] for place in places}
    for name, source in candidates.items.items() if groups else ():
        for pk, offered in source.near(groups, most).items():
            found[pk] += [Candidate(f"{name}:{one.key}", one.name, one.note, one.group) for one in offered]
    return found


def mobile_of(key: str) -> str:
    """The number a candidate is known under; "" when there is none."""
    name, _colon, own = key.partition(":")
    return candidates.items[name].mobile(own)


def people_near(place: Place, user: Any) -> list[Appointment]:
    """Posts, held or once held, of those who come into question for a post at `place`, as far as `user` sees them.

    In a community and below everybody of the community; for a street those who work in an office, or the list had no
    end. Held posts first, the highest first.
    """
    near = Q(place__community=place.community_id)
    if place.level < Level.COMMUNITY:
        near = Q(role__in=OFFICES)
    posts = Appointment.objects.visible_to(user).filter(near, user__is_active=True)
    posts = posts.select_related("user", "place", "department").order_by("place__code", "since", "pk")
    return sorted(posts, key=lambda post: (post.has_ended, ROLES.index(Role(post.role))))


def suggested_username(role: Role, place: Place) -> str:
    """A user name that is free, short enough to type from a slip and says who it is: `lz1-1-3`.

    The post's initials, then the numbers of the community, the grid and the building group in their division codes.
    """
    return suggested_usernames(role, [place])[place.pk]


def suggested_usernames(role: Role, places: Sequence[Place]) -> dict[int, str]:
    """Free user names for posts at several places, no two the same; one query. "" when none is left."""
    wanted = {place.pk: _wanted(role, place) for place in places}
    start = Q(*[("username__startswith", prefix) for prefix in set(wanted.values())], _connector=Q.OR)
    if len(places) > 1:
        start = Q(username__startswith=INITIALS[Role(role)])
    taken = set(User.objects.filter(start).order_by().values_list("username", flat=True))
    found = {}
    for pk, prefix in wanted.items():
        found[pk] = next((one for one in _variants(prefix) if one not in taken), "")
        taken.add(found[pk])
    return found


def _wanted(role: Role, place: Place) -> str:
    digits = place.code[9:]
    numbers = [str(int(digits[i : i + 3])) for i in range(0, len(digits), 3)]
    wanted = f"{INITIALS[Role(role)]}{'-'.join(numbers)}"
    return wanted if len(wanted) > 2 else f"{wanted}{int(place.code[6:9] or 0)}"


def _variants(wanted: str) -> Iterable[str]:
    return (wanted, *(f"{wanted}-{chr(97 + n)}" for n in range(26)), *(f"{wanted}-{n}" for n in range(100, 999)))
