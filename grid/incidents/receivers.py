"""Registrations of this app that are found by name."""

from . import handover, redrawing  # noqa: F401  register on import
