"""同报: somebody saw the same and says "me too" instead of reporting it again."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import CoReport, Incident
from grid.incidents.rules import is_reporter
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals
from portal.files.models import Attachment
from portal.files.services import claim

from .moving import locked, record


@transaction.atomic
def join(
    incident: Incident,
    *,
    actor: User,
    note: str = "",
    photos: Iterable[Attachment] = (),
    at: datetime | None = None,
) -> CoReport:
    """Put on record that `actor` saw it too, with what they add; whoever handles it hears of it once this commits.

    Raises Refused when it has ended, or when the actor reported it or said so before.
    """
    photos = list(photos)
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.JOIN, refuse)
        if is_reporter(actor, incident):
            refuse(_("You reported this yourself."))
        if incident.co_reports.filter(reporter=actor).exists():
            refuse(_("You have said so already."))
    at = at or timezone.now()
    said = CoReport.objects.create(incident=incident, reporter=actor, note=note, at=at)
    claim(photos, incident, actor=actor, kind=Attachment.Kind.BEFORE)
    record("joined", incident, actor, at=at, note=note)
    return said
