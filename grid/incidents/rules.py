"""Who may do what with incidents."""

from typing import Any

import rules
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.places.models import Role
from grid.places.rules import OFFICE, holds, is_appointed, is_in_assigned_department
from portal.core import rights
from portal.core.refusals import Text
from portal.files import owners

from .models import Incident

LEADERS = (Role.BUILDING_LEADER, Role.GRID_LEADER)


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
_grant("return", is_appointed & (is_assignee | holds(*OFFICE)), _("hand back what is not yours, or call it back"))
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
_grant("ask_reopen", is_appointed & is_asked, _("ask to reopen what is not solved"))
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
_grant("categories", holds(Role.STREET_ADMIN), _("edit the street's categories and their limits"))

owners.register(Incident, visible=lambda user: Incident.objects.visible_to(user))
