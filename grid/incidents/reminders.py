"""What is told about incidents: what each kind of message is called, when it no longer matters, and what the calendar
makes due. Who hears of which step says `news`, who hears when a clock runs out `climbing`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice

from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.core.clock import day_of
from portal.core.refusals import Text
from portal.reminders.models import Reminder
from portal.reminders.registry import Due, Group, Kind, Pace, collects, offer, register
from portal.workdays.calendar import last_day_of, load

from .climbing import Ear, listeners_of
from .models import Category, Incident, IncidentRequest, Resolution
from .news import REPORT
from .workflow import HELD, OPEN, State

ASKED_AGAIN_AFTER, ASKED_UNTIL = timedelta(days=3), timedelta(days=10)  # so long a worker may be away
DUE_SOON = _("“%(incident)s” is due by %(day)s.")
RATE_AGAIN = _("“%(incident)s” was closed some days ago. Are you satisfied?")
GOES_ON_TODAY = _("“%(incident)s” was to go on by today. See whether it can.")
STILL_TOLD = timedelta(days=7)  # so long a worker may be away; what waits for years is not looked at again
AT_ONCE = 500


@lru_cache(maxsize=256)
def _said(day: date, language: str) -> str:
    """A day as a reader says it; most of what is due at once is due on the same few."""
    with translation.override(language):
        return date_format(day, "MONTH_DAY_FORMAT")


on_day = lazy(lambda day: _said(day, get_language() or ""), str)  # in the language of whoever reads it
Still = Callable[[Sequence[Reminder]], Collection[int]]


def _while(matters: Q) -> Still:
    """As long as its incident is like this."""

    def still(reminders: Sequence[Reminder]) -> Collection[int]:
        found = set(Incident.objects.filter(matters, pk__in={one.subject_id for one in reminders}).values_list("pk"))
        return {one.pk for one in reminders if (one.subject_id,) in found}

    return still


def _in_their_hands(reminders: Sequence[Reminder]) -> Collection[int]:
    """As long as nobody else holds the incident and somebody has to do something about it."""
    subjects = {one.subject_id for one in reminders}
    holders = dict(Incident.objects.filter(pk__in=subjects, state__in=HELD).values_list("pk", "holder"))
    return {one.pk for one in reminders if holders.get(one.subject_id, 0) in (one.user_id, None)}


def _while_asked(kind: IncidentRequest.Kind) -> Still:
    """As long as nobody has answered the request."""

    def still(reminders: Sequence[Reminder]) -> Collection[int]:
        asked = IncidentRequest.objects.pending().filter(kind=kind, incident__in={one.subject_id for one in reminders})
        waiting = set(asked.values_list("incident", flat=True))
        return {one.pk for one in reminders if one.subject_id in waiting}

    return still


_while_open = _while(Q(state__in=OPEN))
_unrated = _while(Q(state=State.CLOSED, rating=None))

offer(
    Group(
        "work",
        _("Work that comes to you"),
        _("Dispatched or passed on to you, sent back, waiting for your decision; emergencies."),
        "inbox",
        order=10,
    ),
    Group("deadlines", _("Deadlines"), _("What is due soon, overdue, or was to go on today."), "clock", order=20),
    Group(
        "reports",
        _("What you reported"),
        _("How far it is, and whether you are satisfied."),
        "clipboard-check",
        Pace.DIGEST,
        order=30,
    ),
)
register(
    Kind("incidents.raised", _("Emergency"), "work", still=_while_open, is_urgent=True),
    Kind("incidents.dispatched", _("Dispatched to you"), "work", still=_in_their_hands),
    Kind("incidents.sent_back", _("Sent back to you for rework"), "work", still=_in_their_hands),
    Kind("incidents.transferred", _("Passed on to you by a colleague"), "work", still=_in_their_hands),
    Kind("incidents.escalated", _("Passed up to you"), "work", still=_while_open),
    Kind("incidents.suspended", _("An incident of yours has to wait"), "work", still=_while(Q(state=State.SUSPENDED))),
    Kind("incidents.resumed", _("An incident of yours goes on"), "work", still=_in_their_hands),
    Kind("incidents.voided", _("An incident of yours was voided"), "work"),
    Kind("incidents.joined", _("Seen by somebody else too"), "work", still=_in_their_hands),
    Kind("incidents.not_there", _("Not done yet"), "work", still=_while_open),
    Kind("incidents.resident_denied", _("Not done yet, a resident says"), "work", still=_while_open),
    Kind("incidents.taken_off", _("Off your hands"), "work"),
    Kind("incidents.decided", _("An answer to what you asked"), "work"),
    Kind(
        "incidents.asked_return",
        _("A return to decide"),
        "work",
        still=_while_asked(IncidentRequest.Kind.RETURN),
    ),
    Kind(
        "incidents.asked_extension",
        _("An extension to decide"),
        "work",
        still=_while_asked(IncidentRequest.Kind.EXTENSION),
    ),
    Kind(
        "incidents.asked_reopen",
        _("A reopening to decide"),
        "work",
        still=_while_asked(IncidentRequest.Kind.REOPEN),
    ),
    Kind("incidents.due_soon", _("An incident is due soon"), "deadlines", still=_in_their_hands),
    Kind("incidents.escalated_by_rule", _("An incident is overdue"), "deadlines", still=_while_open),
    Kind("incidents.waits", _("An incident was to go on today"), "deadlines", still=_while(Q(state=State.SUSPENDED))),
    Kind("incidents.passed_to", _("Incidents came to you with your post"), "posts"),
    Kind("incidents.passed_from", _("Your incidents passed to your successor"), "posts"),
    Kind("incidents.rate_again", _("Are you satisfied?"), "reports", still=_unrated),
    *(Kind(kind, _("What became of your report"), "reports") for kind in REPORT.values()),
)


@collects("incidents.due_soon", every=timedelta(hours=1))
def due_soon(now: datetime) -> Iterator[Due]:
    """Whoever holds an incident hears one working day before its deadline; again when it is moved."""
    until = load(day_of(now)).add(now, days=1)
    found = Incident.objects.filter(state__in=HELD, due_at__gt=now, due_at__lte=until, holder__isnull=False)
    for pk, holder, due_at, named in _named(found, "holder", "due_at"):
        words = {"incident": named, "day": on_day(last_day_of(due_at))}
        yield Due(holder, Incident, pk, DUE_SOON, due_at.isoformat()[:16], words)


@collects("incidents.waits", every=timedelta(hours=1))
def to_go_on(now: datetime) -> Iterator[Due]:
    """Whoever is to move next of what is suspended hears of it on the day on which it was to go on."""
    days = (day_of(now - STILL_TOLD), day_of(now))
    found = Incident.objects.filter(state=State.SUSPENDED, expected_on__range=days).order_by("pk")
    names = ("category", "place__merged_into", "place__community", "holder")
    waiting = found.select_related(*names).defer("search").iterator(chunk_size=AT_ONCE)
    while some := list(islice(waiting, AT_ONCE)):
        for incident, users in listeners_of(some, (Ear.HANDLER,)):
            words = {"incident": format_lazy("{} {}", incident.place, incident.category)}
            for user in users:
                yield Due(user.pk, Incident, incident.pk, GOES_ON_TODAY, str(incident.expected_on), words)


@collects("incidents.rate_again", every=timedelta(hours=3))
def rate_again(now: datetime) -> Iterator[Due]:
    """Whoever reported what somebody else solved, and has not rated it after three days, once more."""
    closed = Q(state=State.CLOSED, closed_at__range=(now - ASKED_UNTIL, now - ASKED_AGAIN_AFTER))
    asked = Q(source=Incident.Source.WALK, parent=None, resolution=Resolution.SOLVED, rating=None)
    found = Incident.objects.filter(closed, asked).exclude(handled_by=F("reporter"))
    for pk, reporter, closed_at, named in _named(found, "reporter", "closed_at"):
        yield Due(reporter, Incident, pk, RATE_AGAIN, f"{closed_at:%Y%m%d%H%M%S}", {"incident": named})


def _named(found: QuerySet[Incident], whom: str, when: str) -> Iterator[tuple[int, int, datetime, Text]]:
    """Id, reader, moment and words of each, without making an object of it: there may be a hundred thousand."""
    categories = Category.objects.in_bulk()
    rows = found.order_by(when, "pk").values_list("pk", whom, when, "place__name", "category")
    for pk, user, moment, place, category in rows.iterator(chunk_size=5000):
        yield pk, user, moment, format_lazy("{} {}", place, categories[category])
