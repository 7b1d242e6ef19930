"""Putting a notice right: another one takes its place, and whoever was told the wrong text hears of it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.notices.models import Notice
from grid.places.models import Place
from portal.core.clock import day_of
from portal.core.refusals import refusals

from .holding import as_drawn, locked
from .sending import Draft, send, sent_on
from .withdrawing import check, take_back

MOST_A_DAY = 10  # corrections by one sender, beside the notices of the day


@transaction.atomic
def correct(notice: Notice, *, actor: Any, title: str, body: str, reason: str, at: datetime | None = None) -> Notice:
    """Replace a notice by one that says it right, to the same audience in the same areas; returns the new one.

    Where an area was merged into another, that one. The households on the old list stand on the new one wherever they
    are now. The old notice is withdrawn, with `reason`; what was read or told of it counts no more, and its readers to
    whom the new one does not go hear of that. Raises Refused when it was withdrawn or corrected before, when none of
    its areas is left, or the actor has corrected too many today.
    """
    at = at or timezone.now()
    drawn = as_drawn(area.place for area in notice.areas.select_related("place"))  # areas of what was sent stay
    notice = locked(notice)
    areas = [area for area in map(_now, drawn) if not area.is_closed]
    with refusals() as refuse:
        check(notice, reason, refuse)
        if not areas:
            refuse(_("The places it went to are closed: withdraw it instead."))
        if sent_on(day_of(at), actor, corrections=True) >= MOST_A_DAY:
            words = _("You have corrected %(count)d notices today. Withdraw this one, or let a colleague correct it.")
            refuse(words % {"count": MOST_A_DAY})
    draft = Draft(
        title=title,
        body=body,
        audience=notice.audience,
        areas=areas,
        is_urgent=notice.is_urgent,
        must_acknowledge=notice.must_acknowledge,
        answer_by=notice.answer_by if notice.answer_by and notice.answer_by >= day_of(at) else None,
    )
    right = send(draft, actor=actor, place=_now(notice.place), corrects=notice, at=at)
    take_back(notice, actor=actor, reason=reason, at=at)  # afterwards: who moves a household holds it before its doors
    return right


def _now(place: Place) -> Place:
    """The place, or what it was merged into."""
    return place.merged_into or place
