"""Long work about figures."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from portal.jobs.registry import Kind, register
from portal.jobs.work import Paused, Work

from . import rollup, snapshots

RECOUNT = "figures.recount"
PERIODS = "periods"
MANY = 31  # days


def recount(work: Work) -> None:
    """Count some days anew, a day or, of many, a week at a time; what was counted stays counted, whatever happens.

    What the days have in common, their quarters and years, is counted once, when all of them are. Stocks are looked at
    on the days on which `manage.py rollup` would.
    """
    first, last = (date.fromisoformat(work.payload[end]) for end in ("first", "last"))
    total, looked_at = (last - first).days + 1, snapshots.looked_at(first, last)
    step = 1 if total <= MANY else 7
    for done in range(work.done, total, step):
        if work.time_is_up:
            raise Paused
        begins = first + timedelta(days=done)
        ends = min(begins + timedelta(days=step - 1), last)
        rollup.records(begins, ends)
        snapshots.take_days(day for day in looked_at if begins <= day <= ends)
        work((ends - first).days + 1, total)
    if work.time_is_up:
        raise Paused
    work(total, total, stage=PERIODS)
    rollup.finish(first, last)


register(
    Kind(
        RECOUNT,
        _("Count anew"),
        run=recount,
        permission="figures.recount",
        icon="arrow-counterclockwise",
        counted=_("%(done)s of %(total)s days"),
        stages={PERIODS: _("Quarters and years are counted")},
        at_once=False,
    )
)
