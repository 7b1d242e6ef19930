"""What incidents show on screens they do not own: the phone's tile, things to do, figures of a place."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import Coalesce
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place
from grid.places.territory import territory_of
from portal.core import tiles
from portal.core.clock import start_of, today
from portal.core.tiles import NavItem, PlaceColumn, PlaceColumns, Stat, Tile, ToDo
from portal.workdays.calendar import last_day_of

from .models import RATED_WITHIN, Incident, IncidentQuerySet
from .rules import involves
from .workflow import OPEN, State

SHOWN = 8

tiles.navigation.add("incidents", NavItem(_("Incidents"), "list-check", "incidents:list", "incidents.view", 20, True))
tiles.navigation.add("report", NavItem(_("Report"), "camera", "incidents:report", "incidents.report", 10))
tiles.navigation.add("enter", NavItem(_("Desk entry"), "telephone", "incidents:enter", "incidents.enter", 30))
tiles.home_tiles.add(
    "report",
    Tile(
        _("Report now"),
        "camera",
        reverse_lazy("incidents:report"),
        "incidents.report",
        hint=_("Photo, category, done"),
        order=10,
    ),
)
tiles.home_tiles.add(
    "my_reports",
    Tile(
        _("My reports"),
        "clipboard-check",
        format_lazy("{}?scope=mine", reverse_lazy("incidents:list")),
        "incidents.report",
        hint=_("What became of them"),
        order=20,
    ),
)

tiles.home_tiles.add(
    "desk_entry",
    Tile(
        _("Desk entry"),
        "telephone",
        reverse_lazy("incidents:enter"),
        "incidents.enter",
        hint=_("For a caller or a walk-in"),
        order=30,
    ),
)


def _list(**parameters: str) -> str:
    return reverse("incidents:list", query=parameters)


def mine(user: Any) -> Iterable[ToDo]:
    """What this user holds, or their department, the most urgent first."""
    held = Q(holder=user) | Q(holder=None, department__in=territory_of(user).departments)
    states = (State.DISPATCHED, State.REWORK, State.IN_PROGRESS)
    held_now = Incident.objects.visible_to(user).filter(held, state__in=states).order_by("due_at")
    for incident in held_now.select_related("category", "place")[:SHOWN]:
        yield ToDo(
            title=incident.category,
            url=incident.get_absolute_url(),
            meta=f"{incident.place} {incident.location}".strip(),
            tag=incident.get_state_display(),
            due=last_day_of(incident.due_at),
            tone="red" if incident.is_overdue else "blue",
            order=30,
        )


def to_rate(user: Any) -> Iterable[ToDo]:
    """What this user reported and has been closed: are they satisfied?"""
    closed = Incident.objects.visible_to(user).filter(
        reporter=user, source=Incident.Source.WALK, state=State.CLOSED, closed_at__gte=timezone.now() - RATED_WITHIN
    )
    unrated = closed.filter(rating=None).exclude(handled_by=user).order_by("-closed_at")
    for incident in unrated.select_related("category", "place")[:SHOWN]:
        yield ToDo(
            title=incident.category,
            url=reverse("incidents:rate", args=[incident.pk]),
            meta=f"{incident.place} {incident.location}".strip(),
            tag=_("Please rate"),
            tone="green",
            order=60,
        )


def in_my_territory(user: Any) -> Iterable[ToDo]:
    """What waits in the territory for those who may act on it: counted among the open ones and the newly closed."""
    waits, is_verified, others = Q(state=State.AWAITING_VERIFICATION), Q(verified_by__isnull=False), ~involves(user)
    here = Incident.objects.open().visible_to(user)
    counts = here.aggregate(
        reported=Count("pk", Q(state=State.REPORTED)),
        opened=Count("pk", Q(state=State.OPENED)),
        overdue=Count("pk", Q(due_at__lt=timezone.now())),
        verify=Count("pk", waits & ~is_verified & others),
        close=Count("pk", waits & (is_verified | others)),
    )
    if user.has_perm("incidents.open"):
        counts["call_back"] = Incident.objects.to_ring_back().visible_to(user).count()
    offers = (
        ("incidents.open", "overdue", _("Overdue"), _list(overdue="on"), "red"),
        ("incidents.open", "reported", _("To be taken up"), _list(state=State.REPORTED), "amber"),
        ("incidents.dispatch", "opened", _("To be dispatched"), _list(state=State.OPENED), "amber"),
        ("incidents.close", "close", _("To be confirmed and closed"), _list(scope="verify"), "blue"),
        ("incidents.verify", "verify", _("To be verified"), _list(scope="verify"), "blue"),
        ("incidents.open", "call_back", _("Callers to ring back"), _list(scope="call_back"), "green"),
    )
    closes = user.has_perm("incidents.close")
    for order, (permission, key, title, url, tone) in enumerate(offers, start=10):
        if counts.get(key) and user.has_perm(permission) and not (key == "verify" and closes):
            yield ToDo(title=title, url=url, count=counts[key], tone=tone, order=order)


def of_place(user: Any, place: Place) -> Iterable[Stat]:
    """How a place stands this month, counted from its records; a street's are too many to be counted in all."""
    month = start_of(today().replace(day=1))
    url = f"{_list(place=str(place.pk))}&scope="
    seen = Incident.objects.visible_to(user).within(place)
    is_open, is_new, is_closed = Q(state__in=OPEN), Q(reported_at__gte=month), Q(closed_at__gte=month)
    counts = seen.filter(is_open | is_new | is_closed).aggregate(
        open=Count("pk", is_open),
        overdue=Count("pk", is_open & Q(due_at__lt=timezone.now())),
        awaiting=Count("pk", Q(state=State.AWAITING_VERIFICATION)),
        reported=Count("pk", is_new),
        closed=Count("pk", is_closed),
        closed_in_time=Count("pk", is_closed & Q(closed_at__lte=F("due_at"))),
    )
    share = round(100 * counts["closed_in_time"] / counts["closed"]) if counts["closed"] else None
    red = "red" if counts["overdue"] else ""
    yield Stat("incidents.open", _("Open"), counts["open"], url=f"{url}open")
    yield Stat("incidents.overdue", _("Overdue"), counts["overdue"], url=f"{url}open&overdue=on", tone=red)
    yield Stat("incidents.awaiting", _("Awaiting verification"), counts["awaiting"], url=f"{url}verify")
    yield Stat("incidents.reported", _("Reported this month"), counts["reported"], url=f"{url}all")
    yield Stat("incidents.closed", _("Closed this month"), counts["closed"], url=f"{url}closed")
    yield Stat("incidents.in_time", _("Of these in time"), share, unit="%", n=counts["closed"])
    if place.community_id:
        yield Stat("incidents.total", _("Reported in all"), seen.count(), url=f"{url}all")


def open_by_place(places: Sequence[Place]) -> dict[int, tuple[int, int]]:
    """How many incidents are open, and overdue, in each of some siblings with all below them; one query.

    What was reported at a place that has been merged since waits where that place is now.
    """
    incidents: IncidentQuerySet = Incident.objects.open()
    ids = [place.pk for place in places]
    level = next((place.level for place in places), Level.BUILDING_GROUP)
    key, inside = "now", Q(now__in=ids)
    if level <= Level.STREET:
        key, inside = "community__parent", Q(community__parent__in=ids)
    elif level == Level.COMMUNITY:
        key, inside = "community", Q(community__in=ids)
    else:
        incidents = incidents.filter(community__in={place.community_id for place in places})
        incidents = incidents.annotate(now=Coalesce("place__merged_into", "place"))
    if level == Level.GRID:
        above = Coalesce("place__merged_into__parent", "place__parent")
        incidents = incidents.annotate(above=above, grid=Case(When(now__in=ids, then="now"), default="above"))
        key, inside = "grid", inside | Q(above__in=ids)
    counted = incidents.filter(inside).order_by().values_list(key)
    rows = counted.annotate(open=Count("pk"), overdue=Count("pk", Q(due_at__lt=timezone.now())))
    return {pk: (open_, overdue) for pk, open_, overdue in rows}


tiles.to_dos.add("incidents.mine", mine)
tiles.to_dos.add("incidents.territory", in_my_territory)
tiles.to_dos.add("incidents.to_rate", to_rate)
tiles.place_stats.add("incidents", of_place)
tiles.place_columns.add(
    "incidents",
    PlaceColumns((PlaceColumn("open", _("Open")), PlaceColumn("overdue", _("Overdue"), tone="red")), open_by_place),
)
