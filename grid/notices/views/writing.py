"""Writing a notice and seeing whom it reaches; putting one right, and taking one back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grid.notices.forms import CorrectForm, NoticeForm, WithdrawForm
from grid.notices.models import Audience, Notice
from grid.places.models import Place
from portal.core.access import fetch, needs
from portal.core.keys import key_of

NOT_SENT_AGAIN = ("csrfmiddlewaretoken", "step")


@needs("notices.send")
def write(request: HttpRequest) -> HttpResponse:
    """First the text and whom it is for; then as its readers see it, with how many it reaches; then it is sent."""
    form = NoticeForm(request.POST or None, user=request.user, to=_asked_for(request))
    step = request.POST.get("step", "")
    if step == "edit":
        return _edit(request, form)
    if not form.is_valid():
        return _ask(request, form)
    return _send(request, form) if step == "send" else render(request, "notices/preview.html", _preview(form))


@needs("notices.manage")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Notice.objects.select_related("place"), pk=pk)
    form = CorrectForm(request.POST or None, notice=found, initial={"title": found.title, "body": found.body})
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The corrected notice is sent; the old one no longer holds."))
        return redirect(form.result)
    return render(request, "notices/correct.html", {"form": form, "notice": found}, status=form.status)


@needs("notices.manage")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Notice.objects.select_related("place"), pk=pk)
    form = WithdrawForm(request.POST or None, notice=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The notice is withdrawn, and its readers are told."))
        return redirect(found)
    return render(request, "notices/withdraw.html", {"form": form, "notice": found}, status=form.status)


def _ask(request: HttpRequest, form: NoticeForm) -> HttpResponse:
    return render(request, "notices/write.html", {"form": form}, status=form.status)


def _edit(request: HttpRequest, form: NoticeForm) -> HttpResponse:
    """Back to the text: whoever is not done with it yet has made no mistake."""
    form.is_valid()
    form.errors.clear()
    return render(request, "notices/write.html", {"form": form})


def _send(request: HttpRequest, form: NoticeForm) -> HttpResponse:
    if not form.carry_out(actor=request.user):
        return _ask(request, form)
    if form.is_new:
        _tell(request, form.result)
    return redirect(form.result)


def _preview(form: NoticeForm) -> dict[str, Any]:
    said = form.cleaned_data
    sent = [(name, value) for name, values in form.data.lists() if name not in NOT_SENT_AGAIN for value in values]
    return {
        "form": form,
        "said": said,
        "audience": Audience(said["audience"]),
        "areas": list(said["areas"]) or [said["place"]],
        "reach": form.reach(),
        "sent": sent,
    }


def _asked_for(request: HttpRequest) -> Place | None:
    """The place from whose page the reader comes, when it is theirs."""
    key = key_of(request.GET.get("to"))
    return Place.objects.open().visible_to(request.user).filter(pk=key).first() if key else None


def _tell(request: HttpRequest, sent: Notice) -> None:
    number = sent.receipts.values("user").distinct().count()
    words = ngettext(
        "The notice is on its way to %(count)d person.", "The notice is on its way to %(count)d people.", number
    )
    messages.success(request, words % {"count": number})
