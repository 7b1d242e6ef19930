"""The street edits its categories: the tree, one category with its versions, and what the street adds of its own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from grid.incidents import versions
from grid.incidents.forms.categories import (
    CategoryNamesForm,
    DefaultForm,
    GroupNamesForm,
    NewCategoryForm,
    NewGroupForm,
    RuleForm,
)
from grid.incidents.models import Category, CategoryGroup, CategoryRule, streets_edited_by
from grid.incidents.services.categories import held_by
from grid.places.models import Place
from portal.core.access import fetch, needs
from portal.core.keys import key_of


@needs("incidents.categories")
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """The whole tree, with what holds for each category in the street."""
    street = _street(request)
    rules = CategoryRule.objects.by_category(street.pk)
    tree: dict[CategoryGroup, list[dict[str, Any]]] = {}
    for one in Category.objects.of_street(street.pk).filter(is_active=True).select_related("group"):
        if one.pk in rules:
            tree.setdefault(one.group, []).append({"category": one, "rule": rules[one.pk]})
    for group in CategoryGroup.objects.filter(street=street):
        tree.setdefault(group, [])
    context = {"street": street, "streets": streets_edited_by(request.user), "tree": list(tree.items())}
    return render(request, "incidents/categories/tree.html", context)


@needs("incidents.categories")
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """What holds for one category, to be changed; and how the street came to it."""
    found = _category(request, pk)
    street = _street(request, found)
    form = RuleForm(request.POST or None, category=found, street=street, held=_held(found, street))
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Saved. It counts for what is dispatched from now on."))
        return redirect(_url("category", street, found.pk))
    context = {
        "category": found,
        "street": street,
        "rule": form.held,
        "form": form,
        "back": _url("categories", street),
        "affected": versions.affected(found, street),
        "history": versions.history(found, street),
    }
    return render(request, "incidents/categories/category.html", context, status=form.status)


@needs("incidents.categories")
@require_POST
def category_default(request: HttpRequest, pk: int) -> HttpResponse:
    found = _category(request, pk)
    street = _street(request, found)
    form = DefaultForm(request.POST, category=found, street=street)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The default holds again."))
    else:
        messages.warning(request, " ".join(form.non_field_errors()) or _("This page was not whole. Send it once more."))
    return redirect(_url("category", street, found.pk))


@needs("incidents.categories")
def category_add(request: HttpRequest) -> HttpResponse:
    street = _street(request)
    form = NewCategoryForm(request.POST or None, street=street)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Added. It is offered from now on."))
        return redirect(_url("category", street, form.result.pk))
    context = {"form": form, "street": street}
    return render(request, "incidents/categories/add.html", context, status=form.status)


@needs("incidents.categories")
def category_names(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename one of the street's own, or move it to another group."""
    found = _category(request, pk, own=True)
    form = CategoryNamesForm(request.POST or None, category=found, street=found.street)
    back = _url("category", found.street, found.pk)
    return _named(request, form, title=_("Rename or move the category"), subject=found, back=back)


@needs("incidents.categories")
def group_add(request: HttpRequest) -> HttpResponse:
    street = _street(request)
    form = NewGroupForm(request.POST or None, street=street)
    back = _url("categories", street)
    return _named(request, form, title=_("Add a group"), subject=street, back=back)


@needs("incidents.categories")
def group_names(request: HttpRequest, pk: int) -> HttpResponse:
    group = fetch(request, CategoryGroup.objects.filter(street__isnull=False).select_related("street"), pk=pk)
    form = GroupNamesForm(request.POST or None, group=group)
    back = _url("categories", group.street)
    return _named(request, form, title=_("Rename the group"), subject=group, back=back)


def _named(request: HttpRequest, form: Any, *, title: str, subject: Any, back: str) -> HttpResponse:
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Saved."))
        return redirect(back)
    context = {"form": form, "title": title, "subject": subject, "back": back}
    return render(request, "incidents/categories/names.html", context, status=form.status)


def _category(request: HttpRequest, pk: int, *, own: bool = False) -> Category:
    rows = Category.objects.select_related("group", "street")
    return fetch(request, rows.filter(street__isnull=False) if own else rows, pk=pk)


def _street(request: HttpRequest, found: Category | None = None) -> Place:
    """The street whose catalogue is edited: the category's own, the one that the address names, or the first."""
    mine = {street.pk: street for street in streets_edited_by(request.user)}
    wanted = (found and found.street_id) or key_of(request.GET.get("street"))
    if wanted and wanted not in mine:
        raise Http404
    return mine[wanted] if wanted else next(iter(mine.values()))


def _held(found: Category, street: Place) -> CategoryRule:
    held = held_by(found, street)
    if held is None:
        raise Http404
    return held


def _url(name: str, street: Place, *args: int) -> str:
    return reverse(f"incidents:{name}", args=args, query={"street": street.pk})
