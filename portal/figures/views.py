from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from grid.places.models import Place
from portal.core.access import fetch, needs

from .forms import RecountForm
from .periods import parse


@needs("figures.recount")
def recount(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the figures of some days counted anew; they are counted for all places at once."""
    place = fetch(request, Place.objects, pk=pk)
    form = RecountForm(request.POST or None, place=place, initial=_asked(request))
    if form.is_valid() and form.carry_out(actor=request.user):
        return redirect(form.result)
    return render(request, "figures/recount.html", {"form": form, "place": place}, status=form.status)


def _asked(request: HttpRequest) -> dict:
    """The period of the board somebody came from, without today."""
    usual = RecountForm.usual()
    with suppress(ValueError):
        period = parse(request.GET.get("period", ""))
        if period.first <= usual["last"]:
            return {"first": period.first, "last": min(period.last, usual["last"])}
    return usual
