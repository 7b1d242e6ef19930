"""What people do with incidents. Each locks the row, checks the move, writes, records, and announces after the commit.

`at` is when it happened (default now), so that histories can be entered later; what is entered a day late tells nobody.
"""

from .asking import ask_extension, ask_reopen, ask_return, decide, withdraw
from .bulk import each, extend
from .call_backs import not_reached
from .casework import decline, dispatch, finish, hand_back, open_case, take
from .emergency import raise_emergency
from .fieldwork import arrive, transfer
from .levels import escalate
from .linking import merge, separate
from .parting import Piece, part
from .passing import pass_on
from .reporting import report, settle
from .standing import resume, suspend
from .verification import close, close_several, confirm_at_door, rework, verify
from .voice import rate, rate_at_door, reveal_caller
from .voiding import void

__all__ = [
    "Piece",
    "arrive",
    "ask_extension",
    "ask_reopen",
    "ask_return",
    "close",
    "close_several",
    "confirm_at_door",
    "decide",
    "decline",
    "dispatch",
    "each",
    "escalate",
    "extend",
    "finish",
    "hand_back",
    "merge",
    "not_reached",
    "open_case",
    "part",
    "pass_on",
    "raise_emergency",
    "rate",
    "rate_at_door",
    "report",
    "resume",
    "reveal_caller",
    "rework",
    "separate",
    "settle",
    "suspend",
    "take",
    "transfer",
    "verify",
    "void",
    "withdraw",
]
