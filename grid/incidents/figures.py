"""What is counted of incidents: under `incidents.*`, with the rates of digital city management (GB/T 30428.4).

Void incidents, merged ones among them, and the parts of an incident never count: one thing that happened counts once.
A deadline of 24:00 falls on the day that ends with it. A rate looks at what was due in the period, so it ends at 100 %.
"""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grid.places.models import Place
from portal.core.clock import end_of
from portal.core.refusals import Text
from portal.figures.ancestry import leaves
from portal.figures.registry import Distinct, Flow, Ratio, Score, Source, Stock, register

from .models import Incident, IncidentQuerySet, Rating
from .workflow import OPEN, State

INCIDENTS, PEOPLE = pgettext_lazy("unit", "incidents"), pgettext_lazy("unit", "people")
CALL_BACKS = pgettext_lazy("unit", "call-backs")
SEEN_BY = "incidents.view"

incidents = Source("incidents", rows=lambda: Incident.objects.counted())
ratings = Source("ratings", rows=lambda: Rating.objects.counted(), place="incident__place_id")

DUE = Q(suspended_at=None) & ~Q(state=State.DECLINED)
IN_TIME = Q(closed_at__lte=F("due_at"))


def overdue_on(day: date) -> IncidentQuerySet:
    """What was open past its deadline when a day ended, or is now; declined ones are taken to have been declined."""
    moment = min(end_of(day), timezone.now())
    still = Q(state__in=OPEN) | Q(state=State.CLOSED, closed_at__gte=moment)
    running = Q(suspended_at=None) | Q(suspended_at__gte=moment)
    return Incident.objects.counted().filter(still, running, reported_at__lt=moment, due_at__lt=moment)


def _overdue_by_place(day: date) -> QuerySet:
    return overdue_on(day).order_by().values("place_id").annotate(value=Count("pk")).values_list("place_id", "value")


def _overdue_records(place: Place, day: date) -> IncidentQuerySet:
    found = overdue_on(day).filter(place__in=leaves(place, day))
    return found.filter(community=place.community_id) if place.community_id else found


def _overdue(place: Place, day: date) -> int:
    return _overdue_records(place, day).count()


register(
    Flow(
        "incidents.reported",
        pgettext_lazy("figure", "Reported"),
        INCIDENTS,
        _(
            "Reports by the day on which they were made, declined ones too. Void and merged reports and the parts of an"
            " incident do not count."
        ),
        incidents,
        permission=SEEN_BY,
    ),
    Distinct(
        "incidents.reporters",
        pgettext_lazy("figure", "Reporters"),
        PEOPLE,
        _(
            "Everybody who put an incident on record in the period, each counted once however much they reported. Void"
            " and merged reports do not count."
        ),
        incidents,
        moment="reported_at",
        of="reporter_id",
        permission=SEEN_BY,
        counts_people=True,
    ),
    Flow(
        "incidents.opened",
        pgettext_lazy("figure", "Opened"),
        INCIDENTS,
        _(
            "Incidents by the day on which they were taken up as a case or settled on the spot. Void and merged ones"
            " and parts do not count."
        ),
        incidents,
        moment="opened_at",
        permission=SEEN_BY,
    ),
    Flow(
        "incidents.closed",
        pgettext_lazy("figure", "Closed"),
        INCIDENTS,
        _(
            "Incidents by the day on which they were closed, whenever they were reported. What was reopened counts"
            " again only once it is closed again."
        ),
        incidents,
        moment="closed_at",
        permission=SEEN_BY,
    ),
    Flow(
        "incidents.closed_in_time",
        pgettext_lazy("figure", "Closed in time"),
        INCIDENTS,
        _("Incidents closed in the period, not later than their deadline. Deadlines run in working days."),
        incidents,
        moment="closed_at",
        where=IN_TIME,
        permission=SEEN_BY,
    ),
    Flow(
        "incidents.due_to_close",
        pgettext_lazy("figure", "Due to close"),
        INCIDENTS,
        _(
            "Incidents whose deadline falls in the period; 24:00 belongs to the day that ends. Declined, void and"
            " merged ones, parts, and what is suspended (its clock stands) do not count."
        ),
        incidents,
        moment="due_by",
        where=DUE,
        permission=SEEN_BY,
    ),
    Stock(
        "incidents.overdue",
        pgettext_lazy("figure", "Overdue"),
        INCIDENTS,
        _(
            "Incidents that were open past their deadline when the last day of the period ended (today: by now). What"
            " is suspended is not overdue."
        ),
        by_place=_overdue_by_place,
        count=_overdue,
        records=_overdue_records,
        permission=SEEN_BY,
    ),
    Flow(
        "incidents.rework",
        pgettext_lazy("figure", "Rework"),
        INCIDENTS,
        _("Incidents due to close in the period whose result was sent back at least once."),
        incidents,
        moment="due_by",
        where=DUE & Q(rework_count__gt=0),
        permission=SEEN_BY,
    ),
    Flow(
        "incidents.settled_on_the_spot",
        pgettext_lazy("figure", "Settled on the spot"),
        INCIDENTS,
        _("Incidents closed in the period that a building leader or volunteer settled on the spot."),
        incidents,
        moment="closed_at",
        where=Q(settled_on_the_spot=True),
        permission=SEEN_BY,
    ),
)


def _due_part(key: str, label: Text, where: Q) -> Flow:
    """Some of those due to close: the upper half of a rate, explained by the rate itself."""
    return Flow(
        key, label, INCIDENTS, "", incidents, moment="due_by", where=DUE & where, permission=SEEN_BY, is_part=True
    )


def _voice(key: str, label: Text, **where: object) -> Flow:
    """Valid call-backs, or some of them: what people said of a result, at present one for each closing."""
    return Flow(
        key, label, CALL_BACKS, "", ratings, moment="rated_at", where=Q(**where), permission=SEEN_BY, is_part=True
    )


register(
    _due_part("incidents.due_handled", _("Due and handled"), Q(finished_at__isnull=False)),
    _due_part("incidents.due_handled_in_time", _("Due and handled in time"), Q(finished_at__lte=F("due_at"))),
    _due_part("incidents.due_closed", _("Due and closed"), Q(state=State.CLOSED)),
    _due_part("incidents.due_closed_in_time", _("Due and closed in time"), IN_TIME),
    _voice("incidents.call_backs", _("Valid call-backs")),
    _voice("incidents.contacted", _("Call-backs: was contacted"), was_contacted=True),
    _voice("incidents.solved", _("Call-backs: solved"), is_solved=True),
    _voice("incidents.satisfied", _("Call-backs: satisfied"), satisfaction=Rating.Satisfaction.SATISFIED),
    _voice("incidents.fairly_satisfied", _("Call-backs: fairly satisfied"), satisfaction=Rating.Satisfaction.FAIRLY),
)

FAIRLY_COUNTS = Decimal("0.9")  # 满意率: a fairly satisfied reporter counts nine tenths
VOICES = ("incidents.response_rate", "incidents.solving_rate", "incidents.satisfaction_rate")
if len(settings.SCORE_WEIGHTS) != len(VOICES) or sum(settings.SCORE_WEIGHTS) != 1:
    raise ImproperlyConfigured("SCORE_WEIGHTS are three numbers that add up to 1, such as 0.1,0.5,0.4")

register(
    Ratio(
        "incidents.handling_rate",
        _("Handling rate"),
        _("Of the incidents due to close in the period, those whose handling is finished, in time or late."),
        of=((1, "incidents.due_handled"),),
        over="incidents.due_to_close",
        permission=SEEN_BY,
    ),
    Ratio(
        "incidents.handling_in_time_rate",
        _("Rate of handling in time"),
        _("Of the incidents due to close in the period, those whose handling was finished by the deadline."),
        of=((1, "incidents.due_handled_in_time"),),
        over="incidents.due_to_close",
        permission=SEEN_BY,
    ),
    Ratio(
        "incidents.closing_rate",
        _("Closing rate"),
        _("Of the incidents due to close in the period, those that are closed, in time or late (GB/T 30428.4)."),
        of=((1, "incidents.due_closed"),),
        over="incidents.due_to_close",
        permission=SEEN_BY,
    ),
    Ratio(
        "incidents.closing_in_time_rate",
        _("Rate of closing in time"),
        _("Of the incidents due to close in the period, those closed by the deadline (GB/T 30428.4)."),
        of=((1, "incidents.due_closed_in_time"),),
        over="incidents.due_to_close",
        permission=SEEN_BY,
    ),
    Ratio(
        "incidents.rework_rate",
        _("Rework rate"),
        _("Of the incidents due to close in the period, those whose result was sent back at least once."),
        of=((1, "incidents.rework"),),
        over="incidents.due_to_close",
        permission=SEEN_BY,
    ),
    Ratio(
        "incidents.response_rate",
        _("Response rate"),
        _(
            "Of the valid call-backs of the period, those who say that somebody got in touch. Valid is what a reporter"
            " or resident says of a result, once for each closing; what was said before a reopening counts no more."
        ),
        of=((1, "incidents.contacted"),),
        over="incidents.call_backs",
        permission=SEEN_BY,
    ),
    Ratio(
        "incidents.solving_rate",
        _("Solving rate"),
        _("Of the valid call-backs of the period, those who say that the problem is solved."),
        of=((1, "incidents.solved"),),
        over="incidents.call_backs",
        permission=SEEN_BY,
    ),
    Ratio(
        "incidents.satisfaction_rate",
        _("Satisfaction rate"),
        _("The satisfied and nine tenths of the fairly satisfied, of the valid call-backs of the period."),
        of=((1, "incidents.satisfied"), (FAIRLY_COUNTS, "incidents.fairly_satisfied")),
        over="incidents.call_backs",
        permission=SEEN_BY,
    ),
    Score(
        "incidents.overall_score",
        _("Overall score"),
        _(
            "The response, solving and satisfaction rates, each with its weight (as the street has set them; 0.1, 0.5"
            " and 0.4 at first). Without a valid call-back there is no score."
        ),
        of=tuple(zip(settings.SCORE_WEIGHTS, VOICES, strict=True)),
        permission=SEEN_BY,
    ),
)
