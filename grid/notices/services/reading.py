"""Reading a notice, and saying that one knows."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.notices.models import Notice, Receipt
from portal.core import audit
from portal.core.refusals import refusals
from portal.reminders.services import read_about

from .holding import hold


@transaction.atomic
def read(notice: Notice, *, actor: Any, at: datetime | None = None) -> int:
    """Note that it was opened, at all posts at which it was addressed to the reader; the first time counts.

    Whoever came by the tile has read the message about it as well.
    """
    read_about(actor, notice, at=at)
    mine = hold(Receipt.objects.filter(notice=notice, user=actor, read_at=None))
    return Receipt.objects.filter(pk__in=mine).update(read_at=Greatest(at or timezone.now(), "sent_at"))


@transaction.atomic
def acknowledge(notice: Notice, *, actor: Any, at: datetime | None = None) -> Notice:
    """我知道了: the reader knows what it says, on record; saying so again changes nothing.

    Raises Refused when it was never addressed to the actor, or has been withdrawn.
    """
    at = at or timezone.now()
    mine = Receipt.objects.filter(pk__in=hold(Receipt.objects.filter(notice=notice, user=actor)))
    with refusals() as refuse:
        if not mine.exists():
            refuse(_("This notice was not addressed to you."))
        elif mine.filter(is_withdrawn=True).exists():
            refuse(_("This notice has been withdrawn: there is nothing to confirm any more."))
    new = mine.filter(acknowledged_at=None).update(
        acknowledged_at=Greatest(at, Coalesce("read_at", "sent_at")),
        read_at=Coalesce("read_at", Greatest(at, "sent_at")),
    )
    read_about(actor, notice, at=at)
    if new:
        audit.record("notice.acknowledged", notice, actor=actor, at=at, data={"posts": new})
    return notice
