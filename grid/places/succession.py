"""Posts pass from one person to the next: a holder is replaced, and many building leaders are appointed at once."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.core import audit, outbox
from portal.core.clock import start_of, today
from portal.core.handover import hand_over
from portal.core.personal import blind_index, normalised_mobile
from portal.core.refusals import refusals

from . import services
from .models import Appointment, Place, Role
from .rules import can_appoint

HASHING_AT_ONCE = 2  # a hash takes 100 MB and a core for a tenth of a second
TOPIC = "places.hand_over"


@transaction.atomic
def replace(
    appointment: Appointment,
    *,
    actor: User,
    successor: User | None = None,
    newcomer: dict[str, Any] | None = None,
    last_day: date | None = None,
    note: str = "",
) -> tuple[Appointment, str]:
    """End an appointment after `last_day` (default at once) and give the post to whoever follows, with all duties.

    The successor has an account, or is a `newcomer` (`username`, `name`, `mobile`) who gets one. Duties pass when their
    post begins. Returns the new appointment and the newcomer's first password, "". Raises Refused with the reasons of
    dismissing and of appointing.
    """
    appointment = Appointment.objects.select_related("user", "place", "department__street").get(pk=appointment.pk)
    with refusals() as refuse:
        if appointment.stands_in_for_id:
            refuse(_("A stand-in is not replaced: end it, and appoint another."))
        if successor and successor.pk == appointment.user_id:
            refuse(_("They hold this post now: choose somebody else."), field="person")
    ended = services.dismiss(appointment, actor=actor, last_day=last_day, note=note)
    post: dict[str, Any] = {
        "role": Role(appointment.role),
        "place": appointment.place,
        "department": appointment.department,
    }
    post |= {"since": ended.until, "until": appointment.until if last_day else None}
    if successor:
        made, first = services.appoint(successor, actor=actor, **post), ""
    else:
        made, first = services.take_on(actor=actor, **post, **(newcomer or {}))
    audit.record("appointment.handed_over", made, actor=actor, data={"from": appointment.pk})
    if made.since <= today():
        pass_duties_on(made, predecessor=appointment.user, actor=actor)
    else:
        _pass_duties_on_later(made, predecessor=appointment.user, actor=actor)
    return made, first


def pass_duties_on(made: Appointment, *, predecessor: User, actor: User | None) -> int:
    """Pass on what the predecessor holds because of the post; returns how many things passed."""
    return hand_over(predecessor, made.user, made.place or made.department, actor=actor)


def _pass_duties_on_later(made: Appointment, *, predecessor: User, actor: User) -> None:
    message = outbox.send(TOPIC, appointment=made.pk, predecessor=predecessor.pk, actor=actor.pk)
    if message:
        message.available_at = start_of(made.since)
        message.save(update_fields=["available_at"])


@dataclass(frozen=True)
class Newcomer:
    """Somebody new who is to lead a building group; `source` says whom of the roster they were picked from."""

    place: Place
    name: str
    username: str
    mobile: str = ""
    source: str = ""


@transaction.atomic
def appoint_leaders(newcomers: Sequence[Newcomer], *, actor: User) -> list[tuple[Appointment, str]]:
    """Make an account and an appointment for each, from today; all of them or none.

    Returns each appointment with its first password. Raises Refused with every reason, whose field is the input's name
    and the place's id (`mobile_17`).
    """
    firsts = [accounts.first_password() for _one in newcomers]
    with ThreadPoolExecutor(HASHING_AT_ONCE) as pool:  # before anything is locked
        hashes = list(pool.map(make_password, firsts))
    _check_leaders(newcomers, actor)
    made = []
    for newcomer, first, password in zip(newcomers, firsts, hashes, strict=True):
        user = User(username=newcomer.username, name=newcomer.name, mobile=normalised_mobile(newcomer.mobile))
        user.password, user.must_change_password = password, True
        user.save()
        audit.record("account.made", user, actor=actor, data={"source": newcomer.source} if newcomer.source else {})
        appointment = Appointment.objects.create(
            user=user, role=Role.BUILDING_LEADER, place=newcomer.place, since=today()
        )
        audit.record("appointment.made", appointment, actor=actor, data={"user": user.pk, "role": Role.BUILDING_LEADER})
        made.append((appointment, first))
    return made


def _check_leaders(newcomers: Sequence[Newcomer], actor: User) -> None:
    ids = [newcomer.place.pk for newcomer in newcomers]
    places = {one.pk: one for one in Place.objects.select_for_update(no_key=True).order_by("pk").filter(pk__in=ids)}
    heads = Appointment.objects.standing().heads().filter(place__in=ids).exclude(until=F("since"))
    led = {post.place_id: post.user for post in heads.select_related("user")}
    names, numbers = _taken(newcomers)
    with refusals() as refuse:
        if not newcomers:
            refuse(_("Fill in at least one row."))
        for one in newcomers:
            pk, place = one.place.pk, places[one.place.pk]
            if place.is_closed or not can_appoint(actor, Role.BUILDING_LEADER, place):
                refuse(_("You may not give the post “%(post)s” here.") % {"post": place}, field=f"name_{pk}")
            if pk in led:
                refuse(_("%(name)s holds this post. Dismiss them first.") % {"name": led[pk]}, field=f"name_{pk}")
            if one.username in names:
                refuse(_("This user name is taken."), field=f"username_{pk}")
            if normalised_mobile(one.mobile) in numbers:
                refuse(_("Somebody else signs in with this mobile number."), field=f"mobile_{pk}")


def _taken(newcomers: Iterable[Newcomer]) -> tuple[set[str], set[str]]:
    """User names and mobile numbers among these that others have, or that come twice."""
    names = [one.username for one in newcomers]
    numbers = [number for one in newcomers if (number := normalised_mobile(one.mobile))]
    indices = {blind_index(number): number for number in numbers}
    users = User.objects.order_by()
    taken_names = set(users.filter(username__in=names).values_list("username", flat=True))
    taken = users.filter(mobile_index__in=indices).values_list("mobile_index", flat=True)
    taken_numbers = {indices[index] for index in taken if index}
    return taken_names | _twice(names), taken_numbers | _twice(numbers)


def _twice(texts: list[str]) -> set[str]:
    return {text for text in texts if texts.count(text) > 1}
