"""A list of people leaves the house as Excel: on record, marked with who took it and why, in steady memory."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter
from django.db import transaction
from django.utils.translation import gettext as _

from grid.roster import tables
from grid.roster.importing.template import COLUMNS
from grid.roster.models import Resident, ResidentQuerySet
from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import now
from portal.core.refusals import refusals
from portal.core.spreadsheet import footer, safe_cell

MOST = 20_000
BY_JOB = 1000  # what is more than this is made while the user goes on
AT_ONCE = 2000
TELLS_EVERY = 100
ADDRESS = ("community__code", "place__code", "household__building_key", "household__unit_key", "household__floor")


@transaction.atomic
def export(
    residents: ResidentQuerySet,
    *,
    actor: User,
    reason: str = "",
    shows: Callable[[Resident], bool] | None = None,
    filters: Sequence[str] = (),
    with_left: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> IO[bytes]:
    """The residents as a workbook in the template's columns, flat by flat; `filters` says in words which they are.

    Identifiers are left out, except of those whom `shows` names, and then a reason is needed. Raises Refused without
    one, or when there are more than `MOST`. `progress` is told how many of how many rows are written.
    """
    pks = list(residents.order_by().values_list("pk", flat=True)[: MOST + 1])
    with refusals() as refuse:
        if len(pks) > MOST:
            refuse(_("More than %(most)s people: narrow the list first.") % {"most": f"{MOST:,}"})
        if shows and not reason.strip():
            refuse(_("Say what the numbers are needed for."), field="reason")
    data = {"rows": len(pks), "identifiers": shows is not None}
    audit.record("roster.exported", actor, actor=actor, note=reason.strip(), data=data)
    about = _about(actor, reason, len(pks), filters, with_identifiers=shows is not None, with_left=with_left)
    rows = _told(_whole(pks, with_identifiers=shows is not None), len(pks), progress)
    return _written(rows, shows, about, with_left=with_left)


def _told(rows: Iterable[Resident], total: int, progress: Callable[[int, int], None] | None) -> Iterator[Resident]:
    for number, resident in enumerate(rows):
        if progress and number % TELLS_EVERY == 0:
            progress(number, total)
        yield resident
    if progress:
        progress(total, total)


def _whole(pks: list[int], *, with_identifiers: bool) -> Any:
    """The residents flat by flat, a part at a time, with all that a row says and nothing that it leaves out."""
    found = Resident.objects.filter(pk__in=pks).order_by(*ADDRESS, "household__room_key", "household_id", "birth", "pk")
    found = found.select_related("household", "place__parent", "place__estate_membership__estate")
    return (found if with_identifiers else found.defer(*tables.IDENTIFIERS)).iterator(chunk_size=AT_ONCE)


def _written(rows: Any, shows: Callable[[Resident], bool] | None, about: list[tuple[str, str]], **left: bool) -> IO:
    """A file that is gone as soon as it is closed: written row by row, no row is kept."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        styles = {
            "head": book.add_format({"bold": True, "bg_color": "#f0f3f7", "border": 1}),
            "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        sheet = book.add_worksheet(_("Roster"))
        for at, column in enumerate(COLUMNS):
            sheet.set_column(at, at, column.width, styles["text"] if column.as_text else None)
        sheet.freeze_panes(1, 0)
        sheet.set_footer(footer(about))
        _write_row(sheet, 0, tables.header(**left), styles, head=True)
        for number, resident in enumerate(rows, start=1):
            identified = bool(shows and shows(resident))
            _write_row(sheet, number, tables.row(resident, with_identifiers=identified, **left), styles)
        note = book.add_worksheet(_("About this export"))
        note.set_column(0, 0, 16)
        note.set_column(1, 1, 80)
        for number, words in enumerate(about):
            _write_row(note, number, words, styles)
    file.seek(0)
    return file


def _write_row(sheet: Any, number: int, cells: Sequence[Any], styles: dict[str, Any], *, head: bool = False) -> None:
    for at, raw in enumerate(cells):
        value = safe_cell(raw)
        if isinstance(value, str):
            if value:
                sheet.write_string(number, at, value, styles["head" if head else "text"])
        elif isinstance(value, date):
            sheet.write_datetime(number, at, value, styles["day"])
        elif value is not None:
            sheet.write_number(number, at, value)


def _about(
    actor: User, reason: str, rows: int, filters: Sequence[str], *, with_identifiers: bool, with_left: bool
) -> list[tuple[str, str]]:
    """The note that goes with the file: who took it out, when, why, and what may be done with it."""
    found = [
        (_("Taken out by"), actor.name),
        (_("Taken out at"), _moment(now())),
        (_("People"), f"{rows:,}"),
        (_("Which"), _("; ").join(filters) or _("everybody on the roster")),
        (_("Identifiers"), _("included") if with_identifiers else _("left out")),
        (_("Reason"), reason.strip() or "—"),
        (
            _("Please note"),
            _("This file holds personal data. Keep it safe, pass it on to nobody, delete it after use."),
        ),
    ]
    if with_left:
        found.append((_("Importing it again"), _("The list names people who have left: do not import it again.")))
    return found


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
