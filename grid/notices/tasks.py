from datetime import timedelta

from celery import shared_task
from django.db import OperationalError

from portal.core import outbox, schedule
from portal.reminders.registry import Due
from portal.reminders.services import remind_many

from . import services
from .models import Notice, Receipt
from .news import CORRECTED, NEW, URGENT, WITHDRAWN


@outbox.handler("notices.sent")
def tell(*, notice: int) -> None:
    """Tell everybody addressed who has not opened it; a second delivery tells nobody again."""
    subject = Notice.objects.select_related("place").get(pk=notice)
    if subject.is_withdrawn:
        return
    kind, text = URGENT if subject.is_urgent else NEW
    if subject.corrects_id:
        text = CORRECTED
    words = {"notice": subject.title, "place": str(subject.place)}
    users = subject.receipts.unread().order_by("user").values_list("user", flat=True).distinct()
    remind_many((Due(user, Notice, subject.pk, text, words=words) for user in users), kind=kind)


@outbox.handler("notices.withdrawn")
def tell_readers(*, notice: int) -> None:
    """Tell those who read it that it holds no more, and the leaders who told households of it; the others need not.

    Nor need whoever took it back, or those to whom a correction goes: they hear of that.
    """
    subject = Notice.objects.get(pk=notice)
    readers = subject.receipts.filter(read_at__isnull=False).order_by().values_list("user", flat=True)
    tellers = subject.doors.filter(by__isnull=False).order_by().values_list("by", flat=True)
    corrected = Receipt.objects.filter(notice__corrects=subject).order_by().values_list("user", flat=True)
    words = {"notice": subject.title}
    kind, text = WITHDRAWN
    users = sorted({*readers, *tellers} - {*corrected, subject.withdrawn_by_id})
    remind_many((Due(user, Notice, subject.pk, text, words=words) for user in users), kind=kind)


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def address_newcomers() -> int:
    """Address those who have come to a post since a standing notice was sent."""
    return services.address_newcomers()


schedule.every(timedelta(hours=1), "grid.notices.tasks.address_newcomers")
