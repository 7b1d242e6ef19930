"""What notices show on the boards: what was sent down, who read it, how many households know; who told which flat."""

from django.utils.translation import gettext_lazy as _

from grid.places.models import Place, Placed
from portal.core import boards
from portal.core.boards import Line, Lines, Panel, Shown, Trend

from .models import DoorPassing, Notice, Receipt

boards.offer(
    Panel(
        "notices",
        _("Notices and who knows"),
        (
            Shown("notices.sent"),
            Shown("notices.receipts"),
            Shown("notices.reading_rate", 1),
            Shown("notices.acknowledged_rate", 1),
            Shown("notices.households_told", 1),
            Shown("notices.awareness_rate", 1),
        ),
        trends=(Trend("known", _("Read and known"), ("notices.reading_rate", "notices.awareness_rate")),),
        order=40,
    ),
)


def _notice(notice: Notice) -> Line:
    return Line(
        title=notice.title,
        url=notice.get_absolute_url(),
        meta=f"{notice.place} · {notice.get_audience_display()}",
        tag=_("Urgent") if notice.is_urgent else "",
        tone="red" if notice.is_urgent else "grey",
        at=notice.sent_at,
        community=_community_of(notice),
    )


def _receipt(receipt: Receipt) -> Line:
    read, confirmed = receipt.read_at is not None, receipt.acknowledged_at is not None
    return Line(
        title=f"{receipt.place} · {receipt.get_role_display()}",
        url=receipt.notice.get_absolute_url(),
        meta=receipt.notice.title,
        tag=_("Confirmed") if confirmed else _("Read") if read else _("Not read yet"),
        tone="green" if confirmed else "blue" if read else "amber",
        at=receipt.sent_at,
        community=_community_of(receipt),
    )


def _door(door: DoorPassing) -> Line:
    return Line(
        title=f"{door.place} {door.household}",
        url=door.get_absolute_url(),
        meta=door.notice.title,
        tag=door.get_outcome_display(),
        tone="green" if door.is_told else "grey",
        at=door.sent_at,
        community=_community_of(door),
    )


def _community_of(row: Placed) -> Place | None:
    """Where that is not said by the place itself."""
    return row.community if row.community_id != row.place_id else None


boards.lines.add("notices.Notice", Lines(lambda notices: notices.select_related("place", "community"), _notice))
boards.lines.add(
    "notices.Receipt", Lines(lambda receipts: receipts.select_related("place", "community", "notice"), _receipt)
)
boards.lines.add(
    "notices.DoorPassing",
    Lines(lambda doors: doors.select_related("place", "community", "household", "notice"), _door),
)
