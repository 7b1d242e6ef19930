"""Which people a list holds, for those who take it out: at once from a page, or later by a worker."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import IO
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from grid.places.holding import posts_of
from portal.accounts.models import User
from portal.core.clock import today
from portal.core.refusals import refusals
from portal.jobs import services as jobs
from portal.jobs.models import Job

from .filters import PeopleFilter
from .finding import areas_of, residents_in
from .models import Resident
from .services import exporting


@dataclass(frozen=True)
class Taken:
    """What somebody takes out: the keys of the people, the filters that found them, and whether with numbers."""

    residents: list[int]
    query: str
    searched: bool
    identifiers: bool


def start(taken: Taken, *, owner: User, reason: str, key: UUID | None) -> Job:
    """Have a long list made while its owner goes on; the reason is kept encrypted until the file is there.

    Raises Refused as `exporting.export` would.
    """
    with refusals() as refuse:
        if taken.identifiers and not reason.strip():
            refuse(_("Say what the numbers are needed for."), field="reason")
    which = _("; ").join(_in_words(taken, owner)) or _("everybody on the roster")
    return jobs.start(
        "roster.export",
        owner=owner,
        title=_("People: %(which)s") % {"which": which},
        payload=asdict(taken),
        note=reason.strip(),
        total=len(taken.residents),
        posts=posts_of(owner),
        key=key,
    )


def write(taken: Taken, *, actor: User, reason: str, progress: Callable[[int, int], None] | None = None) -> IO[bytes]:
    """The file, of those whom `actor` may take out at this moment. Raises Refused as `exporting.export` does."""
    shows = None
    if taken.identifiers:
        allowed = areas_of(actor, "roster.export_identifiers")
        shows = lambda resident: any(area.covers(resident) for area in allowed)  # noqa: E731
    return exporting.export(
        residents_in(areas_of(actor, "roster.export")).filter(pk__in=taken.residents),
        actor=actor,
        reason=reason,
        shows=shows,
        filters=_in_words(taken, actor),
        with_left=_filter(taken, actor).includes_the_left,
        progress=progress,
    )


def file_name() -> str:
    return f"residents-{today():%Y%m%d}.xlsx"


def _in_words(taken: Taken, actor: User) -> list[str]:
    return [*_filter(taken, actor).in_words, *([_("found by a search")] if taken.searched else [])]


def _filter(taken: Taken, actor: User) -> PeopleFilter:
    query = QueryDict(taken.query)
    asking = SimpleNamespace(user=actor, GET=query, POST=query, method="GET")
    return PeopleFilter(query, queryset=Resident.objects.none(), request=asking)
