from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem

tiles.navigation.add(
    "boards",
    NavItem(
        _("Boards"),
        "bar-chart-line",
        "dashboard:boards",
        "dashboard.board",
        15,
        also=("dashboard:board", "dashboard:figure"),
    ),
)
tiles.navigation.add("home", NavItem(_("Today"), "house-door", "dashboard:home", order=0, on_phone=True))
