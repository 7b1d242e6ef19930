"""Many hands at one roster on real connections, many rounds; and a worker killed in the middle."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count

from grid.roster.importing import job
from grid.roster.importing.apply import write
from grid.roster.models import Household, Resident, RosterImport
from grid.roster.services import imports
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.core.races import elsewhere, race
from tests.roster.people import household, resident
from tests.roster.rows import QISHAN, file

ROUNDS = 20
State = RosterImport.State
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def people(number: int) -> list[dict[str, Any]]:
    """Two households of another floor in every round."""
    return [
        {**QISHAN, "building": "3栋", "room": f"{number + 1}0{flat}", "name": name, "is_representative": flag}
        for flat in (1, 2)
        for name, flag in (("陈家生", "是"), ("王芳", ""))
    ]


def doubles() -> int:
    """Households that stand there twice, and people who live twice in one."""
    return Resident.objects.values("household", "name").annotate(times=Count("pk")).filter(times__gt=1).count()


def checked(places: Any, user: Any, *rows: dict[str, Any]) -> RosterImport:
    roster_import = imports.upload(places.dalong, actor=user, name="花名册.xlsx", content=file(*rows))
    imports.check(roster_import.pk)
    roster_import.refresh_from_db()
    return roster_import


def test_of_two_files_agreed_to_at_once_one_goes_in(places, li):
    for number in range(ROUNDS // 2):
        both = [checked(places, li.user, *people(number)) for _hand in range(2)]
        turns = iter(both)

        def agree(_round: int, turns: Any = turns) -> None:
            mine = next(turns)
            try:
                imports.agree(mine, actor=li.user, fingerprint=mine.fingerprint)
            except Refused:
                return
            imports.apply(mine.pk)

        race(agree, hands=2)
        states = RosterImport.objects.filter(pk__in=[one.pk for one in both]).values_list("state", flat=True)
        assert sorted(states) == [State.APPLIED, State.CHECKED]
        assert Resident.objects.count() == 4 * (number + 1)
    assert doubles() == 0


def test_an_import_that_several_workers_apply_is_applied_once(places, li):
    for number in range(ROUNDS // 2):
        mine = checked(places, li.user, *people(number))
        imports.agree(mine, actor=li.user, fingerprint=mine.fingerprint)
        race(lambda _round, pk=mine.pk: imports.apply(pk), hands=4)
        mine.refresh_from_db()
        assert mine.state == State.APPLIED

    assert Resident.objects.count() == 4 * ROUNDS // 2
    assert AuditEntry.objects.filter(action="roster.imported").count() == ROUNDS // 2
    assert doubles() == 0


def test_two_applications_at_once_see_each_other(places, li):
    def bring_in(number: int) -> int:
        source = job.Source(places.dalong, "花名册.xlsx", file(*people(number)))
        agreement = job.Agreement(li.user, create_places=False, remove="none")
        findings = job.bring_in(source, agreement, lambda *_: None, roster_import=0, record=lambda *_: None)
        return findings.residents.added

    outcomes = race(bring_in, hands=3, rounds=ROUNDS)

    assert [sorted(outcome) for outcome in outcomes] == [[0, 0, 4]] * ROUNDS
    assert (Household.objects.count(), Resident.objects.count(), doubles()) == (2 * ROUNDS, 4 * ROUNDS, 0)


def test_a_correction_by_hand_meanwhile_is_neither_lost_nor_overwritten_unseen(places, li):
    home = household(places.qishan, room="502")
    chen = resident(home, "陈家生")
    row = {**QISHAN, "building": "3栋", "room": "502", "name": "陈家生"}

    for number in range(ROUNDS // 2):
        Resident.objects.filter(pk=chen.pk).update(remark="", relation="")
        mine = checked(places, li.user, row | {"remark": f"文件{number}"})
        imports.agree(mine, actor=li.user, fingerprint=mine.fingerprint)
        turns = iter(("file", "person"))

        def hand(_round: int, turns: Any = turns, pk: int = mine.pk) -> None:
            if next(turns) == "file":
                imports.apply(pk)
            else:
                Resident.objects.filter(pk=chen.pk).update(remark="手工", relation="户主")

        race(hand, hands=2)
        mine.refresh_from_db()
        chen.refresh_from_db()
        assert chen.relation == "户主"
        assert mine.state in (State.APPLIED, State.CHECKED)
        assert (
            chen.remark == "手工"
        )  # either written after the file, or before it, and then the file is asked about anew
        if mine.state == State.CHECKED:
            assert imports.findings_of(mine).changed[0].changes[0].old == "手工"
            imports.discard(mine, actor=li.user)


def test_how_far_it_is_can_be_seen_from_elsewhere_while_it_runs(places, li):
    mine = checked(places, li.user, *people(0))
    imports.agree(mine, actor=li.user, fingerprint=mine.fingerprint)
    stages = []

    def write_and_look(*arguments: Any, **named: Any) -> int:
        removed = write(*arguments, **named)
        stages.append(elsewhere(lambda: RosterImport.objects.values_list("stage", "done").get(pk=mine.pk)))
        return removed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "write", write_and_look)
        imports.apply(mine.pk)

    assert stages == [("writing", 4)]
    mine.refresh_from_db()
    assert (mine.state, mine.stage) == (State.APPLIED, "")


KILLED = """
import sys, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from grid.roster.importing import job
from grid.roster.services import imports
write = job.write
def write_and_hang(*arguments, **named):
    write(*arguments, **named)
    print("written", flush=True)
    time.sleep(60)
job.write = write_and_hang
imports.apply(int(sys.argv[2]))
"""


def test_what_a_worker_killed_in_the_middle_had_written_is_gone_and_another_begins_anew(places, li):
    mine = checked(places, li.user, *people(0))
    imports.agree(mine, actor=li.user, fingerprint=mine.fingerprint)
    command = [sys.executable, "-c", KILLED, str(connection.settings_dict["NAME"]), str(mine.pk)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=environment) as worker:
        assert worker.stdout.readline() == "written\n"
        imports.apply(mine.pk)  # the message comes a second time: it is in hand
        assert Resident.objects.count() == 0
        worker.kill()

    give_up = time.monotonic() + 30
    while mine.state != State.APPLIED and time.monotonic() < give_up:
        imports.apply(mine.pk)
        mine.refresh_from_db()
        time.sleep(0.1)
    assert Resident.objects.count() == 4
    assert doubles() == 0
