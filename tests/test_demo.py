"""The demonstration data: whole once, and small where a rule of the loading is what matters."""

import json
import stat
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from grid.incidents.catalogue import CATALOGUE
from grid.incidents.demo.habits import HABITS
from grid.incidents.demo.pictures import MOTIFS
from grid.incidents.demo.words import CASES, Speaker, block_of
from grid.incidents.models import Incident
from grid.incidents.workflow import State
from grid.places.demo.people import SIGN_INS
from grid.places.models import Appointment, Level, Place, Role
from grid.roster.models import Household, Resident
from portal.accounts.models import User
from portal.core import audit, demonstration, outbox, tiles
from portal.core.clock import end_of, start_of, today
from portal.core.demonstration import PASSWORD, Demonstration, Part
from portal.core.management.commands import demo
from portal.core.models import AuditEntry, OutboxMessage
from portal.core.refusals import Refused
from portal.figures import progress, reading
from portal.figures.models import FigureKey, Snapshot
from portal.files.models import Attachment
from portal.reminders.models import Delivery, Reminder

from .cast import make_user

REACHABLE = set(State)
CODES = [row.code for rows in CATALOGUE.values() for row in rows]


def a_little(**fields: Any) -> list[str]:
    return demonstration.load(Demonstration(scale=0.02, **fields))


# The whole of it


@pytest.mark.slow
def test_the_demonstration_as_a_visitor_meets_it(db: None) -> None:
    """Loaded once, for it takes a while; every sentence about it is a function of its own."""
    started = time.process_time()  # ours alone: a busy machine fails nobody
    assert demonstration.load() == ["places", "roster", "incidents", "notices", "figures", "reminders"]
    assert time.process_time() - started < 150  # half a minute; more where two share a core

    dalong = Place.objects.get(name="大龙社区")
    the_places_are_there(dalong)
    the_people_of_may_2023_are_counted(dalong)
    the_record_of_may_2023_is_kept(dalong)
    boards_have_a_history(dalong)
    the_last_months_are_lively(dalong)
    every_visitor_finds_something_to_do()
    nobody_was_told_outside_the_portal()
    the_trail_holds()
    a_second_run_changes_nothing()


def the_places_are_there(dalong: Place) -> None:
    groups = Place.objects.filter(community=dalong, level=Level.BUILDING_GROUP)
    assert (dalong.code, dalong.parent.name, dalong.parent.parent.name) == ("440113106001", "石碁镇", "番禺区")
    assert Place.objects.filter(community=dalong, level=Level.GRID).count() == 7
    assert groups.count() == 113
    for estate in ("岐山中路", "龙基花园", "富怡苑", "加富花园", "瀚御居"):
        assert groups.filter(name__startswith=estate).count() >= 10
    heads = Appointment.objects.current().heads()
    assert heads.filter(place__in=groups, role=Role.BUILDING_LEADER).count() == 113
    sizes = sorted(
        Place.objects.filter(community=one, level=Level.BUILDING_GROUP).count()
        for one in Place.objects.filter(level=Level.COMMUNITY)
    )
    assert sizes == [28, 113, 180]
    led = heads.filter(role=Role.BUILDING_LEADER, place__isnull=False)
    assert led.filter(place__community__name="永善社区").count() == 169, "some posts next door are vacant"


def the_people_of_may_2023_are_counted(dalong: Place) -> None:
    output = StringIO()
    call_command("figures", "大龙社区", "--from", "2021-01-01", "--to", "2023-05-31", "--json", stdout=output)
    told = {key: one["value"] for key, one in json.loads(output.getvalue()).items()}
    figures = {key: value for key, value in told.items() if key.startswith("places.")}
    assert told["incidents.reported"] == 125
    assert figures == {
        "places.grids": 7,
        "places.building_groups": 113,
        "places.households": 5830,
        "places.residents": 13_201,
        "places.representatives": 2419,
        "places.mobilised": 8860,
        "places.elderly": 1644,
    }
    assert round(100 * figures["places.elderly"] / figures["places.residents"], 2) == 12.45
    here = Resident.objects.filter(community=dalong)
    leader = Appointment.objects.get(user__username="leader", role=Role.BUILDING_LEADER, stands_in_for=None)
    at_home = here.present().get(place=leader.place, name=leader.user.name)
    assert at_home.is_representative
    assert here.present().filter(away_since__isnull=False).count() > 100
    assert here.present().living_alone().count() > 1000
    assert here.exclude(until=None).count() > 500, "people have histories"
    flats = Household.objects.filter(community=dalong, use=Household.Use.DWELLING)
    assert 0.04 < flats.exclude(pk__in=flats.lived_in()).count() / flats.count() < 0.1, "some flats stand empty"


def boards_have_a_history(dalong: Place) -> None:
    """What boards read is what the command prints, and what they show of the past has been counted beforehand."""
    keys = ["grids", "building_groups", "households", "residents", "representatives", "mobilised"]
    read = reading.read(
        [dalong], [*(f"places.{key}" for key in keys), "incidents.reported"], date(2021, 1, 1), date(2023, 5, 31)
    )
    assert [value.value for value in read.values()] == [7, 113, 5830, 13_201, 2419, 8860, 125]
    settled = progress.last_settled_day()
    assert set(FigureKey.objects.exclude(through=None).values_list("through", flat=True)) == {settled}
    ends = set(Snapshot.objects.values_list("day", flat=True))
    assert settled in ends
    assert len(ends) >= 13, "stocks of a year's months"
    behind = reading.records("incidents.reported", dalong, date(2021, 1, 1), date(2023, 5, 31))
    assert behind is not None
    assert behind.count() == 125


def the_record_of_may_2023_is_kept(dalong: Place) -> None:
    recorded = Incident.objects.filter(community=dalong, reported_at__lt=end_of(date(2023, 5, 31)))
    assert recorded.count() == 125
    assert recorded.filter(state=State.CLOSED).count() >= 115
    assert not recorded.exclude(state__in=[State.CLOSED, State.DECLINED]).exists()
    assert recorded.filter(settled_on_the_spot=True).count() >= 20
    assert recorded.filter(rework_count__gt=0).exists()
    assert recorded.filter(rating__isnull=False).count() >= 30


def the_last_months_are_lively(dalong: Place) -> None:
    lately = Incident.objects.filter(community=dalong, reported_at__gte=start_of(today() - timedelta(days=150)))
    assert 350 <= lately.count() <= 450
    assert set(lately.values_list("state", flat=True)) == REACHABLE
    assert 3 <= lately.overdue().count() <= 20
    assert lately.to_ring_back().count() >= 3
    assert lately.filter(department__isnull=False, state__in=[State.DISPATCHED, State.IN_PROGRESS]).count() >= 4
    assert not AuditEntry.objects.filter(happened_at__gt=timezone.now()).exists()
    assert Attachment.objects.staged().count() == 0
    settled = lately.filter(settled_on_the_spot=True)
    assert settled.filter(photos__kind=Attachment.Kind.AFTER).distinct().count() == settled.count()


def every_visitor_finds_something_to_do() -> None:
    assert [sign_in.username for sign_in in demonstration.sign_ins()] == list(SIGN_INS)
    for username in SIGN_INS:
        user = User.objects.get(username=username)
        validate_password(PASSWORD, user)
        assert user.check_password(PASSWORD)
        assert not user.must_change_password
        assert not user.consented_version, "they meet the consent page like everyone"
        waiting = [to_do for source in tiles.to_dos for to_do in source(user)]
        assert len(waiting) >= 4, f"{username} would see next to nothing"


def nobody_was_told_outside_the_portal() -> None:
    """Inboxes hold what is due today; nothing waits to leave."""
    assert OutboxMessage.objects.count() == 0
    assert Reminder.objects.exists()
    assert Delivery.objects.count() == 0


def the_trail_holds() -> None:
    verdict = audit.verify()
    assert (verdict.broken_at, verdict.unsealed) == (None, 0)
    assert verdict.sealed == AuditEntry.objects.count() > 3000


def a_second_run_changes_nothing() -> None:
    before = fingerprint(), AuditEntry.objects.count()
    started = time.process_time()
    assert demonstration.load() == []
    assert time.process_time() - started < 5
    assert (fingerprint(), AuditEntry.objects.count()) == before


# The rules of loading


def fingerprint() -> list[Any]:
    """Everything that was made up, without the keys that the database gave it."""
    people = User.objects.order_by("username").values_list("username", "name", "date_joined")
    posts = Appointment.objects.order_by("since", "user__username", "role", "place__code").values_list(
        "user__username", "role", "place__code", "department__name", "since", "until"
    )
    incidents = Incident.objects.order_by("reported_at", "id").values_list(
        *("place__code", "category__code", "severity", "state", "source", "description", "location", "outcome"),
        *("reporter__username", "holder__username", "reported_at", "due_at", "closed_at"),
    )
    spoken = [(user.mobile, user.name) for user in User.objects.order_by("username")]
    photos = Attachment.objects.order_by("sha256").values_list("sha256", "kind", "uploaded_by__username")
    return [list(people), list(posts), list(incidents), spoken, sorted(photos)]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the demonstration consist of these parts: its rules are the same for few as for many."""
    demonstration.discover()
    offered = demonstration.parts
    return lambda *names: monkeypatch.setattr(demonstration, "parts", {name: offered[name] for name in names})


def test_the_same_day_gives_the_same_story(db: None, only: Callable[..., None]) -> None:
    """All that is told; what is counted follows from it."""
    only("places", "roster", "incidents", "notices")
    now, told = timezone.now(), []
    for _time in range(2):
        with transaction.atomic():
            a_little(now=now)
            told.append(fingerprint())
            transaction.set_rollback(True)

    assert told[0] == told[1]
    assert len(told[0][2]) > 60


def test_it_is_all_there_or_nothing(db: None, only: Callable[..., None]) -> None:
    def broken(_demonstration: Demonstration) -> Place:
        raise OSError("the disk is full")

    only("places", "roster")
    demonstration.register(Part("broken", 20, broken, lambda: False))
    with pytest.raises(OSError, match="disk"):
        a_little()

    assert (User.objects.count(), Place.objects.count(), Household.objects.count()) == (0, 0, 0)


def test_a_part_that_comes_later_joins(db: None, only: Callable[..., None]) -> None:
    only("places")
    assert a_little() == ["places"]
    only("places", "roster")

    assert a_little() == ["roster"]
    assert a_little() == []


def test_a_part_is_offered_once() -> None:
    demonstration.discover()
    with pytest.raises(ValueError, match="twice"):
        demonstration.register(demonstration.parts["places"])


def test_a_database_with_somebody_elses_account_is_refused(db: None) -> None:
    make_user("qiu", "丘社长")

    with pytest.raises(Refused):
        demonstration.load()
    assert Place.objects.count() == 0


def test_a_database_with_somebody_elses_places_is_refused(places: Any) -> None:
    before = Place.objects.count()

    with pytest.raises(Refused):
        demonstration.load()
    assert (Place.objects.count(), User.objects.count()) == (before, 0)


def test_nothing_is_announced_in_silence(db: None) -> None:
    with outbox.silence():
        assert outbox.send("incidents.moved", incident=1) is None
    outbox.send("incidents.moved", incident=2)

    assert [message.payload for message in OutboxMessage.objects.all()] == [{"incident": 2}]


# The command


def test_the_command_tells_the_sign_ins_and_keeps_them_for_serve(db: None, only: Callable[..., None]) -> None:
    only("places")
    a_little()
    output = StringIO()
    call_command("demo", stdout=output)

    hints = Path(settings.STATE_DIR) / settings.DEMO_HINTS
    assert stat.S_IMODE(hints.stat().st_mode) == 0o600
    assert hints.read_text().strip() in output.getvalue()
    for username, name in SIGN_INS.items():
        assert f"  {username} " in output.getvalue()
        assert name in output.getvalue()
    assert PASSWORD in output.getvalue()
    hints.unlink()


def test_the_command_says_why_it_refuses(db: None) -> None:
    make_user("qiu", "丘社长")

    with pytest.raises(CommandError):
        call_command("demo", stdout=StringIO())
    assert not (Path(settings.STATE_DIR) / settings.DEMO_HINTS).exists()


def test_production_is_refused_unless_really_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SETTINGS_MODULE", "portal.settings.production")

    with pytest.raises(CommandError):
        demo.refuse_production(really=False)
    demo.refuse_production(really=True)


# What is said


@pytest.mark.parametrize("code", CODES)
def test_every_category_has_its_words_and_habits(code: str) -> None:
    assert 3 <= len(CASES[code]) <= 6
    assert HABITS[code].motif in {"", *MOTIFS}
    speaker = Speaker(Demonstration().random(code), code, group="岐山中路12–14栋楼栋小组", month=7)
    for case in CASES[code]:
        speaker.case = case
        said = (speaker.where, speaker.said, speaker.done)
        assert all(said), "each says where, what and what was done"
        assert not any("{" in one or "}" in one for one in said)
        assert len(speaker.where) <= 100


def test_no_words_are_left_over() -> None:
    assert set(CASES) == set(HABITS) == set(CODES)


@pytest.mark.parametrize(
    ("group", "blocks"),
    [
        ("岐山中路12–14栋楼栋小组", {"12栋", "13栋", "14栋"}),
        ("龙基花园A3栋楼栋小组", {"A3栋"}),
        ("加富花园东6–7栋楼栋小组", {"东6栋", "东7栋"}),
        ("瀚御居1栋一单元楼栋小组", {"1栋一单元"}),
        ("凌边大街2–6号楼栋小组", {"2号", "4号", "6号"}),
    ],
)
def test_a_building_is_called_as_people_there_call_it(group: str, blocks: set[str]) -> None:
    chance = Demonstration().random(group)

    assert {block_of(group, chance) for _time in range(50)} == blocks
