"""Places are opened, departments added, people appointed to posts and dismissed, first passwords handed out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import start_of, today
from portal.core.personal import blind_index, normalised_mobile
from portal.core.refusals import refusals

from .models import HEADS, Appointment, Department, Level, Place, PlaceSpan, Role
from .rules import can_appoint, can_reset_password

Refuse = Callable[..., None]
MOST_AT_ONCE = 200
NAME_LENGTH = 60


@dataclass(frozen=True)
class Post:
    """A post as it is to be given: from the day `since` until before the day `until`."""

    role: Role
    place: Place | None
    department: Department | None
    since: date
    until: date | None
    stands_in_for: Appointment | None


@transaction.atomic
def open_place(
    *, level: Level, code: str, name: str, parent: Place | None, actor: User | None, since: date | None = None
) -> Place:
    """Add a place below `parent` with its first span; `since` defaults to today.

    Raises Refused when the levels do not nest, the code has not as many digits as the level needs, the code or the name
    is taken, or `parent` is closed.
    """
    if parent:
        parent = Place.objects.select_for_update(no_key=True).get(pk=parent.pk)
    with refusals() as refuse:
        if parent and parent.is_closed:
            refuse(_closed(parent), field="parent")
        if (parent.level + 1 if parent else Level.DISTRICT) != level:
            refuse(_("A %(level)s cannot belong there.") % {"level": Level(level).label}, field="parent")
        check_code(refuse, code, Level(level))
        check_name(refuse, name, parent)
    place = Place.objects.create(level=level, code=code, name=name, parent=parent)
    PlaceSpan.objects.create(place=place, parent=parent, since=since or today())
    audit.record("place.opened", place, actor=actor, at=start_of(since) if since else None)
    return place


@transaction.atomic
def open_places(parent: Place, *, names: list[str], first_code: str, actor: User | None) -> list[Place]:
    """Add places right below `parent`, their codes counting up from `first_code`; all of them or none.

    Raises Refused when there are no or too many names, a name comes twice, or a code or a name is taken.
    """
    level = Level(parent.level + 1)
    numbers = (
        range(int(first_code), int(first_code) + len(names)) if first_code.isascii() and first_code.isdigit() else ()
    )
    codes = [str(number).zfill(len(first_code)) for number in numbers]
    taken = Place.objects.filter(code__in=codes).values_list("code", flat=True)
    here = set(parent.children.open().filter(name__in=names).values_list("name", flat=True))
    with refusals() as refuse:
        if not 1 <= len(names) <= MOST_AT_ONCE:
            refuse(_("Enter between 1 and %(most)s names.") % {"most": MOST_AT_ONCE}, field="names")
        for name in sorted({name for name in names if name in here or names.count(name) > 1}):
            refuse(_("“%(name)s” would be there twice.") % {"name": name}, field="names")
        if any(len(name) > NAME_LENGTH for name in names):
            refuse(_("A name has at most %(most)s characters.") % {"most": NAME_LENGTH}, field="names")
        if names and (
            not codes or len(codes[-1]) != level.digits or not all(code.startswith(parent.code) for code in codes)
        ):
            wanted = {"digits": level.digits, "above": parent.code}
            refuse(_("The codes have %(digits)s digits and begin with %(above)s.") % wanted, field="first_code")
        for code in taken:
            refuse(_("The division code %(code)s is taken.") % {"code": code}, field="first_code")
    return [
        open_place(level=level, code=code, name=name, parent=parent, actor=actor)
        for code, name in zip(codes, names, strict=True)
    ]


def check_code(refuse: Refuse, code: str, level: Level, *, of: Place | None = None) -> None:
    """Say what speaks against a division code for a place of this level, `of` a place that exists already."""
    if not (code.isascii() and code.isdigit() and len(code) == level.digits):
        wanted = {"level": level.label, "digits": level.digits}
        refuse(_("The division code of a %(level)s has %(digits)s digits.") % wanted, field="code")
    if Place.objects.filter(code=code).exclude(pk=of.pk if of else 0).exists():
        refuse(_("This division code is taken."), field="code")


def check_name(refuse: Refuse, name: str, parent: Place | None, *, of: Place | None = None) -> None:
    """Say what speaks against a name below `parent`; closed places have given theirs up."""
    if not 0 < len(name) <= NAME_LENGTH:
        refuse(_("A name has at most %(most)s characters.") % {"most": NAME_LENGTH}, field="name")
    if parent and parent.children.open().filter(name=name).exclude(pk=of.pk if of else 0).exists():
        refuse(_("There is a place of this name here already."), field="name")


def next_code(parent: Place) -> str:
    """The division code after the highest one below `parent`."""
    highest = Place.objects.filter(code__startswith=parent.code, level=parent.level + 1).aggregate(top=Max("code"))[
        "top"
    ]
    return str(int(highest) + 1) if highest else f"{parent.code}001"


@transaction.atomic
def add_department(street: Place, *, name: str, actor: User | None) -> Department:
    """Add a department (职能部门) to a street. Raises Refused when it is no street or has a department of this name."""
    with refusals() as refuse:
        if street.level != Level.STREET:
            refuse(_("Only a street has departments."))
        if Department.objects.filter(street=street, name=name).exists():
            refuse(_("The street has a department of this name already."), field="name")
    department = Department.objects.create(street=street, name=name)
    audit.record("department.added", department, actor=actor)
    return department


@transaction.atomic
def appoint(
    user: User,
    *,
    role: Role,
    actor: User | None,
    place: Place | None = None,
    department: Department | None = None,
    since: date | None = None,
    until: date | None = None,
    stands_in_for: Appointment | None = None,
) -> Appointment:
    """Give `user` a post at a place or in a department from `since` (default today) until before `until`.

    Raises Refused when the role does not fit the place's level, when the place has a head at that time, when a stand-in
    is not for this very post, or when the actor may not give it. A stand-in's time ends with the one they stand in for.
    `actor` None is the system itself (first run, demonstration data).
    """
    post = Post(Role(role), place, department, since or today(), until, stands_in_for)
    with refusals() as refuse:
        holder = _check_post(refuse, post, user=user, actor=actor)
    return _give(user, post, holder=holder, actor=actor)


@transaction.atomic
def take_on(
    *,
    username: str,
    name: str,
    mobile: str = "",
    role: Role,
    actor: User | None,
    place: Place | None = None,
    department: Department | None = None,
    since: date | None = None,
    until: date | None = None,
    stands_in_for: Appointment | None = None,
) -> tuple[Appointment, str]:
    """Make an account for somebody new and give them their post, as `enlist` and `appoint` would, or neither.

    Returns the appointment and the first password. Raises Refused with the reasons of both.
    """
    post = Post(Role(role), place, department, since or today(), until, stands_in_for)
    with refusals() as refuse:
        _check_account(refuse, username, mobile)
        holder = _check_post(refuse, post, user=None, actor=actor)
    user, first = enlist(username=username, name=name, mobile=mobile, actor=actor)
    return _give(user, post, holder=holder, actor=actor), first


@transaction.atomic
def dismiss(
    appointment: Appointment, *, actor: User | None, last_day: date | None = None, note: str = ""
) -> Appointment:
    """End an appointment after `last_day`; by default at once, so that today's rights end with it.

    Stand-ins end with the post they stand in for. Raises Refused when it has ended already or ends sooner anyway, or
    when the actor would dismiss themselves.
    """
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
    until = last_day + timedelta(days=1) if last_day else max(today(), appointment.since)
    with refusals() as refuse:
        if appointment.has_ended:
            refuse(_("This appointment has ended already."))
        elif appointment.until and until > appointment.until:
            refuse(_("It ends on %(day)s already.") % {"day": appointment.last_day}, field="last_day")
        if actor and appointment.user_id == actor.pk:
            refuse(_("Somebody else must dismiss you."))
        if until < appointment.since:
            refuse(_("The last day cannot come before the first."), field="last_day")
    stand_ins = appointment.stand_ins.select_for_update().exclude(until__lte=until).order_by("pk")
    for one in [appointment, *stand_ins]:
        _end(one, until, actor=actor, note=note)
    return appointment


@transaction.atomic
def end_posts(
    *, actor: User | None, note: str = "", place: Place | None = None, department: Department | None = None
) -> list[Appointment]:
    """End at once every post at a place or in a department that is no more, promised ones too; returns them."""
    held = Appointment.objects.select_for_update().standing().filter(place=place, department=department)
    posts = list(held.order_by("pk"))
    for one in posts:
        _end(one, today(), actor=actor, note=note)
    return posts


def _end(post: Appointment, until: date, *, actor: User | None, note: str) -> None:
    post.until = max(until, post.since)
    post.save(update_fields=["until"])
    audit.record("appointment.ended", post, actor=actor, note=note, data={"until": str(post.until)})


@transaction.atomic
def enlist(*, username: str, name: str, actor: User | None, mobile: str = "", password: str = "") -> tuple[User, str]:
    """Make an account for somebody who will hold a post; returns it with its first password, to be changed at sign-in.

    With `password` that is theirs already. Raises Refused when the user name or the mobile number is somebody else's.
    """
    with refusals() as refuse:
        _check_account(refuse, username, mobile)
    first = password or accounts.first_password()
    mobile = normalised_mobile(mobile)
    user = User.objects.create_user(username, first, name=name, mobile=mobile, must_change_password=not password)
    audit.record("account.made", user, actor=actor)
    return user, first


@transaction.atomic
def reset_password(user: User, *, actor: User) -> str:
    """Give somebody a new first password, to be printed as a slip and changed at their next sign-in.

    Their open sessions end. Raises Refused when they hold no post, or one that the actor could not have given.
    """
    with refusals() as refuse:
        if actor.pk == user.pk:
            refuse(_("Change your own password on your own page."))
        elif not Appointment.objects.standing().filter(user=user).exists():
            refuse(_("They hold no post any more. Appoint them first."))
        elif not can_reset_password(actor, user):
            refuse(_("Their posts reach further than yours: ask the street office to reset this password."))
    first = accounts.set_first_password(user)
    audit.record("account.password_reset", user, actor=actor)
    return first


def _check_account(refuse: Refuse, username: str, mobile: str) -> None:
    if User.objects.filter(username=username.lower()).exists():
        refuse(_("This user name is taken."), field="username")
    if mobile and User.objects.filter(mobile_index=blind_index(normalised_mobile(mobile))).exists():
        refuse(_("Somebody else signs in with this mobile number."), field="mobile")


def _check_post(refuse: Refuse, post: Post, *, user: User | None, actor: User | None) -> Appointment | None:
    """Say all that speaks against a post; returns the holder to be stood in for, locked so that they stay."""
    role, place = post.role, post.place
    if actor and not can_appoint(actor, role, place or (post.department.street if post.department else None)):
        refuse(_("You may not give the post “%(post)s” here.") % {"post": role.label}, field="role")
    if place and role.level != place.level:
        refuse(_("“%(post)s” is no post of this level.") % {"post": role.label}, field="role")
    if post.until and post.until <= post.since:
        refuse(_("The last day cannot come before the first."), field="last_day")
    if post.stands_in_for:
        return _check_stand_in(refuse, post, post.stands_in_for, user=user)
    if place and _hold(place).is_closed:
        refuse(_closed(place), field="role")
    if post.department and not post.department.is_active:
        refuse(_("This department has been deactivated."), field="role")
    head = _head(post, place) if place and role in HEADS else None
    if head:
        refuse(_("%(name)s holds this post. Dismiss them first.") % {"name": head.user}, field="role")
    return None


def _check_stand_in(refuse: Refuse, post: Post, holder: Appointment, *, user: User | None) -> Appointment:
    holder = Appointment.objects.select_for_update().get(pk=holder.pk)
    held = (holder.role, holder.place_id, holder.department_id)
    same = held == (post.role, post.place and post.place.pk, post.department and post.department.pk)
    if not same or holder.stands_in_for_id:
        refuse(_("A stand-in takes the place of whoever holds this very post."), field="stands_in_for")
    if user and holder.user_id == user.pk:
        refuse(_("Nobody stands in for themselves."), field="stands_in_for")
    if holder.has_ended or post.since < holder.since or (holder.until and post.since >= holder.until):
        refuse(_("They do not hold the post at that time."), field="stands_in_for")
    return holder


def _give(user: User, post: Post, *, holder: Appointment | None, actor: User | None) -> Appointment:
    until = min((day for day in (post.until, holder and holder.until) if day), default=None)
    made = Appointment.objects.create(
        user=user,
        role=post.role,
        place=post.place,
        department=post.department,
        since=post.since,
        until=until,
        stands_in_for=holder,
    )
    begins = start_of(post.since) if post.since < today() else None
    audit.record("appointment.made", made, actor=actor, at=begins, data={"user": user.pk, "role": post.role})
    return made


def _closed(place: Place) -> str:
    return _("“%(place)s” is closed.") % {"place": place}


def _hold(place: Place) -> Place:
    """The place as it stands, kept so until the transaction ends.

    One after the other: two heads that exclude each other may wait for each other, and one would die of it.
    """
    return Place.objects.select_for_update(no_key=True).order_by().get(pk=place.pk)


def _head(post: Post, place: Place) -> Appointment | None:
    """Whoever leads the post's place at some time of it."""
    heads = Appointment.objects.heads().filter(place=place, role=post.role).exclude(until=F("since"))
    heads = heads.filter(Q(until=None) | Q(until__gt=post.since))
    return (heads.filter(since__lt=post.until) if post.until else heads).select_related("user").first()
