"""A user's reports and what became of them, read from the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from portal.core.models import AuditEntry
from portal.core.refusals import Text
from portal.files.models import Attachment

from .models import CoReport, Incident
from .move_forms import MOVES, MoveForm
from .requests import read_requests
from .timeline import WORDS
from .workflow import ENDED, OPEN

LOOKED_BACK = 500  # of what a user joined, the newest
ASKED = ("rate", "ask-reopen")  # what the reporter may do about a result
SPOKEN = ("declined", "finished", "sent_back", "closed")  # whose words the reporter is to read
QUIET = {"caller_revealed", "joined", "handed_over", "rated"}  # no news to whoever reported it


@dataclass(frozen=True)
class Report:
    """One report of the user's: what happened last, a photo before and one after, and what they may do now."""

    incident: Incident
    is_joined: bool
    news: Text
    at: datetime
    note: str
    before: Attachment | None
    after: Attachment | None
    moves: tuple[type[MoveForm], ...]


def reports_of(user: Any, show: str = "all") -> QuerySet[Incident]:
    """What a user reported or saw too and still sees, the newest first; `show` is all, open or ended."""
    newest = CoReport.objects.filter(reporter=user).order_by("-at", "-id")
    joined = list(newest.values_list("incident", flat=True)[:LOOKED_BACK])  # apart: each of the two has its index
    found = Incident.objects.visible_to(user).filter(Q(reporter=user) | Q(pk__in=joined))
    states = {"open": OPEN, "ended": ENDED}.get(show)
    if states:
        found = found.filter(state__in=states)
    names = ("category__group", "place", "community", "rating")
    plain = found.select_related(*names).defer("search", "caller_name", "caller_mobile")
    return plain.prefetch_related("photos").order_by("-reported_at", "-id")


def with_news(incidents: Iterable[Incident], user: Any) -> list[Report]:
    """These reports with what happened to them last; two queries."""
    rows = list(incidents)
    read_requests(rows)
    last = _last_entries(rows)
    return [_report(incident, last.get(incident.pk), user) for incident in rows]


def _report(incident: Incident, entry: AuditEntry | None, user: Any) -> Report:
    what = entry.action.removeprefix("incident.") if entry else "reported"
    photos = list(incident.photos.all())
    is_joined = incident.reporter_id != user.pk
    return Report(
        incident=incident,
        is_joined=is_joined,
        news=WORDS[what][0],
        at=entry.happened_at if entry else incident.reported_at,
        note=entry.note if entry and what in SPOKEN else "",
        before=next((photo for photo in photos if photo.kind == Attachment.Kind.BEFORE), None),
        after=next((photo for photo in photos if photo.kind == Attachment.Kind.AFTER), None),
        moves=() if is_joined else tuple(f for f in MOVES if f.slug in ASKED and f.is_offered(incident, user)),
    )


def _last_entries(incidents: list[Incident]) -> dict[int, AuditEntry]:
    told = [f"incident.{what}" for what in WORDS if what not in QUIET]
    entries = AuditEntry.objects.filter(
        subject_type=ContentType.objects.get_for_model(Incident),
        subject_id__in=[incident.pk for incident in incidents],
        action__in=told,
    )
    newest = entries.order_by("subject_id", "-happened_at", "-id").distinct("subject_id")
    return {entry.subject_id: entry for entry in newest}
