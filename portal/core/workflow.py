"""Moves as data: what may follow what, and what each move needs."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .refusals import Text


class Move:
    """From any of `sources` to `target`, once every field named in `needs` is filled.

    Without a target the state stays as it is.
    """

    __slots__ = ("needs", "sources", "target")

    def __init__(self, sources: Iterable[str], target: str | None = None, *, needs: Iterable[str] = ()) -> None:
        self.sources = frozenset(sources)
        self.target = target
        self.needs = tuple(needs)

    def __repr__(self) -> str:
        return f"Move({sorted(self.sources)} -> {self.target or 'the same'})"


def is_open(subject: Any, move: Move) -> bool:
    """Whether the subject's state allows the move; says nothing about who may make it."""
    return subject.state in move.sources


def check(subject: Any, move: Move, refuse: Callable[..., None]) -> None:
    """Refuse when the move is not open from the subject's state, and once for each thing it still lacks.

    Words that are nothing but spaces are lacking.
    """
    if not is_open(subject, move):
        refuse(_("It is “%(state)s” now, which does not allow this step.") % {"state": subject.get_state_display()})
    for name in move.needs:
        value = getattr(subject, name)
        if not (value.strip() if isinstance(value, str) else value):
            refuse(_("Still missing: %(field)s.") % {"field": label_of(subject, name)}, field=name)


def label_of(subject: Any, name: str) -> Text:
    """The name under which a reader knows a field."""
    return capfirst(subject._meta.get_field(name).verbose_name)
