"""Sending a notice down the levels."""

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
from portal.core import audit, outbox
from portal.core.clock import day_of, end_of, start_of
from portal.core.lines import one_line
from portal.core.refusals import refusals

from .holding import as_drawn

DAY_HAS_PASSED = gettext_lazy("The day by which you want an answer has passed.")
MOST_A_DAY = 50  # of one sender: an account in wrong hands must not flood every phone


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a notice says, and to whom: in these areas; None is everywhere below the place it is sent from."""

    title: str
    body: str
    audience: str
    areas: Iterable[Place] | None = None
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
    areas = as_drawn([place] if draft.areas is None else _outermost(list(draft.areas)))
    _refuse(draft, place, areas, actor=actor, day=day, is_correction=corrects is not None)
    notice = Notice.objects.create(
        place=place,
        title=one_line(draft.title),
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


def _refuse(draft: Draft, place: Place, areas: list[Place], *, actor: Any, day: date, is_correction: bool) -> None:
    """Raise Refused with everything that speaks against sending this on a day, each beside its field."""
    with refusals() as refuse:
        if not one_line(draft.title):
            refuse(_("Write a title."), field="title")
        if not draft.body.strip():
            refuse(_("Write what the notice says."), field="body")
        if draft.audience not in audiences_from(place):
            refuse(_("A notice goes to those below: choose another audience."), field="audience")
        elif not is_correction and not all(_lies_in(area, place) for area in areas):  # it may stand elsewhere now
            refuse(_("An area lies outside of what you send from."), field="areas")
        elif any(area.is_closed for area in areas):
            refuse(_("An area has been closed meanwhile. Choose again."), field="areas")
        elif not posts_of(areas, draft.audience, day).exclude(user=actor).exists():
            refuse(_("Nobody holds such a post there: nobody would be told."), field="audience")
        if not is_correction and sent_on(day, actor) >= MOST_A_DAY:  # what is wrong is put right all the same
            refuse(_("You have sent %(count)d notices today: nobody reads more.") % {"count": MOST_A_DAY})
        if draft.answer_by and draft.answer_by < day:
            refuse(DAY_HAS_PASSED, field="answer_by")


def sent_on(day: date, actor: Any, *, corrections: bool = False) -> int:
    """How many notices, or corrections, somebody has sent on a day."""
    sent = Notice.objects.filter(sender=actor, sent_at__gte=start_of(day), sent_at__lt=end_of(day))
    return sent.filter(corrects__isnull=not corrections).count()


def _lies_in(area: Place, place: Place) -> bool:
    return place.pk in (area.pk, *(above.pk for above in area.ancestors))


def _outermost(areas: list[Place]) -> list[Place]:
    """Without those that lie in another one of them."""
    chosen = {area.pk for area in areas}
    return [area for area in areas if not chosen & {above.pk for above in area.ancestors}]
