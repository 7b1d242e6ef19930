import subprocess
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

LOCALE = "zh_Hans"
SHOWN = 60


class Command(BaseCommand):
    """What the screens say and the catalogue does not; for those who develop, hence in English."""

    help = "Fail when a text on a screen has no Chinese, an unsure one, or one with other placeholders."
    requires_system_checks: list[str] = []

    def handle(self, **_options: Any) -> None:
        catalogues = sorted((settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/*.po"))
        before = {catalogue: catalogue.read_bytes() for catalogue in catalogues}
        try:
            extract()
            problems = [line for catalogue in catalogues for line in examine(catalogue)]
        finally:
            for catalogue, content in before.items():
                catalogue.write_bytes(content)
        for line in problems[:SHOWN]:
            self.stdout.write(line)
        if problems:
            raise CommandError(f"{len(problems)} texts need a translator.")
        self.stdout.write("Every text has its Chinese.")


def extract() -> None:
    """Bring the catalogues up to date with the sources."""
    ignored = [".venv", "node_modules", "var", "static", "tests", "docs"]
    call_command("makemessages", locale=[LOCALE], ignore_patterns=ignored, no_obsolete=True, verbosity=0)


def examine(catalogue: Path) -> list[str]:
    """One line for each entry of a catalogue that cannot be shown, and what msgfmt thinks of the whole."""
    problems = []
    with catalogue.open("rb") as source:
        for message in read_po(source, locale=LOCALE):
            if message.id and (reason := fault(message)):
                text = message.id if isinstance(message.id, str) else message.id[0]
                where = message.locations[0][0] if message.locations else "?"
                problems.append(f"{reason}: {text!r} ({where})")
    checked = subprocess.run(
        ["msgfmt", "--check", "--output-file=/dev/null", catalogue],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return problems + (checked.stderr.strip().splitlines() if checked.returncode else [])


def fault(message: Message) -> str:
    """Why an entry cannot be shown, "" when it can."""
    strings = (message.string,) if isinstance(message.string, str) else message.string
    if not strings or not all(strings):
        return "no Chinese"
    if message.fuzzy:
        return "unsure"
    return "; ".join(str(error) for error in message.check())
