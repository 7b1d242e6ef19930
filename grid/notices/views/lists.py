"""Notices: those to the reader, and those of their area with how far they have come."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from grid.notices.counting import Counts, counts_of
from grid.notices.filters import NoticeFilter
from grid.notices.models import Notice, Receipt
from grid.notices.rules import led_by
from portal.core.access import needs
from portal.core.pagination import page_of

TABS = {"mine": _("To me"), "area": _("In my area")}
FEW = 12  # large cards on a phone
NOTHING = Counts()


@dataclass(frozen=True)
class Line:
    """One notice of a list, with what it is to this reader."""

    notice: Notice
    receipt: Receipt | None
    counts: Counts

    @property
    def is_unread(self) -> bool:
        return self.receipt is not None and self.receipt.read_at is None

    @property
    def is_late(self) -> bool:
        """The day has passed, and the reader has still to confirm it or to tell households."""
        return self.notice.is_late and (self.waits_for_confirmation or self.is_unread)

    @property
    def waits_for_confirmation(self) -> bool:
        mine = self.receipt
        return mine is not None and mine.must_acknowledge and mine.acknowledged_at is None


@needs("notices.view")
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """What is addressed to the reader; for whoever looks after others, also all that goes through their area."""
    follows = request.user.has_perm("notices.follow")
    asked = request.GET.get("show", "")
    show = asked if follows and asked in TABS else "area" if follows else "mine"
    seen = Notice.objects.visible_to(request.user).select_related("place", "sender", "correction")
    context: dict[str, Any] = {
        "show": show,
        "tabs": TABS.items() if follows else (),
        "may_send": request.user.has_perm("notices.send"),
    }
    if show == "mine":
        mine = Receipt.objects.filter(notice=OuterRef("pk"), user=request.user)
        page = page_of(request, seen.filter(Exists(mine)).order_by("-sent_at", "-id"), size=FEW)
        context |= {"page": page, "rows": lines_of(page, request.user, with_doors=bool(led_by(request.user)))}
        return render(request, "notices/mine.html", context)
    chosen = NoticeFilter(request.GET, queryset=seen.prefetch_related("areas__place"), request=request)
    page = page_of(request, chosen.qs.order_by("-sent_at", "-id"))
    context |= {"page": page, "filter": chosen, "rows": lines_of(page, request.user, with_doors=True)}
    return render(request, "notices/list.html", context)


def lines_of(notices: Iterable[Notice], user: Any, *, with_doors: bool) -> list[Line]:
    """These notices as this user meets them; three queries."""
    rows = list(notices)
    mine = Receipt.objects.filter(user=user, notice__in=rows).order_by("pk")
    receipts = {receipt.notice_id: receipt for receipt in mine}
    counts = counts_of(rows, user) if with_doors else {}
    return [Line(one, receipts.get(one.pk), counts.get(one.pk, NOTHING)) for one in rows]
