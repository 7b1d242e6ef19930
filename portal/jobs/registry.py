"""Kinds of long work, offered by the app that does it (in its `jobs.py`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from portal.core.refusals import Text
from portal.core.tiles import Registry

if TYPE_CHECKING:
    from .models import Job
    from .work import Work

ATTEMPTS = 3
ROWS, LOOK = _("%(done)s of %(total)s rows"), _("Look at the result")


@dataclass(frozen=True)
class File:
    """What a job has made; `name` and `content_type` are what the browser is told."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Kind:
    """One kind of long work.

    `run(work)` does it and returns the file it made, if any; it may be started again after a kill, so that it has to be
    harmless twice. With `at_once` all of it stands or falls in one transaction; without, it commits by itself, goes on
    from `work.done` and may raise `Paused` when `work.time_is_up`. Without `run` the work is done elsewhere and only
    followed here. `permission` must be held when it runs and when the file is fetched; `allows` asks more of the owner.
    """

    name: str
    label: Text
    run: "Callable[[Work], File | None] | None" = None
    permission: str = ""
    icon: str = "clock-history"
    counted: Text = ROWS
    stages: Mapping[str, Text] = field(default_factory=dict)
    at_once: bool = True
    attempts: int = ATTEMPTS
    link: "Callable[[Job], str] | None" = None  # the page on which the outcome is looked at
    link_label: Text = LOOK
    allows: "Callable[[Any, Job], bool] | None" = None


kinds: Registry[Kind] = Registry()


def register(*offered: Kind) -> None:
    """Offer kinds of work; raises ValueError for a name that is taken."""
    for kind in offered:
        kinds.add(kind.name, kind)


def may(user: Any, job: "Job") -> bool:
    """Whether somebody may still have this done and fetch what came of it."""
    kind = kinds.items.get(job.kind)
    if kind is None or not user.is_active or job.owner_id != user.pk:
        return False
    if kind.permission and not user.has_perm(kind.permission):
        return False
    return kind.allows is None or kind.allows(user, job)
