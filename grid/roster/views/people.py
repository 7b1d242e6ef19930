"""Finding people, the page of one of them with everything that is done to them, and taking lists out."""

from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grid.places.territory import territory_of
from grid.roster import exports, tables, timeline
from grid.roster.filters import PeopleFilter, with_homes
from grid.roster.finding import SHOWN, understood
from grid.roster.forms.people import (
    AwayForm,
    CorrectForm,
    EnterForm,
    ExportForm,
    LeaveForm,
    MoveForm,
    RestoreForm,
    RevealForm,
)
from grid.roster.models import Household, Resident
from grid.roster.services import exporting, people, reveal
from portal.accounts.models import User
from portal.core.access import fetch, needs
from portal.core.identity import mask_id_number
from portal.core.pagination import page_of
from portal.core.refusals import Refused

from .trail import trail_to_household

WITH_PARENTS = "place__parent__parent__parent__parent"
HOME_WITH_PARENTS = f"household__{WITH_PARENTS}"


# The list


@needs("roster.view")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("q")
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody whom the filters let through; what is typed into the box is sent, and stands in no address."""
    return _search(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    chosen = PeopleFilter(request.GET, queryset=Resident.objects.none(), request=request)
    page = page_of(request, with_homes(chosen.found(None, most=0)))
    context = {"filter": chosen, "page": page, "lines": tables.lines(page.rows)}
    return render(request, "roster/people/list.html", context | _around(request))


def _search(request: HttpRequest) -> HttpResponse:
    """The best answers to what was typed, within the filters that were sent along."""
    chosen = PeopleFilter(request.POST, queryset=Resident.objects.none(), request=request)
    typed = request.POST.get("q", "").strip()
    if not typed:
        return redirect(reverse("roster:people", query=dict(chosen.chosen)))
    question = understood(typed)
    rows = list(with_homes(chosen.found(question, most=SHOWN + 1))) if question else []
    context = {
        "filter": chosen,
        "typed": typed,
        "question": question,
        "lines": tables.lines(rows[:SHOWN]),
        "has_more": len(rows) > SHOWN,
        "most": SHOWN,
    }
    return render(request, "roster/people/list.html", context | _around(request))


@needs("roster.export")
@require_POST
@never_cache
@sensitive_post_parameters("q", "reason")
def people_export(request: HttpRequest) -> Any:
    """A list as Excel: first what is to be in it and why, then the file."""
    chosen = PeopleFilter(request.POST, queryset=Resident.objects.none(), request=request)
    typed = request.POST.get("q", "").strip()
    asked = request.POST if request.POST.get("step") == "take" else None
    form = ExportForm(asked, may_identify=request.user.has_perm("roster.export_identifiers"))
    if form.is_valid():
        try:
            return _file(request, chosen, typed, form.cleaned_data)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(reason.field or None, str(reason))
            form.data = form.data.copy()
            form.data["key"] = str(uuid4())  # sending it once more is then meant
    context = {"form": form, "filter": chosen, "typed": typed, "most": exporting.MOST, "by_job": exporting.BY_JOB}
    return render(request, "roster/people/export.html", context, status=422 if form.errors else 200)


def _file(request: HttpRequest, chosen: PeopleFilter, typed: str, asked: dict[str, Any]) -> Any:
    """The file itself, or the page of the job that makes it when it is a long one."""
    question = understood(typed)
    found = chosen.found(question, most=exporting.MOST + 1, permission="roster.export")
    if typed and question is None:
        found = found.none()
    taken = exports.Taken(
        residents=list(found.order_by().values_list("pk", flat=True)[: exporting.MOST + 1]),
        query=chosen.to_store,
        searched=bool(typed),
        identifiers=bool(asked.get("identifiers")),
    )
    if exporting.BY_JOB < len(taken.residents) <= exporting.MOST:
        return redirect(exports.start(taken, owner=cast(User, request.user), reason=asked["reason"], key=asked["key"]))
    file = exports.write(taken, actor=cast(User, request.user), reason=asked["reason"])
    return FileResponse(file, as_attachment=True, filename=exports.file_name(), content_type=tables.XLSX)


# One resident


@needs("roster.view")
@require_safe
@never_cache
def resident(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of somebody, with whom they live, what happened, and who looked; opening it is on record."""
    found = fetch(request, _one(), pk=pk)
    reveal.see(found, actor=cast(User, request.user))
    household = list(found.household.residents.present().order_by("birth", "pk"))
    is_alone = [one.pk for one in household] == [found.pk]
    context = {
        "resident": found,
        "trail": trail_to_household(request, found.household, found.name),
        "tags": tables.tags_of(found, is_alone=is_alone),
        "masked_id_number": mask_id_number(found.id_number),
        "members": household,
        "spans": found.spans.select_related("household").order_by("-until"),
        "history": timeline.history_of(found),
        "looks": timeline.looks_at(found),
        "may": {what: request.user.has_perm(f"roster.{what}", found) for what in ("edit", "reveal")},
        "left_today": reveal.left_today(request.user),
        "reveal_form": RevealForm(resident=found),
    }
    return render(request, "roster/people/resident.html", context)


@needs("roster.reveal")
@require_POST
@never_cache
@sensitive_post_parameters("reason")
def resident_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """One full number, once: this page is kept nowhere."""
    found = fetch(request, _one(), pk=pk)
    form = RevealForm(request.POST, resident=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        context = {
            "resident": found,
            "number": form.result,
            "what": timeline.NUMBERS[form.cleaned_data["what"]],
            "is_mobile": form.cleaned_data["what"] == "mobile",
            "left": reveal.left_today(request.user),
        }
        return render(request, "roster/people/number.html", context)
    return render(request, "roster/people/reveal.html", {"form": form, "resident": found}, status=form.status)


@needs("roster.edit")
@sensitive_post_parameters()
def resident_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody new in a household."""
    household = fetch(request, Household.objects.select_related(WITH_PARENTS), pk=pk)
    form = EnterForm(request.POST or None, household=household, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Entered."))
        return redirect(household if request.POST.get("next") == "another" else form.result)
    return render(request, "roster/people/add.html", {"form": form, "household": household}, status=form.status)


@needs("roster.edit")
@sensitive_post_parameters()
def resident_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, _one(), pk=pk)
    form = CorrectForm(request.POST or None, known=found, user=request.user)
    return _changed(request, found, form, "edit", _("Corrected."))


@needs("roster.edit")
def resident_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Into another flat: looked for, shown with what it touches, and done once that is agreed to."""
    found = fetch(request, _one(), pk=pk)
    form = MoveForm(request.POST or None, resident=found, user=request.user)
    is_agreed = form.is_valid() and request.POST.get("step") == "move"
    if is_agreed and form.carry_out(actor=request.user):
        messages.success(request, _("The move is on record."))
        return redirect(found)
    context = {"form": form, "resident": found, "target": form.target, "touches": people.consequences(found)}
    return render(request, "roster/people/move.html", context, status=form.status)


@needs("roster.edit")
def resident_leave(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, _one(), pk=pk)
    form = LeaveForm(request.POST or None, resident=found)
    return _changed(request, found, form, "leave", _("On record."), touches=people.consequences(found))


@needs("roster.edit")
def resident_away(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, _one(), pk=pk)
    return _changed(request, found, AwayForm(request.POST or None, resident=found), "away", _("On record."))


@needs("roster.edit")
@require_POST
def resident_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a leaving back."""
    found = fetch(request, _one(), pk=pk)
    form = RestoreForm(request.POST, resident=found)
    return _changed(request, found, form, "restore", _("Back on the roster."))


def _changed(request: HttpRequest, found: Resident, form: Any, page: str, done: str, **context: Any) -> HttpResponse:
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, done)
        return redirect(found)
    context |= {"form": form, "resident": found}
    return render(request, f"roster/people/{page}.html", context, status=form.status)


def _one() -> Any:
    return Resident.objects.select_related("community", "place", HOME_WITH_PARENTS)


def _around(request: HttpRequest) -> dict[str, Any]:
    """What stands around the list: what the reader may do, and whether groups and communities have to be told apart."""
    territory = territory_of(request.user)
    groups = {pk for post in territory.posts for pk in post.places}
    return {
        "may": {what: request.user.has_perm(f"roster.{what}") for what in ("export", "import")},
        "shows_group": bool(territory.communities) or len(groups) > 1,
        "shows_community": len(territory.communities) > 1,
    }
