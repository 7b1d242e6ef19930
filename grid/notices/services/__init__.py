"""What may be done with notices, a story a file."""

from .doors import mark
from .newcomers import address_newcomers
from .reading import acknowledge, read
from .sending import correct, send
from .withdrawing import withdraw

__all__ = ["acknowledge", "address_newcomers", "correct", "mark", "read", "send", "withdraw"]
