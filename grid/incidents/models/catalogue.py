"""What can happen, in two levels, and what holds for each kind: rules are versioned, and no version ever changes."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place, Role
from grid.places.territory import territory_of
from portal.core.refusals import Reason, Refused

HALF_DAY = Decimal("0.5")
MOST_DAYS = 365


class Severity(models.TextChoices):
    GENERAL = "general", _("General")
    SERIOUS = "serious", _("Serious")
    URGENT = "urgent", _("Urgent")


class Named(models.Model):
    """Catalogue rows carry both their names, for screens speak two languages.

    Without a `street` a row is the nation's: every street offers it. A street's own rows are offered in that street.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    street = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("street"), db_index=False
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


def streets_edited_by(user: Any) -> list[Place]:
    """The streets whose categories somebody edits, in the order of their codes."""
    posts = [post.place for post in territory_of(user).posts if post.role == Role.STREET_ADMIN]
    return sorted({place for place in posts if place}, key=lambda place: place.code)


def streets_seen_by(user: Any) -> set[int]:
    """The streets in which somebody meets incidents: those above their posts, and those of their departments."""
    territory = territory_of(user)
    return {*territory.streets, *(post.department.street_id for post in territory.posts if post.department)}


class InStreet(models.QuerySet):
    """Rows of the nation and of one street."""

    def visible_to(self, user: Any) -> "InStreet":
        """Those that somebody may edit, or see beside their own: only street admins look at the catalogue itself."""
        streets = streets_edited_by(user)
        return self.of_streets(street.pk for street in streets) if streets else self.none()

    def of_street(self, street: int | None) -> "InStreet":
        return self.filter(Q(street=None) | Q(street=street)) if street else self.filter(street=None)

    def of_streets(self, streets: Iterable[int]) -> "InStreet":
        return self.filter(Q(street=None) | Q(street__in=list(streets)))


class CategoryGroup(Named):
    """The upper level of the category tree."""

    icon = models.CharField(_("icon"), max_length=40)
    order = models.PositiveSmallIntegerField(default=0)

    objects = InStreet.as_manager()

    class Meta:
        verbose_name = _("category group")
        verbose_name_plural = _("category groups")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["street", "name"],
                nulls_distinct=False,
                name="category_group_name_once",
                violation_error_message=_("There is a group of this name already."),
            ),
        ]


class CategoryQuerySet(InStreet):
    def offered_in(self, streets: Iterable[int]) -> "CategoryQuerySet":
        """Those that may be chosen in one of these streets: it goes by a rule which offers them; without a street,
        the nation's."""
        rules = CategoryRule.objects
        offered = Q(pk__in=[])
        for street in set(streets) or [None]:
            in_force = rules.for_street(street).distinct("category_id").values("pk")
            offered |= Q(pk__in=rules.filter(pk__in=in_force, is_offered=True).order_by().values("category"))
        return self.filter(offered, is_active=True)


class Category(Named):
    """What happened. Who handles it first, and how long that may take, is said by the rule of its street."""

    group = models.ForeignKey(CategoryGroup, models.PROTECT, related_name="categories", verbose_name=_("group"))
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("active"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["group__order", "group_id", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["street", "name"],
                nulls_distinct=False,
                name="category_name_once",
                violation_error_message=_("There is a category of this name already."),
            ),
        ]


class CategoryRuleQuerySet(models.QuerySet["CategoryRule"]):
    def current(self) -> "CategoryRuleQuerySet":
        """The newest version of each: one for the nation and one for each street that made its own."""
        return self.filter(until=None)

    def for_street(self, street: int | None) -> "CategoryRuleQuerySet":
        """The current versions that a street goes by, its own before the nation's: the first of a category counts."""
        here = Q(street=None) | Q(street=street) if street else Q(street=None)
        return self.current().filter(here).order_by("category_id", F("street").asc(nulls_last=True))

    def holding(self, category: Category, street: int | None) -> "CategoryRule":
        """What holds for a category in a street today. Raises DoesNotExist for a category without any rule."""
        rule = self.for_street(street).filter(category=category).first()
        if rule is None:
            raise CategoryRule.DoesNotExist
        return rule

    def by_category(self, street: int | None) -> "dict[int, CategoryRule]":
        """Category id → what holds for it in a street; one query."""
        found: dict[int, CategoryRule] = {}
        for rule in self.for_street(street):
            found.setdefault(rule.category_id, rule)
        return found


class CategoryRule(models.Model):
    """One version of what holds for a category: first handler, limits in working days, photos, who may settle it.

    A change writes a new version, from which nothing that was dispatched before is judged. Without a `street` it holds
    wherever no street has made its own. Half working days are counted; 0 days to resolve means the same day.
    """

    category = models.ForeignKey(Category, models.PROTECT, related_name="rules", verbose_name=_("category"))
    street = models.ForeignKey(
        Place, models.PROTECT, null=True, related_name="+", verbose_name=_("street"), db_index=False
    )
    number = models.PositiveSmallIntegerField(_("version"))
    first_handler = models.CharField(_("first handler"), max_length=20, choices=Role)
    accept_days = models.DecimalField(_("working days to take it up"), max_digits=4, decimal_places=1)
    act_days = models.DecimalField(_("working days to begin"), max_digits=4, decimal_places=1)
    days_general = models.DecimalField(_("working days, general"), max_digits=4, decimal_places=1)
    days_serious = models.DecimalField(_("working days, serious"), max_digits=4, decimal_places=1)
    days_urgent = models.DecimalField(_("working days, urgent"), max_digits=4, decimal_places=1)
    settle_alone = models.BooleanField(_("may be settled on the spot"), default=False)
    sampled_percent = models.PositiveSmallIntegerField(_("of these looked at on site (%)"), default=20)
    photo_before = models.BooleanField(_("needs a photo when reported"), default=False)
    photo_after = models.BooleanField(_("needs a photo when finished"), default=False)
    is_offered = models.BooleanField(_("offered"), default=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("changed by")
    )
    note = models.CharField(_("why"), max_length=200, blank=True)

    objects = CategoryRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("category rule")
        verbose_name_plural = _("category rules")
        ordering = ["category", "street", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "street", "number"], nulls_distinct=False, name="category_rule_version_once"
            ),
            models.UniqueConstraint(
                fields=["category", "street"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="category_rule_one_current",
                violation_error_message=_("Somebody else has just changed this category. Look at their version first."),
            ),
            models.CheckConstraint(
                condition=Q(days_general__gte=F("days_serious"), days_serious__gte=F("days_urgent")),
                name="category_rule_graver_is_faster",
                violation_error_message=_("What is graver may not take longer."),
            ),
            models.CheckConstraint(
                condition=Q(
                    accept_days__range=(0, MOST_DAYS),
                    act_days__range=(0, MOST_DAYS),
                    days_general__range=(0, MOST_DAYS),
                    days_urgent__gte=0,
                ),
                name="category_rule_days_in_reach",
            ),
            models.CheckConstraint(condition=Q(sampled_percent__range=(0, 100)), name="category_rule_percent"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="category_rule_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.category} v{self.number}"

    @property
    def closing_days(self) -> tuple[Decimal, Decimal, Decimal]:
        """Working days to the closing: general, serious, urgent."""
        return self.days_general, self.days_serious, self.days_urgent

    def days(self, severity: str) -> Decimal:
        """Working days from the report to the closing; 0 means the same day."""
        return getattr(self, f"days_{Severity(severity).value}")

    def accept(self, severity: str) -> Decimal:
        """Working days within which somebody has to take a report up; half a day for what is urgent."""
        return min(self.accept_days, HALF_DAY) if severity == Severity.URGENT else self.accept_days

    def act(self, severity: str) -> Decimal:
        """Working days within which whoever it is dispatched to has to begin; half a day for what is urgent."""
        return min(self.act_days, HALF_DAY) if severity == Severity.URGENT else self.act_days


def street_of(place: Any) -> int | None:
    """The street whose rules hold at a place; None above streets."""
    if place.community_id:
        return place.parent_id if place.is_community else place.community.parent_id
    return place.pk if place.is_street else None


def holding(category: Category, place: Any, *, at: datetime | None = None) -> CategoryRule:
    """The rule that holds for a category at a place today.

    Raises Refused for a category of another street, which has no rule there.
    """
    try:
        return CategoryRule.objects.holding(category, street_of(place))
    except CategoryRule.DoesNotExist as error:
        raise Refused(Reason(_("This category is not used at that place. Choose another."), "category")) from error
