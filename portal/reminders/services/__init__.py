"""What happens to reminders: they are written, read, collected and sent; people choose how they are told."""

from .collecting import collect
from .delivering import deliver_again, deliver_due, forget_delivered
from .preferences import choose, confirm, preference_of, send_link, set_address
from .reading import read, read_about, read_all
from .telling import remind, remind_many

__all__ = [
    "choose",
    "collect",
    "confirm",
    "deliver_again",
    "deliver_due",
    "forget_delivered",
    "preference_of",
    "read",
    "read_about",
    "read_all",
    "remind",
    "remind_many",
    "send_link",
    "set_address",
]
