"""Lists under a name: each user's own, at most a dozen."""

from django.db import transaction
from django.utils.translation import gettext as _

from grid.incidents.models import SavedView
from portal.accounts.models import User
from portal.core.refusals import refusals

MOST_VIEWS = 12


@transaction.atomic
def save_view(*, actor: User, name: str, query: str) -> SavedView:
    """Keep the filters of a list (as they stand in an address, nothing typed among them) under a name.

    Raises Refused when the name or the list is kept already, or there are twelve.
    """
    User.objects.select_for_update().get(pk=actor.pk)  # two at once do not make thirteen
    mine = list(SavedView.objects.filter(user=actor))
    with refusals() as refuse:
        if len(mine) >= MOST_VIEWS:
            refuse(_("You have %(most)d views. Delete one first.") % {"most": MOST_VIEWS}, field="name")
        if any(one.name == name for one in mine):
            refuse(_("You have a view of this name already."), field="name")
        same = next((one for one in mine if one.query == query), None)
        if same:
            refuse(_("You have kept this list already, as “%(name)s”.") % {"name": same.name}, field="name")
    return SavedView.objects.create(user=actor, name=name, query=query)


@transaction.atomic
def rename_view(view: SavedView, *, actor: User, name: str) -> SavedView:
    """Raises Refused when another view has this name already."""
    with refusals() as refuse:
        if SavedView.objects.filter(user=actor, name=name).exclude(pk=view.pk).exists():
            refuse(_("You have a view of this name already."), field="name")
    view.name = name
    view.save(update_fields=["name"])
    return view


def delete_view(view: SavedView, *, actor: User) -> None:
    """Forget a view; the incidents stay as they are."""
    SavedView.objects.filter(pk=view.pk, user=actor).delete()
