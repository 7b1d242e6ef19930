"""Several incidents at once: each in a transaction of its own, so that a refused one holds none of the others up."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, OperationalError, transaction

from grid.incidents import workflow as moves
from grid.incidents.models import Incident
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import Refused, explained, refusals

from . import clocks
from .moving import locked, make, needs_words


def each(incidents: Iterable[Incident], step: Callable[[Incident], object]) -> dict[Incident, str]:
    """Do the same with each; says for each why it was refused, "" when it is done."""
    results = {}
    for incident in incidents:
        try:
            with transaction.atomic():
                step(incident)
            results[incident] = ""
        except (Refused, IntegrityError, OperationalError) as error:
            results[incident] = str(error if isinstance(error, Refused) else explained(error))
    return results


@transaction.atomic
def extend(incident: Incident, *, actor: User, days: Decimal, note: str, at: datetime | None = None) -> Incident:
    """延期: give more working days to close it, saying why.

    Raises Refused when it is no longer being handled, its clock stands, or nobody says why.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.EXTEND, refuse)
        needs_words(note, refuse)
    clocks.extended(incident, days)
    return make(moves.EXTEND, "extended", incident, actor, at=at, note=note, data={"days": str(days)})
