"""Registrations of this app that are found by name."""

from . import calendar_news, handover, marks, redrawing  # noqa: F401  register on import
