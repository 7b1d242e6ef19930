"""Long work about figures."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from portal.jobs.registry import Kind, register
from portal.jobs.work import Paused, Work

from . import rollup

RECOUNT = "figures.recount"
MANY = 31  # days


def recount(work: Work) -> None:
    """Count some days anew, a day or, of many, a week at a time; what was counted stays counted, whatever happens."""
    first, last = (date.fromisoformat(work.payload[end]) for end in ("first", "last"))
    total = (last - first).days + 1
    step = 1 if total <= MANY else 7
    for done in range(work.done, total, step):
        if work.time_is_up:
            raise Paused
        begins = first + timedelta(days=done)
        ends = min(begins + timedelta(days=step - 1), last)
        rollup.days(begins, ends)
        work((ends - first).days + 1, total)


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
