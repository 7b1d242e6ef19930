"""Long work about figures."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from portal.jobs.registry import Kind, register
from portal.jobs.work import Paused, Work

from . import rollup

RECOUNT = "figures.recount"


def recount(work: Work) -> None:
    """Count some days anew, one by one; what was counted stays counted, whatever happens then."""
    first, last = (date.fromisoformat(work.payload[end]) for end in ("first", "last"))
    total = (last - first).days + 1
    for number in range(work.done, total):
        if work.time_is_up:
            raise Paused
        rollup.day(first + timedelta(days=number))
        work(number + 1, total)


register(
    Kind(
        RECOUNT,
        _("Count anew"),
        run=recount,
        permission="figures.recount",
        icon="arrow-counterclockwise",
        counted=_("%(done)s of %(total)s days"),
        at_once=False,
    )
)
