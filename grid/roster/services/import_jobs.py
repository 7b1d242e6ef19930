"""A roster import among the long work of whoever uploaded it; its own worker does it, and here it is only followed."""

from django.utils.translation import gettext as _

from grid.roster.models import RosterImport
from portal.jobs import services as jobs
from portal.jobs.models import State as Standing

IMPORT = "roster.import"
State = RosterImport.State
STANDS: dict[str, tuple[Standing, str]] = {
    State.UPLOADED: (Standing.WAITING, ""),
    State.CHECKING: (Standing.RUNNING, "reading"),
    State.CHECKED: (Standing.DONE, "agree"),
    State.APPLYING: (Standing.WAITING, ""),
    State.APPLIED: (Standing.DONE, ""),
    State.REFUSED: (Standing.FAILED, ""),
    State.DISCARDED: (Standing.EXPIRED, ""),
}


def begin(roster_import: RosterImport) -> None:
    """It was uploaded."""
    if roster_import.uploaded_by:
        title = _("Roster file of %(place)s") % {"place": roster_import.place}
        jobs.follow(IMPORT, roster_import.pk, owner=roster_import.uploaded_by, title=title)


def keep_up(pk: int, *, begun: bool = False) -> None:
    """It stands otherwise than before, or a worker has `begun` with it; within the transaction that says so."""
    state, refusal = RosterImport.objects.values_list("state", "refusal").get(pk=pk)
    if begun:
        state = State.CHECKING
    standing, stage = STANDS[state]
    jobs.keep_up(IMPORT, pk, state=standing, stage=stage, error=refusal if state == State.REFUSED else "")
