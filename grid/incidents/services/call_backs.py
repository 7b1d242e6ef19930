"""回访: callers are rung back; an attempt that reached nobody is on record too."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents.models import TRIES, CallBack, Incident
from grid.incidents.rules import is_handler
from grid.incidents.workflow import State
from portal.accounts.models import User
from portal.core.refusals import refusals

from .moving import locked, record
from .voice import check_unrated

APART = timedelta(hours=1)


def rings_back(user: User, incident: Incident) -> bool:
    """Whether this user is to write down what came of ringing back."""
    waits = incident.is_on_behalf and incident.state == State.CLOSED and not hasattr(incident, "rating")
    return waits and not is_handler(user, incident) and user.has_perm("incidents.call_back", incident)


@transaction.atomic
def not_reached(incident: Incident, *, actor: User, at: datetime | None = None) -> CallBack:
    """Write down that a caller did not answer.

    Raises Refused when there is nobody to ring back, when the actor handled it, when somebody has tried within the last
    hour, and after three attempts: then it is let rest.
    """
    incident, now = locked(incident), at or timezone.now()
    with refusals() as refuse:
        check_unrated(incident, refuse)
        if not incident.is_on_behalf:
            refuse(_("Nobody called about this: its reporter rates it in the portal."))
        if is_handler(actor, incident):
            refuse(_("You handled this yourself: somebody else rings the caller back."))
        tried = CallBack.objects.filter(incident=incident, was_reached=False, at__gte=incident.closed_at or now)
        times = sorted(tried.values_list("at", flat=True))
        if times and now - times[-1] < APART:
            refuse(_("Somebody has just tried. Wait an hour before the next attempt."))
        elif len(times) >= TRIES:
            refuse(_("Nobody could be reached three times: let it rest."))
    call = CallBack.objects.create(incident=incident, was_reached=False, by=actor, at=now)
    record("not_reached", incident, actor, at=at, announce=False)
    return call
