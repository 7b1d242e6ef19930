"""Of what notices remind: of new ones, once more of urgent ones, of the day by which an answer is wanted."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from grid.places.models import Appointment, Role
from portal.core.clock import day_of, today
from portal.reminders.models import Reminder
from portal.reminders.registry import Due, Group, Kind, Pace, collects, offer, register

from .models import DoorPassing, Notice, NoticeQuerySet, Receipt
from .news import AGAIN, DOORS_LEFT, DUE, NEW, URGENT, WITHDRAWN

HOURLY = timedelta(hours=1)
AFTER_A_DAY = timedelta(days=1)
AT_MOST = 3  # so many days in a row an urgent one is told again
DOORS = "doors"  # the stage that is told of households; the other of one's own answer
UNANSWERED = Q(read_at=None) | Q(must_acknowledge=True, acknowledged_at=None)
in_words = lazy(lambda day: date_format(day, "MONTH_DAY_FORMAT"), str)  # in the language of whoever reads it


def _still(reminders: Sequence[Reminder]) -> Collection[int]:
    """Those whose notice was neither withdrawn nor opened by their reader, as long as they hold a post."""
    about = {(one.subject_id, one.user_id): one.pk for one in reminders}
    unread = Receipt.objects.unread().of_people_in_office(today()).filter(notice__in={pk for pk, _user in about})
    pairs = unread.filter(user__in={user for _notice, user in about}).values_list("notice", "user")
    return {about[pair] for pair in pairs if pair in about}


def _still_due(reminders: Sequence[Reminder]) -> Collection[int]:
    """Those whose reader has not answered yet, or has households still to tell."""
    about = {(one.subject_id, one.user_id, one.stage): one.pk for one in reminders}
    notices, users = {one.subject_id for one in reminders}, {one.user_id for one in reminders}
    mine = Receipt.objects.valid().of_people_in_office(today()).filter(UNANSWERED, notice__in=notices, user__in=users)
    waiting = {(notice, user, "") for notice, user in mine.order_by().values_list("notice", "user")}
    left = DoorPassing.objects.waiting().filter(notice__in=notices)
    doors = left.order_by().values_list("notice", "place").distinct()
    leaders = _leaders_of({place for _notice, place in doors}, today())
    waiting |= {(notice, user, DOORS) for notice, place in doors for user in leaders[place]}
    return {pk for one, pk in about.items() if one in waiting}


def _leaders_of(places: Collection[int], day: date) -> dict[int, list[int]]:
    """Who leads these building groups on a day."""
    leads = Appointment.objects.current(day).filter(role=Role.BUILDING_LEADER, user__is_active=True)
    leaders: dict[int, list[int]] = defaultdict(list)
    for place, user in leads.filter(place__in=places).values_list("place", "user"):
        leaders[place].append(user)
    return leaders


offer(
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
    Kind("notices.due", _("A notice wants an answer"), "notices", still=_still_due),
    Kind(WITHDRAWN[0], _("A notice was withdrawn"), "notices"),
)


@collects("notices.again", every=HOURLY)
def urgent_again(now: datetime) -> Iterable[Due]:
    """Whoever has not read an urgent notice a day after it was sent, once a day for three days."""
    urgent = Notice.objects.standing(now).filter(is_urgent=True, sent_at__lte=now - AFTER_A_DAY)
    unread = Receipt.objects.unread().of_people_in_office(day_of(now)).filter(notice__in=urgent)
    for receipt in unread.select_related("notice").iterator():
        days = min((now - receipt.notice.sent_at).days, AT_MOST)
        words = {"notice": receipt.notice.title}
        yield Due(receipt.user_id, Notice, receipt.notice_id, AGAIN, stage=str(days), words=words)


@collects("notices.due", every=HOURLY)
def answer_wanted(now: datetime) -> Iterable[Due]:
    """Whoever has not confirmed a notice on the day before its answer is wanted, or has households still to tell."""
    day = day_of(now) + AFTER_A_DAY
    standing = Notice.objects.standing(now).filter(answer_by__lte=day, answer_by__gte=day_of(now))
    waiting = Receipt.objects.valid().of_people_in_office(day_of(now)).filter(UNANSWERED, notice__in=standing)
    for receipt in waiting.select_related("notice").iterator():
        words = {"notice": receipt.notice.title, "day": in_words(receipt.notice.answer_by)}
        yield Due(receipt.user_id, Notice, receipt.notice_id, DUE, words=words)
    yield from _doors_left(standing, day_of(now))


def _doors_left(standing: NoticeQuerySet, day: date) -> Iterable[Due]:
    """Each leader once for a notice, with how many households of all their building groups are left."""
    notices = {notice.pk: notice for notice in standing}
    waiting = DoorPassing.objects.waiting().filter(notice__in=notices).order_by()
    counted = list(waiting.values("notice", "place").annotate(number=Count("pk")).order_by("notice", "place"))
    leaders = _leaders_of({row["place"] for row in counted}, day)
    left: Counter[tuple[int, int]] = Counter()
    for row in counted:
        left.update({(row["notice"], user): row["number"] for user in leaders[row["place"]]})
    for (pk, user), number in left.items():
        words = {"notice": notices[pk].title, "day": in_words(notices[pk].answer_by), "number": number}
        yield Due(user, Notice, pk, DOORS_LEFT, stage=DOORS, words=words)
