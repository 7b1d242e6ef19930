"""Made-up portals of any size: what was made holds together as if people had made it."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from grid.incidents.models import Incident, Rating
from grid.incidents.workflow import State
from grid.places.models import Appointment, Level, Place, Role
from grid.roster.models import Household, Resident
from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import end_of
from portal.core.demonstration import PASSWORD
from portal.core.generation import Lot, Size, copy_in, generate
from portal.core.models import AuditEntry
from portal.core.personal import blind_index
from portal.figures import progress, reading
from portal.figures.models import FigureKey

from .cast import make_user

A_LITTLE = Size(communities=2, residents=300, incidents=200)


def made(size: Size = A_LITTLE) -> list[int]:
    return [done.number for done in generate(size)]


def said(*arguments: str) -> str:
    output = StringIO()
    call_command("generate", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.slow
def test_two_small_communities_are_whole(db: None) -> None:
    """Made once, for it takes seconds; every sentence about them is a function of its own."""
    assert made() == [1, 2]

    the_places_have_their_people()
    the_residents_are_found()
    incidents_are_in_every_state()
    every_constraint_holds()
    boards_have_been_counted()
    the_trail_holds()
    everybody_finds_their_pages()
    again_changes_nothing()
    one_more_is_added()
    what_others_made_is_left_alone()


def the_places_have_their_people() -> None:
    levels = [Place.objects.filter(level=level).count() for level in Level]
    assert levels == [1, 1, 2, 14, 226]
    heads = Appointment.objects.current().heads()
    assert heads.count() == 2 * (1 + 7 + 113)
    leader = User.objects.get(username="leader2-5")
    assert leader.check_password(PASSWORD)
    assert leader.appointments.get().place.community.name == "第2社区"


def the_residents_are_found() -> None:
    assert Resident.objects.count() == 600
    assert Household.objects.exclude(residents=None).count() < Household.objects.count(), "some flats stand empty"
    one = Resident.objects.present()[0]
    assert one.id_number[6:14] == f"{one.birth:%Y%m%d}"
    assert Resident.objects.present().get(id_number_index=blind_index(one.id_number)) == one


def incidents_are_in_every_state() -> None:
    assert Incident.objects.count() == 400
    assert set(Incident.objects.values_list("state", flat=True)) == set(State)
    assert not Incident.objects.filter(state=State.CLOSED, rule_frozen_at=None).exists()
    assert Incident.objects.matching("楼道").exists()
    caller = Incident.objects.filter(source=Incident.Source.CALL)[0]
    assert caller.caller_mobile.startswith("137")


def boards_have_been_counted() -> None:
    """Measured as it is read: from what was rolled up."""
    last = progress.last_settled_day()
    assert set(FigureKey.objects.exclude(through=None).values_list("through", flat=True)) == {last}
    district, since = Place.objects.get(level=Level.DISTRICT), last - timedelta(days=1100)
    told = reading.read([district], ["incidents.reported", "incidents.satisfaction_rate"], since, last)
    there = Incident.objects.counted().filter(reported_at__lt=end_of(last)).count()
    assert told[district.pk, "incidents.reported"].value == there > 300
    said = Rating.objects.counted().filter(rated_at__lt=end_of(last)).count()
    assert told[district.pk, "incidents.satisfaction_rate"].n == said > 50


def every_constraint_holds() -> None:
    """The database looks at checks and exclusions itself, whatever COPY did; keys wait for the end otherwise."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchone()[0] == 0
        cursor.execute(
            "SELECT count(*) FROM incidents_incident WHERE closed_at > now() OR finished_at > now()"
            " OR opened_at < reported_at OR dispatched_at < opened_at OR taken_at < dispatched_at"
            " OR closed_at < finished_at OR reported_at > now()"
        )
        assert cursor.fetchone()[0] == 0, "nothing happens before what it follows from, or tomorrow"


def the_trail_holds() -> None:
    verdict = audit.verify()
    assert (verdict.broken_at, verdict.unsealed) == (None, 0)
    assert verdict.sealed == AuditEntry.objects.count() > 1000


def everybody_finds_their_pages() -> None:
    community = Place.objects.get(name="第1社区")
    theirs = Incident.objects.filter(community=community)
    for username in ("street1", "secretary1", "staff1-1", "social1", "grid1-1", "leader1-1"):
        client = Client()
        client.force_login(User.objects.get(username=username), backend=settings.AUTHENTICATION_BACKENDS[-1])
        seen = theirs.visible_to(User.objects.get(username=username))
        addresses = [reverse("dashboard:home"), reverse("incidents:list")]
        addresses += [one.get_absolute_url() for one in seen[:2]]  # a leader may have none
        addresses += [
            one.get_absolute_url() for one in Place.objects.visible_to(User.objects.get(username=username))[:2]
        ]
        assert [client.get(address).status_code for address in addresses] == [200] * len(addresses), username
    officer = Client()
    officer.force_login(User.objects.get(username="department1-1"), backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert officer.get(reverse("incidents:list")).status_code == 200
    states = [theirs.filter(state=state)[0].get_absolute_url() for state in State]
    clerk = Client()
    clerk.force_login(User.objects.get(username="staff1-1"), backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert [clerk.get(address).status_code for address in states] == [200] * len(states)


def again_changes_nothing() -> None:
    before = AuditEntry.objects.count(), Resident.objects.count()
    assert made() == []
    assert (AuditEntry.objects.count(), Resident.objects.count()) == before


def one_more_is_added() -> None:
    assert made(Size(communities=3, residents=20, incidents=20)) == [3]
    assert Place.objects.filter(level=Level.COMMUNITY).count() == 3
    assert Place.objects.filter(level=Level.STREET).count() == 1
    assert audit.verify().broken_at is None


def what_others_made_is_left_alone() -> None:
    make_user("qiu", "丘社长")
    with pytest.raises(CommandError):
        said("--communities", "4")


def test_the_command_says_what_it_made(db: None) -> None:
    words = said("--communities", "1", "--residents", "40", "--incidents", "30")

    assert words.startswith("1/1 ")
    assert "40 residents, 30 incidents" in words
    assert Appointment.objects.filter(role=Role.BUILDING_LEADER).count() == 113


@pytest.mark.parametrize("other", ["people", "places"])
def test_a_database_with_other_data_is_refused(db: None, request: pytest.FixtureRequest, other: str) -> None:
    if other == "people":
        make_user("qiu", "丘社长")
    else:
        request.getfixturevalue("places")

    with pytest.raises(CommandError):
        said("--communities", "1")
    assert Incident.objects.count() == 0


@pytest.mark.parametrize(
    "size", [("--communities", "-1"), ("--communities", "1000"), ("--communities", "1", "--residents", "-1")]
)
def test_nonsense_is_refused(db: None, size: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        said(*size)


def test_production_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SETTINGS_MODULE", "portal.settings.production")

    with pytest.raises(CommandError):
        said("--communities", "1")


def test_a_row_names_only_columns(db: None) -> None:
    with pytest.raises(KeyError):
        copy_in(User, [{"username": "qiu", "nickname": "小丘"}])
    assert copy_in(User, []) == 0


def test_chance_falls_the_same_way_every_time() -> None:
    def draws(number: int) -> list[Any]:
        chance = Lot(number, A_LITTLE).random("names")
        return [chance.random() for _time in range(3)]

    assert draws(1) == draws(1) != draws(2)
