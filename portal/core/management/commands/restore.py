from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.core.backups import BackupError
from portal.core.restoring import restore


class Command(BaseCommand):
    """A backup in the place of what is here, all of it or nothing."""

    help = "Restore database and stored files from FILE, and compare the rows of every table with what was saved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="throw away what this portal holds now")

    def handle(self, *, file: Path, replace: bool, **_options: Any) -> None:
        try:
            manifest = restore(file, replace=replace)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        words = {"rows": sum(manifest.tables.values()), "tables": len(manifest.tables), "at": manifest.made_at}
        self.stdout.write(_("Restored %(rows)s rows in %(tables)s tables, as they were at %(at)s.") % words)
        self.stdout.write(_("If the portal is running, stop it and start it again."))
