"""Every page there is, with something on it and somebody who may see it; made from the wall matrix."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Mod
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from grid.incidents import services
from grid.incidents.models import Incident
from grid.incidents.services import links
from grid.incidents.workflow import State
from grid.places import services as posts
from grid.places.models import Department, Place, Role
from grid.roster import exports
from grid.roster.models import Estate, Household, Resident
from grid.roster.services import imports
from portal.accounts.appearance import LARGE_TYPE_COOKIE
from portal.accounts.models import User
from portal.core import outbox
from portal.core.clock import today
from portal.jobs.models import Job
from portal.reminders import services as reminders
from portal.reminders.services.preferences import token_for
from portal.workdays.models import SpecialDay
from tests import factories
from tests.cast import Map, make_user
from tests.doors import DOORS, SEEN_BY_NEIGHBOURS, WITHOUT_OBJECT, Scene
from tests.pictures import photo_of
from tests.roster.checked import every_stage

from .devices import Device
from .watch import Watch

# Addresses that only take something in, hand out a file or speak to machines; a test shows that they are no pages.
NO_PAGE = {
    "accounts:language",
    "accounts:large_type",
    "accounts:sign_out",
    "accounts:token",
    "accounts:withdraw_consent",
    "dashboard:board_export",
    "files:show",
    "files:thumbnail",
    "incidents:caller",  # shown in answer to a click, see `test_states`
    "incidents:bulk_close",  # what was ticked in the list is sent along, see `test_desk`
    "incidents:bulk_dispatch",
    "incidents:bulk_extend",
    "incidents:bulk_merge",
    "incidents:confirm",
    "incidents:export",
    "incidents:suggest",  # a fragment in answer to what is typed
    "incidents:slip",
    "incidents:category_default",
    "incidents:flats",  # parts of the page of a report
    "incidents:similar",
    "incidents:view_delete",
    "incidents:not_reached",
    "incidents:withdraw",
    "incidents_at:hot_spots_export",
    "jobs:again",
    "jobs:file",
    "livez",
    "readyz",
    "notices:acknowledge",
    "notices:mark",
    "reminders:address",
    "reminders:done",
    "reminders:link",
    "reminders:open",
    "reminders:read_all",
    "roster:export",
    "roster:import_absent",
    "roster:import_confirm",
    "roster:import_discard",
    "roster:import_report",
    "roster:resident_restore",
    "roster:reveal",  # shown in answer to a click
    "roster:template",
    "workdays:remove",
    "workdays:withdraw",
}
# Pages that only a portal without people has.
EMPTY_PORTAL = {"places:first_run"}

# Whoever looks at a page without an object; 李 unless somebody else is named.
READERS: dict[str, tuple[str, ...]] = {
    "accounts:consent": ("newcomer", "chen"),
    "accounts:password": ("first_timer", "chen"),
    "accounts:sign_in": ("",),
    "dashboard:boards": ("double",),  # whoever has a single place is led on to its board
    "dashboard:home": ("chen", "li", "he", "lin", "nobody", "double"),
    "incidents:emergency": ("chen", "li", "he"),
    "incidents:requests": ("li", "he"),
    "incidents:department": ("lin",),
    "incidents:categories": ("he",),
    "incidents:category_add": ("he",),
    "incidents:group_add": ("he",),
    "incidents:list": ("chen", "li", "he"),
    "incidents:mine": ("chen", "li"),
    "incidents:report": ("chen", "li"),
    "notices:list": ("chen", "li", "he"),
    "notices:write": ("li", "he", "wu"),
    "places:mine": ("lin",),  # whoever has a single post is led on to its place
    "places:rights": ("li", "he"),
    "reminders:confirm_address": ("",),
    "reminders:inbox": ("chen", "huang"),
    "reminders:settings": ("chen", "li"),
    "voice": ("",),
    "workdays:add": ("he",),
    "workdays:change": ("he",),
    "workdays:declare": ("he",),
    "workdays:year": ("he", "chen"),
}
LONG_FILE = "石碁镇大龙社区岐山中路小区及周边各苑区常住人口与租住人员信息登记汇总表（二季度核对后）" * 2
ON_A_PHONE = ("", "chen", "huang", "wu", "newcomer", "first_timer", "nobody")
FAR_YEAR = 2041  # nobody has published its holidays


@dataclass(frozen=True)
class Stop:
    """One page: its address, who looks at it ("" for somebody who has not signed in), and what they do before."""

    name: str
    url: str
    who: str
    first: Callable[[Client], None] | None = None
    status: int = 200

    def __str__(self) -> str:
        return f"{self.url[:60]} ({self.who or 'nobody signed in'})"


def scene(request: Any, places: Map, urban: Department) -> Scene:
    """The cast of the wall, an officer, and people on their first day."""
    names = ("chen", "huang", "wu", "li", "zhang", "zhou", "he", "lin", "nobody")
    people = {name: request.getfixturevalue(name) for name in names}
    people["newcomer"] = make_user("newcomer", "新来的", consented_version="")
    people["double"] = double = make_user("double", "兼两格")
    for place in (places.second_grid, places.lingbian_grid):
        posts.appoint(double, role=Role.GRID_LEADER, place=place, actor=None)
    people["first_timer"] = make_user("first", "头一回", must_change_password=True)
    return Scene(people, places, urban)


def stops(scene: Scene) -> list[Stop]:
    """Every page, with records in every state behind it."""
    lives = {stage: scene.incident(stage) for stage in factories.STAGES}
    _with_everything(scene, lives["closed"])
    found = [*_without_object(scene), *_behind_doors(scene), *_more(scene, lives)]
    outbox.drain()
    return found


def calendar_kwargs() -> dict[str, dict[str, int]]:
    """A year and a day for the addresses of the calendar."""
    day = SpecialDay.objects.latest("day").day
    year = {"year": day.year}
    date = year | {"month": day.month, "day": day.day}
    by_year = dict.fromkeys(("workdays:add", "workdays:declare", "workdays:withdraw"), year)
    return by_year | {"workdays:change": date, "workdays:remove": date}


def _open_link(scene: Scene) -> dict[str, str]:
    """A link through which a caller says what they think of a result."""
    called = scene.incident("closed", source="call", caller_mobile="13800138000", reporter=scene.li.user)
    return {"token": links.issue(called, actor=scene.li.user)[1]}


def _mailed_link(scene: Scene) -> dict[str, str]:
    """A link by which somebody confirms an address."""
    waiting = reminders.set_address(scene.li.user, email="li@example.cn", actor=scene.li.user)
    return {"token": token_for(waiting)}


def _without_object(scene: Scene) -> Iterator[Stop]:
    kwargs: dict[str, dict] = {
        **calendar_kwargs(),
        "voice": _open_link(scene),
        "reminders:confirm_address": _mailed_link(scene),
    }
    for name in sorted(WITHOUT_OBJECT - NO_PAGE - EMPTY_PORTAL):
        for who in READERS.get(name, ("li",)):
            yield Stop(name, reverse(name, kwargs=kwargs.get(name)), who)


def _behind_doors(scene: Scene) -> Iterator[Stop]:
    for name, door in DOORS.items():
        if name not in NO_PAGE:
            kwargs = door.make(scene)
            first = (lambda client, door=door, kwargs=kwargs: door.first(client, kwargs)) if door.first else None
            yield Stop(name, reverse(name, kwargs=kwargs), door.owner, first)
    for name, who in SEEN_BY_NEIGHBOURS.items():
        yield Stop(name, reverse(name, args=[scene.urban.pk]), who)


def _more(scene: Scene, lives: dict[str, Incident]) -> Iterator[Stop]:
    """The same addresses in other states: other filters, other levels, full and empty."""
    for incident in lives.values():
        yield Stop("incidents:detail", incident.get_absolute_url(), "li")
    for scope in ("verify", "mine", "call_back", "closed", "all"):
        yield Stop("incidents:list", reverse("incidents:list", query={"scope": scope}), "li")
    yield Stop("incidents:list", reverse("incidents:list", query={"scope": "all", "page": "2"}), "li")
    yield Stop("incidents:list", reverse("incidents:list", query={"q": "没有这样的事", "state": State.VOID}), "li")
    yield Stop("incidents:print", reverse("incidents:print", query={"scope": "closed"}), "he")
    for tab in ("in_hand", "sent", "done"):
        yield Stop("incidents:department", reverse("incidents:department", query={"tab": tab}), "lin")
    yield from _boards(scene)
    for query in ({"show": "all"}, {"group": "reports"}, {"group": "posts"}):
        yield Stop("reminders:inbox", reverse("reminders:inbox", query=query), "chen")
    for place, who in ((scene.places.street, "he"), (scene.places.dalong, "li")):
        for name in ("incidents_at:map", "incidents_at:hot_spots"):
            yield Stop(name, reverse(name, args=[place.pk]), who)
    facade = reverse("roster:buildings", args=[scene.places.qishan.pk], query={"layer": "incidents"})
    yield Stop("roster:buildings", facade, "chen")
    for place, who in ((scene.places.street, "he"), (scene.places.dalong, "li"), (scene.places.second_grid, "li")):
        yield Stop("places:place", place.get_absolute_url(), who)
    yield Stop("places:place", scene.places.fuyi.get_absolute_url(), "zhang")  # nobody leads there
    yield Stop("places:appoint", f"{reverse('places:appoint', args=[scene.places.fuyi.pk])}?person=new", "li")
    for number, waiting in enumerate(_jobs(scene)):
        yield Stop("jobs:job", waiting, "li")
        if number < 2:
            yield Stop("jobs:cancel", f"{waiting}cancel/", "li")
    yield Stop("workdays:year", reverse("workdays:year", args=[FAR_YEAR]), "he")
    yield Stop("workdays:declare", reverse("workdays:declare", args=[FAR_YEAR]), "he")
    yield from _imports(scene)


def _boards(scene: Scene) -> Iterator[Stop]:
    """The boards of a street and a community, ordered and over other periods, and figures of each kind."""
    for place, who in ((scene.places.street, "he"), (scene.places.dalong, "li")):
        for query in ({}, {"panel": "voice", "period": f"{today().year}"}, {"sort": "incidents.overdue"}):
            yield Stop("dashboard:board", reverse("dashboard:board", args=[place.pk], query=query), who)
    keys = ("incidents.overdue", "incidents.satisfaction_rate", "incidents.overall_score", "places.residents")
    for key in keys:
        yield Stop("dashboard:figure", reverse("dashboard:figure", args=[scene.places.dalong.pk, key]), "li")
    group = reverse("dashboard:figure", args=[scene.places.qishan.pk, "incidents.reported"])
    yield Stop("dashboard:figure", group, "wu")


def _jobs(scene: Scene) -> Iterator[str]:
    """Long work that waits, is half done, was not finished, and was cancelled."""
    ended = {"finished_at": timezone.now()}
    facts = (
        {},
        {"state": "running", "done": 3, "total": 12},
        {"state": "failed", **ended},
        {"state": "cancelled", **ended},
    )
    for number, fact in enumerate(facts):
        taken = exports.Taken([number], query="", searched=False, identifiers=False)
        job = exports.start(taken, owner=scene.li.user, reason="", key=None)
        Job.objects.filter(pk=job.pk).update(error=LONG_FILE if number == 2 else "", **fact)
        yield job.get_absolute_url()


def _imports(scene: Scene) -> Iterator[Stop]:
    """An import in every stage, and each tab of a preview."""
    preview, *others = every_stage(scene.places.dalong, LONG_FILE)
    for tab in ("problems", "changed", "moved", "absent", "new_households", "changed_households"):
        yield Stop("roster:import", f"{preview.get_absolute_url()}?tab={tab}", "li")
    for one in others:
        is_unmatched = one.state == one.State.CHECKED and "name" in imports.findings_of(one).missing
        name = "roster:import_columns" if is_unmatched else "roster:import"
        yield Stop(name, reverse(name, args=[one.pk]), "li")


def _with_everything(scene: Scene, closed: Incident) -> None:
    """A rating, photos, a department, rework, a caller, what was settled and declined, and rows for a second page."""
    place, chen, li = scene.places.qishan, scene.chen.user, scene.li.user
    services.rate(closed, actor=chen, satisfaction="satisfied", is_solved=True, comment="很快就解决了")
    whistled = scene.incident("opened", code="illegal_building", photos=[photo_of(chen)], severity="urgent")
    services.dispatch(whistled, actor=li, department=scene.urban)
    again = scene.incident("awaiting_verification")
    services.rework(again, actor=li, note="还有两箱没有搬走")
    scene.incident("opened", source="call", caller_name="陈家生", caller_mobile="13800138000", reporter=li)
    factories.settled(place=place, reporter=chen)
    services.decline(scene.incident("reported"), actor=li, note="不属于社区职责")
    for days in range(0, 60, 5):  # the older ones are overdue
        scene.incident("opened", at=timezone.now() - timedelta(days=days))


def refused(scene: Scene) -> Iterator[Stop]:
    """Pages that say why there is nothing to see."""
    yield Stop("403", reverse("workdays:declare", args=[FAR_YEAR]), "li", status=403)
    yield Stop("404", "/no-such-page/", "li", status=404)
    yield Stop("400", reverse("incidents:list") + "?" + "q=1&" * 1001, "li", status=400)
    yield Stop("slip gone", reverse("places:slip", args=[scene.post_of(scene.wu).pk]), "li", status=410)


def rename(name: str, buildings: tuple[str, ...] = ()) -> None:
    """Give everybody and everything a name that begins like this, buildings one of theirs by turns."""
    for model in (User, Place, Department, Resident, Estate):
        model.objects.update(name=_numbered(name))
    names = buildings or (name,)
    for turn, building in enumerate(names):
        homes = Household.objects.alias(turn=Mod("pk", len(names))).filter(turn=turn)
        homes.update(building=_numbered(building))


def _numbered(name: str) -> Concat:
    return Concat(Value(name), Cast("pk", CharField()))


@dataclass
class Tour:
    """The way through all pages, each person in a browser of their own: `for stop, page in tour.through(PHONE)`."""

    scene: Scene
    stops: list[Stop]
    visit: Callable[..., Page]
    watch: Watch

    @classmethod
    def prepared(cls, scene: Scene, visit: Callable[..., Page], watch: Watch) -> "Tour":
        return cls(scene, [*stops(scene), *refused(scene)], visit, watch)

    def through(
        self,
        device: Device,
        *,
        large: bool = False,
        only: Collection[str] = (),
        share: tuple[int, int] = (0, 1),
        prepare: Callable[[BrowserContext], None] | None = None,
    ) -> Iterator[tuple[Stop, Page]]:
        """Every page, those of these names only, or the share (2, 5): the third of five, as its reader finds it."""
        User.objects.update(large_type=large)
        seats: dict[str, tuple[Client, Page]] = {}
        first, step = share
        for stop in self.stops[first::step]:
            if only and stop.name not in only:
                continue
            if stop.who not in seats:
                seats[stop.who] = self._seat(stop.who, device, large)
                if prepare:
                    prepare(seats[stop.who][1].context)
            client, page = seats[stop.who]
            if stop.first:
                stop.first(client)
            with self.watch.expects(stop.status):
                response = page.goto(stop.url)
                arrived = response.status, urlsplit(page.url).path
                assert arrived == (stop.status, urlsplit(stop.url).path), f"{stop} led to {arrived}"
                yield stop, page

    def _seat(self, who: str, device: Device, large: bool) -> tuple[Client, Page]:
        client = Client()
        if who:
            person = self.scene.people[who]
            client.force_login(getattr(person, "user", person))
        elif large:
            client.cookies[LARGE_TYPE_COOKIE] = "true"
        return client, self.visit(client, device)
