"""How a street came to what holds for a category: its versions, what each changed, who changed it and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from grid.places.models import Place, Role
from portal.core.models import AuditEntry

from .models import Category, CategoryRule, Incident
from .services.categories import DAYS, Limits
from .timing import days_in_words


@dataclass(frozen=True)
class Change:
    """One thing that a version says otherwise than the one before."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One line of the history: a version, or (`number` 0) the return to the default."""

    number: int
    at: datetime
    who: str
    note: str
    changes: tuple[Change, ...] = ()
    is_current: bool = False


@dataclass(frozen=True)
class Affected:
    """How many open incidents of the category a street has: those still to be dispatched, and those that are."""

    waiting: int
    dispatched: int


def history(category: Category, street: Place) -> list[Entry]:
    """What the street decided about a category, the newest first; three queries."""
    here = Q(street=None) | Q(street=street)
    rules = CategoryRule.objects.filter(here, category=category).select_related("edited_by").order_by("since", "id")
    versions = list(rules)
    nation = [one for one in versions if one.street_id is None]
    own = [one for one in versions if one.street_id]
    entries = []
    for position, rule in enumerate(own):
        previous = own[position - 1] if position else None
        before = previous if previous and previous.until == rule.since else _at(nation, rule.since)
        entries.append(_entry(rule, before))
    entries += _returns(category, street)
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def affected(category: Category, street: Place) -> Affected:
    """Whom a change concerns: those whose rule is not frozen yet, beside those that keep theirs."""
    here = Incident.objects.open().filter(Q(community__parent=street) | Q(place=street), category=category)
    counts = here.aggregate(
        waiting=Count("pk", Q(rule_frozen_at=None)), dispatched=Count("pk", Q(rule_frozen_at__isnull=False))
    )
    return Affected(**counts)


def shown(name: str, value: Any) -> str:
    """A value of a rule in words."""
    if name in DAYS:
        return days_in_words(value)
    if name == "first_handler":
        return str(Role(value).label)
    if name == "sampled_percent":
        return f"{value} %"
    return _("yes") if value else _("no")


def _entry(rule: CategoryRule, before: CategoryRule | None) -> Entry:
    return Entry(
        number=rule.number,
        at=rule.since,
        who=str(rule.edited_by or ""),
        note=rule.note,
        changes=_changes(rule, before) if before else (),
        is_current=rule.until is None,
    )


def _changes(rule: CategoryRule, before: CategoryRule) -> tuple[Change, ...]:
    was = Limits.of(before)
    labels = {field.name: str(field.verbose_name) for field in CategoryRule._meta.fields}
    return tuple(
        Change(labels[name], shown(name, getattr(was, name)), shown(name, value))
        for name, value in Limits.of(rule).unlike(was).items()
    )


def _at(versions: list[CategoryRule], moment: datetime) -> CategoryRule | None:
    held = [one for one in versions if one.since <= moment and (one.until is None or one.until > moment)]
    return held[-1] if held else None


def _returns(category: Category, street: Place) -> list[Entry]:
    entries = AuditEntry.objects.filter(
        action="category.default",
        subject_type=ContentType.objects.get_for_model(Category),
        subject_id=category.pk,
        data__street=street.pk,
    ).select_related("actor")
    return [Entry(0, entry.happened_at, str(entry.actor or ""), entry.note) for entry in entries]
