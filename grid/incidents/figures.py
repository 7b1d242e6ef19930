"""What is counted of incidents: under `incidents.*`, with the rates that digital city management goes by.

Void incidents, merged ones among them, and the parts of an incident never count: one thing that happened counts once.
A deadline of 24:00 falls on the day that ends with it. A rate looks at the deadlines of the period that have passed: it
ends at 100 %, and what is due later today does not count yet, closed early or not. The terms 应结案, 结案率, 按期结案率
and their division are those of the returns that cities publish after GB/T 30428.4 (docs/decisions/0024).
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


DUE_TO_CLOSE = Flow(
    key="incidents.due_to_close",
    label=pgettext_lazy("figure", "Due to close"),
    unit=INCIDENTS,
    words=_(
        "Incidents whose deadline falls in the period; 24:00 belongs to the day that ends, and deadlines later today"
        " count as well. Declined, void and merged ones, parts, and what is suspended (its clock stands) do not count."
    ),
    source=incidents,
    moment="due_by",
    where=DUE,
    permission=SEEN_BY,
)
REWORK = Flow(
    key="incidents.rework",
    label=pgettext_lazy("figure", "Rework"),
    unit=INCIDENTS,
    words=_("Incidents due to close in the period whose result was sent back at least once."),
    source=incidents,
    moment="due_by",
    where=DUE & Q(rework_count__gt=0),
    permission=SEEN_BY,
    grows=True,
)

register(
    Flow(
        key="incidents.reported",
        label=pgettext_lazy("figure", "Reported"),
        unit=INCIDENTS,
        words=_(
            "Reports by the day on which they were made, declined ones too. Void and merged reports and the parts of an"
            " incident do not count."
        ),
        source=incidents,
        permission=SEEN_BY,
    ),
    Distinct(
        key="incidents.reporters",
        label=pgettext_lazy("figure", "Reporters"),
        unit=PEOPLE,
        words=_(
            "Everybody who put an incident on record in the period, each counted once however much they reported. Void"
            " and merged reports do not count."
        ),
        source=incidents,
        moment="reported_at",
        of="reporter_id",
        permission=SEEN_BY,
        counts_people=True,
    ),
    Flow(
        key="incidents.opened",
        label=pgettext_lazy("figure", "Opened"),
        unit=INCIDENTS,
        words=_(
            "Incidents by the day on which they were taken up as a case or settled on the spot. Void and merged ones"
            " and parts do not count."
        ),
        source=incidents,
        moment="opened_at",
        permission=SEEN_BY,
    ),
    Flow(
        key="incidents.closed",
        label=pgettext_lazy("figure", "Closed"),
        unit=INCIDENTS,
        words=_(
            "Incidents by the day on which they were closed, whenever they were reported. What was reopened counts"
            " again only once it is closed again."
        ),
        source=incidents,
        moment="closed_at",
        permission=SEEN_BY,
    ),
    Flow(
        key="incidents.closed_in_time",
        label=pgettext_lazy("figure", "Closed in time"),
        unit=INCIDENTS,
        words=_("Incidents closed in the period, not later than their deadline. Deadlines run in working days."),
        source=incidents,
        moment="closed_at",
        where=IN_TIME,
        permission=SEEN_BY,
    ),
    DUE_TO_CLOSE,
    Stock(
        key="incidents.overdue",
        label=pgettext_lazy("figure", "Overdue"),
        unit=INCIDENTS,
        words=_(
            "Incidents that were open past their deadline when the last day of the period ended (today: by now). What"
            " is suspended is not overdue."
        ),
        by_place=_overdue_by_place,
        count=_overdue,
        records=_overdue_records,
        permission=SEEN_BY,
    ),
    REWORK,
    Flow(
        key="incidents.settled_on_the_spot",
        label=pgettext_lazy("figure", "Settled on the spot"),
        unit=INCIDENTS,
        words=_("Incidents closed in the period that a building leader or volunteer settled on the spot."),
        source=incidents,
        moment="closed_at",
        where=Q(settled_on_the_spot=True),
        permission=SEEN_BY,
    ),
)


def _due_part(key: str, label: Text, where: Q, *, grows: bool = False) -> Flow:
    """Some of those whose deadline has passed: the upper half of a rate, explained by the rate itself."""
    return Flow(
        key=key,
        label=label,
        unit=INCIDENTS,
        words="",
        source=incidents,
        moment="due_by",
        where=DUE & where,
        permission=SEEN_BY,
        is_part=True,
        only_passed=True,
        grows=grows,
    )


def _voice(key: str, label: Text, **where: object) -> Flow:
    """Valid call-backs, or some of them: what people said of a result, at present one for each closing."""
    return Flow(
        key=key,
        label=label,
        unit=CALL_BACKS,
        words="",
        source=ratings,
        moment="rated_at",
        where=Q(**where),
        permission=SEEN_BY,
        is_part=True,
    )


register(
    DUE_TO_CLOSE.passed(
        "incidents.due_passed",
        _("Due, deadline passed"),
        _(
            "Of the incidents due to close in the period, those whose deadline has passed: of days that have ended all,"
            " of today those due by now. Whatever is due later today does not count yet, even when it is closed early."
        ),
    ),
    REWORK.passed("incidents.due_reworked", _("Due and sent back")),
    _due_part("incidents.due_handled", _("Due and handled"), Q(finished_at__isnull=False), grows=True),
    _due_part("incidents.due_handled_in_time", _("Due and handled in time"), Q(finished_at__lte=F("due_at"))),
    _due_part("incidents.due_closed", _("Due and closed"), Q(state=State.CLOSED), grows=True),
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
        key="incidents.handling_rate",
        label=_("Handling rate"),
        words=_(
            "Of the incidents whose deadline lay in the period and has passed, those handled by now, in time or late."
        ),
        of=((1, "incidents.due_handled"),),
        over="incidents.due_passed",
        permission=SEEN_BY,
    ),
    Ratio(
        key="incidents.handling_in_time_rate",
        label=_("Rate of handling in time"),
        words=_("Of the incidents whose deadline lay in the period and has passed, those handled by the deadline."),
        of=((1, "incidents.due_handled_in_time"),),
        over="incidents.due_passed",
        permission=SEEN_BY,
    ),
    Ratio(
        key="incidents.closing_rate",
        label=_("Closing rate"),
        words=_(
            "Of the incidents whose deadline lay in the period and has passed, those closed by now, in time or late"
            " (terms after GB/T 30428.4)."
        ),
        of=((1, "incidents.due_closed"),),
        over="incidents.due_passed",
        permission=SEEN_BY,
    ),
    Ratio(
        key="incidents.closing_in_time_rate",
        label=_("Rate of closing in time"),
        words=_(
            "Of the incidents whose deadline lay in the period and has passed, those closed by the deadline (terms"
            " after GB/T 30428.4)."
        ),
        of=((1, "incidents.due_closed_in_time"),),
        over="incidents.due_passed",
        permission=SEEN_BY,
    ),
    Ratio(
        key="incidents.rework_rate",
        label=_("Rework rate"),
        words=_("Of the incidents whose deadline lay in the period and has passed, those sent back at least once."),
        of=((1, "incidents.due_reworked"),),
        over="incidents.due_passed",
        permission=SEEN_BY,
    ),
    Ratio(
        key="incidents.response_rate",
        label=_("Response rate"),
        words=_(
            "Of the valid call-backs of the period, those who say that somebody got in touch. Valid is what a reporter"
            " or resident says of a result, once for each closing; what was said before a reopening counts no more."
        ),
        of=((1, "incidents.contacted"),),
        over="incidents.call_backs",
        permission=SEEN_BY,
    ),
    Ratio(
        key="incidents.solving_rate",
        label=_("Solving rate"),
        words=_("Of the valid call-backs of the period, those who say that the problem is solved."),
        of=((1, "incidents.solved"),),
        over="incidents.call_backs",
        permission=SEEN_BY,
    ),
    Ratio(
        key="incidents.satisfaction_rate",
        label=_("Satisfaction rate"),
        words=_("The satisfied and nine tenths of the fairly satisfied, of the valid call-backs of the period."),
        of=((1, "incidents.satisfied"), (FAIRLY_COUNTS, "incidents.fairly_satisfied")),
        over="incidents.call_backs",
        permission=SEEN_BY,
    ),
    Score(
        key="incidents.overall_score",
        label=_("Overall score"),
        words=_(
            "The response, solving and satisfaction rates, each with its weight (as the street has set them; 0.1, 0.5"
            " and 0.4 at first). Without a valid call-back there is no score."
        ),
        of=tuple(zip(settings.SCORE_WEIGHTS, VOICES, strict=True)),
        permission=SEEN_BY,
    ),
)
