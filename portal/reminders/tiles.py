from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.tiles import NavItem

from .models import Reminder

# Written out, for it is asked with every page.
UNREAD = f"SELECT count(*) FROM {Reminder._meta.db_table} WHERE user_id = %s AND read_at IS NULL"  # noqa: S608


def unread(user: Any) -> int:
    """How many messages wait unread."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [user.pk])
        return cursor.fetchone()[0]


tiles.navigation.add("inbox", NavItem(_("Messages"), "bell", "reminders:inbox", order=40, on_phone=True, badge=unread))
