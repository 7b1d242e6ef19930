"""What happened to somebody and who looked, in words: read from the audit trail, so that nothing is written twice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core.clock import day_of
from portal.core.models import AuditEntry
from portal.core.refusals import Text

from .models import Household, Resident
from .services.reveal import REVEALED, SEEN

MOST = 50  # events, and looks: whoever wants to read further back asks the auditor
WORDS: dict[str, tuple[Text, str]] = {
    "resident.entered": (_("Entered"), "green"),
    "resident.imported": (_("Came with a roster file"), "green"),
    "resident.corrected": (_("Corrected"), "grey"),
    "resident.moved": (_("Moved within the community"), "blue"),
    "resident.left": (_("Left the roster"), "amber"),
    "resident.restored": (_("Leaving taken back"), "amber"),
    "resident.away": (_("Away"), "grey"),
    "resident.back": (_("Back"), "grey"),
    "resident.represents": (_("Represents the household"), "blue"),
    "resident.represents_no_more": (_("No longer represents the household"), "grey"),
}
NUMBERS: dict[str, Text] = {"mobile": _("mobile number"), "id_number": _("ID number")}
LOOKS = (SEEN, REVEALED)


@dataclass(frozen=True)
class Event:
    """One line of somebody's history; `recorded` is given when it was written down on another day."""

    title: Text
    tone: str
    who: str
    at: datetime
    recorded: datetime | None
    detail: str
    note: str


@dataclass(frozen=True)
class Look:
    """Somebody opened the page, or saw a full number and said why."""

    who: str
    at: datetime
    title: Text
    is_reveal: bool
    reason: str


def history_of(resident: Resident) -> list[Event]:
    """What was done to somebody, the latest first; two queries at most."""
    entries = list(_about(resident).exclude(action__in=LOOKS).order_by("-happened_at", "-pk")[:MOST])
    homes = {pk for entry in entries if entry.action == "resident.moved" for pk in _ends(entry)}
    addresses = {home.pk: home.address for home in Household.objects.filter(pk__in=homes)} if homes else {}
    return [_event(entry, addresses) for entry in entries]


def looks_at(resident: Resident) -> list[Look]:
    """Who looked, the latest first; one query."""
    entries = _about(resident).filter(action__in=LOOKS).order_by("-happened_at", "-pk")[:MOST]
    return [_look(entry) for entry in entries]


def _about(resident: Resident) -> Any:
    subject = ContentType.objects.get_for_model(Resident)
    return AuditEntry.objects.filter(subject_type=subject, subject_id=resident.pk).select_related("actor")


def _event(entry: AuditEntry, addresses: dict[int, str]) -> Event:
    title, tone = WORDS.get(entry.action, (_("Changed"), "grey"))
    return Event(
        title=title,
        tone=tone,
        who=str(entry.actor or ""),
        at=entry.happened_at,
        recorded=entry.recorded_at if day_of(entry.recorded_at) != day_of(entry.happened_at) else None,
        detail=_detail(entry, addresses),
        note=entry.note,
    )


def _detail(entry: AuditEntry, addresses: dict[int, str]) -> str:
    """What more there is to say: which facts were corrected, why somebody left, from where they moved to where."""
    said = []
    if fields := entry.data.get("fields"):
        known = {field.name: str(field.verbose_name) for field in Resident._meta.fields}
        said.append(gettext(", ").join(known.get(name, name) for name in fields))
    if why := entry.data.get("why"):
        said.append(str(dict(Resident.Left.choices).get(why, "")))
    if entry.action == "resident.moved":
        said.append(" → ".join(addresses.get(pk, "…") for pk in _ends(entry)))
    if "import" in entry.data:
        said.append(gettext("From a roster file"))
    return " · ".join(filter(None, said))


def _ends(entry: AuditEntry) -> list[int]:
    """The household somebody left and the one they came to, as far as they were written down."""
    return [entry.data[end] for end in ("from", "to") if end in entry.data]


def _look(entry: AuditEntry) -> Look:
    what = NUMBERS.get(entry.data.get("what", ""), "")
    title = gettext("Saw the %(number)s") % {"number": what} if what else gettext("Opened the page")
    return Look(str(entry.actor or ""), entry.happened_at, title, bool(what), entry.note)
