"""Sending a notice down the levels, and correcting one that was sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.notices.addressing import audiences_from, posts_of, write_doors, write_receipts
from grid.notices.models import Notice, NoticeArea
from grid.places.models import Place
from grid.places.redrawing import stay_as_drawn
from portal.core import audit, outbox
from portal.core.clock import day_of, end_of, start_of
from portal.core.refusals import refusals

from .withdrawing import locked, take_back

DAY_HAS_PASSED = gettext_lazy("The day by which you want an answer has passed.")
MOST_A_DAY = 50  # of one sender: an account in wrong hands must not flood every phone


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a notice says, and to whom: in these areas, or everywhere below the place it is sent from."""

    title: str
    body: str
    audience: str
    areas: Iterable[Place] = ()
    is_urgent: bool = False
    must_acknowledge: bool = False
    answer_by: date | None = None


@transaction.atomic
def send(
    draft: Draft, *, actor: Any, place: Place, corrects: Notice | None = None, at: datetime | None = None
) -> Notice:
    """Send a notice from a place to those below; they hear of it once this commits.

    Everybody addressed gets a receipt now, and every household to be told at the door stands on the list.
    Raises Refused when an area lies elsewhere or is closed, when nobody would be reached, or the day has passed.
    """
    at = at or timezone.now()
    day = day_of(at)
    areas = _held(_outermost(list(draft.areas)) or [place])
    _refuse(draft, place, areas, actor=actor, day=day, is_correction=corrects is not None)
    notice = Notice.objects.create(
        place=place,
        title=draft.title.strip(),
        body=draft.body.strip(),
        audience=draft.audience,
        is_urgent=draft.is_urgent,
        must_acknowledge=draft.must_acknowledge,
        answer_by=draft.answer_by,
        sender=actor,
        sent_at=at,
        corrects=corrects,
    )
    NoticeArea.objects.bulk_create(NoticeArea(notice=notice, place=area) for area in areas)
    told = {
        "audience": draft.audience,
        "areas": [area.pk for area in areas],
        "receipts": write_receipts(notice, areas, day),
        "households": write_doors(notice, areas, day) if notice.is_at_the_door else 0,
    }
    audit.record("notice.sent", notice, actor=actor, at=at, data=told)
    outbox.send("notices.sent", at=at, notice=notice.pk)
    return notice


@transaction.atomic
def correct(notice: Notice, *, actor: Any, title: str, body: str, reason: str, at: datetime | None = None) -> Notice:
    """Replace a notice by one that says it right, to the same audience in the same areas; returns the new one.

    The old one is withdrawn, with `reason`. What was read or told of it counts no more: the new text has to be read
    and told again. Raises Refused when it was withdrawn or corrected before.
    """
    notice = locked(notice)
    at = at or timezone.now()
    take_back(notice, actor=actor, reason=reason, at=at)
    areas = [area.place for area in notice.areas.select_related("place")]
    right = Draft(
        title=title,
        body=body,
        audience=notice.audience,
        areas=[area for area in areas if not area.is_closed],
        is_urgent=notice.is_urgent,
        must_acknowledge=notice.must_acknowledge,
        answer_by=notice.answer_by if notice.answer_by and notice.answer_by >= day_of(at) else None,
    )
    return send(right, actor=actor, place=notice.place, corrects=notice, at=at)


def _refuse(draft: Draft, place: Place, areas: list[Place], *, actor: Any, day: date, is_correction: bool) -> None:
    """Raise Refused with everything that speaks against sending this on a day, each beside its field."""
    with refusals() as refuse:
        if not draft.title.strip():
            refuse(_("Write a title."), field="title")
        if not draft.body.strip():
            refuse(_("Write what the notice says."), field="body")
        if draft.audience not in audiences_from(place):
            refuse(_("A notice goes to those below: choose another audience."), field="audience")
        elif not all(place.pk in (area.pk, *(above.pk for above in area.ancestors)) for area in areas):
            refuse(_("An area lies outside of what you send from."), field="areas")
        elif any(area.is_closed for area in areas):
            refuse(_("An area has been closed meanwhile. Choose again."), field="areas")
        elif not posts_of(areas, draft.audience, day).exclude(user=actor).exists():
            refuse(_("Nobody holds such a post there: nobody would be told."), field="audience")
        if not is_correction and _sent_on(day, actor) >= MOST_A_DAY:  # what is wrong is put right all the same
            refuse(_("You have sent %(count)d notices today: nobody reads more.") % {"count": MOST_A_DAY})
        if draft.answer_by and draft.answer_by < day:
            refuse(DAY_HAS_PASSED, field="answer_by")


def _held(areas: list[Place]) -> list[Place]:
    """The areas as they are drawn now; nobody redraws them before this commits."""
    for community in sorted({area.community_id for area in areas if area.community_id}):
        stay_as_drawn(community)
    return list(Place.objects.filter(pk__in=[area.pk for area in areas]).select_related("parent__parent__parent"))


def _sent_on(day: date, actor: Any) -> int:
    return Notice.objects.filter(sender=actor, sent_at__gte=start_of(day), sent_at__lt=end_of(day)).count()


def _outermost(areas: list[Place]) -> list[Place]:
    """Without those that lie in another one of them."""
    chosen = {area.pk for area in areas}
    return [area for area in areas if not chosen & {above.pk for above in area.ancestors}]
