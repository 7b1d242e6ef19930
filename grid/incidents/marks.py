"""Incidents on the façade: what each household has open, overdue and had in the last year, and what belongs to none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.models import Place
from grid.roster.facade import Badge, Mark
from grid.roster.facade_layers import Beside, Layer, Painted, facade_layers
from grid.roster.models import Household
from portal.core.tiles import ToDo
from portal.workdays.calendar import last_day_of

from .models import Incident, IncidentQuerySet
from .workflow import OPEN, State

YEAR = timedelta(days=365)
SHOWN = 6  # of those that belong to no household
NOTHING = Mark("grey", gettext_lazy("No incidents in the last year"), "house-door")
EMERGENCY = Badge("lightning-charge", gettext_lazy("an emergency"))


@dataclass(frozen=True)
class Counted:
    """Incidents of one household: open, of these overdue and emergencies, and all that are open or of the last year.

    `latest` is the id of the newest.
    """

    open: int
    overdue: int
    emergencies: int
    recent: int
    latest: int


def paint(group: Place, user: Any, topic: str = "") -> Painted:
    """Each household of a building group by its incidents, and those of none beside it; three queries."""
    now = timezone.now()
    seen = Incident.objects.visible_to(user).exclude(state=State.VOID)
    return Painted(as_incidents(by_household(seen, group, now)), _beside(seen.within(group), group, now))


def by_household(incidents: IncidentQuerySet, group: Place, now: datetime) -> dict[int, Counted]:
    """Of all households of a building group, by household; one query. One that is missing has had none for a year."""
    theirs = incidents.filter(household__place=group, household__community=group.community_id)
    is_open = Q(state__in=OPEN)
    rows = theirs.filter(is_open | Q(reported_at__gte=now - YEAR)).order_by().values_list("household")
    counted = rows.annotate(
        open=Count("pk", is_open),
        overdue=Count("pk", is_open & Q(due_at__lt=now, suspended_at=None)),
        emergencies=Count("pk", is_open & Q(is_emergency=True)),
        recent=Count("pk"),
        latest=Max("pk"),
    )
    return {pk: Counted(*numbers) for pk, *numbers in counted}


def as_incidents(counted: Mapping[int, Counted]) -> Callable[[Household], Mark]:
    """Overdue, open, all done or none; the cell leads to the one incident, or to the list of them."""

    def mark(household: Household) -> Mark:
        found = counted.get(household.pk)
        if found is None:
            return NOTHING
        if found.overdue:
            tone, label, symbol = "red", gettext_lazy("Incident overdue"), "exclamation-circle"
        elif found.open:
            tone, label, symbol = "amber", gettext_lazy("Incident open"), "clock"
        else:
            tone, label, symbol = "green", gettext_lazy("None open, some in the last year"), "check-circle"
        badges = (EMERGENCY,) if found.emergencies else ()
        return Mark(tone, label, symbol, f"{found.open}/{found.recent}", _said(found), badges, _url(household, found))

    return mark


def _said(found: Counted) -> str:
    """未办结 2 件，其中超期 1 件，近一年共 5 件."""
    words = [_("open: %(count)d") % {"count": found.open}]
    if found.overdue:
        words.append(_("of these overdue: %(count)d") % {"count": found.overdue})
    words.append(_("in the last year: %(count)d") % {"count": found.recent})
    return _(", ").join(words)


def _url(household: Household, found: Counted) -> str:
    if found.recent == 1:
        return reverse("incidents:detail", args=[found.latest])
    scope = "open" if found.open == found.recent else "all"
    return reverse("incidents:list", query={"household": household.pk, "scope": scope})


def _beside(incidents: IncidentQuerySet, group: Place, now: datetime) -> Beside:
    """楼道、楼顶、室外: what belongs to no household of the group."""
    shared = incidents.filter(household=None)
    is_open = Q(state__in=OPEN)
    counted = shared.filter(is_open | Q(reported_at__gte=now - YEAR)).aggregate(
        open=Count("pk", is_open),
        overdue=Count("pk", is_open & Q(due_at__lt=now, suspended_at=None)),
        recent=Count("pk"),
    )
    entries = [_entry(one) for one in shared.open().select_related("category").order_by("due_at", "id")[:SHOWN]]
    url = reverse("incidents:list", query={"place": group.pk, "household": "null", "scope": "open"})
    return Beside(_("Stairwell, roof, outside"), _said(Counted(emergencies=0, latest=0, **counted)), entries, url)


def _entry(incident: Incident) -> ToDo:
    return ToDo(
        title=incident.category,
        url=incident.get_absolute_url(),
        meta=incident.location,
        tag=_("overdue") if incident.is_overdue else incident.get_state_display(),
        due=last_day_of(incident.due_at),
        tone="red" if incident.is_overdue else "amber",
    )


facade_layers.add(
    "incidents",
    Layer(
        gettext_lazy("Incidents"),
        "list-check",
        "incidents.view",
        paint,
        column=gettext_lazy("Incidents"),
        note_column=gettext_lazy("Open / last year"),
        hint=gettext_lazy("In a cell: how many are open / how many there were in the last year."),
        order=20,
    ),
)
