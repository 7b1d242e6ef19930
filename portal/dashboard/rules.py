"""Who has a board, and from how many on a number says something."""

import rules
from django.utils.translation import gettext_lazy as _

from grid.places.models import Role
from grid.places.rules import OFFICE, holds
from portal.core.rights import describe

LEAST_N = 5  # below it no rate is shown, no trend is named, and nothing is put in an order
LEAST_PEOPLE = 5  # statistics about people tell no smaller group (domain.md §9)

rules.add_perm("dashboard.board", holds(*OFFICE, Role.GRID_LEADER))
describe("dashboard.board", _("see the board of your area: its figures, what is below it, and print and export them"))
