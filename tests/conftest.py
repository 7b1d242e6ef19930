"""The engines of the suite; the cast enters in `tests/cast.py`."""

import shutil
from importlib.util import find_spec

import pytest

from portal import embedded

pytest_plugins = ["tests.cast"] if find_spec("tests.cast") else []


def pytest_configure(config: pytest.Config) -> None:
    """Hold the engines open from the first test of this process to its last."""
    if not config.option.collectonly:
        try:
            embedded.ensure_started("test")
        except embedded.EngineError as error:
            pytest.exit(str(error), returncode=3)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests of this process stored."""
    from django.conf import settings

    if settings.configured:
        shutil.rmtree(settings.STATE_DIR, ignore_errors=True)
