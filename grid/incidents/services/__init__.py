"""What people do with incidents. Each locks the row, checks the move, writes, records, and announces after the commit.

`at` is when it happened (default now), so that histories can be entered later; what is entered a day late tells nobody.
"""

from .casework import decline, dispatch, finish, hand_back, open_case, take
from .passing import pass_on
from .reporting import report, settle
from .verification import close, close_several, rework, verify
from .voice import rate, reveal_caller

__all__ = [
    "close",
    "close_several",
    "decline",
    "dispatch",
    "finish",
    "hand_back",
    "open_case",
    "pass_on",
    "rate",
    "report",
    "reveal_caller",
    "rework",
    "settle",
    "take",
    "verify",
]
