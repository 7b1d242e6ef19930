"""The states of an incident under their standard names, and the moves between them, as data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.workflow import Move


class State(models.TextChoices):
    REPORTED = "reported", _("Reported")
    DECLINED = "declined", _("Declined")
    OPENED = "opened", _("Opened")
    DISPATCHED = "dispatched", _("Dispatched")
    IN_PROGRESS = "in_progress", _("In progress")
    SUSPENDED = "suspended", _("Suspended")
    AWAITING_VERIFICATION = "awaiting_verification", _("Awaiting verification")
    REWORK = "rework", _("Rework")
    CLOSED = "closed", _("Closed")
    VOID = "void", _("Void")


ENDED = (State.DECLINED, State.CLOSED, State.VOID)
OPEN = tuple(state for state in State if state not in ENDED)

SETTLE = Move({State.REPORTED}, State.AWAITING_VERIFICATION, needs=("outcome",))
OPEN_CASE = Move({State.REPORTED}, State.OPENED)
DECLINE = Move({State.REPORTED}, State.DECLINED)
DISPATCH = Move({State.OPENED, State.DISPATCHED, State.REWORK}, State.DISPATCHED)  # 改派 until somebody takes it
TAKE = Move({State.DISPATCHED, State.REWORK}, State.IN_PROGRESS)
RETURN = Move({State.DISPATCHED, State.IN_PROGRESS}, State.OPENED)
FINISH = Move({State.IN_PROGRESS}, State.AWAITING_VERIFICATION, needs=("outcome",))
VERIFY = Move({State.AWAITING_VERIFICATION}, State.AWAITING_VERIFICATION)
REWORK = Move({State.AWAITING_VERIFICATION}, State.REWORK)
CLOSE = Move({State.AWAITING_VERIFICATION}, State.CLOSED, needs=("verified_by",))
RATE = Move({State.CLOSED}, State.CLOSED)
