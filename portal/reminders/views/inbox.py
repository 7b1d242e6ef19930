from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.core.access import fetch, signed_in
from portal.core.pagination import Page, page_of
from portal.core.refusals import Text
from portal.reminders import services
from portal.reminders.models import Reminder
from portal.reminders.registry import in_order, keys_of
from portal.reminders.ways import way_to

UNREAD, ALL = "unread", "all"


@dataclass(frozen=True)
class Shelf:
    """A group in the filter, with how much of it is unread."""

    key: str
    label: Text
    count: int


@dataclass(frozen=True)
class Inbox:
    """What one page of the inbox shows."""

    show: str
    group: str
    page: Page
    unread: int
    shelves: list[Shelf]
    next_row: int | None = None

    def __iter__(self) -> Iterator[Reminder]:
        return iter(self.page.rows)


@signed_in
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "reminders/inbox.html", {"inbox": _inbox(request)})


@signed_in
@require_safe
def open_(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the record a reminder is about, as far as its reader still may; from then on it is read."""
    reminder = services.read(fetch(request, Reminder.objects, pk=pk))
    if way := way_to(reminder, request.user):
        return redirect(way)
    messages.info(request, _("What this message was about is no longer open to you. Nothing is left to do about it."))
    return redirect("reminders:inbox")


@signed_in
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read without leaving the list; htmx gets the list as it stands then."""
    reminder = services.read(fetch(request, Reminder.objects, pk=pk))
    if request.htmx:
        return render(request, "reminders/list.html", {"inbox": _inbox(request, after=reminder), "is_part": True})
    return redirect(_back(request))


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    services.read_all(request.user, group=_group(request))
    return redirect(_back(request))


def _inbox(request: HttpRequest, after: Reminder | None = None) -> Inbox:
    mine = Reminder.objects.visible_to(request.user)
    show, group = (ALL if request.GET.get("show") == ALL else UNREAD), _group(request)
    counts = dict(mine.unread().order_by().values_list("kind").annotate(Count("pk")))
    found = mine.filter(kind__in=keys_of(group)) if group else mine
    page = page_of(request, found if show == ALL else found.unread())
    return Inbox(show, group, page, sum(counts.values()), _shelves(counts), _next(page, after))


def _shelves(counts: dict[str, int]) -> list[Shelf]:
    return [Shelf(one.key, one.label, sum(counts.get(key, 0) for key in keys_of(one.key))) for one in in_order()]


def _next(page: Page, after: Reminder | None) -> int | None:
    """The row on which a keyboard goes on once this one is done: the next unread one, else the last."""
    unread = [row for row in page if row.read_at is None] if after else []
    below = (row.pk for row in unread if after and (row.created_at, row.pk) < (after.created_at, after.pk))
    return next(below, unread[-1].pk if unread else None)


def _group(request: HttpRequest) -> str:
    wanted = request.GET.get("group", "")
    return wanted if any(group.key == wanted for group in in_order()) else ""


def _back(request: HttpRequest) -> str:
    """The list as it was filtered: the address of a button carries the filters of its page."""
    kept: Any = request.GET.copy()
    return f"{reverse('reminders:inbox')}?{kept.urlencode()}".rstrip("?")
