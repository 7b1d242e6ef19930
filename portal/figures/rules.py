"""Who may have figures counted anew."""

import rules
from django.utils.translation import gettext_lazy as _

from grid.places.models import Role
from grid.places.rules import holds
from portal.core.rights import describe

rules.add_perm("figures.recount", holds(Role.STREET_ADMIN, Role.SECRETARY))
describe("figures.recount", _("have the figures of past days counted anew"))
