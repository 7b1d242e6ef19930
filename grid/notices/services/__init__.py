"""What may be done with notices, a story a file."""

from .correcting import correct
from .doors import go_along, mark
from .newcomers import address_newcomers
from .reading import acknowledge, read
from .sending import DAY_HAS_PASSED, Draft, send
from .withdrawing import withdraw

__all__ = [
    "DAY_HAS_PASSED",
    "Draft",
    "acknowledge",
    "address_newcomers",
    "correct",
    "go_along",
    "mark",
    "read",
    "send",
    "withdraw",
]
