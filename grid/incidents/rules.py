"""Who may do what with incidents."""

from typing import Any

import rules
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.places.models import Role
from grid.places.rules import OFFICE, holds, is_appointed, is_in_assigned_department
from grid.places.territory import territory_of
from portal.core import rights
from portal.core.refusals import Text
from portal.files import owners

from .models import Incident, Tier, streets_edited_by

LEADERS = (Role.BUILDING_LEADER, Role.GRID_LEADER)
PASSING_UP: dict[str, frozenset[Role]] = {  # a leader passes up what is at their level or below it
    Tier.BUILDING_GROUP: frozenset({Role.BUILDING_LEADER, Role.GRID_LEADER}),
    Tier.GRID: frozenset({Role.GRID_LEADER}),
    Tier.COMMUNITY: frozenset({Role.SECRETARY, Role.STAFF}),
}


@rules.predicate
def is_holder(user: Any, incident: Any = None) -> bool:
    """The incident was dispatched to this user; anyone's, when asked without one."""
    return incident is None or incident.holder_id == user.pk


@rules.predicate
def is_reporter(user: Any, incident: Any = None) -> bool:
    return incident is None or incident.reporter_id == user.pk


@rules.predicate
def is_handler(user: Any, incident: Any) -> bool:
    """The user did the work."""
    return incident.handled_by_id == user.pk


@rules.predicate
def is_involved(user: Any, incident: Any) -> bool:
    """The user did the work, or reported what was settled on the spot: somebody else has to look at the result."""
    return is_handler(user, incident) or (incident.settled_on_the_spot and is_reporter(user, incident))


def involves(user: Any) -> Q:
    """The incidents in which `is_involved` holds."""
    return Q(handled_by=user) | Q(settled_on_the_spot=True, reporter=user)


@rules.predicate
def is_on_behalf(user: Any, incident: Any = None) -> bool:
    """A caller or walk-in reported it, who has no account of their own."""
    return incident is None or incident.is_on_behalf


@rules.predicate
def is_asker(user: Any, incident: Any = None) -> bool:
    """The user reported it, or said that they saw the same."""
    return incident is None or is_reporter(user, incident) or incident.co_reports.filter(reporter=user).exists()


@rules.predicate
def is_own_request(user: Any, request: Any = None) -> bool:
    """The user asked for it; anyone's, when asked without one."""
    return request is None or request.asked_by_id == user.pk


@rules.predicate
def is_its_desk(user: Any, incident: Any = None) -> bool:
    """The user holds the office that dispatches it: the street's alone once it was passed up there."""
    if incident is None or not incident.at_street:
        return True
    return Role.STREET_ADMIN in territory_of(user).roles_at(incident.place)


@rules.predicate
def looks_after_its_level(user: Any, incident: Any = None) -> bool:
    """The user holds the post at the level where it is, so that passing it up is theirs; nobody does at the street."""
    if incident is None:
        return True
    return bool(territory_of(user).roles_at(incident.place) & PASSING_UP.get(incident.level, frozenset()))


@rules.predicate
def edits_catalogue(user: Any, subject: Any = None) -> bool:
    """The user edits the categories of the subject's street; of any, when it is the nation's or there is none."""
    streets = {street.pk for street in streets_edited_by(user)}
    street = getattr(subject, "street_id", None)
    return street in streets if street else bool(streets)


is_assignee = is_holder | is_in_assigned_department
is_asked = is_reporter | (is_on_behalf & holds(*OFFICE))


def _grant(what: str, predicate: rules.Predicate, words: Text) -> None:
    rules.add_perm(f"incidents.{what}", predicate)
    rights.describe(f"incidents.{what}", words)


_grant("view", is_appointed, _("see the incidents of your area"))
_grant("report", holds(*LEADERS, *OFFICE, Role.SOCIAL_WORKER), _("report incidents"))
_grant("enter", holds(*OFFICE, Role.GRID_LEADER), _("enter incidents for callers and walk-ins"))
_grant("settle", holds(*LEADERS, Role.STAFF, Role.SECRETARY, Role.SOCIAL_WORKER), _("settle small things on the spot"))
_grant("open", holds(*OFFICE), _("take up reports as cases"))
_grant("decline", holds(*OFFICE), _("decline reports"))
_grant("dispatch", holds(*OFFICE), _("dispatch cases to people and departments"))
_grant("take", is_appointed & is_assignee, _("take on what was dispatched to you"))
_grant("return", holds(*OFFICE), _("call back what was dispatched"))
_grant("finish", is_appointed & is_assignee, _("finish what you took on"))
_grant("verify", holds(*LEADERS, *OFFICE, Role.SOCIAL_WORKER), _("verify results of others"))
_grant("rework", holds(*OFFICE, Role.GRID_LEADER), _("send results back for rework"))
_grant("close", holds(*OFFICE, Role.GRID_LEADER), _("close verified incidents"))
_grant("rate", is_appointed & is_asked, _("rate the results of what you reported"))
_grant("export", holds(*OFFICE, Role.GRID_LEADER), _("print incidents and take them out as Excel"))
_grant("reveal_caller", holds(*OFFICE) | (is_appointed & is_assignee), _("see a caller's full number, on record"))

_grant("arrive", is_appointed & is_assignee, _("say when you have arrived on site"))
_grant("transfer", is_appointed & is_assignee, _("pass what you took on to a colleague, who accepts it or not"))
_grant("ask_return", is_appointed & is_assignee, _("object to what was dispatched to you"))
_grant("ask_extension", is_appointed & is_assignee, _("ask for more time"))
_grant("ask_reopen", is_appointed & (is_asked | is_asker), _("ask to reopen what is not solved"))
_grant("withdraw", is_appointed & is_own_request, _("take back what you asked for"))
_grant("decide", holds(*OFFICE), _("decide what others ask for: hand back, more time, reopening"))
_grant("suspend", holds(*OFFICE) | (is_appointed & is_assignee), _("suspend what cannot go on, and resume it"))
_grant("escalate", holds(*LEADERS, *OFFICE) | (is_appointed & is_assignee), _("pass incidents up to the next level"))
_grant("void", holds(*OFFICE), _("void what was entered by mistake"))
_grant("merge", holds(*OFFICE, Role.GRID_LEADER), _("merge repeats, and take them apart again"))
_grant("part", holds(*OFFICE), _("part an incident when several parties must act"))
_grant("extend", holds(*OFFICE), _("give several incidents more time at once"))
_grant("emergency", holds(*LEADERS, *OFFICE, Role.SOCIAL_WORKER), _("raise emergencies"))
_grant("join", holds(*LEADERS, *OFFICE, Role.SOCIAL_WORKER), _("say that you saw the same"))
_grant("note", holds(*OFFICE, Role.GRID_LEADER) | (is_appointed & is_assignee), _("write and read internal notes"))
_grant("confirm", holds(*LEADERS, *OFFICE, Role.SOCIAL_WORKER), _("write down what a resident says of a result"))
_grant("link", holds(*OFFICE, Role.GRID_LEADER), _("send residents a link to say what they think of a result"))
_grant("call_back", holds(*OFFICE), _("ring callers back"))
_grant("templates", holds(*OFFICE), _("prepare answers"))
_grant("categories", edits_catalogue, _("edit the street's categories and their limits"))

_grant("department", is_in_assigned_department, _("answer what the street whistles to your department"))

owners.register(Incident, visible=lambda user: Incident.objects.visible_to(user))
