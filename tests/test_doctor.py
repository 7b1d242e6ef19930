"""`manage.py doctor` says in words what is wrong."""

import io
import time

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from portal.core import doctor, health, heartbeat

pytestmark = pytest.mark.django_db


def findings(*keys: str) -> dict[str, doctor.Finding]:
    """What these checks find (all, when none is named), by title, in English."""
    chosen = {key: doctor.checks[key] for key in keys or doctor.checks}
    with translation.override("en"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "checks", chosen)
        return {str(title): finding for title, finding in doctor.examine()}


def finding(key: str) -> doctor.Finding:
    """What one check finds."""
    return next(iter(findings(key).values()))


def run() -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out, code = io.StringIO(), 0
    with translation.override("en"):
        try:
            call_command("doctor", stdout=out, no_color=True)
        except SystemExit as end:
            code = end.code
    return out.getvalue(), code


@pytest.fixture(autouse=True)
def broker():
    """An empty broker before and after."""
    with health.broker() as redis:
        redis.delete(heartbeat.KEY)
        yield redis
        redis.delete(heartbeat.KEY)


def test_every_part_of_the_portal_is_examined():
    assert list(findings())[:7] == [
        "Database",
        "Tables",
        "Broker",
        "Photos and files",
        "Styles and scripts",
        "Worker",
        "Clock",
    ]
    assert "Calendar of working days" in findings()


def test_what_is_well_is_said_too():
    found = findings("core.database", "core.migrations", "core.broker", "core.storage")

    assert {one.ok for one in found.values()} == {True}
    assert found["Database"].text.startswith("PostgreSQL ")
    assert found["Tables"].text == "They are as this release needs them."


def test_a_problem_is_named_with_what_to_do_and_ends_with_1():
    printed, code = run()

    assert code == 1
    assert "PROBLEM  Worker: None answers: nothing is sent and nothing counted.\n    → Run: make serve\n" in printed


def test_all_well_ends_with_0(monkeypatch):
    monkeypatch.setattr(doctor, "checks", {"x": ("Everything", lambda: doctor.Finding(True, "fine"))})

    assert run() == ("well  Everything: fine\nAll is well.\n", 0)


def test_a_missing_migration_is_counted():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    assert finding("core.migrations") == doctor.Finding(
        False, "1 changes to the tables have not been made.", "Run: manage.py migrate"
    )


def test_a_broker_that_is_away_is_a_problem_and_hides_no_other_check(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    found = findings("core.broker", "core.clock", "core.storage")

    assert found["Broker"].text.startswith("It does not answer: ")
    assert found["Clock"].text == "It cannot be told while the database or the broker is away."
    assert found["Photos and files"].ok


def test_a_store_that_cannot_be_written_is_a_problem(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"

    found = finding("core.storage")

    assert not found.ok
    assert found.text == f"Nothing can be written into {settings.MEDIA_ROOT}: Not a directory."


def test_a_disk_that_is_nearly_full_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 60)

    assert finding("core.storage").advice == "Make room, or move it to a larger disk."


def test_the_clock_is_heard_through_the_worker(broker):
    assert finding("core.clock").text == "It has not been heard for a week, or never."

    heartbeat.beat()
    assert finding("core.clock").ok

    broker.set(heartbeat.KEY, time.time() - 600)
    assert finding("core.clock").text.startswith("It, or the worker, was last heard 60")


def test_a_check_that_breaks_is_a_problem_itself(monkeypatch):
    def broken() -> doctor.Finding:
        raise ZeroDivisionError

    monkeypatch.setattr(doctor, "checks", {"x": ("Sums", broken)})

    assert findings() == {"Sums": doctor.Finding(False, "The check itself failed: ZeroDivisionError()")}


def test_a_check_is_registered_once():
    with pytest.raises(ValueError, match="checked twice"):
        doctor.check("core.database", "Again")(lambda: doctor.Finding(True, ""))
