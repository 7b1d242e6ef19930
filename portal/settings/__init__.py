"""Which settings a process uses when nobody names them."""

import os

from portal.embedded import state_dir

DEPLOYMENT = ("SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "DEBUG")


def default_module() -> str:
    """Production, unless this clone was set up to run locally and the environment says nothing of a deployment.

    So `manage.py doctor` means the portal that `make serve` runs, and a half-configured server refuses to start.
    """
    runs_locally = (state_dir() / "keys.json").exists() and not any(name in os.environ for name in DEPLOYMENT)
    return "portal.settings.local" if runs_locally else "portal.settings.production"
