"""Suggesting a category: as a fragment while somebody types, and as the whole page again where no script runs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from grid.incidents.models import Category
from grid.incidents.suggesting import Suggestion, suggest
from grid.places.models import Place
from grid.places.territory import territory_of
from portal.core.access import needs
from portal.core.keys import key_of


@needs("incidents.report")
@require_POST
def suggestions(request: HttpRequest) -> HttpResponse:
    """Up to three categories for the words posted; they stand in no address and no log."""
    found = _suggested(request, request.POST.get("words", ""))
    return render(request, "incidents/suggestions.html", {"suggestions": found, "asked": True})


def is_asked(request: HttpRequest) -> bool:
    """Whether a form was posted to be shown again with suggestions, or with the suggestion that was taken."""
    return "suggest" in request.POST


def suggested_to(request: HttpRequest, form: Any) -> None:
    """Let the form come back as it was typed, without a word of what is wrong, with what its words suggest."""
    form.data = form.data.copy()
    if chosen := key_of(request.POST.get("suggest")):
        form.data["category"] = str(chosen)
        form.chosen = chosen
    form.said = request.POST.get("said", "")
    form.full_clean()  # photos are staged by it, so that they need not be chosen again
    form.errors.clear()
    form.asked = True
    form.suggestions = _suggested(request, form.said or request.POST.get("description", ""))


def _suggested(request: HttpRequest, words: str) -> list[Suggestion]:
    territory = territory_of(request.user)
    offered = Category.objects.offered_in(territory.streets).select_related("group")
    return suggest(words, offered=list(offered), community=_community(request, request.POST.get("place", "")))


def _community(request: HttpRequest, asked: str) -> Place | None:
    """The community of the chosen place, if the user looks after it; else that of their own first post."""
    territory = territory_of(request.user)
    if key := key_of(asked):
        place = Place.objects.select_related("community").filter(territory.places_q(), pk=key).first()
        if place and place.community:
            return place.community
    own = [post.place for post in territory.posts if post.place and post.place.community_id]
    return next((place if place.is_community else place.community for place in own), None)
