"""How a worker takes up an import, and how that ends.

A task may be handed out twice, and its worker killed in the middle. A lock of the database, which goes with the
worker's connection, lets one at a time work on an import; the import's state says what is left to do; what a killed
worker had begun was rolled back.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.roster.importing.findings import Findings
from grid.roster.models import RosterImport
from portal.core.locks import alone_with
from portal.core.refusals import Refused

from . import import_jobs

log = structlog.get_logger(__name__)

State = RosterImport.State
OVER = (State.APPLIED, State.DISCARDED)
ATTEMPTS = 3
WORK_LOCK = 0x1A91  # one worker at a time works on an import


class Interrupted(Exception):  # noqa: N818 - not an error of ours
    """The database or the time went away; to be tried again. Says nothing, for the error behind it may quote rows."""


@contextmanager
def taken_up(pk: int, *states: State) -> Iterator[RosterImport | None]:
    """An import to work on, unless it is in other hands or done; it ends refused when that fails."""
    with alone_with(WORK_LOCK, pk) as alone:
        waiting = RosterImport.objects.select_related("place").filter(pk=pk, state__in=states)
        roster_import = waiting.first() if alone else None
        if roster_import is None or not _begin(roster_import):
            yield None
            return
        try:
            yield roster_import
        except Refused as refused:
            refuse_import(pk, str(refused))
        except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
            raise Interrupted from None
        except Exception as error:
            # Where it happened and what kind of error it was, never what it says: errors quote the rows they are about.
            where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
            log.error("roster.import_failed", roster_import=pk, error=type(error).__name__, where=where[-8:])
            refuse_import(
                pk, _("This could not be finished, and nothing was changed. Tell whoever looks after the portal.")
            )


def _begin(roster_import: RosterImport) -> bool:
    """Count the attempt before it is made: what kills its worker is not taken up for ever."""
    attempts = roster_import.choices.get("attempts", 0) + 1
    if attempts > ATTEMPTS:
        refuse_import(roster_import.pk, _("This was tried %(count)d times and never finished.") % {"count": ATTEMPTS})
        return False
    roster_import.choices = {**roster_import.choices, "attempts": attempts}
    if roster_import.state == State.UPLOADED:
        roster_import.state = State.CHECKING
    before = (State.UPLOADED, State.CHECKING) if roster_import.state == State.CHECKING else (State.APPLYING,)
    begun = RosterImport.objects.filter(pk=roster_import.pk, state__in=before)
    with transaction.atomic():
        is_mine = bool(begun.update(state=roster_import.state, choices=roster_import.choices))
        if is_mine:
            import_jobs.keep_up(roster_import.pk, begun=True)
    return is_mine


@transaction.atomic
def write_down(pk: int, state: State, findings: Findings, *, refusal: str = "") -> None:
    """The preview waits for consent, unless somebody has discarded the import meanwhile."""
    RosterImport.objects.filter(pk=pk, state=state).update(
        state=State.CHECKED,
        stage="",
        choices={},
        findings=findings.to_json(),
        fingerprint=findings.fingerprint,
        refusal=refusal,
    )
    import_jobs.keep_up(pk)


@transaction.atomic
def refuse_import(pk: int, words: str) -> None:
    """An import ends here, with words for whoever waits for it."""
    now = timezone.now()
    RosterImport.objects.filter(pk=pk).exclude(state__in=OVER).update(
        state=State.REFUSED, stage="", refusal=words, finished_at=now
    )
    import_jobs.keep_up(pk)
