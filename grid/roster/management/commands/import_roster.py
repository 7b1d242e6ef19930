from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.models import Level, Place
from grid.roster.importing import job
from grid.roster.importing.changes import Counts
from grid.roster.importing.findings import Change, Findings
from grid.roster.importing.template import BY_FIELD
from grid.roster.services import imports
from portal.core.refusals import Refused

SHOWN = 20  # of each list; problems are told one and all
WORDS = {
    "added": gettext_lazy("added"),
    "changed": gettext_lazy("changed"),
    "moved": gettext_lazy("moved"),
    "absent": gettext_lazy("absent"),
    "unchanged": gettext_lazy("unchanged"),
}


class Command(BaseCommand):
    """What the browser does in three steps, in one: all of the file goes in, or nothing does."""

    help = "Bring a roster file (xlsx, xls, csv) into a community; the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--community", required=True, metavar="CODE", help="division code of 12 digits")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument(
            "--create-places", action="store_true", help="make the grids, building groups and estates that are missing"
        )
        parser.add_argument(
            "--remove-absent",
            action="store_true",
            help="whoever is not in the file, in the building groups it covers, has moved out",
        )

    def handle(
        self, *, file: Path, community: str, dry_run: bool, create_places: bool, remove_absent: bool, **_options: Any
    ) -> None:
        place = Place.objects.filter(code=community, level=Level.COMMUNITY).first()
        if place is None:
            raise CommandError(_("No community has the division code %(code)s.") % {"code": community})
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        try:
            if dry_run:
                findings = job.examine(job.Source(place, file.name, content), _in_silence)
                self._tell(findings)
                job.refuse_unless_applicable(findings, create_places=True)
                self.stdout.write(_("Nothing was changed: this was a dry run."))
            else:
                _import, findings = imports.bring_in(
                    place,
                    actor=None,
                    name=file.name,
                    content=content,
                    create_places=create_places,
                    remove_absent=remove_absent,
                )
                self._tell(findings)
                self.stdout.write(_("Done."))
        except job.Inapplicable as refused:
            if not dry_run:
                self._tell(refused.findings)
            raise CommandError(f"{refused} {_('Nothing was changed.')}") from None
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def _tell(self, findings: Findings) -> None:
        """What was understood, what is wrong, what is new and what changes, in this order."""
        if findings.missing:
            headings = ", ".join(BY_FIELD[name].heading for name in findings.missing)
            self.stdout.write(_("No column was found for: %(headings)s") % {"headings": headings})
            return
        self.stdout.write(_("%(rows)d rows were read.") % {"rows": findings.rows})
        for problem in findings.problems:
            write = self.stderr.write if problem.is_error else self.stdout.write
            write("  ".join(filter(None, [_where(problem), problem.value, problem.message])))
        left_out = findings.errors + findings.warnings - len(findings.problems)
        if left_out:
            self.stdout.write(_("… and %(count)d more problems.") % {"count": left_out})
        self._list(_("New grids:"), findings.new_places.grids)
        self._list(_("New building groups:"), (f"{group.grid} {group.name}" for group in findings.new_places.groups))
        self._list(_("New estates:"), findings.new_places.estates)
        self.stdout.write(f"{_('Households:')} {_in_short(findings.households)}")
        self.stdout.write(f"{_('Residents:')} {_in_short(findings.residents)}")
        for which in ("changed", "moved", "absent"):
            people = getattr(findings, which)
            lines = (f"{one.place} {one.address} {one.name} {_changes(one.changes)}".rstrip() for one in people)
            self._list(f"{WORDS[which]}:", lines)

    def _list(self, title: str, lines: Iterable[str]) -> None:
        found = list(lines)
        if found:
            self.stdout.write(title)
            for line in found[:SHOWN]:
                self.stdout.write(f"  {line}")
            if len(found) > SHOWN:
                self.stdout.write(f"  … {len(found)}")


def _where(problem: Any) -> str:
    if not problem.row:
        return ""
    words = _("Row %(row)d, column %(column)s") if problem.column else _("Row %(row)d")
    return words % {"row": problem.row, "column": problem.column}


def _in_short(counts: Counts) -> str:
    return ", ".join(f"{words} {getattr(counts, name)}" for name, words in WORDS.items())


def _changes(changes: Iterable[Change]) -> str:
    return "; ".join(f"{one.label} {one.old_text} → {one.new_text}" for one in changes)


def _in_silence(stage: str, done: int, total: int) -> None:
    """Whoever sits at the terminal sees the end soon enough."""
