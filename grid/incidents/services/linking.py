"""并单: repeats are handled as one. Each keeps its number, its reporter and whoever saw the same, who are all told."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, Tier
from grid.incidents.workflow import OPEN
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals

from . import clocks
from .moving import Refuse, locked, make, record

NAMES = ("category", "place", "community")


@transaction.atomic
def merge(
    incidents: Iterable[Incident], *, into: Incident, actor: User, note: str = "", at: datetime | None = None
) -> Incident:
    """Merge repeats into the one that stays; returns that one. Their reporters hear of it once this commits.

    What was merged into a repeat before goes with it, and naming a merged one means the one it was merged into, so that
    there is never a chain. Raises Refused, and merges none, when one of them cannot be merged.
    """
    main_pk: int = into.merged_into_id or into.pk
    wanted = {one.pk for one in incidents} - {main_pk}
    rows = _locked_in_order({*wanted, main_pk})
    main = rows.pop(main_pk)
    with refusals() as refuse:
        if not rows:
            refuse(_("Choose at least two: one that stays, and its repeats."))
        if main.state not in OPEN:
            refuse(_("%(number)s is over: nothing can be merged into it.") % {"number": main.number}, field="into")
        for repeat in rows.values():
            _refuse_what_cannot_be_merged(repeat, main, refuse)
    for repeat in rows.values():
        _merge_one(repeat, main, actor, note, at)
    return main


@transaction.atomic
def separate(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """Take a merged report apart again: it stands where it stood when it was made, its clocks run from its own report.

    Raises Refused when it was not merged.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.SEPARATE, refuse)
        if incident.merged_into_id is None:
            refuse(_("It was not merged into another one."))
    main = Incident.objects.get(merged=incident)
    incident.merged_into = None
    incident.level = Tier.of(incident.place.level)
    incident.opened_at = None
    clocks.start(incident)
    record("released", main, actor, at=at, note=note, data={"other": incident.number}, announce=False)
    return make(moves.SEPARATE, "separated", incident, actor, at=at, note=note, data={"other": main.number})


def _locked_in_order(keys: set[int]) -> dict[int, Incident]:
    """The rows by their keys, locked from the lowest on: two who merge the same at once wait instead of blocking."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related(*NAMES).defer("search")
    return {one.pk: one for one in rows.filter(pk__in=keys).order_by("pk")}


def _refuse_what_cannot_be_merged(repeat: Incident, main: Incident, refuse: Refuse) -> None:
    numbers = {"number": repeat.number, "state": repeat.get_state_display()}
    if not workflow.is_open(repeat, moves.MERGE):
        refuse(_("%(number)s is “%(state)s”: only what nobody handles yet can be merged.") % numbers)
    if repeat.community_id != main.community_id:
        refuse(_("%(number)s lies in another community.") % numbers)
    if repeat.parent_id or repeat.parts.exists():
        refuse(_("%(number)s is parted among several, or a part itself.") % numbers)
    if repeat.is_emergency and not main.is_emergency:
        refuse(_("%(number)s is an emergency: let it be the one that stays.") % numbers, field="into")
    if repeat.requests.pending().exists():
        refuse(_("%(number)s waits for a decision: decide first.") % numbers)


def _merge_one(repeat: Incident, main: Incident, actor: User, note: str, at: datetime | None) -> None:
    at = at or timezone.now()
    before = Incident.objects.select_for_update(of=("self",)).select_related(*NAMES).filter(merged_into=repeat)
    for earlier in before.order_by("pk"):
        earlier.merged_into = main
        earlier.save(update_fields=["merged_into"])
        record("merged", earlier, actor, at=at, note=note, data={"other": main.number})
    repeat.merged_into = main
    make(moves.MERGE, "merged", repeat, actor, at=at, note=note, data={"other": main.number})
    record("gathered", main, actor, at=at, note=note, data={"other": repeat.number}, announce=False)
