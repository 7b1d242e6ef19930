"""Whoever comes to a post while a notice to such posts stands, is addressed as well."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from grid.notices.addressing import ROLES
from grid.notices.models import Notice, NoticeArea, Receipt
from grid.places.models import Appointment, Place
from portal.core import outbox
from portal.core.clock import day_of

from .holding import hold

AT_ONCE = 200  # notices in one statement
ASKED = [(audience, role) for audience, roles in ROLES.items() for role in roles]
# Notices with their areas; every place with the areas in which it lies; the posts there; who of them is asked for.
WRITE = f"""
    INSERT INTO {Receipt._meta.db_table}
        (notice_id, user_id, role, place_id, community_id, must_acknowledge, sent_at, is_withdrawn)
    SELECT notice.id, post.user_id, post.role, at.id, at.community_id, notice.must_acknowledge, notice.sent_at, false
    FROM {Notice._meta.db_table} notice
    JOIN {NoticeArea._meta.db_table} area ON area.notice_id = notice.id
    JOIN (
        SELECT here.id, here.community_id, above.id
        FROM {Place._meta.db_table} here LEFT JOIN {Place._meta.db_table} community ON community.id = here.community_id
        CROSS JOIN LATERAL (
            SELECT DISTINCT unnest(ARRAY[here.id, here.parent_id, community.id, community.parent_id])
        ) AS above (id)
    ) AS at (id, community_id, area) ON at.area = area.place_id
    JOIN ({{posts}}) AS post (id, user_id, role, place_id) ON post.place_id = at.id
    JOIN unnest(%s::text[], %s::text[]) AS asked (audience, role)
        ON asked.audience = notice.audience AND asked.role = post.role
    WHERE notice.id = ANY(%s) AND post.user_id <> notice.sender_id AND NOT EXISTS (
        SELECT FROM {Receipt._meta.db_table} known
        WHERE known.notice_id = notice.id AND known.user_id = post.user_id AND known.place_id = at.id
    )
    ORDER BY post.id
    ON CONFLICT DO NOTHING RETURNING notice_id
"""  # noqa: S608 - names of columns; what was asked for stands in the parameters


def address_newcomers(*, now: datetime | None = None) -> int:
    """Write receipts for posts of today that a standing notice addresses and that have none; returns how many.

    From whatever day they are held: a post is entered late, an account is switched on again, a building group comes to
    another grid. A household's list is not touched: whoever takes over a building group finds what is left to be told
    there. Safe to run twice.
    """
    now = now or timezone.now()
    standing = list(Notice.objects.standing(now).order_by("pk").values_list("pk", flat=True))
    return sum(_address(standing[n : n + AT_ONCE], now) for n in range(0, len(standing), AT_ONCE))


@transaction.atomic
def _address(notices: Sequence[int], now: datetime) -> int:
    standing = hold(Notice.objects.standing(now).filter(pk__in=notices))  # nobody withdraws one meanwhile
    written = _write(standing, day_of(now))
    for notice in sorted(set(written)):
        outbox.send("notices.sent", notice=notice)  # tells those alone who have not been told
    return len(written)


def _write(notices: list[int], day: date) -> list[int]:
    """The notice of each receipt that was missing and is there now."""
    held = Appointment.objects.current(day).filter(user__is_active=True).order_by()
    posts, given = held.values_list("pk", "user", "role", "place").query.sql_with_params()
    audiences, roles = zip(*ASKED, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(posts=posts), [*given, list(audiences), list(roles), notices])
        return [notice for (notice,) in cursor.fetchall()]
