"""Of what notices remind: of new ones, once more of urgent ones, of the day by which an answer is wanted."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.clock import day_of
from portal.reminders.models import Reminder
from portal.reminders.registry import Due, Group, Kind, Pace, collects, groups, register

from .models import Notice, Receipt
from .news import AGAIN, DUE, NEW, URGENT, WITHDRAWN

HOURLY = timedelta(hours=1)
AFTER_A_DAY = timedelta(days=1)
AT_MOST = 3  # so many days in a row an urgent one is told again


def _still(reminders: Sequence[Reminder]) -> Collection[int]:
    """Those whose notice was neither withdrawn nor opened by their reader."""
    about = {(one.subject_id, one.user_id): one.pk for one in reminders}
    unread = Receipt.objects.unread().filter(notice__in={notice for notice, _user in about})
    pairs = unread.filter(user__in={user for _notice, user in about}).values_list("notice", "user")
    return {about[pair] for pair in pairs if pair in about}


groups.add(
    "notices",
    Group(
        "notices",
        _("Notices"),
        _("Notices from the community, the street or the grid."),
        "megaphone",
        Pace.AT_ONCE,
        order=40,
    ),
)
register(
    Kind(NEW[0], _("A notice for you"), "notices", still=_still),
    Kind(URGENT[0], _("An urgent notice for you"), "notices", still=_still, is_urgent=True),
    Kind("notices.again", _("An urgent notice waits for you"), "notices", still=_still, is_urgent=True),
    Kind("notices.due", _("A notice wants an answer"), "notices"),
    Kind(WITHDRAWN[0], _("A notice was withdrawn"), "notices"),
)


@collects("notices.again", every=HOURLY)
def urgent_again(now: datetime) -> Iterable[Due]:
    """Whoever has not read an urgent notice a day after it was sent, once a day for three days."""
    urgent = Notice.objects.standing(now).filter(is_urgent=True, sent_at__lte=now - AFTER_A_DAY)
    for receipt in Receipt.objects.unread().filter(notice__in=urgent).select_related("notice").iterator():
        days = min((now - receipt.notice.sent_at).days, AT_MOST)
        words = {"notice": receipt.notice.title}
        yield Due(receipt.user_id, Notice, receipt.notice_id, AGAIN, stage=str(days), words=words)


@collects("notices.due", every=HOURLY)
def answer_wanted(now: datetime) -> Iterable[Due]:
    """Whoever has not confirmed a notice on the day before its answer is wanted."""
    day = day_of(now) + AFTER_A_DAY
    standing = Notice.objects.standing(now).filter(answer_by__lte=day, answer_by__gte=day_of(now))
    open_ = Q(read_at=None) | Q(must_acknowledge=True, acknowledged_at=None)
    for receipt in Receipt.objects.valid().filter(open_, notice__in=standing).select_related("notice").iterator():
        words = {"notice": receipt.notice.title, "day": str(receipt.notice.answer_by)}
        yield Due(receipt.user_id, Notice, receipt.notice_id, DUE, words=words)
