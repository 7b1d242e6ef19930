"""Who hears of which move: the reporter how far it is, whoever is to handle it when it comes to them."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.core.refusals import Text

from .models import CoReport, Incident, IncidentRequest, Resolution
from .rules import is_handler, is_reporter
from .selection import chain_above, office_of

TO_REPORTER: dict[str, Text] = {
    "declined": _("“%(incident)s” was declined. Read why."),
    "opened": _("“%(incident)s” has been taken up."),
    "dispatched": _("“%(incident)s” is on its way to whoever will handle it."),
    "finished": _("“%(incident)s” has been handled and is being verified."),
    "closed": _("“%(incident)s” is closed. Are you satisfied?"),
    "extended": _("“%(incident)s” will take longer than it should. Read why."),
    "suspended": _("“%(incident)s” has to wait. Read why."),
    "resumed": _("“%(incident)s” goes on."),
    "arrived": _("Somebody has come to look at “%(incident)s”."),
    "escalated": _("“%(incident)s” was passed up to those above."),
    "voided": _("“%(incident)s” was voided. Read why."),
    "reopened": _("“%(incident)s” is open again."),
    "parted": _("“%(incident)s” is being handled by several parties."),
    "merged": _("“%(incident)s” is handled together with an earlier report of the same."),
    "separated": _("“%(incident)s” is handled on its own again."),
}
NOTHING_TO_RATE = _("“%(incident)s” is closed.")  # their own work, or a caller's report, who is rung back
CLOSED_UNSOLVED: dict[str, Text] = {
    Resolution.PARTLY: _("“%(incident)s” is closed and partly solved. Read how it stands."),
    Resolution.EXPLAINED: _("“%(incident)s” is closed with an explanation. Read it."),
    Resolution.UNSOLVED: _("“%(incident)s” is closed and could not be solved. Read why."),
}
PASSED_TO = _("Open incidents have passed to you with your post: %(count)s.")
PASSED_FROM = _("Your open incidents have passed to your successor %(name)s: %(count)s.")
TO_HANDLER: dict[str, Text] = {
    "dispatched": _("“%(incident)s” was dispatched to you."),
    "sent_back": _("“%(incident)s” needs rework."),
    "suspended": _("“%(incident)s” has to wait. Read why."),
    "resumed": _("“%(incident)s” goes on."),
    "transferred": _("A colleague passed “%(incident)s” to you: take it on, or object."),
    "escalated": _("“%(incident)s” was passed up to you."),
    "voided": _("“%(incident)s” was voided. Read why."),
    "joined": _("Somebody else has seen “%(incident)s” too."),
}
TO_OFFICE: dict[str, Text] = {
    "not_there": _("“%(incident)s” was looked at and is not done yet."),
    "resident_denied": _("“%(incident)s” is not done yet, a resident says."),
    "asked_return": _("“%(incident)s” is not theirs, they say. Please decide."),
    "asked_extension": _("“%(incident)s” needs more time, they say. Please decide."),
    "asked_reopen": _("“%(incident)s” is not solved, they say. Please decide."),
    "escalated": _("“%(incident)s” was passed up to you."),
}
TO_CHAIN: dict[str, Text] = {"raised": _("Emergency: “%(incident)s”. Look at once.")}
# A kind says to whom it speaks, for people choose how soon they hear of their work and of what they reported.
ALSO_TO_REPORTER = TO_REPORTER.keys() & (TO_HANDLER.keys() | TO_OFFICE.keys() | TO_CHAIN.keys())
REPORT: dict[str, str] = {
    what: f"incidents.report_{what}" if what in ALSO_TO_REPORTER else f"incidents.{what}" for what in TO_REPORTER
}
TAKEN_OFF = _("“%(incident)s” is off your hands.")
INFORMED: dict[str, Text] = {"taken_off": TAKEN_OFF}
Kind = IncidentRequest.Kind
DECIDED: dict[tuple[str, bool], Text] = {
    (Kind.RETURN, True): TAKEN_OFF,
    (Kind.RETURN, False): _("“%(incident)s” stays with you. Read why."),
    (Kind.EXTENSION, True): _("You have more time for “%(incident)s”."),
    (Kind.EXTENSION, False): _("There is no more time for “%(incident)s”. Read why."),
    (Kind.REOPEN, True): _("“%(incident)s” is open again."),
    (Kind.REOPEN, False): _("“%(incident)s” stays closed. Read why."),
}


def news_of(incident: Incident, what: str) -> Iterable[tuple[User, str, Text, Incident]]:
    """Each user whom a move concerns, the kind of what they are told, its words and of which incident; each once.

    Whoever reported what was merged into this one is told of their own report: that is the one they know and see.
    """
    told = set()
    if what in TO_HANDLER:
        for user in handlers_of(incident):
            told.add(user.pk)
            yield user, f"incidents.{what}", TO_HANDLER[what], incident
    if what in TO_OFFICE and not (what == "escalated" and told):  # the leader of a grid holds it then
        for user in office_of(incident):
            told.add(user.pk)
            yield user, f"incidents.{what}", TO_OFFICE[what], incident
    if what in TO_CHAIN:
        for user in chain_above(incident):
            told.add(user.pk)
            yield user, f"incidents.{what}", TO_CHAIN[what], incident
    if what in TO_REPORTER:
        for user, theirs in reporters_of(incident):
            if user.pk not in told:
                told.add(user.pk)
                yield user, REPORT[what], _to_reporter(incident, theirs, user, what), theirs


def _to_reporter(incident: Incident, theirs: Incident, user: User, what: str) -> Text:
    """Only whoever reported the incident itself is asked what they think of the result; a part has no reporter."""
    if what == "closed" and incident.resolution in CLOSED_UNSOLVED:
        return CLOSED_UNSOLVED[incident.resolution]
    rates = theirs == incident and is_reporter(user, incident) and not is_handler(user, incident)
    asked = rates and not incident.is_on_behalf and incident.parent_id is None
    return NOTHING_TO_RATE if what == "closed" and not asked else TO_REPORTER[what]


def reporters_of(incident: Incident) -> list[tuple[User, Incident]]:
    """Everybody who reported it or saw the same, and the reporters of what was merged into it; two queries.

    Each comes once, with the incident by which they know of it.
    """
    same = Incident.objects.filter(Q(pk=incident.pk) | Q(merged_into=incident)).order_by("reported_at", "id")
    reported = {one.pk: one for one in same.select_related("reporter", "category", "place")}
    joined = CoReport.objects.filter(incident__in=list(reported)).select_related("reporter")
    mine = reported.pop(incident.pk)
    found = {mine.reporter: mine}
    for one in joined:
        found.setdefault(one.reporter, mine if one.incident_id == mine.pk else reported[one.incident_id])
    for repeat in reported.values():
        found.setdefault(repeat.reporter, repeat)
    return list(found.items())


def handlers_of(incident: Incident) -> list[User]:
    """Whoever holds it; before anyone does, the officers of its department."""
    if incident.holder:
        return [incident.holder]
    if incident.department is None:
        return []
    officers = incident.department.appointments.current().select_related("user")
    return [appointment.user for appointment in officers]
