"""Whoever comes to a post while a notice to such posts stands, is addressed as well."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from grid.notices.addressing import ROLES
from grid.notices.models import Notice, Receipt
from grid.places.models import Appointment
from portal.core import outbox
from portal.core.clock import day_of


@transaction.atomic
def address_newcomers(*, now: datetime | None = None) -> int:
    """Write receipts for posts that began after a standing notice was sent; returns how many. Safe to run twice.

    A household's list is not touched: whoever takes over a building group finds what is left to be told there.
    """
    now = now or timezone.now()
    standing = list(Notice.objects.standing(now).prefetch_related("areas").order_by("sent_at"))
    if not standing:
        return 0
    first = day_of(standing[0].sent_at)
    above = ("place__parent__parent__parent",)
    new = Appointment.objects.current(day_of(now)).filter(since__gte=first, user__is_active=True, place__isnull=False)
    by_area: dict[int, list[Notice]] = defaultdict(list)
    for notice in standing:
        for area in notice.areas.all():
            by_area[area.place_id].append(notice)
    rows = [
        _receipt(notice, post)
        for post in new.select_related(*above).order_by("pk")
        for pk in _at_and_above(post)
        for notice in by_area.get(pk, ())
        if post.role in ROLES[notice.audience] and post.user_id != notice.sender_id
    ]
    if not rows:
        return 0
    wanted = Q(*[("notice", notice.pk) for notice in standing], _connector=Q.OR)
    there = set(Receipt.objects.filter(wanted).order_by().values_list("notice_id", "user_id", "place_id"))
    rows = [one for one in rows if (one.notice_id, one.user_id, one.place_id) not in there]
    Receipt.objects.bulk_create(rows, ignore_conflicts=True)
    for notice_id in sorted({one.notice_id for one in rows}):
        outbox.send("notices.sent", notice=notice_id)  # tells those alone who have not been told
    return len(rows)


def _at_and_above(post: Appointment) -> set[int]:
    place = post.place
    return {place.pk, *(above.pk for above in place.ancestors)} if place else set()


def _receipt(notice: Notice, post: Any) -> Receipt:
    return Receipt(
        notice=notice,
        user_id=post.user_id,
        role=post.role,
        place=post.place,
        community_id=post.place.community_id,
        must_acknowledge=notice.must_acknowledge,
        sent_at=notice.sent_at,
    )
