"""Duties that pass from whoever leaves a post to whoever follows: each app says which it knows, and hands them over.

    duties.add("incidents", Source(list=…, hand_over=…, held_by=…))

- `list(user, where)` names what somebody holds because of their post at a place (with all below it) or in a department,
  a line of each kind; nothing held is no line.
- `hand_over(predecessor, successor, where, actor)` passes all of it on inside the caller's transaction, with audit
  entries and news, and returns how many things passed.
- `held_by(department)` names what a department holds as such.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .refusals import Text
from .tiles import Registry


@dataclass(frozen=True)
class Duty:
    """So many things of a kind that somebody holds; `hint` says what becomes of what does not pass to a successor."""

    label: Text
    count: int
    url: str = ""
    passes: bool = True
    hint: Text = ""


def _nothing(department: Any) -> Iterable[Duty]:
    return ()


@dataclass(frozen=True)
class Source:
    """What one app knows of duties; the module's docstring says what each callable promises."""

    list: Callable[[Any, Any], Iterable[Duty]]
    hand_over: Callable[[Any, Any, Any, Any], int]
    held_by: Callable[[Any], Iterable[Duty]] = _nothing


duties: Registry[Source] = Registry()


def duties_of(user: Any, where: Any) -> list[Duty]:
    """Everything that `user` holds at a place or in a department, in every app."""
    return [duty for source in duties for duty in source.list(user, where)]


def hand_over(predecessor: Any, successor: Any, where: Any, *, actor: Any) -> int:
    """Pass on what every app knows; part of the caller's transaction. Returns how many things passed."""
    return sum(source.hand_over(predecessor, successor, where, actor) for source in duties)


def held_by(department: Any) -> list[Duty]:
    """Everything that waits in a department, in every app."""
    return [duty for source in duties for duty in source.held_by(department)]
