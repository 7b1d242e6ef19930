"""Long work in the frame of every page: shown as long as there is something to fetch or to wait for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem, ToDo

from .models import Job, State

# Written out, for it is asked with every page of whoever may have work done.
STANDING = f"""
    SELECT count(*) FILTER (WHERE state = '{State.DONE}' AND seen_at IS NULL),
           count(*) FILTER (WHERE state = '{State.FAILED}' AND seen_at IS NULL),
           count(*) FILTER (WHERE state IN ('{State.WAITING}', '{State.RUNNING}')),
           count(*)
    FROM {Job._meta.db_table} WHERE owner_id = %s AND state <> '{State.EXPIRED}'
"""  # noqa: S608 - names only


@dataclass(frozen=True)
class Standing:
    """How many jobs of somebody are ready, have failed (neither looked at yet), are in hand, and can be looked at."""

    ready: int
    failed: int
    in_hand: int
    listed: int


def standing_of(user: Any) -> Standing:
    """Asked once for each user object, that is for each request."""
    if not hasattr(user, "_jobs_standing"):
        with connection.cursor() as cursor:
            cursor.execute(STANDING, [user.pk])
            user._jobs_standing = Standing(*cursor.fetchone())
    return user._jobs_standing


def news(user: Any) -> int:
    """How many ended and were not looked at."""
    standing = standing_of(user)
    return standing.ready + standing.failed


def has_any(user: Any) -> bool:
    return standing_of(user).listed > 0


def to_dos(user: Any) -> Iterable[ToDo]:
    """What is ready and what has failed, until it was looked at."""
    if not user.has_perm("jobs.view"):
        return
    standing, url = standing_of(user), reverse("jobs:mine")
    if standing.ready:
        yield ToDo(_("Ready to be fetched"), url, count=standing.ready, tone="green", order=45)
    if standing.failed:
        yield ToDo(_("Long work that was not finished"), url, count=standing.failed, tone="red", order=44)


tiles.navigation.add(
    "jobs", NavItem(_("My jobs"), "clock-history", "jobs:mine", "jobs.view", 45, badge=news, shows=has_any)
)
tiles.to_dos.add("jobs", to_dos)
