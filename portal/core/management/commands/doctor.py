from typing import Any

from django.core.management import BaseCommand
from django.utils.translation import gettext as _

from portal.core import doctor


class Command(BaseCommand):
    """One line for each thing that can be wrong, and what to do about it."""

    help = "Say in words what is wrong with database, broker, storage, migrations, calendar, worker and clock."
    requires_system_checks: list[str] = []

    def handle(self, **_options: Any) -> None:
        problems = 0
        for title, finding in doctor.examine():
            mark = self.style.SUCCESS(_("well")) if finding.ok else self.style.ERROR(_("PROBLEM"))
            self.stdout.write(f"{mark}  {title}: {finding.text}")
            if not finding.ok:
                problems += 1
                if finding.advice:
                    self.stdout.write(f"    → {finding.advice}")
        if problems:
            self.stdout.write(_("%(count)s to mend.") % {"count": problems})
            raise SystemExit(1)
        self.stdout.write(_("All is well."))
