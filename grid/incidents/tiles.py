"""What incidents show on screens they do not own: the phone's tile, things to do, figures of a place."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Department, Level, Place, Role
from grid.places.territory import territory_of
from portal.core import tiles
from portal.core.clock import start_of, today
from portal.core.tiles import NavItem, PlaceColumn, PlaceColumns, PlaceLink, Stat, Tile, ToDo
from portal.workdays.calendar import last_day_of

from .department import answering, counts, tabs
from .models import NOT_SOLVED, RATED_WITHIN, TO_RING_BACK, Incident, IncidentQuerySet, Tier
from .rules import involves
from .selection import to_decide
from .workflow import State

SHOWN = 8
HELD = (State.DISPATCHED, State.REWORK, State.IN_PROGRESS)

tiles.navigation.add("incidents", NavItem(_("Incidents"), "list-check", "incidents:list", "incidents.view", 20, True))
tiles.navigation.add("report", NavItem(_("Report"), "camera", "incidents:report", "incidents.report", 10))
tiles.navigation.add(
    "call_backs", NavItem(_("Call-backs"), "telephone-outbound", "incidents:call_backs", "incidents.call_back", 35)
)
tiles.navigation.add("enter", NavItem(_("Desk entry"), "telephone", "incidents:enter", "incidents.enter", 30))
tiles.navigation.add(
    "categories", NavItem(_("Categories"), "table", "incidents:categories", "incidents.categories", 70)
)
tiles.navigation.add("templates", NavItem(_("Answers"), "chat-dots", "incidents:templates", "incidents.templates", 60))
tiles.navigation.add(
    "department", NavItem(_("Department desk"), "inbox", "incidents:department", "incidents.department", 5)
)
tiles.home_tiles.add(
    "department",
    Tile(
        _("Department desk"),
        "inbox",
        reverse_lazy("incidents:department"),
        "incidents.department",
        hint=_("What was whistled to you"),
        order=5,
    ),
)
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
    "emergency",
    Tile(
        _("Emergency"),
        "exclamation-triangle",
        reverse_lazy("incidents:emergency"),
        "incidents.emergency",
        hint=_("Call, and tell everybody at once"),
        order=15,
    ),
)
tiles.home_tiles.add(
    "my_reports",
    Tile(
        _("My reports"),
        "clipboard-check",
        reverse_lazy("incidents:mine"),
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
    held_now = Incident.objects.visible_to(user).filter(held, state__in=HELD, is_emergency=False).order_by("due_at")
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


def emergencies(user: Any) -> Iterable[ToDo]:
    """Every open emergency of the territory stands before everything else, until it is closed."""
    running = Incident.objects.open().visible_to(user).filter(is_emergency=True).order_by("due_at", "pk")
    for incident in running.select_related("category", "place")[:SHOWN]:
        yield ToDo(
            title=incident.category,
            url=incident.get_absolute_url(),
            meta=f"{incident.place} {incident.location}".strip(),
            tag=f"{_('Emergency')} · {incident.get_state_display()}",
            tone="red",
            order=1,
        )


def requests(user: Any) -> Iterable[ToDo]:
    """What is asked of the office and waits for this user."""
    if not user.has_perm("incidents.decide"):
        return
    count = to_decide(user).count()
    if count:
        url = reverse("incidents:requests")
        yield ToDo(title=_("Requests to decide"), url=url, count=count, tone="amber", order=12)


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
    waits, others = Q(state=State.AWAITING_VERIFICATION), ~involves(user)
    is_verified = Q(verified_by__isnull=False) | Q(resident_confirmed_at__isnull=False)
    here = Incident.objects.open().visible_to(user)
    counts = here.aggregate(
        reported=Count("pk", Q(state=State.REPORTED)),
        opened=Count("pk", Q(state=State.OPENED, at_street=False)),
        passed_up=Count("pk", Q(state=State.OPENED, at_street=True)),
        overdue=Count("pk", Q(due_at__lt=timezone.now(), suspended_at=None)),
        verify=Count("pk", waits & ~is_verified & others),
        close=Count("pk", waits & (is_verified | others)),
        drawn=Count("pk", waits & others & ~is_verified & Q(is_sampled=True)),
    )
    if user.has_perm("incidents.open"):
        closed = Incident.objects.lately_closed().visible_to(user)
        counts |= closed.aggregate(
            call_back=Count("pk", TO_RING_BACK & ~Q(handled_by=user)), disputed=Count("pk", NOT_SOLVED)
        )
    if Role.STREET_ADMIN not in territory_of(user).roles_at(None):
        del counts["passed_up"]
    disputed = _list(scope="closed", disputed="on")
    passed_up = _list(state=State.OPENED, level=Tier.STREET)
    offers = (
        ("incidents.open", "overdue", _("Overdue"), _list(overdue="on"), "red"),
        ("incidents.open", "reported", _("To be taken up"), _list(state=State.REPORTED), "amber"),
        ("incidents.dispatch", "passed_up", _("Passed up to the street"), passed_up, "amber"),
        ("incidents.dispatch", "opened", _("To be dispatched"), _list(state=State.OPENED), "amber"),
        ("incidents.close", "close", _("To be confirmed and closed"), _list(scope="verify"), "blue"),
        ("incidents.verify", "verify", _("To be verified"), _list(scope="verify"), "blue"),
        ("incidents.rework", "drawn", _("Drawn to be looked at"), _list(scope="verify", drawn="on"), "amber"),
        ("incidents.open", "disputed", _("Closed, but not solved, they say"), disputed, "red"),
        ("incidents.call_back", "call_back", _("Callers to ring back"), reverse("incidents:call_backs"), "green"),
    )
    closes = user.has_perm("incidents.close")
    for order, (permission, key, title, url, tone) in enumerate(offers, start=10):
        if counts.get(key) and user.has_perm(permission) and not (key == "verify" and closes):
            yield ToDo(title=title, url=url, count=counts[key], tone=tone, order=order)


def of_place(user: Any, place: Place) -> Iterable[Stat]:
    """How a place stands this month, counted from its records; a street's are too many to be counted in all.

    Their keys are their own: what figures mean by `incidents.*` is a contract, and these are what a desk has before it.
    """
    first = today().replace(day=1)
    month = start_of(first)
    url = f"{_list(place=str(place.pk))}&scope="
    seen = Incident.objects.visible_to(user).within(place)
    late, waits = Q(due_at__lt=timezone.now(), suspended_at=None), Q(state=State.AWAITING_VERIFICATION)
    whole = [(seen.counted(), {"total": Q()})] if place.community_id else []
    counts = _counted_apart(
        (seen.open(), {"open": Q(), "overdue": late, "awaiting": waits}),
        (seen.counted().filter(reported_at__gte=month), {"reported": Q()}),
        (seen.counted().filter(closed_at__gte=month), {"closed": Q(), "closed_in_time": Q(closed_at__lte=F("due_at"))}),
        *whole,
    )
    share = round(100 * counts["closed_in_time"] / counts["closed"]) if counts["closed"] else None
    red = "red" if counts["overdue"] else ""
    yield Stat("desk.open", _("Open"), counts["open"], url=f"{url}open")
    yield Stat("desk.overdue", _("Overdue"), counts["overdue"], url=f"{url}open&overdue=on", tone=red)
    yield Stat("desk.awaiting", _("Awaiting verification"), counts["awaiting"], url=f"{url}verify")
    yield Stat("desk.reported", _("Reported this month"), counts["reported"], url=f"{url}all&counts=true&since={first}")
    yield Stat("desk.closed", _("Closed this month"), counts["closed"], url=f"{url}closed")
    yield Stat("desk.in_time", _("Of these in time"), share, unit="%", n=counts["closed"])
    if whole:
        yield Stat("desk.total", _("Reported in all"), counts["total"], url=f"{url}all&counts=true")


def of_department(user: Any, department: Department) -> Iterable[Stat]:
    """What waits for a department, and how fast it answered this month; three queries."""
    now = timezone.now()
    whistled = Incident.objects.visible_to(user).filter(department=department)
    late = whistled.filter(state__in=HELD).overdue(now).count()
    answered = answering(whistled)
    url = reverse("incidents:department")
    for tab, number in counts(whistled, now).items():
        if tab != "done":
            yield Stat(f"department.{tab}", tabs(now)[tab].label, number, url=f"{url}?tab={tab}")
    yield Stat("department.overdue", _("Overdue"), late, url=_list(overdue="on"), tone="red" if late else "")
    yield Stat("department.whistled", _("Whistled for this month"), answered.whistled)
    yield Stat("department.to_take", _("Hours until taken (median)"), answered.to_take, n=answered.taken)
    yield Stat("department.to_arrive", _("Hours until arrival (median)"), answered.to_arrive, n=answered.arrived)


def _counted_apart(*asked: tuple[IncidentQuerySet, dict[str, Q]]) -> dict[str, int]:
    """How many there are of each, in one query, each part by its own index: one condition for all reads everything."""
    counted = []
    for number, (incidents, wanted) in enumerate(asked):
        columns = [*wanted.values(), Q(), Q()][:3]
        numbers = {f"n{position}": Count("pk", one or None) for position, one in enumerate(columns)}
        part = Value(number, output_field=IntegerField())
        counted.append(incidents.order_by().values(part=part).annotate(**numbers).values_list("part", *numbers))
    first, *others = counted
    rows = first.union(*others, all=True)
    return {name: n for part, *ns in rows for name, n in zip(asked[part][1], ns, strict=False)}


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
        communities = {place.community_id for place in places}  # said of the place as well: not all of them are joined
        incidents = incidents.filter(community__in=communities, place__community__in=communities)
        incidents = incidents.annotate(now=Coalesce("place__merged_into", "place"))
    if level == Level.GRID:
        above = Coalesce("place__merged_into__parent", "place__parent")
        incidents = incidents.annotate(above=above, grid=Case(When(now__in=ids, then="now"), default="above"))
        key, inside = "grid", inside | Q(above__in=ids)
    counted = incidents.filter(inside).order_by().values_list(key)
    rows = counted.annotate(open=Count("pk"), overdue=Count("pk", Q(due_at__lt=timezone.now(), suspended_at=None)))
    return {pk: (open_, overdue) for pk, open_, overdue in rows}


def to_pictures(user: Any, place: Place) -> Iterable[PlaceLink]:
    """To the schematic and the hot spots of a place; of a building group to its façade under its incidents."""
    if not user.has_perm("incidents.view", place) or place.level < Level.STREET:
        return
    url = reverse("incidents_at:map", args=[place.pk])
    yield PlaceLink(_("Incident map"), "geo-alt", url, is_facade=place.is_building_group)
    if not place.is_building_group:
        yield PlaceLink(_("Hot spots"), "fire", reverse("incidents_at:hot_spots", args=[place.pk]))


tiles.to_dos.add("incidents.emergencies", emergencies)
tiles.to_dos.add("incidents.mine", mine)
tiles.to_dos.add("incidents.requests", requests)
tiles.to_dos.add("incidents.territory", in_my_territory)
tiles.to_dos.add("incidents.to_rate", to_rate)
tiles.place_links.add("incidents", to_pictures)
tiles.place_stats.add("incidents", of_place)
tiles.department_stats.add("incidents", of_department)
tiles.place_columns.add(
    "incidents",
    PlaceColumns((PlaceColumn("open", _("Open")), PlaceColumn("overdue", _("Overdue"), tone="red")), open_by_place),
)
