"""Duties pass on the day on which a successor's post begins."""

from portal.accounts.models import User
from portal.core import outbox

from .models import Appointment
from .succession import TOPIC, pass_duties_on


@outbox.handler(TOPIC)
def hand_over(*, appointment: int, predecessor: int, actor: int) -> None:
    """Pass duties on, unless the successor's post was called off in the meantime; twice is once."""
    made = Appointment.objects.current().filter(pk=appointment).select_related("user", "place", "department").first()
    if made:
        users = User.objects.in_bulk([predecessor, actor])
        pass_duties_on(made, predecessor=users[predecessor], actor=users[actor])
