from datetime import timedelta

from celery import shared_task

from portal.core import outbox, schedule

from .services import imports
from .services.import_work import Interrupted

# Handed out again when its worker was killed; whoever takes up an import in other hands leaves it there.
LONG = {"acks_late": True, "soft_time_limit": 280, "time_limit": 300}
AGAIN = {"autoretry_for": (Interrupted,), "retry_backoff": True, "max_retries": 5}


@outbox.handler("roster.check")
def hand_over_check(*, roster_import: int) -> None:
    """Messages are delivered within seconds and a transaction: what takes longer is a task of its own."""
    check_import.delay(roster_import)


@outbox.handler("roster.apply")
def hand_over_apply(*, roster_import: int) -> None:
    apply_import.delay(roster_import)


@shared_task(**LONG, **AGAIN)
def check_import(roster_import: int) -> None:
    """Find out what a roster file would change."""
    imports.check(roster_import)


@shared_task(**LONG, **AGAIN)
def apply_import(roster_import: int) -> None:
    """Write what a roster file changes, as it was agreed to."""
    imports.apply(roster_import)


@shared_task(acks_late=True)
def take_up_imports() -> None:
    """Start again what a killed worker has left; whatever is in hand goes on undisturbed."""
    for roster_import, state in imports.take_up_again():
        task = apply_import if state == imports.State.APPLYING else check_import
        task.apply_async([roster_import], expires=50)


@shared_task(acks_late=True)
def forget_imports() -> int:
    """Delete roster files and what was found in them a week after their upload."""
    return imports.forget()


schedule.every(timedelta(minutes=1), "grid.roster.tasks.take_up_imports")
schedule.every(timedelta(hours=6), "grid.roster.tasks.forget_imports")
