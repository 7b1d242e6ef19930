"""The desk of a street department: what was whistled to it, how far it is, and how fast it answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.models import Department
from grid.places.territory import territory_of
from portal.core.clock import start_of, today
from portal.core.refusals import Text
from portal.core.workflow import is_open
from portal.workdays.calendar import last_day_of

from .models import Incident, IncidentQuerySet, IncidentRequest
from .move_forms import MOVES, MoveForm
from .workflow import OPEN, State

LATELY = timedelta(days=90)
MOVES_HERE = ("take", "arrive", "finish", "ask-return")
BY_SLUG = {form.slug: form for form in MOVES if form.slug in MOVES_HERE}


@dataclass(frozen=True)
class Tab:
    """One part of the desk; `pick` says which incidents lie there, `order` which of them comes first."""

    key: str
    label: Text
    pick: Q
    order: tuple[str, ...]
    hint: Text


def tabs(now: datetime) -> dict[str, Tab]:
    """To take, in hand, sent for verification, and what is over and was seen to in the last 90 days."""
    over = ~Q(state__in=OPEN) | Q(state__in=[State.REPORTED, State.OPENED])
    lately = Q(closed_at__gte=now - LATELY) | Q(closed_at=None, reported_at__gte=now - LATELY)
    found = (
        Tab(
            "new",
            gettext_lazy("To take"),
            Q(state__in=[State.DISPATCHED, State.REWORK]),
            ("act_due_at", "due_at", "id"),
            gettext_lazy("What the street whistles for appears here by itself."),
        ),
        Tab(
            "in_hand",
            gettext_lazy("In hand"),
            Q(state__in=[State.IN_PROGRESS, State.SUSPENDED]),
            ("due_at", "id"),
            gettext_lazy("What you have taken on stands here until you answer."),
        ),
        Tab(
            "sent",
            gettext_lazy("Being verified"),
            Q(state=State.AWAITING_VERIFICATION),
            ("due_at", "id"),
            gettext_lazy("Somebody else looks at what you have answered."),
        ),
        Tab(
            "done",
            gettext_lazy("Over"),
            over & lately,
            ("-reported_at", "-id"),
            gettext_lazy("What was closed in the last 90 days."),
        ),
    )
    return {tab.key: tab for tab in found}


@dataclass(frozen=True)
class Row:
    """One incident on the desk with the buttons that its state offers."""

    incident: Incident
    moves: list[type[MoveForm]]
    photos: int
    waits_for_decision: bool

    @property
    def acts_late(self) -> bool:
        """The clock for beginning has run out, and nobody has begun."""
        due = self.incident.act_due_at
        return self.incident.state == State.DISPATCHED and due is not None and due < timezone.now()

    @property
    def begin_by(self) -> str:
        """Until when it has to be begun, in words: what is due at 0:00 is due until the end of the day before."""
        due = self.incident.act_due_at
        if due is None:
            return ""
        day = {"day": date_format(last_day_of(due), "SHORT_DATE_FORMAT")}
        if localtime(due).time() == time.min:
            return _("until the end of %(day)s") % day
        if localtime(due).time() == time(12):
            return _("until noon of %(day)s") % day
        return date_format(localtime(due), "SHORT_DATETIME_FORMAT")


@dataclass(frozen=True)
class Answering:
    """How fast the departments answered what was whistled to them this month: medians in hours, each with its n."""

    whistled: int
    taken: int
    to_take: float | None
    arrived: int
    to_arrive: float | None


def departments_of(user: Any) -> list[Department]:
    """The departments this user works in today."""
    return [post.department for post in territory_of(user).posts if post.department]


def whistled_to(user: Any) -> IncidentQuerySet:
    """What was whistled to the departments of this user, and nothing else that their other posts show them."""
    return Incident.objects.visible_to(user).filter(department__in=territory_of(user).departments)


def counts(incidents: IncidentQuerySet, now: datetime) -> dict[str, int]:
    """How many lie in each tab; one query."""
    return incidents.order_by().aggregate(**{key: Count("pk", tab.pick) for key, tab in tabs(now).items()})


def listed(incidents: IncidentQuerySet, tab: Tab) -> IncidentQuerySet:
    """The incidents of a tab, the most urgent first, with all that a row shows."""
    asked = IncidentRequest.objects.pending().filter(incident=OuterRef("pk"), kind=IncidentRequest.Kind.RETURN)
    found = incidents.filter(tab.pick).with_names().annotate(waits=Exists(asked))
    return found.order_by(*tab.order).prefetch_related("photos")


def rows(incidents: Iterable[Incident], user: Any) -> list[Row]:
    """What stands on the screen; costs no query more than the incidents did."""
    return [
        Row(one, [BY_SLUG[slug] for slug in MOVES_HERE if _offers(slug, one, user)], len(one.photos.all()), _waits(one))
        for one in incidents
    ]


def _offers(slug: str, incident: Incident, user: Any) -> bool:
    form = BY_SLUG.get(slug)
    if form is None or not is_open(incident, form.move) or not user.has_perm(form.permission, incident):
        return False
    if slug == "arrive":
        return incident.arrived_at is None
    return slug != "ask-return" or not _waits(incident)


def _waits(incident: Incident) -> bool:
    """They have objected, and nobody has decided yet."""
    return bool(vars(incident).get("waits"))


def answering(incidents: IncidentQuerySet) -> Answering:
    """Of what was whistled for this month: from the whistle to the taking, and to the arrival; one query."""
    month = incidents.filter(dispatched_at__gte=start_of(today().replace(day=1))).order_by()
    taken, arrived = Q(taken_at__gte=F("dispatched_at")), Q(arrived_at__gte=F("dispatched_at"))
    found = month.aggregate(
        whistled=Count("pk"),
        taken=Count("pk", taken),
        to_take=Median(F("taken_at") - F("dispatched_at"), filter=taken, output_field=DurationField()),
        arrived=Count("pk", arrived),
        to_arrive=Median(F("arrived_at") - F("dispatched_at"), filter=arrived, output_field=DurationField()),
    )
    return Answering(**{**found, "to_take": _hours(found["to_take"]), "to_arrive": _hours(found["to_arrive"])})


class Median(Aggregate):
    """The middle of a set of durations."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def _hours(length: timedelta | None) -> float | None:
    return None if length is None else round(length / timedelta(hours=1), 1)
