from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem

from .models import Reminder

tiles.counters.add(
    "reminders.unread",
    f"SELECT count(*) FROM {Reminder._meta.db_table} WHERE user_id = %(user)s AND read_at IS NULL",  # noqa: S608
)


def unread(user: Any) -> int:
    """How many messages wait unread."""
    return tiles.counted(user, "reminders.unread")


tiles.navigation.add("inbox", NavItem(_("Messages"), "bell", "reminders:inbox", order=40, on_phone=True, badge=unread))
