"""What notices show on screens they do not own: the phone's tile, things to do, the way from a place."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from portal.core import tiles
from portal.core.clock import today
from portal.core.refusals import Text
from portal.core.tiles import NavItem, PlaceLink, Tile, ToDo

from .models import STANDS, DoorPassing, Notice, Receipt
from .rules import led_by

SHOWN = 5
LATE = timedelta(days=14)  # so long what was to be confirmed by a day is still asked for
# Written out, for every page asks it beside the other counters.
UNREAD = f"""
    SELECT count(DISTINCT notice_id) FROM {Receipt._meta.db_table}
    WHERE user_id = %(user)s AND NOT is_withdrawn AND read_at IS NULL
"""  # noqa: S608


def unread(user: Any) -> int:
    """How many notices to this user wait unread."""
    return tiles.counted(user, "notices.unread")


def what_to_do(user: Any) -> Text:
    """Only those who lead a building group have households to tell."""
    return _("Read them, tell your households") if led_by(user) else _("Read them and confirm")


tiles.counters.add("notices.unread", UNREAD)
tiles.navigation.add("notices", NavItem(_("Notices"), "megaphone", "notices:list", "notices.view", 22, badge=unread))
tiles.home_tiles.add(
    "notices",
    Tile(
        _("Notices"),
        "megaphone",
        reverse_lazy("notices:list"),
        "notices.view",
        order=25,
        badge=unread,
        hint_for=what_to_do,
    ),
)


def to_read(user: Any) -> Iterable[ToDo]:
    """Notices to this user that they have not opened, or not confirmed; what is urgent stands before other work."""
    open_ = Q(read_at=None) | Q(must_acknowledge=True, acknowledged_at=None)
    lately = Q(notice__answer_by=None, sent_at__gte=timezone.now() - STANDS) | Q(notice__answer_by__gte=today() - LATE)
    mine = (
        Receipt.objects.valid()
        .filter(open_, lately, user=user)
        .select_related("notice__place")
        .order_by("-notice__is_urgent", "-sent_at", "pk")
    )
    seen: set[int] = set()
    for receipt in mine[: SHOWN * 3]:
        notice = receipt.notice
        if notice.pk in seen or len(seen) == SHOWN:
            continue
        seen.add(notice.pk)
        unconfirmed = _("To be confirmed") if receipt.read_at else _("Not read yet")
        yield ToDo(
            title=notice.title,
            url=notice.get_absolute_url(),
            meta=_("Notice · %(place)s") % {"place": notice.place.name},
            tag=_("Urgent") if notice.is_urgent else unconfirmed,
            due=notice.answer_by,
            tone="red" if notice.is_urgent or notice.is_late else "blue",
            order=3 if notice.is_urgent else 28,
        )


def to_tell(user: Any) -> Iterable[ToDo]:
    """Standing notices of which a leader's households are still to be told, with how far they have come."""
    led = led_by(user)
    if not led:
        return
    places = frozenset[int]().union(*(post.places for post in led))
    standing = Notice.objects.standing()
    unread = Receipt.objects.unread().filter(user=user).order_by().values("notice")  # stands there already, unread
    here = DoorPassing.objects.valid().filter(place__in=places, notice__in=standing.order_by().values("pk"))
    here = here.exclude(notice__in=unread)
    told = Count("pk", Q(outcome=DoorPassing.Outcome.TOLD))
    rows = here.order_by().values("notice", "notice__title", "notice__is_urgent", "notice__answer_by")
    for row in rows.annotate(told=told, n=Count("pk")).order_by("notice__answer_by", "-notice__sent_at", "notice"):
        if row["told"] < row["n"]:
            yield ToDo(
                title=row["notice__title"],
                url=reverse("notices:doors", args=[row["notice"]]),
                meta=_("Tell your households"),
                tag=_("%(told)d of %(number)d told") % {"told": row["told"], "number": row["n"]},
                due=row["notice__answer_by"],
                tone="red" if row["notice__is_urgent"] else "amber",
                order=4 if row["notice__is_urgent"] else 29,
            )


def from_place(user: Any, place: Place) -> Iterable[PlaceLink]:
    """To a notice for a place, for those who may send there."""
    if not place.is_closed and user.has_perm("notices.send", place):
        yield PlaceLink(_("Send a notice here"), "megaphone", reverse("notices:write", query={"to": place.pk}))


tiles.to_dos.add("notices.to_read", to_read)
tiles.to_dos.add("notices.to_tell", to_tell)
tiles.place_links.add("notices", from_place)
