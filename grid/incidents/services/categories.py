"""The street's own catalogue: a change of what holds for a category is a new version, and no version is ever lost.

The nation's categories and their first versions stay as they are; a street that wants something else makes its own.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents.models import Category, CategoryGroup, CategoryRule
from grid.incidents.models.catalogue import HALF_DAY, MOST_DAYS
from grid.places.models import Place
from portal.accounts.models import User
from portal.core import audit
from portal.core.refusals import refusals

from .moving import Refuse

DAYS = ("accept_days", "act_days", "days_general", "days_serious", "days_urgent")


@dataclass(frozen=True)
class Limits:
    """What a version says: first handler, limits in working days (half days count), photos, who may settle it."""

    first_handler: str
    accept_days: Decimal
    act_days: Decimal
    days_general: Decimal
    days_serious: Decimal
    days_urgent: Decimal
    settle_alone: bool = False
    sampled_percent: int = 20
    photo_before: bool = False
    photo_after: bool = False
    is_offered: bool = True

    @classmethod
    def of(cls, rule: CategoryRule) -> Self:
        return cls(**{field.name: getattr(rule, field.name) for field in fields(cls)})

    def unlike(self, other: Self) -> dict[str, Any]:
        """What this one says and the other does not, by field."""
        theirs = asdict(other)
        return {name: value for name, value in asdict(self).items() if value != theirs[name]}


def held_by(category: Category, street: Place) -> CategoryRule | None:
    """The version a street goes by: its own, else the nation's."""
    return CategoryRule.objects.for_street(street.pk).filter(category=category).first()


@transaction.atomic
def change(
    category: Category,
    *,
    street: Place,
    actor: User,
    limits: Limits,
    base: int | None,
    note: str = "",
    at: datetime | None = None,
) -> CategoryRule:
    """Let something else hold for a category in a street, from now on, for what has not been dispatched yet.

    `base` is the version that the editor looked at. Raises Refused when another one holds by now, when nothing is
    changed, and when the limits contradict each other.
    """
    category = _locked(category)
    held = held_by(category, street)
    changes = limits.unlike(Limits.of(held)) if held else asdict(limits)
    with refusals() as refuse:
        _of_this_street(category, street, refuse)
        if held and held.pk != base:
            refuse(_("Somebody else has just changed this category. Look at their version first."))
        elif not changes:
            refuse(_("Nothing was changed."))
        _sensible(limits, refuse)
    at = at or timezone.now()
    if held and held.street_id == street.pk:
        _end(held, at)
    made = CategoryRule.objects.create(
        category=category,
        street=street,
        number=_next_number(category, street),
        since=at,
        edited_by=actor,
        note=note,
        **asdict(limits),
    )
    data = {"street": street.pk, "rule": made.pk, "number": made.number, "changes": _plain(changes)}
    audit.record("category.changed", category, actor=actor, note=note, at=at, data=data)
    return made


@transaction.atomic
def back_to_default(
    category: Category, *, street: Place, actor: User, base: int | None, note: str = "", at: datetime | None = None
) -> CategoryRule:
    """End the street's own version: what holds for the nation holds here again. Raises Refused when there is none."""
    category = _locked(category)
    held = held_by(category, street)
    with refusals() as refuse:
        if category.street_id or held is None or held.street_id != street.pk:
            refuse(_("This category goes by the default already."))
        elif held.pk != base:
            refuse(_("Somebody else has just changed this category. Look at their version first."))
    assert held is not None  # noqa: S101 - refused above
    at = at or timezone.now()
    _end(held, at)
    data = {"street": street.pk, "rule": held.pk, "number": held.number}
    audit.record("category.default", category, actor=actor, note=note, at=at, data=data)
    return CategoryRule.objects.holding(category, street.pk)


@transaction.atomic
def add(
    *,
    street: Place,
    group: CategoryGroup,
    name: str,
    actor: User,
    limits: Limits,
    name_en: str = "",
    at: datetime | None = None,
) -> Category:
    """Give the street a category of its own, with its first version."""
    with refusals() as refuse:
        _named_once(Category, name, street, refuse)
        _reachable(group, street, refuse)
        _sensible(limits, refuse)
    last = Category.objects.filter(group=group).aggregate(last=Max("order"))["last"]
    made = Category.objects.create(
        code=_code(street), street=street, group=group, name=name, name_en=name_en, order=(last or 0) + 1
    )
    audit.record("category.added", made, actor=actor, at=at, data={"street": street.pk, "group": group.code})
    change(made, street=street, actor=actor, limits=limits, base=None, at=at)
    return made


@transaction.atomic
def rename(
    category: Category,
    *,
    group: CategoryGroup,
    name: str,
    actor: User,
    name_en: str = "",
    at: datetime | None = None,
) -> Category:
    """Put the name of one of the street's own categories right, or move it to another group."""
    category = _locked(category)
    with refusals() as refuse:
        _own(category, refuse)
        if category.street:
            _named_once(Category, name, category.street, refuse, but=category)
            _reachable(group, category.street, refuse)
    data = {"street": category.street_id, "was": category.name, "from": category.group.code, "to": group.code}
    category.name, category.name_en, category.group = name, name_en, group
    category.save(update_fields=["name", "name_en", "group"])
    audit.record("category.renamed", category, actor=actor, at=at, data=data)
    return category


@transaction.atomic
def add_group(
    *, street: Place, name: str, icon: str, actor: User, name_en: str = "", at: datetime | None = None
) -> CategoryGroup:
    """Give the street a group of its own; it is offered as soon as a category stands in it."""
    with refusals() as refuse:
        _named_once(CategoryGroup, name, street, refuse)
    last = CategoryGroup.objects.aggregate(last=Max("order"))["last"]
    made = CategoryGroup.objects.create(
        code=_code(street), street=street, name=name, name_en=name_en, icon=icon, order=(last or 0) + 1
    )
    audit.record("category_group.added", made, actor=actor, at=at, data={"street": street.pk})
    return made


@transaction.atomic
def rename_group(
    group: CategoryGroup, *, name: str, icon: str, actor: User, name_en: str = "", at: datetime | None = None
) -> CategoryGroup:
    """Put the name or the picture of one of the street's own groups right."""
    group = CategoryGroup.objects.select_for_update(of=("self",)).select_related("street").get(pk=group.pk)
    with refusals() as refuse:
        _own(group, refuse)
        if group.street:
            _named_once(CategoryGroup, name, group.street, refuse, but=group)
    data = {"street": group.street_id, "was": group.name}
    group.name, group.name_en, group.icon = name, name_en, icon
    group.save(update_fields=["name", "name_en", "icon"])
    audit.record("category_group.renamed", group, actor=actor, at=at, data=data)
    return group


def _locked(category: Category) -> Category:
    """The row, held until the transaction ends: of two editors the second waits, and then sees what the first did."""
    rows = Category.objects.select_for_update(of=("self",)).select_related("street", "group")
    return rows.get(pk=category.pk)


def _end(rule: CategoryRule, at: datetime) -> None:
    rule.until = at
    rule.save(update_fields=["until"])


def _next_number(category: Category, street: Place) -> int:
    last = CategoryRule.objects.filter(category=category, street=street).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _sensible(limits: Limits, refuse: Refuse) -> None:
    for name in DAYS:
        days = getattr(limits, name)
        if not 0 <= days <= MOST_DAYS:
            refuse(_("Between 0 and %(most)d working days.") % {"most": MOST_DAYS}, field=name)
        elif days % HALF_DAY:
            refuse(_("Whole and half working days only: 1.5, for example."), field=name)
    if limits.days_serious > limits.days_general:
        refuse(_("What is serious may not take longer than what is not."), field="days_serious")
    if limits.days_urgent > limits.days_serious:
        refuse(_("What is urgent may not take longer than what is serious."), field="days_urgent")
    if not 0 <= limits.sampled_percent <= 100:
        refuse(_("Between 0 and 100 percent."), field="sampled_percent")


def _of_this_street(category: Category, street: Place, refuse: Refuse) -> None:
    if category.street_id not in (None, street.pk):
        refuse(_("This category belongs to another street."))


def _own(subject: Category | CategoryGroup, refuse: Refuse) -> None:
    if subject.street_id is None:
        refuse(_("The nation's names stay as they are. Add one of your own instead."))


def _reachable(group: CategoryGroup, street: Place, refuse: Refuse) -> None:
    if group.street_id not in (None, street.pk):
        refuse(_("This group belongs to another street."), field="group")


def _named_once(
    model: type[Category] | type[CategoryGroup], name: str, street: Place, refuse: Refuse, *, but: Any = None
) -> None:
    """Refuse a name that stands in the street's tree already; its own ones are guarded by the database as well."""
    same = model.objects.of_street(street.pk).filter(name=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        refuse(_("This name stands in the tree already."), field="name")


def _plain(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in changes.items()}


def _code(street: Place) -> str:
    return f"street{street.pk}-{uuid4().hex[:12]}"
