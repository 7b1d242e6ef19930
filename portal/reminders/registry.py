"""What people are reminded of: kinds of reminders in groups, and what collects those that no step announces.

Apps offer their kinds in a module `reminders`, found by name. A reminder of a kind that nobody registered is refused.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Model, TextChoices
from django.utils.translation import gettext_lazy as _

from portal.core import schedule
from portal.core.refusals import Text
from portal.core.tiles import Registry

if TYPE_CHECKING:
    from .models import Reminder

COLLECT = "portal.reminders.tasks.collect"


class Pace(TextChoices):
    """How soon a message leaves for somebody who is not looking at the portal."""

    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day, together")
    OFF = "off", _("Not at all")


@dataclass(frozen=True)
class Group:
    """Kinds of reminders among which people choose together; `pace` holds until they choose."""

    key: str
    label: Text
    hint: Text
    icon: str
    pace: Pace = Pace.AT_ONCE
    order: int = 100


@dataclass(frozen=True)
class Kind:
    """One kind of reminder: `label` names it without names of people or places, for it is the subject of a mail.

    `still` says which of some reminders of this kind still matter, in one query; what does not is mailed to nobody.
    `leads_to` gives the address for a reminder whose subject has no page of its own. What is urgent waits for no
    morning. `channels` are those on which it leaves at all.
    """

    key: str
    label: Text
    group: str
    still: "Callable[[Sequence[Reminder]], Collection[int]] | None" = None
    leads_to: "Callable[[Reminder], str] | None" = None
    is_urgent: bool = False
    channels: tuple[str, ...] = ("email",)


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder to be written: for whom (a user's id), about which record, at which stage of it, in which words."""

    user: int
    about: type[Model]
    subject: int
    text: Text
    stage: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)


Collector = Callable[[datetime], Iterable[Due]]

groups: Registry[Group] = Registry()
kinds: Registry[Kind] = Registry()
collectors: dict[str, Collector] = {}


def offer(*offered: Group) -> None:
    """Let people choose about kinds of reminders together. Raises ValueError for a key that is taken."""
    for group in offered:
        groups.add(group.key, group)


def register(*offered: Kind) -> None:
    """Offer kinds of reminders. Raises ValueError for a key that is taken and for a group that nobody offered."""
    for kind in offered:
        if kind.group not in groups.items:
            raise ValueError(f"{kind.key} names the unknown group {kind.group}")
        kinds.add(kind.key, kind)


def collects(kind: str, *, every: timedelta) -> Callable[[Collector], Collector]:
    """Let the decorated function be asked again and again what is due; what it names twice is told once."""

    def add(function: Collector) -> Collector:
        if kind in collectors:
            raise ValueError(f"{kind} is collected twice")
        collectors[kind] = function
        schedule.every(every, COLLECT, kind=kind)
        return function

    return add


def kind_of(key: str) -> Kind:
    """The registered kind. Raises LookupError: whoever writes a reminder registers its kind first."""
    try:
        return kinds.items[key]
    except KeyError:
        raise LookupError(f"{key} is no registered kind of reminder: add it to the app's reminders.py") from None


def in_order() -> list[Group]:
    """The groups as people see them."""
    return sorted(groups, key=lambda group: group.order)


def keys_of(group: str) -> list[str]:
    """The kinds of a group."""
    return [kind.key for kind in kinds if kind.group == group]
