"""Registrations of this app that are found by name."""

from . import handover  # noqa: F401  registers on import
