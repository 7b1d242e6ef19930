"""Who hears of which move: the reporter how far it is, whoever is to handle it when it comes to them."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.core.refusals import Text

from .models import Incident
from .rules import is_handler

TO_REPORTER: dict[str, Text] = {
    "declined": _("“%(incident)s” was declined. Read why."),
    "opened": _("“%(incident)s” has been taken up."),
    "dispatched": _("“%(incident)s” is on its way to whoever will handle it."),
    "finished": _("“%(incident)s” has been handled and is being verified."),
    "closed": _("“%(incident)s” is closed. Are you satisfied?"),
}
NOTHING_TO_RATE = _("“%(incident)s” is closed.")  # their own work, or a caller's report, who is rung back
PASSED_TO = _("Open incidents have passed to you with your post: %(count)s.")
PASSED_FROM = _("Your open incidents have passed to your successor %(name)s: %(count)s.")
TO_HANDLER: dict[str, Text] = {
    "dispatched": _("“%(incident)s” was dispatched to you."),
    "sent_back": _("“%(incident)s” needs rework."),
}


def news_of(incident: Incident, what: str) -> Iterable[tuple[User, Text]]:
    """Each user whom a move concerns, with what they are told; nobody is told twice of the same move."""
    told = set()
    if what in TO_HANDLER:
        for user in handlers_of(incident):
            told.add(user.pk)
            yield user, TO_HANDLER[what]
    if what in TO_REPORTER and incident.reporter_id not in told:
        rates = not incident.is_on_behalf and not is_handler(incident.reporter, incident)
        yield incident.reporter, NOTHING_TO_RATE if what == "closed" and not rates else TO_REPORTER[what]


def handlers_of(incident: Incident) -> list[User]:
    """Whoever holds it; before anyone does, the officers of its department."""
    if incident.holder:
        return [incident.holder]
    if incident.department is None:
        return []
    officers = incident.department.appointments.current().select_related("user")
    return [appointment.user for appointment in officers]
