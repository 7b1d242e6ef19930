"""Posts on screen as people come and go: replacing a holder, a list of leaders at once, what is vacant."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.core.access import fetch, needs
from portal.core.handover import duties_of
from portal.core.pagination import page_of

from . import slips
from .models import HEAD_OF, Level, Place
from .overview import trail_to
from .succession_forms import ROWS, LeadersForm, ReplaceByKnownForm, ReplaceByNewcomerForm
from .vacancies import shown, vacant_below, with_the_past
from .views import WITH_PARENTS, place_of_post, qr_code, to_slip, with_places


@needs("places.replace")
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody follow in a post, with a list of what passes to them."""
    appointment = fetch(request, with_places(), pk=pk)
    is_new = request.GET.get("person") == "new"
    form_class = ReplaceByNewcomerForm if is_new else ReplaceByKnownForm
    form = form_class(request.POST or None, appointment=appointment, user=request.user)
    place = place_of_post(appointment)
    if form.is_valid() and form.carry_out(actor=request.user):
        made = form.result
        if made.is_to_come:
            words = _("%(name)s takes over the post “%(post)s” on %(day)s, with its duties.")
        else:
            words = _("%(name)s has taken over the post “%(post)s” with its duties.")
        messages.success(request, words % {"name": made.user, "post": made, "day": made.since})
        return to_slip(request, made, form.first_password) if is_new else redirect(place)
    context = {
        "form": form,
        "appointment": appointment,
        "is_new": is_new,
        "duties": duties_of(appointment.user, appointment.place or appointment.department),
        "back": place.get_absolute_url(),
    }
    return render(request, "places/replace.html", context, status=form.status)


@needs("places.appoint_leaders")
def appoint_leaders(request: HttpRequest, pk: int) -> HttpResponse:
    """Leaders for every vacant building group below; on to all their slips."""
    found = fetch(request, Place.objects.select_related(*WITH_PARENTS), pk=pk)
    form = LeadersForm(request.POST or None, place=found, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        for appointment, first_password in form.made:
            slips.keep(request.session, appointment, first_password)
        number = len(form.made)
        words = ngettext(
            "%(number)d building leader is appointed.", "%(number)d building leaders are appointed.", number
        )
        if number:
            messages.success(request, words % {"number": number})
        return redirect("places:slips", pk=found.pk)
    trail = trail_to(found, request.user, _("Appoint building leaders"))
    context = {"form": form, "place": found, "trail": trail, "most": ROWS}
    return render(request, "places/appoint_leaders.html", context, status=form.status)


@needs("places.appoint_leaders")
@never_cache
@require_safe
def all_slips(request: HttpRequest, pk: int) -> HttpResponse:
    """All slips that were made for a list of leaders: to be seen once."""
    found = fetch(request, Place.objects.select_related(*WITH_PARENTS), pk=pk)
    posts = with_places().visible_to(request.user).filter(pk__in=slips.waiting(request.session))
    inside = [post for post in posts.order_by("place__code") if post.place and _is_in(post.place, found)]
    made = [(post, first) for post in inside if (first := slips.take(request.session, post))]
    if not made:
        return render(request, "places/slips_gone.html", {"place": found}, status=410)
    address = request.build_absolute_uri("/")
    context = {"slips": made, "address": address, "qr": qr_code(address), "back": found.get_absolute_url()}
    with translation.override(made[0][0].user.language):  # new accounts all read the same language
        return render(request, "places/slips.html", context)


@needs("places.view")
@require_safe
def vacancies(request: HttpRequest, pk: int) -> HttpResponse:
    """Every post of a head that nobody holds, here and below."""
    found = fetch(request, Place.objects.select_related(*WITH_PARENTS), pk=pk)
    levels = [level for level in HEAD_OF if level is not None and level >= found.level]
    asked = next((level for level in levels if str(level.value) == request.GET.get("level")), None)
    vacant = vacant_below(found)
    page = page_of(request, with_the_past(vacant.filter(level=asked) if asked else vacant), size=50)
    context: dict[str, Any] = {
        "place": found,
        "trail": trail_to(found, request.user, _("Vacant posts")),
        "page": page,
        "rows": [shown(row, request.user) for row in page],
        "scopes": [(level.value, HEAD_OF[level].label) for level in levels if isinstance(level, Level)],
        "asked": asked,
        "may_appoint_leaders": request.user.has_perm("places.appoint_leaders", found),
    }
    return render(request, "places/vacancies.html", context)


def _is_in(group: Place, place: Place) -> bool:
    return place.pk in (group.pk, group.parent_id, group.community_id)
