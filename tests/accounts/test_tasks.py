from portal.accounts import tasks
from portal.core import schedule


def test_old_failures_are_forgotten_every_hour() -> None:
    entry = schedule.entries[tasks.forget_old_failures.name]

    assert entry["schedule"].total_seconds() == 3600
