"""Who may do what with the roster: whoever looks after a place knows its people; files are the office's."""

import rules
from django.utils.translation import gettext_lazy as _

from grid.places.models import Role
from grid.places.rules import holds
from portal.core import rights
from portal.core.refusals import Text

COMMITTEE = (Role.SECRETARY, Role.STAFF)
LEADERS = (Role.GRID_LEADER, Role.BUILDING_LEADER)
NEAR = (*COMMITTEE, *LEADERS)


def _grant(what: str, predicate: rules.Predicate, words: Text) -> None:
    rules.add_perm(f"roster.{what}", predicate)
    rights.describe(f"roster.{what}", words)


_grant(
    "view", holds(Role.STREET_ADMIN, *NEAR, Role.SOCIAL_WORKER), _("see households and residents, identifiers masked")
)
_grant("edit", holds(*NEAR), _("enter residents, correct them, and record who moves, is away or has died"))
_grant("reveal", holds(*NEAR, Role.SOCIAL_WORKER), _("see one resident's full number, with a reason and on record"))
_grant("import", holds(*COMMITTEE), _("bring a roster file in"))
_grant("export", holds(Role.STREET_ADMIN, *COMMITTEE), _("take lists of people out as Excel, identifiers left out"))
_grant("export_identifiers", holds(*COMMITTEE), _("have identifiers in such lists, with a reason and on record"))
_grant("estates", holds(*COMMITTEE), _("keep the estates and which building groups belong to them"))
