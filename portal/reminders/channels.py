"""Ways out of the portal: each carries letters to those whom it reaches. The inbox is no channel: everybody has it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q

from portal.core.tiles import Registry

from .models import Preference, Reminder
from .registry import Kind


@dataclass(frozen=True)
class Letter:
    """What leaves together for one user; `number` stays the same when it has to be sent again."""

    preference: Preference
    reminders: Sequence[Reminder]
    number: int


class Away(Exception):  # noqa: N818 - nobody's error
    """The channel's server is not there or sends everybody away: nothing is counted, everything waits.

    Says nothing personal.
    """


class NotSent(Exception):  # noqa: N818 - as above
    """This letter did not leave; `is_refused` when its address takes none. Says a code, never an address."""

    def __init__(self, code: str, *, is_refused: bool = False) -> None:
        super().__init__(code)
        self.is_refused = is_refused


class Channel(Protocol):
    """`reached` says whose preferences it reaches; `connect` hands out what sends a letter, or raises Away."""

    key: str
    reached: Q

    def is_open(self) -> bool:
        """Whether it is set up on this portal."""
        ...

    def reaches(self, preference: Preference) -> bool:
        """What `reached` asks, of one preference."""
        ...

    def connect(self) -> AbstractContextManager[Callable[[Letter], None]]:
        """Hand out what sends one letter and raises NotSent or Away."""
        ...


channels: Registry[Channel] = Registry()


def open_channels(kind: Kind) -> list[Channel]:
    """The channels on which a kind of reminders leaves here."""
    found = [channels.items[key] for key in kind.channels if key in channels.items]
    return [channel for channel in found if channel.is_open()]
