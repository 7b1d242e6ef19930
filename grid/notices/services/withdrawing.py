"""Taking back what was sent: whoever read it is told."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.notices.models import Notice
from portal.core import audit, outbox
from portal.core.lines import one_line
from portal.core.refusals import refusals

from .holding import hold, locked


@transaction.atomic
def withdraw(notice: Notice, *, actor: Any, reason: str, at: datetime | None = None) -> Notice:
    """Withdraw a notice, with a reason that its readers see; whoever read it or told it hears of it after the commit.

    Raises Refused when it was withdrawn before, or without a reason.
    """
    notice = locked(notice)
    with refusals() as refuse:
        check(notice, reason, refuse)
    return take_back(notice, actor=actor, reason=reason, at=at or timezone.now())


def check(notice: Notice, reason: str, refuse: Callable[..., None]) -> None:
    """Whether a locked notice may be taken back for this reason."""
    if notice.is_withdrawn:
        refuse(_("This notice has been withdrawn already."))
    if not one_line(reason):
        refuse(_("Say why: its readers want to know."), field="reason")


def take_back(notice: Notice, *, actor: Any, reason: str, at: datetime) -> Notice:
    """Mark a locked notice, its receipts and its doors, and tell its readers; part of the caller's transaction."""
    notice.withdrawn_at, notice.withdrawn_by, notice.why_withdrawn = at, actor, one_line(reason)
    notice.save(update_fields=["withdrawn_at", "withdrawn_by", "why_withdrawn"])
    for rows in (notice.receipts, notice.doors):
        hold(rows.all())
        rows.update(is_withdrawn=True)
    audit.record("notice.withdrawn", notice, actor=actor, at=at, note=notice.why_withdrawn)
    outbox.send("notices.withdrawn", at=at, notice=notice.pk)
    return notice
