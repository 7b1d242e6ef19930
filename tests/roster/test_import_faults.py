"""An import that fails, is killed or forgotten, and the traces it leaves."""

from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from django.utils import timezone

from grid.roster.importing import job
from grid.roster.importing.apply import write
from grid.roster.models import ImportedFile, Resident, RosterImport
from grid.roster.services import import_work, imports
from grid.roster.tasks import forget_imports, take_up_imports
from portal.core.models import AuditEntry, OutboxMessage
from portal.core.schedule import entries
from tests.roster.people import household, resident
from tests.roster.rows import AT_HOME, ID, MOBILE, OTHER_ID

State = RosterImport.State


# Faults


def test_an_error_ends_in_words_without_a_persons_data(checked, agree, monkeypatch, caplog):
    roster_import = checked(AT_HOME | {"id_number": ID})
    agree(roster_import)

    def fail(*_arguments: Any, **_named: Any) -> int:
        raise LookupError(f"duplicate key: {ID} 陈家生")

    monkeypatch.setattr(job, "write", fail)
    imports.apply(roster_import.pk)

    roster_import.refresh_from_db()
    assert roster_import.state == State.REFUSED
    assert "LookupError" in caplog.text
    for text in (roster_import.refusal, caplog.text):
        assert "陈家生" not in text
        assert ID not in text


def test_what_the_database_refuses_is_not_quoted_either(checked, agree, monkeypatch, caplog, places):
    roster_import = checked(AT_HOME | {"id_number": ID})
    agree(roster_import)

    def write_twice(*arguments: Any, **named: Any) -> int:
        write(*arguments, **named)
        resident(household(places.qishan, room="999"), "陈家生", id_number=ID)
        return 0

    monkeypatch.setattr(job, "write", write_twice)
    imports.apply(roster_import.pk)

    roster_import.refresh_from_db()
    assert roster_import.state == State.REFUSED
    assert "IntegrityError" in caplog.text
    assert "陈家生" not in caplog.text + roster_import.refusal
    assert not Resident.objects.exists()


@pytest.mark.parametrize("error", [OperationalError("the connection is closed"), SoftTimeLimitExceeded()])
def test_a_database_or_a_time_that_goes_away_is_tried_again_but_not_for_ever(error, upload, monkeypatch):
    roster_import = upload(AT_HOME)

    def gone(*_arguments: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(job, "examine", gone)
        for _time in range(import_work.ATTEMPTS):
            with pytest.raises(import_work.Interrupted) as interrupted:
                imports.check(roster_import.pk)
            assert interrupted.value.__cause__ is None
    imports.check(roster_import.pk)

    roster_import.refresh_from_db()
    assert roster_import.state == State.REFUSED


def test_what_a_killed_worker_left_is_taken_up_again(upload, checked, agree, worker):
    half_checked = upload(AT_HOME)
    RosterImport.objects.filter(pk=half_checked.pk).update(state=State.CHECKING)
    half_applied = checked(AT_HOME | {"name": "王芳"})
    agree(half_applied)
    OutboxMessage.objects.all().delete()

    take_up_imports()

    half_checked.refresh_from_db()
    half_applied.refresh_from_db()
    assert (half_checked.state, half_applied.state) == (State.CHECKED, State.APPLIED)


def test_files_and_findings_are_forgotten_after_a_week(checked, agree):
    applied, waiting, fresh = checked(AT_HOME), checked(AT_HOME), checked(AT_HOME)
    agree(applied)
    imports.apply(applied.pk)
    RosterImport.objects.exclude(pk=fresh.pk).update(created_at=timezone.now() - imports.KEPT - timedelta(hours=1))

    assert forget_imports() == 2
    assert forget_imports() == 0

    states = {one.pk: (one.state, bool(one.findings)) for one in RosterImport.objects.all()}
    assert states == {
        applied.pk: (State.APPLIED, False),
        waiting.pk: (State.DISCARDED, False),
        fresh.pk: (State.CHECKED, True),
    }
    assert ImportedFile.objects.get().roster_import == fresh


def test_the_clock_starts_both():
    assert {"grid.roster.tasks.take_up_imports", "grid.roster.tasks.forget_imports"} <= entries.keys()


# Traces


def test_no_name_and_no_number_is_in_a_message_or_an_audit_entry(upload, agree, worker, places):
    resident(household(places.qishan, room="503"), "王芳", id_number=OTHER_ID)
    roster_import = upload(
        AT_HOME | {"id_number": ID, "mobile": MOBILE}, AT_HOME | {"name": "王芳", "id_number": OTHER_ID}
    )
    worker()
    roster_import.refresh_from_db()
    agree(roster_import)
    worker()

    assert Resident.objects.get(name="王芳").household.room == "502"
    traces = str([*OutboxMessage.objects.values_list("payload"), *AuditEntry.objects.values_list("data", "note")])
    stored = RosterImport.objects.values_list("choices", "columns", "refusal").get()
    assert not any(canary in f"{traces}{stored}" for canary in (ID, OTHER_ID, MOBILE, "陈家生", "王芳", "502"))
    with_cipher = RosterImport.objects.extra(select={"raw": "findings"}).values_list("raw", flat=True).get()
    assert "陈家生" not in with_cipher
