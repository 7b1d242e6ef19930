"""Whom one may choose for a post, and what to call them."""

from typing import Any

from django.db.models import Q

from portal.accounts.models import User

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
    digits = place.code[9:]
    numbers = [str(int(digits[i : i + 3])) for i in range(0, len(digits), 3)]
    wanted = f"{INITIALS[Role(role)]}{'-'.join(numbers)}"
    wanted = wanted if len(wanted) > 2 else f"{wanted}{int(place.code[6:9] or 0)}"
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    candidates = (wanted, *(f"{wanted}-{chr(97 + n)}" for n in range(26)), *(f"{wanted}-{n}" for n in range(100, 999)))
    return next((one for one in candidates if one not in taken), "")
