"""Notices of the demonstration: half a year of letters going down, read and passed on, and a few that wait today.

Written through the services, up to the present moment; what leaders did afterwards is written as sets.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import F

from grid.notices import services, tasks
from grid.notices.models import DoorPassing, Notice, Receipt
from grid.places.demo.atlas import DALONG, LINGBIAN, YONGSHAN
from grid.places.models import Appointment, Level, Place, Role
from portal.accounts.models import User
from portal.core import demonstration
from portal.core.clock import SHANGHAI
from portal.core.demonstration import Demonstration, Part
from portal.reminders.models import Reminder

from .words import COMMUNITY, GRID, RIGHT, STREET, WRONG, Letter

DAY = timedelta(days=1)
LIVELY = 150  # days back
HOUR = timedelta(hours=1)
# Chance that falls the same way every time, said in SQL: a number below a thousand that follows from a row's key.
DIE = "mod(('x' || substr(md5({key}), 1, 4))::bit(16)::int, 1000)"
READ = f"""
    UPDATE notices_receipt SET
        read_at = sent_at + least(interval '1 hour' * ({DIE.format(key="id::text")}) / 12.0, %(age)s)
    WHERE notice_id = %(notice)s AND {DIE.format(key="'read' || id")} < %(share)s
"""  # noqa: S608
CONFIRM = f"""
    UPDATE notices_receipt SET acknowledged_at =
        read_at + least(interval '1 minute' * (1 + {DIE.format(key="id::text")} / 8), %(now)s - read_at)
    WHERE notice_id = %(notice)s AND read_at IS NOT NULL AND {DIE.format(key="'know' || id")} < %(share)s
"""  # noqa: S608
TELL = f"""
    UPDATE notices_doorpassing door SET
        outcome = CASE WHEN {DIE.format(key="'home' || door.id")} < 930 THEN 'told' ELSE 'nobody_home' END,
        by_id = leads.user_id,
        at = door.sent_at + least(interval '1 hour' * (2 + {DIE.format(key="door.id::text")} / 8.0), %(age)s)
    FROM (SELECT DISTINCT ON (place_id) place_id, user_id FROM notices_receipt
          WHERE notice_id = %(notice)s AND read_at IS NOT NULL ORDER BY place_id, id) AS leads
    WHERE door.notice_id = %(notice)s AND leads.place_id = door.place_id
        AND {DIE.format(key="'told' || door.id")} < %(share)s
"""  # noqa: S608


@dataclass
class Office:
    """Who sends from a place, and in which of its areas."""

    place: Place
    senders: list[User]
    letters: tuple[Letter, ...]


def load(scene: Demonstration) -> Place:
    """Let letters go down in the order of time; returns the district."""
    chance = scene.random("notices")
    offices = list(_offices())
    sent = sorted(_plan(scene, offices, chance), key=lambda item: item[0])
    for at, office, letter in sent:
        _send(scene, chance, office, letter, at)
    _present(scene, chance)
    _tell(scene)
    return Place.objects.get(parent=None)


def _offices() -> Iterator[Office]:
    street = Place.objects.get(level=Level.STREET, children__code=DALONG.code)
    yield Office(street, _holding(street, Role.STREET_ADMIN), STREET)
    for community in (DALONG, LINGBIAN, YONGSHAN):
        place = Place.objects.get(code=community.code)
        yield Office(place, _holding(place, Role.SECRETARY) + _holding(place, Role.STAFF), COMMUNITY)
        if community is DALONG:
            for grid in Place.objects.filter(parent=place).order_by("code")[:3]:
                yield Office(grid, _holding(grid, Role.GRID_LEADER), GRID)


def _plan(
    scene: Demonstration, offices: list[Office], chance: random.Random
) -> Iterator[tuple[datetime, Office, Letter]]:
    """Which letters went when, a good working day old at least; offices without anybody send none."""
    for office in offices:
        if not office.senders:
            continue
        number = scene.share({Level.STREET: 6, Level.COMMUNITY: 12, Level.GRID: 3}[Level(office.place.level)])
        if office.place.code in (LINGBIAN.code, YONGSHAN.code):
            number = max(1, number // 3)
        for n in range(number):
            letter = office.letters[n % len(office.letters)]
            days = 4 + (LIVELY - 4) * (n + chance.random()) / number
            day = (scene.now - timedelta(days=days)).astimezone(SHANGHAI).date()
            yield datetime.combine(day, time(9, chance.randrange(60)), SHANGHAI), office, letter


def _send(
    scene: Demonstration,
    chance: random.Random,
    office: Office,
    letter: Letter,
    at: datetime,
    *,
    read: int = 0,
    told: int = 0,
    sender: User | None = None,
    areas: list[Place] | None = None,
) -> Notice:
    """One letter with what became of it since: `read` and `told` of a thousand, by its age unless they are given."""
    age = scene.now - at
    sender = sender or chance.choice(office.senders)
    draft = services.Draft(
        title=letter.title,
        body=letter.body,
        audience=letter.audience,
        areas=(_some_areas(office, chance) if areas is None else areas) or None,
        is_urgent=letter.urgent,
        must_acknowledge=bool(letter.days),
        answer_by=(at + letter.days * DAY).astimezone(SHANGHAI).date() if letter.days else None,
    )
    notice = services.send(draft, actor=sender, place=office.place, at=at)
    old = min(age / (8 * DAY), 1)
    shares = {"read": read or round(550 + 430 * old), "told": told or round(150 + 780 * old)}
    told_of = {"notice": notice.pk, "age": age * 0.9, "now": scene.now}
    with connection.cursor() as cursor:
        cursor.execute(READ, told_of | {"share": shares["read"]})
        cursor.execute(CONFIRM, told_of | {"share": 930 if notice.must_acknowledge else 300})
        if notice.is_at_the_door:
            cursor.execute(TELL, told_of | {"share": shares["told"]})
    return notice


def _some_areas(office: Office, chance: random.Random) -> list[Place]:
    """Everywhere, or for a third of the letters of a community some of its grids."""
    if office.place.level != Level.COMMUNITY or chance.random() < 0.65:
        return []
    grids = list(Place.objects.open().filter(parent=office.place).order_by("code"))
    return chance.sample(grids, min(len(grids), chance.randint(1, 3)))


def _present(scene: Demonstration, chance: random.Random) -> None:
    """What waits today for those as whom a visitor signs in; all of it was sent by yesterday evening."""
    people = {
        user.username: user for user in User.objects.filter(username__in=("street", "secretary", "staff", "grid"))
    }
    offices = {office.place.pk: office for office in _offices()}
    dalong = Place.objects.get(code=DALONG.code)
    here, street = offices[dalong.pk], offices[dalong.parent_id]
    yesterday = (scene.now - DAY).astimezone(SHANGHAI).date()

    def moment(days: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(yesterday - days * DAY, time(hour, minute), SHANGHAI)

    by_title = {letter.title: letter for letter in (*STREET, *COMMUNITY, *GRID)}
    waits: tuple[tuple[str, Office, str, datetime, int, int], ...] = (
        ("防范电信网络诈骗", here, "staff", moment(3, 10, 20), 850, 480),
        ("停水通知", here, "staff", moment(0, 16, 5), 620, 260),
        ("楼长例会", here, "secretary", moment(1, 9, 30), 700, 1),
        ("台风防御工作提示", street, "street", moment(0, 15, 40), 480, 1),
        ("关于报送上半年群防群治情况的通知", street, "street", moment(2, 11), 300, 1),
    )
    for title, office, sender, at, read, told in waits:
        letter = by_title[title]
        areas = list(dalong.children.open().order_by("code")[:2]) if title == "停水通知" else []
        _send(scene, chance, office, letter, at, read=read, told=told, sender=people[sender], areas=areas)
    wrong = _send(scene, chance, here, WRONG, moment(2, 9), read=400, sender=people["staff"], areas=[])
    right = services.correct(
        wrong,
        actor=people["staff"],
        title=wrong.title,
        body=RIGHT,
        reason="日期写错了：是周四，不是周三",
        at=moment(2, 14),
    )
    with connection.cursor() as cursor:
        cursor.execute(READ, {"notice": right.pk, "age": 0.9 * (scene.now - right.sent_at), "share": 720})
    led = offices.get(next((post.place_id for post in people["grid"].appointments.current() if post.place_id), 0))
    if led:
        _send(scene, chance, led, by_title["楼道清理日"], moment(1, 19), read=900, told=350, sender=people["grid"])
    _leave_unread(scene)


def _leave_unread(scene: Demonstration) -> None:
    """The sign-ins have letters of the last days before them, and doors to knock at."""
    names = ("leader", "leader2", "grid", "secretary")
    recent = Receipt.objects.filter(user__username__in=names, sent_at__gte=scene.now - 2.5 * DAY)
    recent.update(read_at=None, acknowledged_at=None)
    earlier = Receipt.objects.filter(user__username__in=names, sent_at__lt=scene.now - 2.5 * DAY, read_at=None)
    earlier.update(read_at=F("sent_at") + 5 * HOUR)
    groups = Appointment.objects.current().filter(user__username__in=("leader", "leader2"), role=Role.BUILDING_LEADER)
    doors = DoorPassing.objects.filter(place__in=groups.values("place"), sent_at__gte=scene.now - 2.5 * DAY)
    late = doors.order_by("notice", "place", "pk")
    keep = [pk for n, pk in enumerate(late.values_list("pk", flat=True)) if n % 4]
    doors.filter(pk__in=keep).update(outcome="", by=None, at=None)


def _tell(scene: Demonstration) -> None:
    """Whoever has not opened the notices of the last days has messages about them, from when they were sent."""
    for notice in Notice.objects.standing(scene.now).filter(sent_at__gte=scene.now - 4 * DAY):
        tasks.tell(notice=notice.pk)
        told = Reminder.objects.filter(subject_type=ContentType.objects.get_for_model(Notice), subject_id=notice.pk)
        told.update(created_at=notice.sent_at)


def _holding(place: Place, role: Role) -> list[User]:
    posts = Appointment.objects.current().filter(place=place, role=role, stands_in_for=None).select_related("user")
    return [post.user for post in posts.order_by("since", "pk")]


demonstration.register(Part("notices", order=30, load=load, finds_others=lambda: Notice.objects.exists()))
