from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from portal.core import backups


class Command(BaseCommand):
    """Everything that must not be lost, in one file, checked after writing."""

    help = "Write database and stored files into FILE and read it back. Keep the file as safe as the portal itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: Any) -> None:
        try:
            manifest = backups.make(file)
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        words = {
            "file": file,
            "size": filesizeformat(file.stat().st_size),
            "rows": sum(manifest.tables.values()),
            "tables": len(manifest.tables),
            "files": sum(name.startswith(backups.MEDIA) for name in manifest.members),
        }
        self.stdout.write(
            _("%(file)s, %(size)s: %(rows)s rows in %(tables)s tables and %(files)s files, read back and found right.")
            % words
        )
        if backups.KEYS in manifest.members:
            self.stdout.write(_("It contains the keys of this portal: whoever has the file can read everything."))
        else:
            self.stdout.write(_("It does not contain FIELD_KEY: keep that apart, it cannot be restored without it."))
