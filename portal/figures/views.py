from contextlib import suppress
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from grid.places.models import Place
from portal.core.access import fetch, needs

from .forms import RecountForm
from .periods import Period, parse


@needs("figures.recount")
def recount(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the figures of some days counted anew; they are counted for all places at once."""
    place = fetch(request, Place.objects, pk=pk)
    period = _asked(request)
    form = RecountForm(request.POST or None, place=place, initial=_days_of(period))
    if form.is_valid() and form.carry_out(actor=request.user):
        return redirect(form.result)
    board = reverse("dashboard:board", args=[place.pk], query={"period": period.token} if period else None)
    return render(request, "figures/recount.html", {"form": form, "place": place, "board": board}, status=form.status)


def _asked(request: HttpRequest) -> Period | None:
    """The period of the board somebody came from."""
    with suppress(ValueError):
        return parse(request.GET.get("period", ""))
    return None


def _days_of(period: Period | None) -> dict[str, date]:
    """The days of a period without today, else the usual ones."""
    usual = RecountForm.usual()
    if not period or period.first > usual["last"]:
        return usual
    return {"first": period.first, "last": min(period.last, usual["last"])}
