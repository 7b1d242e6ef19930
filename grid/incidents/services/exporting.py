"""A list of incidents leaves the house as Excel: on record, marked with who took it, without callers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid.incidents import tables
from grid.incidents.models import Incident
from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import now
from portal.core.spreadsheet import workbook

MOST = 20_000
AT_ONCE = 1000  # what is more than this is made while the user goes on
READ_AT_ONCE = 500

Progress = Callable[[int, int], None]


@transaction.atomic
def export(pks: Sequence[int], *, actor: User, which: Sequence[str], progress: Progress | None = None) -> bytes:
    """The incidents of these keys that `actor` sees, in their order, as a workbook; `which` says in words which.

    `progress` is told how many of how many rows are written.
    """
    seen = set(Incident.objects.visible_to(actor).filter(pk__in=pks).order_by().values_list("pk", flat=True))
    pks = [pk for pk in pks if pk in seen]
    audit.record("incidents.exported", actor, actor=actor, data={"rows": len(pks)})
    widths = tables.WIDTHS if len(pks) > AT_ONCE else ()
    about = _about(actor, len(pks), which)
    return workbook(_("Incidents"), tables.header(), _rows(pks, progress), about=about, widths=widths)


def _rows(pks: Sequence[int], progress: Progress | None) -> Iterator[list[Any]]:
    done = 0
    for some in _in_parts(pks):
        known = Incident.objects.filter(pk__in=some).with_names().in_bulk()
        for pk in some:
            if pk in known:
                yield tables.row(known[pk])
        done += len(some)
        if progress:
            progress(done, len(pks))


def _in_parts(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[start : start + READ_AT_ONCE] for start in range(0, len(pks), READ_AT_ONCE))


def _about(actor: User, rows: int, which: Sequence[str]) -> list[tuple[str, str]]:
    """The note that goes with the file: who took it out, when, and what may be done with it."""
    return [
        (_("Taken out by"), actor.name),
        (_("Taken out at"), f"{now():%Y-%m-%d %H:%M}"),
        (_("Incidents"), f"{rows:,}"),
        (_("Which"), _("; ").join(which) or _("everything the reader looks after")),
        (_("Callers"), _("Their names and numbers are left out.")),
        (_("Please note"), _("What is written here may name people. Keep it safe and delete it after use.")),
    ]
