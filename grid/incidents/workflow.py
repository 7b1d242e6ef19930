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

HELD = (State.DISPATCHED, State.IN_PROGRESS, State.REWORK)  # somebody is to do something about it
BEFORE_RESULT = (State.REPORTED, State.OPENED, *HELD)

SETTLE = Move({State.REPORTED}, State.AWAITING_VERIFICATION, needs=("outcome",))
OPEN_CASE = Move({State.REPORTED}, State.OPENED)
DECLINE = Move({State.REPORTED}, State.DECLINED)
DISPATCH = Move({State.OPENED, State.DISPATCHED, State.REWORK}, State.DISPATCHED)  # 改派 until somebody takes it
TAKE = Move({State.DISPATCHED, State.REWORK}, State.IN_PROGRESS)
ARRIVE = Move({State.IN_PROGRESS})
TRANSFER = Move({State.IN_PROGRESS, State.REWORK}, State.DISPATCHED)  # 转派 to a colleague, who accepts it or not
RETURN = Move({State.DISPATCHED, State.IN_PROGRESS, State.REWORK}, State.OPENED)  # called back, or 退回 granted
FINISH = Move({State.IN_PROGRESS}, State.AWAITING_VERIFICATION, needs=("outcome",))
VERIFY = Move({State.AWAITING_VERIFICATION})
REWORK = Move({State.AWAITING_VERIFICATION}, State.REWORK)
CLOSE = Move({State.AWAITING_VERIFICATION}, State.CLOSED)
RATE = Move({State.CLOSED})

SUSPEND = Move({State.OPENED, State.IN_PROGRESS, State.REWORK}, State.SUSPENDED)
RESUME = Move({State.SUSPENDED}, State.IN_PROGRESS)
RESUME_UNHELD = Move({State.SUSPENDED}, State.OPENED)
ESCALATE = Move(BEFORE_RESULT, State.OPENED)  # to a community or a street, which dispatches it
ESCALATE_TO_GRID = Move(BEFORE_RESULT, State.DISPATCHED)  # to the grid's leader
VOID = Move(OPEN, State.VOID)
MERGE = Move({State.REPORTED, State.OPENED}, State.VOID)
SEPARATE = Move({State.VOID}, State.REPORTED)
PART = Move({State.OPENED, State.DISPATCHED, State.IN_PROGRESS, State.REWORK}, State.IN_PROGRESS)
EXTEND = Move(BEFORE_RESULT)
REOPEN = Move({State.CLOSED}, State.OPENED)
JOIN = Move(OPEN)  # 同报: somebody else saw it too

ASK_RETURN = Move({State.DISPATCHED, State.IN_PROGRESS, State.REWORK})
ASK_EXTENSION = Move({State.DISPATCHED, State.IN_PROGRESS, State.REWORK})
ASK_REOPEN = Move({State.CLOSED})
