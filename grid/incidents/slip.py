"""事件单: one incident on A4, to be signed and filed. Internal notes are not on it, and the caller is masked."""

import io
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import segno
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core.documents import typeset
from portal.files.models import Attachment

from .models import Incident, Verification
from .timeline import timeline_of
from .timing import Reading, readings

TEMPLATE = Path(__file__).parent / "papers" / "slip.typ"
MOST_PHOTOS = 4  # before, and as many afterwards
UNPRINTED = {"printed", "caller_revealed"}  # who looked or printed is in the trail, not on the paper

Shot = tuple[str, bytes]


def slip(
    incident: Incident, *, printed_by: User, at: datetime, address: str, form: Literal["pdf", "png"] = "pdf"
) -> bytes:
    """The slip of an incident as a PDF; `address` is what its code leads to. Half a second with eight photos."""
    photos = list(incident.photos.all())
    before = _shots(photos, (Attachment.Kind.BEFORE, Attachment.Kind.PHOTO), "before")
    after = _shots(photos, (Attachment.Kind.AFTER,), "after")
    data = {
        **_head(incident, printed_by, at),
        "labels": _labels(),
        "facts": _facts(incident),
        "description": incident.description,
        "outcome": incident.outcome,
        "before": [name for name, _content in before],
        "after": [name for name, _content in after],
        "left_out": _left_out(len(photos) - len(before) - len(after)),
        "clocks": _clocks(incident, at),
        "timeline": _timeline(incident),
        "signatures": [_("Handled by"), _("Verified by"), _("Reporter")],
    }
    files = {"qr.svg": _code(address), **dict(before), **dict(after)}
    return typeset(TEMPLATE, data, files=files, form=form)


def _head(incident: Incident, printed_by: User, at: datetime) -> dict[str, str]:
    names = {"who": printed_by.name, "at": _moment(at), "number": incident.number}
    language, _dash, region = (get_language() or "zh-hans").partition("-")
    return {
        "title": _("Incident slip"),
        "number": incident.number,
        "office": str(incident.community or incident.place),
        "state": str(incident.get_state_display()),
        "printed": _("%(number)s · printed by %(who)s, %(at)s · for official use") % names,
        "lang": language,
        "region": "CN" if language == "zh" else region.upper()[:2] or "GB",
    }


def _labels() -> dict[str, Any]:
    return {
        "scan": _("Scan to open"),
        "what": _("What happened"),
        "outcome": _("What was done"),
        "before": _("Photos before"),
        "after": _("Photos afterwards"),
        "clocks": _("Time limits"),
        "clock_columns": [_("Time limit for"), _("Limit"), _("Deadline"), _("Done"), _("How it stands")],
        "timeline": _("What was done when, and by whom"),
        "date": _("Date"),
        "seal": _("Seal"),
    }


def _facts(incident: Incident) -> list[list[str]]:
    facts = [
        (_("Category"), f"{incident.category.group} · {incident.category}"),
        (_("Severity"), incident.get_severity_display()),
        (_("Where"), " ".join(filter(None, [str(incident.place), incident.location]))),
        (_("Flat or shop"), incident.household or "—"),
        (_("Reported by"), f"{incident.reporter} · {incident.get_source_display()}"),
        (_("Caller"), incident.masked_caller or "—"),
        (_("Reported at"), _moment(incident.reported_at)),
        (_("Level"), incident.get_level_display()),
        (_("Held by"), incident.holder or incident.department or "—"),
        (_("First asked"), incident.owner),
        (_("Handled by"), incident.handled_by or "—"),
        (_("Verification"), _verification(incident)),
        (_("Result"), incident.get_resolution_display() or "—"),
        (_("Rating"), _rating(incident)),
    ]
    return [[str(label), str(value)] for label, value in facts]


def _verification(incident: Incident) -> str:
    """Who looked, and how: what a resident said at the door or by link stands without their name."""
    looks = list(incident.verifications.filter(is_confirmed=True))
    ways = dict.fromkeys(str(Verification.Via(look.via).label) for look in looks)
    return " · ".join(filter(None, [str(incident.verified_by or ""), *ways])) or "—"


def _rating(incident: Incident) -> str:
    rating = getattr(incident, "rating", None)
    if rating is None:
        return "—"
    solved = _("solved") if rating.is_solved else _("not solved")
    return f"{rating.get_satisfaction_display()} · {solved}"


def _clocks(incident: Incident, at: datetime) -> list[list[str]]:
    """The three limits as they stand: what was allowed, until when, when it was done, and whether that was in time."""
    return [
        [one.label, one.limit_in_words, _until(one), _moment(one.met_at), one.words] for one in readings(incident, at)
    ]


def _until(one: Reading) -> str:
    if one.at_moment:
        return _moment(one.due_at)
    day = date_format(one.last_day, "SHORT_DATE_FORMAT")
    return f"{day} 12:00" if one.at_noon else day


def _timeline(incident: Incident) -> list[dict[str, str]]:
    return [
        {"at": _moment(one.at), "title": str(one.title), "who": one.who, "to": one.to, "note": one.note}
        for one in timeline_of(incident, but=UNPRINTED)
    ]


def _shots(photos: Iterable[Attachment], kinds: tuple[str, ...], prefix: str) -> list[Shot]:
    """The first photos of some kinds, small; one whose file is gone is left out."""
    found: list[Shot] = []
    for photo in photos:
        if photo.kind in kinds and len(found) < MOST_PHOTOS:
            try:
                with photo.thumbnail.open() as file:
                    found.append((f"{prefix}{len(found)}.jpg", file.read()))
            except OSError:
                continue
    return found


def _left_out(count: int) -> str:
    if count <= 0:
        return ""
    words = ngettext("%(count)d more photo in the portal.", "%(count)d more photos in the portal.", count)
    return words % {"count": count}


def _code(address: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", border=1, xmldecl=True)
    return drawn.getvalue()


def _moment(at: datetime | None) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else "—"
