"""Taking back what was sent: whoever read it is told."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.notices.models import Notice
from portal.core import audit, outbox
from portal.core.refusals import refusals


@transaction.atomic
def withdraw(notice: Notice, *, actor: Any, reason: str, at: datetime | None = None) -> Notice:
    """Withdraw a notice, with a reason that its readers see; whoever read it or told it hears of it after the commit.

    Raises Refused when it was withdrawn before, or without a reason.
    """
    at = at or timezone.now()
    notice = take_back(locked(notice), actor=actor, reason=reason, at=at)
    outbox.send("notices.withdrawn", at=at, notice=notice.pk)
    return notice


def take_back(notice: Notice, *, actor: Any, reason: str, at: datetime) -> Notice:
    """Mark a locked notice, its receipts and its doors; part of the caller's transaction."""
    with refusals() as refuse:
        if notice.is_withdrawn:
            refuse(_("This notice has been withdrawn already."))
        if not reason.strip():
            refuse(_("Say why: its readers want to know."), field="reason")
    notice.withdrawn_at, notice.withdrawn_by, notice.why_withdrawn = at, actor, reason.strip()
    notice.save(update_fields=["withdrawn_at", "withdrawn_by", "why_withdrawn"])
    notice.receipts.update(is_withdrawn=True)
    notice.doors.update(is_withdrawn=True)
    audit.record("notice.withdrawn", notice, actor=actor, at=at, note=notice.why_withdrawn)
    return notice


def locked(notice: Notice) -> Notice:
    return Notice.objects.select_for_update(of=("self",)).select_related("place__parent__parent").get(pk=notice.pk)
