from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.core.access import public, signed_in
from portal.core.refusals import Refused
from portal.reminders import services
from portal.reminders.channels import channels
from portal.reminders.forms import AddressForm, ConfirmForm, PaceForm
from portal.reminders.services.preferences import waiting_for


@signed_in
def settings(request: HttpRequest) -> HttpResponse:
    """How soon, when not, and at what time."""
    preference = services.preference_of(request.user)
    form = PaceForm(request.POST or None, preference=preference)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Your choices are saved."))
        return redirect("reminders:settings")
    return _page(request, preference, form=form, status=form.status)


@signed_in
@sensitive_post_parameters("email")
def address(request: HttpRequest) -> HttpResponse:
    """The address that messages are mailed to; empty takes it away."""
    if request.method != "POST":  # loaded once more after a refusal
        return redirect("reminders:settings")
    preference = services.preference_of(request.user)
    form = AddressForm(request.POST, preference=preference)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _said(form.result))
        return redirect("reminders:settings")
    return _page(request, preference, address_form=form, status=form.status)


@signed_in
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Send the link once more."""
    try:
        services.send_link(request.user, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("A new link is on its way to your mailbox."))
    return redirect("reminders:settings")


@public
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of a mail leads: one button, for mail programs open links by themselves."""
    form = ConfirmForm(request.POST if request.method == "POST" else None, token=token)
    try:
        waiting_for(token)
    except Refused:
        return render(request, "reminders/confirm_gone.html", status=404)
    if form.is_valid() and form.carry_out(actor=request.user):
        return render(request, "reminders/confirmed.html")
    return render(request, "reminders/confirm.html", {"form": form}, status=form.status)


def _page(request: HttpRequest, preference: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "preference": preference,
        "is_open": channels.items["email"].is_open(),
        "form": PaceForm(None, preference=preference),
        "address_form": AddressForm(None, preference=preference),
        **forms,
    }
    return render(request, "reminders/settings.html", context, status=status)


def _said(preference: Any) -> str:
    if not preference.email:
        return _("Your address is deleted. Messages stand in the portal alone.")
    if preference.email_confirmed_at:
        return _("Nothing has changed: this address is confirmed already.")
    return _("Saved. Open the link in the mail that is on its way to you, then messages are mailed there.")
