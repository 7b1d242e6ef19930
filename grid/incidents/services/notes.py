"""Notes among those who handle an incident: no step of it, not on its timeline, told to nobody."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents.models import Incident, InternalNote
from portal.accounts.models import User
from portal.core import audit
from portal.core.refusals import refusals

from .moving import locked


@transaction.atomic
def write(incident: Incident, *, actor: User, text: str, at: datetime | None = None) -> InternalNote:
    """Keep a note that the reporter does not read.

    It is recorded under itself rather than under the incident: the incident's own trail is everybody's to read.
    """
    incident = locked(incident)
    with refusals() as refuse:
        if not text.strip():
            refuse(_("Write something first."), field="text")
    note = InternalNote.objects.create(incident=incident, author=actor, text=text.strip(), at=at or timezone.now())
    audit.record("internal_note.written", note, actor=actor, at=at, data={"incident": incident.pk})
    return note
