from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem

from .models import Reminder


def unread(user: Any) -> int:
    """How many messages wait unread."""
    return Reminder.objects.visible_to(user).unread().count()


tiles.navigation.add("inbox", NavItem(_("Messages"), "bell", "reminders:inbox", order=40, on_phone=True, badge=unread))
