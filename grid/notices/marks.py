"""Notices on the façade: which households know of one, where nobody was home, and where somebody has still to knock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.models import Place
from grid.roster.facade import Mark
from grid.roster.facade_layers import Layer, Painted, Topic, facade_layers
from grid.roster.models import Household
from portal.core.clock import SHANGHAI
from portal.core.keys import key_of

from .counting import share
from .models import DoorPassing, DoorQuerySet, Notice
from .rules import led_by

LAYER = "notices"
YEAR = timedelta(days=365)
SHOWN = 3  # notices to choose from
SHORT = 16  # characters of their titles
NOT_LISTED = Mark("grey", gettext_lazy("Not on the list"), "house-door")
TOLD, NOBODY_HOME = DoorPassing.Outcome.TOLD, DoorPassing.Outcome.NOBODY_HOME


def paint(group: Place, user: Any, topic: str = "") -> Painted:
    """Each household of a building group as a notice has reached it: the one asked for, else the newest; four queries.

    It goes by where the household stands now: what was told before a building group was split or merged shows as well.
    """
    doors = DoorPassing.objects.valid().filter(household__place=group, household__community=group.community_id)
    offered, chosen = _offered(doors, user, topic)
    if chosen is None:
        return Painted(
            lambda _household: NOT_LISTED, summary=_("For a year no notice had to be told at the door here.")
        )
    found = {door.household_id: door for door in doors.filter(notice=chosen)}
    walked = frozenset[int]().union(*(post.places for post in led_by(user)))
    topics = [_topic(one) for one in offered]
    return Painted(as_told(found, chosen, walked), topics=topics, topic=_topic(chosen), summary=_summary(found))


def facade_of(notice: Notice, group: Place) -> str:
    """The address at which a building group is drawn as this notice has reached it."""
    return reverse("roster:buildings", args=[group.pk], query={"layer": LAYER, "topic": notice.pk})


def as_told(found: Mapping[int, DoorPassing], notice: Notice, walked: frozenset[int]) -> Callable[[Household], Mark]:
    """Told, nobody home, to be told or late; the cells of whoever walks there lead to the door on their list."""

    def mark(household: Household) -> Mark:
        door = found.get(household.pk)
        if door is None:
            return NOT_LISTED
        url = f"{reverse('notices:doors', args=[notice.pk])}#door-{door.pk}" if door.place_id in walked else ""
        if door.outcome == TOLD:
            return Mark("green", DoorPassing.Outcome.TOLD.label, "check-circle", _day(door.at), _on(door.at), url=url)
        if notice.is_late:
            return Mark("red", gettext_lazy("Not told, and the day has passed"), "exclamation-circle", url=url)
        if door.outcome == NOBODY_HOME:
            label = DoorPassing.Outcome.NOBODY_HOME.label
            return Mark("amber", label, "door-closed", _day(door.at), _on(door.at), url=url)
        return Mark("blue", gettext_lazy("Not told yet"), "door-open", url=url)

    return mark


def _offered(doors: DoorQuerySet, user: Any, topic: str) -> tuple[list[Notice], Notice | None]:
    """The newest notices with doors here, and the one that is shown; the one asked for stands among them."""
    seen = Notice.objects.visible_to(user).filter(withdrawn_at=None)
    lately = doors.filter(sent_at__gte=timezone.now() - YEAR).order_by().values("notice")
    offered = list(seen.filter(pk__in=lately).order_by("-sent_at", "-pk")[:SHOWN])
    chosen = next((one for one in offered if str(one.pk) == topic), None)
    if chosen is None and (asked := key_of(topic)):
        chosen = seen.filter(pk__in=doors.order_by().values("notice")).filter(pk=asked).first()
        offered = [*offered, chosen] if chosen else offered
    return offered, chosen or next(iter(offered), None)


def _topic(notice: Notice) -> Topic:
    day = date_format(timezone.localtime(notice.sent_at, SHANGHAI), "MONTH_DAY_FORMAT")
    return Topic(str(notice.pk), f"{Truncator(notice.title).chars(SHORT)} · {day}", notice.get_absolute_url())


def _summary(found: Mapping[int, DoorPassing]) -> str:
    """已告知 21/49 户，43 %."""
    told = sum(door.outcome == TOLD for door in found.values())
    words = {"told": told, "number": len(found), "rate": share(told, len(found))}
    return _("%(told)d of %(number)d households told, %(rate)s %%") % words


def _day(at: datetime | None) -> str:
    """11/20, short enough for a cell."""
    local = timezone.localtime(at, SHANGHAI) if at else None
    return f"{local.month}/{local.day}" if local else ""


def _on(at: datetime | None) -> str:
    return date_format(timezone.localtime(at, SHANGHAI), "MONTH_DAY_FORMAT") if at else ""


facade_layers.add(
    LAYER,
    Layer(
        gettext_lazy("Told at the door"),
        "megaphone",
        "notices.view",
        paint,
        column=gettext_lazy("Told"),
        note_column=gettext_lazy("Day of the knock"),
        hint=gettext_lazy("In a cell: the day on which somebody knocked."),
        order=30,
    ),
)
