"""What others may hear of the calendar."""

from django.dispatch import Signal

# Sent inside the transaction when days were entered, changed or removed, or a year was declared complete.
calendar_changed = Signal()
