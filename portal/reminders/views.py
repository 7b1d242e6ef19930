from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.core.access import fetch, signed_in
from portal.core.pagination import page_of

from . import services
from .models import Reminder


@signed_in
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = page_of(request, Reminder.objects.visible_to(request.user))
    return render(request, "reminders/inbox.html", {"page": page})


@signed_in
@require_safe
def open_(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the record a reminder is about; from then on it is read."""
    reminder = services.read(fetch(request, Reminder.objects, pk=pk))
    return redirect(reminder.subject or "reminders:inbox")


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    services.read_all(request.user)
    return redirect("reminders:inbox")
