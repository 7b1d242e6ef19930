#!/usr/bin/env python
"""The operator's command line."""

import os
import sys

# These read no database, so they need not start one; any other command may.
NEEDS_NO_ENGINES = {
    "help",
    "version",
    "makemessages",
    "compilemessages",
    "check_translations",
    "collectstatic",
    "findstatic",
    "startapp",
    "diffsettings",
}


def needs_engines(arguments: list[str]) -> bool:
    """Whether a command line may read the database or the broker."""
    asks_for_help = {"--help", "-h", "--version"} & set(arguments)
    return bool(arguments) and not asks_for_help and arguments[0] not in NEEDS_NO_ENGINES


def main() -> None:
    """Run a command, with the embedded engines open while it runs."""
    from portal.settings import default_module

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", default_module())
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from portal import embedded

    try:
        if needs_engines(sys.argv[1:]):
            embedded.ensure_started(settings.ENGINES_PROFILE)
    except (embedded.EngineError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
