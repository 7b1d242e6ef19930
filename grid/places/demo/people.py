"""Who holds which post in the demonstration, since when, and who held it before."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from grid.places.models import Appointment, Department, Place, Role
from portal.accounts.models import User
from portal.core.clock import start_of
from portal.core.demonstration import PASSWORD, Deed, write_down
from portal.core.personal import blind_index

from .names import Generation, Name, Names, mobile

FOUNDED = date(2020, 12, 1)
SIGN_INS = {
    "street": "何志明",
    "secretary": "张国华",
    "staff": "李敏",
    "grid": "吴建国",
    "leader": "陈丽芳",
    "leader2": "黄伟强",
    "staff2": "周婷",
    "department": "林浩",
}


@dataclass
class Tenure:
    """Somebody's time in a post, to be written down."""

    name: Name
    role: Role
    since: date
    place: Place | None = None
    department: Department | None = None
    until: date | None = None
    why_ended: str = ""


@dataclass
class Register:
    """Collects tenures; writes accounts and appointments down in the order in which they came about."""

    chance: random.Random
    today: date
    names: Names = field(init=False)
    tenures: list[Tenure] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = tuple(Name(full, username) for username, full in SIGN_INS.items())
        self.names = Names(self.chance, taken=known)

    def hold(
        self,
        role: Role,
        at: Place | Department,
        *,
        since: date,
        generation: Generation,
        username: str = "",
        until: date | None = None,
        why_ended: str = "",
    ) -> None:
        """Let somebody hold a post: a new face, or the owner of one of the sign-ins."""
        name = Name(SIGN_INS[username], username) if username else self.names.draw(generation)
        where = {"department": at} if isinstance(at, Department) else {"place": at}
        self.tenures.append(Tenure(name, role, since, until=until, why_ended=why_ended, **where))

    def pass_on(self, role: Role, at: Place, *, since: date, generation: Generation, on: date, why: str) -> None:
        """Let somebody hold a post until the day on which a successor takes over."""
        self.hold(role, at, since=since, generation=generation, until=on, why_ended=why)
        self.hold(role, at, since=on, generation=generation)

    def write(self) -> dict[str, Appointment]:
        """Make the accounts and give the posts; returns the appointments by user name.

        All at once: through the services four hundred people would take as long as everything else together. What the
        services check, the database's constraints check here.
        """
        self.tenures.sort(key=lambda tenure: (tenure.since, tenure.role.level or 0))
        users = self._accounts()
        posts = Appointment.objects.bulk_create(
            Appointment(
                user=users[tenure.name.typed],
                role=tenure.role,
                place=tenure.place,
                place_level=tenure.place and tenure.place.level,
                department=tenure.department,
                since=tenure.since,
                until=tenure.until,
            )
            for tenure in self.tenures
        )
        write_down(self._deeds(posts))
        return {post.user.username: post for post in posts}

    def _accounts(self) -> dict[str, User]:
        """All accounts with one hash of the one password: hashing it for each would take half a minute."""
        password = make_password(PASSWORD)
        users = [
            User(
                username=tenure.name.typed,
                name=tenure.name.full,
                mobile=(number := mobile(position)),
                mobile_index=blind_index(number),
                password=password,
                date_joined=start_of(tenure.since),
            )
            for position, tenure in enumerate(self.tenures, start=1)
        ]
        return {user.username: user for user in User.objects.bulk_create(users)}

    def _deeds(self, posts: list[Appointment]) -> Iterator[Deed]:
        """Who appointed and dismissed whom: the secretary of a community, above and before them the street."""
        street = next(post.user for post in posts if post.role == Role.STREET_ADMIN)
        secretaries: dict[int, User] = {}
        for post, tenure in zip(posts, self.tenures, strict=True):
            actor = secretaries.get(tenure.place.community_id, street) if tenure.place else street
            actor = None if post.user == street else actor
            if post.role == Role.SECRETARY:
                actor, secretaries[tenure.place.community_id] = street, post.user
            begun, role = start_of(post.since), {"user": post.user_id, "role": post.role}
            yield Deed("account.made", post.user, begun, actor)
            yield Deed("appointment.made", post, begun, actor, data=role)
            if post.until:
                ended = {"until": str(post.until)}
                yield Deed("appointment.ended", post, start_of(post.until), actor, tenure.why_ended, ended)


def some_day(chance: random.Random, first: date, last: date) -> date:
    """A day between two others, both of them possible."""
    return first + timedelta(days=chance.randint(0, max(0, (last - first).days)))
