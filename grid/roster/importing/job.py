"""A file from its first byte to the comparison with the roster, and into it.

Reading and staging happen outside any transaction: nobody waits for them. The comparison is made in one transaction,
and what it finds is either only shown (`examine`) or written in the same one (`bring_in`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from grid.places import redrawing
from grid.places.models import Place
from grid.roster.models import ColumnMemory
from portal.accounts.models import User
from portal.core.refusals import Reason, Refused

from .apply import write
from .changes import compare
from .columns import Mapping, guess
from .findings import Findings, previewed, understood
from .places import CellProblems
from .problems import Problems
from .reading import Sheet, letter, open_sheet
from .rows import read_rows
from .staging import stage, temporary_tables

MANY = 1000
PROBLEMS_KEPT = 2000  # told one by one; of more, errors are kept before warnings
COMMUNITY_LOCK = 0x1A90  # advisory lock: one file at a time goes into the roster of a community
# The server's usual patience is meant for pages; plans are made for sets, not for the few rows of a page.
PATIENCE = """
    SET LOCAL statement_timeout = '120s'; SET LOCAL lock_timeout = '60s';
    SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL default_statistics_target = 10
"""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Source:
    """A roster file of a community: its bytes, and which columns the user has named otherwise than we guess."""

    community: Place
    name: str
    content: bytes
    digest: str = ""
    columns: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Agreement:
    """What somebody has agreed to; `fingerprint` None is whatever the file would change now."""

    actor: User | None
    create_places: bool
    remove: str | list[int]
    fingerprint: str | None = None


@dataclass(frozen=True)
class Staged:
    """A file whose rows stand in `import_row`; none do while its columns are not understood."""

    source: Source
    seen: dict[str, Any]
    rows: int
    problems: Problems
    letters: dict[str, str]

    @property
    def about(self) -> str:
        """What tells this file, read in this way, from others."""
        return f"{self.source.digest} {sorted(self.letters.items())}"


class Changed(Exception):  # noqa: N818 - an answer, not an error
    """The roster is no longer what it was when somebody agreed; `findings` tell what applying would change now."""

    def __init__(self, findings: Findings) -> None:
        super().__init__()
        self.findings = findings


class Inapplicable(Refused):
    """The file cannot be applied as it is; `findings` tell why."""

    def __init__(self, findings: Findings, reason: Reason | str) -> None:
        super().__init__(reason)
        self.findings = findings


def examine(source: Source, progress: Progress) -> Findings:
    """What applying a file would change. Raises Unreadable when it cannot be read."""
    with _staged(source, progress) as staged:
        if staged.seen["missing"]:
            return Findings(**staged.seen)
        progress("comparing", staged.rows, staged.rows)
        with _long_transaction():
            return _compared(staged)[1]


def bring_in(
    source: Source,
    agreement: Agreement,
    progress: Progress,
    *,
    roster_import: int,
    record: Callable[[Findings, int], None],
) -> Findings:
    """Write what a file changes; `record` is told of it, and how many were removed, in the same transaction.

    Raises Changed when that is not what was agreed to, Inapplicable when the file has errors or places would have to be
    made without anybody's consent, and Unreadable when it cannot be read.
    """
    with _staged(source, progress) as staged:
        progress("comparing", staged.rows, staged.rows)
        with _long_transaction() as cursor:
            # Before anything is looked at: what the file before this one has written must be seen.
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [COMMUNITY_LOCK, source.community.pk])
            redrawing.stay_as_drawn(source.community.pk)
            comparison, findings = _compared(staged, lock=True)
            if agreement.fingerprint not in (None, findings.fingerprint):
                raise Changed(findings)
            refuse_unless_applicable(findings, create_places=agreement.create_places)
            progress("writing", staged.rows, staged.rows)
            removed = write(
                source.community,
                comparison,
                roster_import=roster_import,
                actor=agreement.actor,
                remove=agreement.remove,
            )
            record(findings, removed)
    if findings.residents.added > MANY:
        _count_for_the_planner()
    return findings


def _count_for_the_planner() -> None:
    """Until the server has counted so many new rows by itself, pages would be planned for an empty table."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE roster_household, roster_resident")


def refuse_unless_applicable(findings: Findings, *, create_places: bool) -> None:
    """Raises Inapplicable when a file is not understood, has errors, or needs places that nobody agreed to make."""
    if findings.missing:
        raise Inapplicable(findings, _("Say first which columns hold building, room and name."))
    if findings.errors:
        words = _("The file has errors. Correct them in the file and upload it again: nothing is taken in half.")
        raise Inapplicable(findings, words)
    if findings.new_places and not create_places:
        words = _("Agree to the new grids, building groups and estates, or correct the file.")
        raise Inapplicable(findings, Reason(words, "create_places"))


@contextmanager
def _staged(source: Source, progress: Progress) -> Iterator[Staged]:
    with open_sheet(source.content, source.name) as sheet, temporary_tables():
        mapping = mapping_of(sheet, source)
        problems = Problems(keep=PROBLEMS_KEPT)
        letters = {name: letter(index) for name, index in mapping.columns.items()}
        rows = 0
        if not mapping.missing:
            progress("reading", 0, sheet.height)
            rows = stage(read_rows(sheet, mapping, problems), lambda done: progress("reading", done, sheet.height))
        yield Staged(source, understood(sheet, mapping), rows, problems, letters)


def mapping_of(sheet: Sheet, source: Source) -> Mapping:
    """Which column holds what: as guessed, as the community's files had it before, as the user has corrected it."""
    memory = ColumnMemory.objects.filter(community=source.community).values_list("headings", flat=True).first()
    return guess(sheet, remembered=memory or {}).corrected(source.columns)


def _compared(staged: Staged, *, lock: bool = False) -> tuple[Any, Findings]:
    cells = CellProblems(staged.problems, staged.letters)
    comparison = compare(staged.source.community, cells, about=staged.about, lock=lock)
    return comparison, Findings(**staged.seen, rows=staged.rows, **previewed(comparison, staged.problems))


@contextmanager
def _long_transaction() -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        yield cursor
