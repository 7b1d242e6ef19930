"""What tests of requests ask of a refusal and of an inbox."""

from portal.core import outbox
from portal.reminders.models import Reminder


def fields(caught) -> set[str]:
    return {reason.field for reason in caught.value.reasons}


def told(person) -> list[str]:
    outbox.drain()
    return list(Reminder.objects.filter(user=person.user).order_by("id").values_list("kind", flat=True))
