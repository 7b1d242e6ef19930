"""The frame of the portal: settings, engines, and what every room of the house shares."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
