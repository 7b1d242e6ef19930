"""Long work in the frame of every page: shown as long as there is something to fetch or to wait for."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem, ToDo

from .models import Job, State

MINE = f"SELECT count(*) FROM {Job._meta.db_table} WHERE owner_id = %(user)s AND "  # noqa: S608 - names only
tiles.counters.add("jobs.ready", f"{MINE} state = '{State.DONE}' AND seen_at IS NULL")
tiles.counters.add("jobs.failed", f"{MINE} state = '{State.FAILED}' AND seen_at IS NULL")
tiles.counters.add("jobs.listed", f"{MINE} state <> '{State.EXPIRED}'")


def news(user: Any) -> int:
    """How many ended and were not looked at."""
    return tiles.counted(user, "jobs.ready") + tiles.counted(user, "jobs.failed")


def has_any(user: Any) -> bool:
    """Whether anything is in hand, or can still be looked at."""
    return tiles.counted(user, "jobs.listed") > 0


def to_dos(user: Any) -> Iterable[ToDo]:
    """What is ready and what has failed, until it was looked at."""
    url = reverse("jobs:mine")
    if ready := tiles.counted(user, "jobs.ready"):
        yield ToDo(_("Ready to be fetched"), url, count=ready, tone="green", order=45)
    if failed := tiles.counted(user, "jobs.failed"):
        yield ToDo(_("Long work that was not finished"), url, count=failed, tone="red", order=44)


tiles.navigation.add(
    "jobs",
    NavItem(
        _("My jobs"),
        "clock-history",
        "jobs:mine",
        "jobs.view",
        45,
        badge=news,
        shows=has_any,
        also=("jobs:job", "jobs:cancel"),
    ),
)
tiles.to_dos.add("jobs", to_dos)
