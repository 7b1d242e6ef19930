"""Every address of the portal: those without an object, and the doors with a real object behind each.

An address that is missing here fails `test_wall`. 黄 leads another building of the same grid, 周 works for another
community.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from grid.incidents import services as incidents
from grid.incidents.models import Category, CategoryRule, Incident, SavedView
from grid.incidents.services import categories, templates
from grid.notices.models import DoorPassing
from grid.places import services as posts
from grid.places.models import Appointment, Department, Place
from grid.roster import exports
from grid.roster.models import Estate, Household
from grid.roster.services import estates
from portal.accounts.models import User
from portal.core.clock import today
from portal.jobs import running
from portal.reminders.services import remind
from tests import factories
from tests.cast import make_user
from tests.notices.letters import sent
from tests.pictures import photo_of
from tests.roster.checked import imported
from tests.roster.people import household, resident

# Pages without an object show the reader's own territory; each app tests that they do.
WITHOUT_OBJECT = {
    "livez",
    "readyz",
    "accounts:consent",
    "accounts:language",
    "accounts:large_type",
    "accounts:password",
    "accounts:profile",
    "accounts:sign_in",
    "accounts:sign_out",
    "accounts:token",
    "accounts:withdraw_consent",
    "dashboard:boards",
    "dashboard:home",
    "incidents:call_backs",
    "incidents:bulk_close",
    "incidents:bulk_dispatch",
    "incidents:bulk_extend",
    "incidents:bulk_merge",
    "incidents:categories",
    "incidents:category_add",
    "incidents:group_add",
    "incidents:suggest",
    "incidents:template_add",
    "incidents:templates",
    "incidents:confirm",
    "incidents:department",
    "incidents:emergency",
    "incidents:enter",
    "incidents:export",
    "incidents:flats",
    "incidents:list",
    "incidents:mine",
    "incidents:print",
    "incidents:report",
    "incidents:view_save",
    "incidents:similar",
    "incidents:requests",
    "jobs:mine",
    "notices:list",
    "notices:write",
    "places:first_run",
    "places:mine",
    "places:rights",
    "reminders:inbox",
    "reminders:read_all",
    # One's own alone: tests/reminders/test_preferences.py.
    "reminders:settings",
    "reminders:address",
    "reminders:link",
    "reminders:confirm_address",  # whoever reads the mail, without an account
    "roster:estate_add",
    "roster:estates",
    "roster:export",
    "roster:imports",
    "roster:people",
    "roster:template",
    # The calendar is the whole country's: everybody reads it, and a year is no record of a place.
    "workdays:year",
    "workdays:add",
    "workdays:declare",
    "workdays:withdraw",
    "workdays:change",
    "workdays:remove",
    # Whoever holds the link may answer once, without an account: tests/incidents/test_links.py.
    "voice",
}

Kwargs = dict[str, Any]


class Scene:
    """The cast, the places and the records of one row of the matrix."""

    def __init__(self, people: dict[str, Any], places: Any, urban: Department) -> None:
        self.people, self.places, self.urban = people, places, urban

    def __getattr__(self, name: str) -> Any:
        return self.people[name]

    def incident(self, stage: str, **fields: Any) -> Incident:
        """An incident in 陈's building, handled by 吴."""
        handler = {"place": self.places.qishan, "reporter": self.chen.user, "office": self.zhang.user}
        return factories.incident(**{**handler, "handler": self.wu.user, "stage": stage, **fields})

    def post_of(self, person: Any) -> Appointment:
        return Appointment.objects.get(user=person.user)


@dataclass(frozen=True)
class Door:
    """One address with a real object behind it, one neighbour who may pass, and the strangers who may not."""

    make: Callable[[Scene], Kwargs]
    owner: str
    data: Kwargs | None = None  # None: the page is only read
    strangers: tuple[str, ...] = ("huang", "zhou")
    first: Callable[[Client, Kwargs], Any] | None = None  # what the owner does before

    def knock(self, client: Client, url: str) -> int:
        response = client.get(url) if self.data is None else client.post(url, self._filled())
        if response.streaming:
            response.file_to_stream.close()
        return response.status_code

    def _filled(self) -> Kwargs:
        filled = self.data or {}
        return {name: value() if callable(value) else value for name, value in filled.items()}


def _incident(stage: str, **fields: Any) -> Callable[[Scene], Kwargs]:
    return lambda scene: {"pk": scene.incident(stage, **fields).pk}


def _tomorrow() -> str:
    return (today() + timedelta(days=1)).isoformat()


def _suspended(scene: Scene) -> Kwargs:
    made = scene.incident("in_progress")
    incidents.suspend(made, actor=scene.wu.user, note="等配件", expected_on=today() + timedelta(days=1))
    return {"pk": made.pk}


def _called(scene: Scene) -> Kwargs:
    fields = {"source": "call", "caller_name": "陈家生", "caller_mobile": "13800138000", "reporter": scene.li.user}
    return {"pk": scene.incident("reported", **fields).pk}


def _closed_call(scene: Scene) -> Kwargs:
    fields = {"source": "call", "caller_name": "陈家生", "caller_mobile": "13800138000", "reporter": scene.li.user}
    return {"pk": scene.incident("closed", **fields).pk}


def _merged(scene: Scene) -> Kwargs:
    made = scene.incident("reported")
    incidents.merge([made], into=scene.incident("opened"), actor=scene.li.user)
    return {"pk": made.pk}


def _view(scene: Scene) -> Kwargs:
    number = SavedView.objects.count()
    query = f"scope=all&place={number}"
    return {"pk": SavedView.objects.create(user=scene.li.user, name=f"重点关注{number}", query=query).pk}


def _asked(scene: Scene) -> Kwargs:
    made = scene.incident("in_progress")
    return {"pk": incidents.ask_return(made, actor=scene.wu.user, reason="不归我管").pk}


def _photo(scene: Scene) -> Kwargs:
    photo = photo_of(scene.chen.user)
    scene.incident("reported", photos=[photo])
    return {"pk": photo.pk}


def _reminder(scene: Scene) -> Kwargs:
    made = scene.incident("reported")
    return {"pk": remind(scene.chen.user, kind="incidents.opened", about=made, stage="1", text="已立案").pk}


def _job(scene: Scene) -> Kwargs:
    """A list of people that is ready to be fetched."""
    taken = exports.Taken([], query="", searched=False, identifiers=False)
    job = exports.start(taken, owner=scene.li.user, reason="核对", key=uuid4())
    running.run(job.pk)
    return {"pk": job.pk}


def _leaders_post(scene: Scene) -> Kwargs:
    return {"pk": scene.post_of(scene.chen).pk}


def _import(scene: Scene) -> Kwargs:
    return {"pk": imported(scene.places.dalong).pk}


def _stand_ins_post(scene: Scene) -> Kwargs:
    """Somebody whose new password ends nobody else's session."""
    holder = scene.post_of(scene.chen)
    user = make_user(f"stand_in_{User.objects.count()}", "代班楼长")
    post = posts.appoint(user, role=holder.role, place=holder.place, stands_in_for=holder, actor=None)
    return {"pk": post.pk}


def _reset_password(client: Client, kwargs: Kwargs) -> None:
    client.post(reverse("places:reset_password", kwargs=kwargs), {"idempotency_key": str(uuid4())})


def _flat(scene: Scene) -> Household:
    """Another flat of 陈's building at each call."""
    return household(scene.places.qishan, room=f"{Household.objects.count() + 1}01")


def _resident(**fields: Any) -> Callable[[Scene], Kwargs]:
    return lambda scene: {"pk": resident(_flat(scene), mobile="13800138000", **fields).pk}


def _household(scene: Scene) -> Kwargs:
    return {"pk": _flat(scene).pk}


def _estate(scene: Scene) -> Kwargs:
    facts = estates.Facts(f"岐山中路小区{Estate.objects.count() + 1}")
    return {"pk": estates.add(scene.places.dalong, facts=facts, groups=[], actor=scene.li.user).pk}


def _building_group(scene: Scene) -> Kwargs:
    return {"pk": scene.places.qishan.pk}


VACANT = "440113106001002001"  # 富怡苑楼栋小组, whatever it is called


def _appoint_leaders(client: Client, kwargs: Kwargs) -> None:
    vacant = Place.objects.get(code=VACANT)
    data = {"idempotency_key": str(uuid4()), f"name_{vacant.pk}": "何小明"}
    client.post(reverse("places:appoint_leaders", kwargs=kwargs), data)


def _own_group(scene: Scene) -> Kwargs:
    made = categories.add_group(street=scene.places.street, name="新能源", icon="tools", actor=scene.he.user)
    return {"pk": made.pk}


def _own_category(scene: Scene) -> Kwargs:
    limits = categories.Limits.of(CategoryRule.objects.get(category=factories.category()))
    group = factories.category().group
    name = f"屋顶光伏{Category.objects.count()}"  # the tour makes several in one place
    fields = {"street": scene.places.street, "group": group, "name": name, "limits": limits}
    return {"pk": categories.add(actor=scene.he.user, **fields).pk}


def _answer(scene: Scene) -> Kwargs:
    fields = {"place": scene.places.dalong, "title": "已转办", "text": "{number}已转办。", "use": "any"}
    return {"pk": templates.prepare(actor=scene.li.user, **fields).pk}


def _notice(scene: Scene) -> Kwargs:
    """To the leader of 岐山中路, for each household there."""
    if not Household.objects.filter(place=scene.places.qishan, residents__isnull=False).exists():
        resident(_flat(scene))
    return {"pk": sent(scene.places.dalong, scene.li, areas=[scene.places.qishan], audience="residents").pk}


def _door(scene: Scene) -> Kwargs:
    return {"pk": DoorPassing.objects.filter(notice=_notice(scene)["pk"]).earliest("pk").pk}


NOTE = {"note": "看过了"}
SEEN = {**NOTE, "is_confirmed": "yes"}
RATING = {"was_contacted": "yes", "is_solved": "yes", "satisfaction": "satisfied", "idempotency_key": uuid4}
# Everybody below a street sees its departments, for they whistle for them; only the street appoints their officers.
SEEN_BY_NEIGHBOURS = {
    "places:appoint_officer": "he",
    "places:rename_department": "he",
    "places:department_state": "he",
}
DOORS: dict[str, Door] = {
    "dashboard:board": Door(lambda scene: {"pk": scene.places.grid.pk}, "wu"),
    "dashboard:board_export": Door(lambda scene: {"pk": scene.places.grid.pk}, "wu"),
    "dashboard:wall": Door(lambda scene: {"pk": scene.places.grid.pk}, "wu"),
    "dashboard:figure": Door(lambda scene: {"pk": scene.places.grid.pk, "key": "incidents.reported"}, "wu"),
    "files:show": Door(_photo, "chen"),
    "files:thumbnail": Door(_photo, "chen"),
    "incidents:detail": Door(_incident("reported"), "chen"),
    "incidents:alike": Door(_incident("reported"), "li"),
    "incidents:merge": Door(_incident("reported"), "li"),
    "incidents:separate": Door(_merged, "li", NOTE),
    "incidents:part": Door(_incident("opened"), "li"),
    "incidents:view_edit": Door(_view, "li"),
    "incidents:view_delete": Door(_view, "li", {}),
    "incidents:caller": Door(_called, "li", {}),
    "incidents:category": Door(_own_category, "he"),
    "incidents:category_default": Door(_own_category, "he", {"base": 1}),
    "incidents:category_names": Door(_own_category, "he"),
    "incidents:group_names": Door(_own_group, "he"),
    "incidents:note": Door(_incident("reported"), "li", {"text": "看过了", "idempotency_key": uuid4}),
    "incidents:slip": Door(_incident("reported"), "li"),
    "incidents:template_edit": Door(_answer, "li", strangers=("zhou",)),  # 黄 sees it, and may not change it
    "incidents:settle": Door(_incident("reported"), "chen"),
    "incidents:open": Door(
        _incident("reported"), "li", {"severity": "general", "category": lambda: factories.category().pk}
    ),
    "incidents:decline": Door(_incident("reported"), "li", NOTE),
    "incidents:dispatch": Door(_incident("opened"), "li"),
    "incidents:suspend": Door(_incident("in_progress"), "wu", {"note": "等配件", "expected_on": _tomorrow}),
    "incidents:resume": Door(_suspended, "wu", {"note": ""}),
    "incidents:take": Door(_incident("dispatched"), "wu", NOTE),
    "incidents:return": Door(_incident("dispatched"), "li", NOTE),
    "incidents:finish": Door(_incident("in_progress"), "wu", {"outcome": "清走了"}),
    "incidents:verify": Door(_incident("awaiting_verification"), "chen", SEEN),
    "incidents:confirm-at-door": Door(_incident("awaiting_verification"), "chen", SEEN),
    "incidents:link": Door(_incident("awaiting_verification"), "li", {"idempotency_key": uuid4}),
    "incidents:arrive": Door(_incident("in_progress"), "wu", NOTE),
    "incidents:transfer": Door(_incident("in_progress"), "wu"),
    "incidents:escalate": Door(_incident("in_progress"), "wu", NOTE),
    "incidents:void": Door(_incident("opened"), "li", NOTE),
    "incidents:ask-return": Door(_incident("dispatched"), "wu", {"reason": "不归我管", "idempotency_key": uuid4}),
    "incidents:ask-extension": Door(
        _incident("in_progress"), "wu", {"days": "2", "reason": "等配件", "idempotency_key": uuid4}
    ),
    "incidents:ask-reopen": Door(_incident("closed"), "chen", {"reason": "又堆满了", "idempotency_key": uuid4}),
    "incidents:decide": Door(_asked, "li", {"granted": "no", "reply": "请继续处理"}),
    "incidents:withdraw": Door(_asked, "wu", {}),
    "incidents:rework": Door(_incident("awaiting_verification"), "li", NOTE),
    "incidents:close": Door(_incident("awaiting_verification"), "li", {**NOTE, "resolution": "solved"}),
    "incidents:rate": Door(_incident("closed"), "chen", RATING),
    "incidents:rate-at-door": Door(_closed_call, "chen", RATING),
    "incidents:not_reached": Door(_closed_call, "li", {}),
    "incidents:join": Door(_incident("reported"), "wu", {"description": "我也看到了", "idempotency_key": uuid4}),
    **{
        f"incidents_at:{page}": Door(lambda scene: {"pk": scene.places.grid.pk}, "wu")
        for page in ("map", "hot_spots", "hot_spots_export")
    },
    "figures:recount": Door(lambda scene: {"pk": scene.places.dalong.pk}, "zhang"),
    "jobs:job": Door(_job, "li"),
    "jobs:file": Door(_job, "li"),
    "jobs:again": Door(_job, "li", {}),
    "jobs:cancel": Door(_job, "li"),
    "notices:notice": Door(_notice, "chen"),
    "notices:acknowledge": Door(_notice, "chen", {}),
    "notices:unread": Door(_notice, "wu"),
    "notices:correct": Door(_notice, "li"),
    "notices:withdraw": Door(_notice, "li"),
    "notices:doors": Door(_notice, "chen"),
    "notices:mark": Door(_door, "chen", {"outcome": "told"}),
    "places:place": Door(lambda scene: {"pk": scene.places.qishan.pk}, "chen"),
    "places:open": Door(lambda scene: {"pk": scene.places.grid.pk}, "li"),
    "places:duty_phone": Door(lambda scene: {"pk": scene.places.dalong.pk}, "li", strangers=("zhou",)),
    "places:history": Door(lambda scene: {"pk": scene.places.qishan.pk}, "li"),
    "places:appoint": Door(lambda scene: {"pk": scene.places.qishan.pk}, "li"),
    "places:add_department": Door(lambda scene: {"pk": scene.places.street.pk}, "he"),
    "places:dismiss": Door(_leaders_post, "li", NOTE),
    "places:reset_password": Door(_leaders_post, "li", {"idempotency_key": uuid4}),
    "places:replace": Door(_leaders_post, "li"),
    "places:appoint_leaders": Door(lambda scene: {"pk": scene.places.grid.pk}, "li"),
    "places:slips": Door(lambda scene: {"pk": scene.places.dalong.pk}, "li", first=_appoint_leaders),
    "places:vacancies": Door(lambda scene: {"pk": scene.places.grid.pk}, "li"),
    **{
        f"places:{step}": Door(lambda scene: {"pk": scene.places.qishan.pk}, "li")
        for step in ("rename", "move", "merge", "split", "close")
    },
    "places:slip": Door(_stand_ins_post, "li", first=_reset_password),
    "reminders:open": Door(_reminder, "chen"),
    "reminders:done": Door(_reminder, "chen", {}),
    "roster:resident": Door(_resident(), "chen"),
    "roster:resident_edit": Door(_resident(), "chen", {"name": "陈家生"}),
    "roster:reveal": Door(_resident(), "chen", {"what": "mobile", "reason": "通知体检"}),
    "roster:resident_move": Door(_resident(), "chen"),
    "roster:resident_leave": Door(_resident(), "chen", {"why": "moved_out", "on": "2023-05-01"}),
    "roster:resident_away": Door(_resident(), "chen", {"since": "2023-05-01"}),
    "roster:resident_restore": Door(_resident(until=date(2022, 1, 1), left_because="moved_out"), "chen", {}),
    "roster:resident_add": Door(
        _household,
        "chen",
        {"name": "陈家生", "since": "2023-05-01", "idempotency_key": uuid4},
    ),
    "roster:buildings": Door(_building_group, "chen"),
    "roster:household": Door(_household, "chen"),
    "roster:household_add": Door(_building_group, "chen"),
    "roster:household_build": Door(_building_group, "chen"),
    "roster:household_edit": Door(_household, "chen"),
    "roster:household_move": Door(_household, "wu"),
    "roster:household_remove": Door(_household, "chen"),
    "roster:representative": Door(_household, "chen"),
    "roster:estate": Door(_estate, "li"),
    "roster:estate_edit": Door(_estate, "li"),
    "roster:import": Door(_import, "li"),
    "roster:import_columns": Door(_import, "li"),
    "roster:import_absent": Door(_import, "li", {"page": 1}),
    "roster:import_confirm": Door(_import, "li", {"fingerprint": "f"}),
    "roster:import_discard": Door(_import, "li", {}),
    "roster:import_report": Door(_import, "li"),
}
