"""Places are renamed, re-coded, moved, merged, split and closed: what was previewed, in one transaction, under a lock.

Records keep their place, and `PlaceSpan` keeps where each place stood on which day. All steps count from today.
`seen` is `Plan.seen` of what the actor agreed to; None for scripts, which agree to whatever they find.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import today
from portal.core.handover import hand_over as hand_duties_over
from portal.core.refusals import Refused

from . import plans
from .models import Level, Place, PlaceSpan
from .plans import Plan
from .redrawing import Selection, move_contents, redraw
from .services import end_posts, open_place


@transaction.atomic
def rename(place: Place, *, name: str, code: str, actor: User | None, seen: str | None = None) -> Place:
    """Put the name and the division code of a place right; the codes below that begin with it follow.

    Raises Refused when nothing would change, or when the name or a code is taken.
    """
    [place] = _held(place)
    _agreed(plans.of_name(place, name=name, code=code), seen)
    if name != place.name:
        audit.record("place.renamed", place, actor=actor, data={"old": place.name, "new": name})
        place.name = name
        place.save(update_fields=["name"])
    if code != place.code:
        _recode(place, code, actor=actor)
    return place


@transaction.atomic
def move(place: Place, *, to: Place, actor: User | None, code: str = "", seen: str | None = None) -> Place:
    """Put a building group under another grid of its community, with a new division code if one is given.

    Raises Refused when there is no such grid or a group of this name is there already.
    """
    place, to = _held(place, to)
    _agreed(plans.of_move(place, to=to, code=code), seen)
    old = place.parent
    _stand(place, to, on=today())
    audit.record("place.moved", place, actor=actor, data={"old": _fact(old), "new": _fact(to)})
    if code and code != place.code:
        _recode(place, code, actor=actor)
    return place


@transaction.atomic
def merge(place: Place, *, into: Place, actor: User | None, hand_over: bool = False, seen: str | None = None) -> Place:
    """Make a building group or grid part of another, with all that lies in it, and close it; returns the other.

    Its posts end today, stand-ins too. With `hand_over` what their holders hold there passes to the head of `into`.
    Raises Refused when the two do not fit together, or an app says what speaks against it.
    """
    place, into = _held(place, into)
    plan = _agreed(plans.of_merge(place, into=into), seen)
    on = today()
    if hand_over and plan.heir:
        for user in {post.user for post in plan.ending if not post.is_to_come}:
            hand_duties_over(user, plan.heir.user, place, actor=actor)
    if place.level == Level.GRID:
        for group in place.children.open():
            _stand(group, into, on=on)
            audit.record("place.moved", group, actor=actor, data={"old": _fact(place), "new": _fact(into)})
    else:
        move_contents(place, into, None, actor=actor, on=on)
    end_posts(place=place, actor=actor)
    Place.objects.filter(merged_into=place).update(merged_into=into)
    _close(place, on=on, into=into)
    facts = {"old": _fact(place), "new": _fact(into)}
    audit.record("place.merged", place, actor=actor, data=facts)
    audit.record("place.enlarged", into, actor=actor, data={"old": _fact(place)})
    return into


@transaction.atomic
def split(
    place: Place, *, name: str, code: str, chosen: Selection, actor: User | None, seen: str | None = None
) -> Place:
    """Make a new building group beside this one out of what was chosen of it; returns the new one.

    Raises Refused when nothing or everything was chosen, or the name or the code is taken.
    """
    [place] = _held(place)
    _agreed(plans.of_split(place, name=name, code=code, chosen=chosen), seen)
    made = open_place(level=Level(place.level), code=code, name=name, parent=place.parent, actor=actor)
    move_contents(place, made, chosen, actor=actor, on=today())
    audit.record("place.split", place, actor=actor, data={"new": _fact(made)})
    return made


@transaction.atomic
def split_grid(
    place: Place, *, name: str, code: str, groups: Iterable[Place], actor: User | None, seen: str | None = None
) -> Place:
    """Make a new grid beside this one out of some of its building groups; returns the new one.

    Raises Refused when none or all were chosen, or the name or the code is taken.
    """
    place, *chosen = _held(place, *groups)
    _agreed(plans.of_split_grid(place, name=name, code=code, groups=chosen), seen)
    made = open_place(level=Level.GRID, code=code, name=name, parent=place.parent, actor=actor)
    for group in chosen:
        _stand(group, made, on=today())
        audit.record("place.moved", group, actor=actor, data={"old": _fact(place), "new": _fact(made)})
    audit.record("place.split", place, actor=actor, data={"new": _fact(made)})
    return made


@transaction.atomic
def close(place: Place, *, actor: User | None, note: str = "", seen: str | None = None) -> Place:
    """Close an empty grid or building group; its posts end today. Raises Refused when it is not empty."""
    [place] = _held(place)
    _agreed(plans.of_close(place), seen)
    end_posts(place=place, actor=actor, note=note)
    _close(place, on=today())
    audit.record("place.closed", place, actor=actor, note=note)
    return place


def _held(*places: Place) -> list[Place]:
    """The places as they stand now, in this order, theirs alone until the transaction ends."""
    redraw(places[0].community_id)
    rows = Place.objects.select_for_update(of=("self",)).select_related("parent").order_by("pk")
    found = {place.pk: place for place in rows.filter(pk__in={place.pk for place in places})}
    return [found[place.pk] for place in places]


def _agreed(plan: Plan, seen: str | None) -> Plan:
    """The plan, if nothing speaks against it and it is still the one that was agreed to."""
    if plan.reasons:
        raise Refused(*plan.reasons)
    if seen is not None and seen != plan.seen:
        raise Refused(_("Something has changed since you looked: here is how it stands now."))
    return plan


def _recode(place: Place, code: str, *, actor: User | None) -> None:
    below = [one.pk for one in plans.below_with_code(place)]
    old, place.code = place.code, code
    place.save(update_fields=["code"])
    Place.objects.filter(pk__in=below).update(code=Concat(Value(code), Substr(F("code"), len(old) + 1)))
    audit.record("place.recoded", place, actor=actor, data={"old": old, "new": code})


def _stand(place: Place, parent: Place, *, on: date) -> None:
    """Put a place under another from a day on; a span that began that day never was."""
    _end_span(place, on)
    PlaceSpan.objects.create(place=place, parent=parent, since=on)
    place.parent = parent
    place.save(update_fields=["parent"])


def _close(place: Place, *, on: date, into: Place | None = None) -> None:
    _end_span(place, on)
    place.closed_on, place.merged_into = on, into
    place.save(update_fields=["closed_on", "merged_into"])


def _end_span(place: Place, on: date) -> None:
    spans = PlaceSpan.objects.filter(place=place, until=None)
    spans.filter(since__gte=on).delete()
    spans.update(until=on)


def _fact(place: Place | None) -> dict[str, object]:
    """A place as the audit trail keeps it: its names change."""
    return {"place": place.pk, "name": place.name, "code": place.code} if place else {}
