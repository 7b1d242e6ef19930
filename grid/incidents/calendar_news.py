"""The calendar has changed: what was counted without knowing its days off is counted again, after the commit."""

from typing import Any

from django.dispatch import receiver

from portal.core import outbox
from portal.workdays.signals import calendar_changed


@receiver(calendar_changed)
def count_again(**kwargs: Any) -> None:
    """Leave word in the outbox, in the transaction of the change."""
    outbox.send("incidents.recount", after=0)
