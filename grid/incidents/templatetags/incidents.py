"""How incidents look wherever they appear: their state, their deadline, their life as steps."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from grid.incidents.due import due_of
from grid.incidents.models import Incident, Resolution, Severity
from grid.incidents.timeline import RESULTS
from grid.incidents.workflow import State
from portal.core.templatetags import ui
from portal.core.templatetags.ui import icon
from portal.workdays.calendar import last_day_of

register = template.Library()

TONES = {
    State.REPORTED: "amber",
    State.OPENED: "blue",
    State.DISPATCHED: "blue",
    State.IN_PROGRESS: "blue",
    State.SUSPENDED: "grey",
    State.AWAITING_VERIFICATION: "amber",
    State.REWORK: "red",
    State.CLOSED: "green",
    State.DECLINED: "grey",
    State.VOID: "grey",
}
SEVERITIES = {Severity.GENERAL: "grey", Severity.SERIOUS: "amber", Severity.URGENT: "red"}
LIFE = {
    State.REPORTED: "reported_at",
    State.OPENED: "opened_at",
    State.DISPATCHED: "dispatched_at",
    State.IN_PROGRESS: "",
    State.AWAITING_VERIFICATION: "finished_at",
    State.CLOSED: "closed_at",
}
STANDS_AT = {State.REWORK: State.IN_PROGRESS, State.SUSPENDED: State.IN_PROGRESS}


@register.inclusion_tag("components/status_tag.html")
def state_tag(*, incident: Incident) -> dict[str, Any]:
    """The state in its standard word; for what is closed, what came of it as well; a repeat is merged, not void."""
    if incident.merged_into_id:
        return ui.status_tag(text=_("Merged"), tone="grey")
    result = incident.result
    tone = RESULTS[Resolution(incident.resolution)] if result else TONES[State(incident.state)]
    return ui.status_tag(text=incident.state_and_result, tone=tone)


@register.inclusion_tag("incidents/look_tag.html")
def look_tag(*, incident: Incident) -> dict[str, Any]:
    """A mark on what was drawn and waits to be looked at on site."""
    return {"waits": incident.waits_for_look}


@register.inclusion_tag("components/status_tag.html")
def severity_tag(*, incident: Incident) -> dict[str, Any]:
    """How grave it is; an emergency is called one."""
    if incident.is_emergency:
        return ui.status_tag(text=_("Emergency"), tone="red", icon="exclamation-triangle")
    return ui.status_tag(text=incident.get_severity_display(), tone=SEVERITIES[Severity(incident.severity)])


def uncertain_mark() -> SafeString:
    """A sign beside a deadline that may yet become later."""
    return icon(name="exclamation-triangle", size="sm", label=_("the calendar of that year is not published yet"))


@register.inclusion_tag("incidents/due.html")
def due(*, incident: Incident) -> dict[str, Any]:
    """The deadline as people say it, and a mark where it rests on a calendar that nobody has published."""
    stands = incident.suspended_at is not None
    said = due_of(incident.due_at, is_open=incident.is_open, stands=stands, now=timezone.now())
    is_uncertain = incident.is_open and not incident.due_is_certain
    return {"due": said, "uncertain": uncertain_mark() if is_uncertain else ""}


@register.simple_tag
def last_day(*, incident: Incident) -> date:
    """The last day on which it can still be closed in time: due at 0:00 is due at 24:00 of the day before."""
    return last_day_of(incident.due_at)


@register.inclusion_tag("components/steps_bar.html")
def life_bar(*, incident: Incident) -> dict[str, Any]:
    """The life of an incident from the report to the closing, and where it stands."""
    state = State(incident.state)
    if state in (State.DECLINED, State.VOID):
        steps = [_step(State.REPORTED, "done", incident), _step(state, "current", incident)]
        return ui.steps_bar(steps=steps, label=_("How far it is"))
    order = list(LIFE)
    at = order.index(STANDS_AT.get(state, state))
    kinds = ["done" if i < at or state == State.CLOSED else "current" if i == at else "todo" for i in range(len(order))]
    steps = [_step(one, kind, incident) for one, kind in zip(order, kinds, strict=True)]
    return ui.steps_bar(steps=steps, label=_("How far it is"))


@register.inclusion_tag("incidents/photos.html")
def photos_of(*, photos: Iterable[Any], kind: str, label: str) -> dict[str, Any]:
    """The photos of one kind under their label: whoever verifies compares before with after."""
    return {"photos": [photo for photo in photos if photo.kind == kind], "label": label}


@register.inclusion_tag("incidents/pair.html")
def before_after(*, photos: Iterable[Any]) -> dict[str, Any]:
    """What it was and what it is now, side by side."""
    found = list(photos)
    return {kind: [photo for photo in found if photo.kind == kind] for kind in ("before", "after")}


@register.inclusion_tag("incidents/flat.html", takes_context=True)
def flat_of(context: Context, *, incident: Incident) -> dict[str, Any]:
    """The household that it is about, by its address; a link for whoever may see it."""
    home = incident.household
    return {"home": home, "is_seen": home is not None and context["request"].user.has_perm("roster.view", home)}


def _step(state: State, kind: str, incident: Incident) -> dict[str, Any]:
    moment = getattr(incident, LIFE.get(state) or "", None)
    label = _("Rework") if incident.state == State.REWORK and state == State.IN_PROGRESS else state.label
    label = _("Merged") if state == State.VOID and incident.merged_into_id else label
    return {
        "label": label,
        "state": kind,
        "meta": date_format(localtime(moment), "SHORT_DATE_FORMAT") if moment else "",
    }
