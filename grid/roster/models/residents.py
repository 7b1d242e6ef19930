"""Who lives in a household, and since when."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place, Placed, PlacedQuerySet
from portal.core.clock import today
from portal.core.personal import EncryptedCharField, mask_mobile, mask_name

from .households import Household

ELDERLY_FROM = 60  # years; Law on the Protection of the Rights and Interests of the Elderly, art. 2
ADULT_FROM = 18  # years; Civil Code art. 17


class ResidentQuerySet(PlacedQuerySet):
    def present(self, day: date | None = None) -> "ResidentQuerySet":
        """On the roster on a day, default today: moved in, and neither moved out nor deceased."""
        day = day or today()
        return self.filter(Q(until=None) | Q(until__gt=day), since__lte=day)

    def gone(self, day: date | None = None) -> "ResidentQuerySet":
        """Moved out or deceased by a day, default today."""
        return self.filter(until__lte=day or today())

    def representatives(self, day: date | None = None) -> "ResidentQuerySet":
        """户代表 on a day, default today."""
        day = day or today()
        spoke = Q(represents_since__lte=day) & (Q(represents_until=None) | Q(represents_until__gt=day))
        if day < today():
            earlier = EarlierTerm.objects.filter(resident=models.OuterRef("pk"), since__lte=day, until__gt=day)
            spoke |= Q(models.Exists(earlier))
        return self.present(day).filter(spoke)

    def mobilised(self, day: date | None = None) -> "ResidentQuerySet":
        """Taking part in the mobilisation on a day, default today; representatives are among them."""
        day = day or today()
        return self.present(day).filter(mobilised_since__lte=day)

    def aged(
        self, *, at_least: int | None = None, under: int | None = None, on: date | None = None
    ) -> "ResidentQuerySet":
        """Of an age in completed years on a day, default today; whoever has no date of birth has no age."""
        day, found = on or today(), self
        if at_least is not None:
            found = found.filter(birth__lte=years_before(day, at_least))
        if under is not None:
            found = found.filter(birth__gt=years_before(day, under))
        return found

    def living_alone(self, day: date | None = None) -> "ResidentQuerySet":
        """The only one present in their household.

        Asked of one resident after the other, as a page needs it: an anti-join would first read everybody.
        """
        home = models.OuterRef("household")
        others = Resident.objects.present(day).filter(household=home).exclude(pk=models.OuterRef("pk"))
        counted = others.order_by().values("household").annotate(others=models.Count("pk")).values("others")
        return self.alias(companions=models.Subquery(counted)).filter(companions=None)

    def by_name(self) -> "ResidentQuerySet":
        return self.order_by("community_id", "sort_key", "pk")


class Resident(Placed):
    """居民: somebody who lives in a household, from the day `since` until before the day `until`.

    `place` and `community` are the household's; the database keeps them so when the household moves. Identifiers are
    encrypted and found by their blind index.
    """

    class Sex(models.TextChoices):
        UNKNOWN = "", _("Not known")
        MALE = "male", _("Male")
        FEMALE = "female", _("Female")

    class Left(models.TextChoices):
        """Why somebody is no longer on the roster."""

        STILL_HERE = "", _("Lives here")
        MOVED_OUT = "moved_out", _("Moved out")
        DECEASED = "deceased", _("Deceased")
        MISTAKE = "mistake", _("Entered by mistake")

    # One key over all three guards them (migration 0002): each apart would be looked up again for every row.
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", verbose_name=_("place"), db_constraint=False, editable=False
    )
    community = models.ForeignKey(
        Place, models.PROTECT, null=True, related_name="+", db_constraint=False, editable=False, db_index=False
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="residents", verbose_name=_("household"), db_constraint=False
    )
    name = models.CharField(_("name"), max_length=60, db_collation="C")
    given_name = models.CharField(max_length=60, blank=True, editable=False, db_collation="C")
    sort_key = models.CharField(max_length=160, editable=False, db_collation="C")
    initials = models.CharField(max_length=40, editable=False, db_collation="C")
    relation = models.CharField(_("relation to the head of household"), max_length=20, blank=True)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex, blank=True)
    birth = models.DateField(_("date of birth"), null=True, blank=True)
    id_number = EncryptedCharField(_("ID number"), blank=True, default="")
    id_number_index = models.CharField(max_length=64, blank=True, default="", editable=False, db_collation="C")
    mobile = EncryptedCharField(_("mobile number"), blank=True, default="")
    mobile_index = models.CharField(max_length=64, blank=True, default="", editable=False, db_collation="C")
    is_party_member = models.BooleanField(_("party member"), default=False)
    mobilised_since = models.DateField(_("mobilised since"), null=True, blank=True)
    represents_since = models.DateField(_("represents the household since"), null=True, blank=True)
    represents_until = models.DateField(null=True, blank=True)
    since = models.DateField(_("on the roster since"), default=today)
    until = models.DateField(null=True, blank=True)
    left_because = models.CharField(_("left"), max_length=10, choices=Left, blank=True)
    away_since = models.DateField(_("away since"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    objects = ResidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")
        ordering = ["community_id", "sort_key", "id"]
        indexes = [
            models.Index(fields=["community", "sort_key", "id"], name="resident_sorted"),
            models.Index(fields=["community", "initials", "sort_key"], name="resident_initials"),
            models.Index(fields=["community", "name", "id"], name="resident_name"),
            models.Index(fields=["community", "given_name", "id"], name="resident_given_name"),
            # Who lives in a community is counted whenever its page is opened, without looking at anybody's row.
            models.Index(
                fields=["community", "household"],
                include=[
                    *("id", "place", "since", "until"),
                    *("represents_since", "represents_until", "mobilised_since", "birth"),
                ],
                name="resident_counted",
            ),
            models.Index(fields=["id_number_index"], name="resident_id_number", condition=~Q(id_number_index="")),
            models.Index(fields=["mobile_index"], name="resident_mobile", condition=~Q(mobile_index="")),
        ]
        # What is compared is also said to be there: a check that comes out unknown would let the row in.
        constraints = [
            models.UniqueConstraint(
                fields=["community", "id_number_index"],
                condition=Q(until=None) & ~Q(id_number_index=""),
                name="resident_id_number_once",
                violation_error_message=_("Somebody on the roster of this community has this ID number."),
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(represents_since__isnull=False, represents_until=None),
                name="household_one_representative",
                violation_error_message=_("This household has a representative already."),
            ),
            models.CheckConstraint(condition=Q(community__isnull=False), name="resident_in_community"),
            models.CheckConstraint(condition=~Q(name=""), name="resident_has_name"),
            models.CheckConstraint(condition=Q(sex__in=["", "male", "female"]), name="resident_sex_known"),
            models.CheckConstraint(
                condition=Q(until=None, left_because="")
                | Q(until__isnull=False, until__gte=F("since"), left_because__in=["moved_out", "deceased", "mistake"]),
                name="resident_left_why",
            ),
            models.CheckConstraint(
                condition=Q(represents_since=None, represents_until=None)
                | Q(represents_since__isnull=False, represents_until=None, until=None)
                | Q(represents_until__isnull=False, represents_until__gte=F("represents_since")),
                name="resident_represents_while_here",
            ),
            models.CheckConstraint(
                condition=Q(represents_since=None)
                | Q(mobilised_since__lte=F("represents_since"), mobilised_since__isnull=False),
                name="resident_representative_is_mobilised",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stand where the household stands."""
        self.place_id, self.community_id = self.household.place_id, self.household.community_id
        super(Placed, self).save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("roster:resident", args=[self.pk])

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_mobile(self) -> str:
        return mask_mobile(self.mobile)

    @property
    def is_present(self) -> bool:
        return self.since <= today() and (self.until is None or self.until > today())

    @property
    def is_representative(self) -> bool:
        return self.represents_since is not None and self.represents_until is None

    @property
    def is_mobilised(self) -> bool:
        return self.mobilised_since is not None

    def age(self, on: date | None = None) -> int | None:
        """Completed years on a day, default today; None while the date of birth is not known."""
        return completed_years(self.birth, on or today()) if self.birth else None


class ResidentSpan(models.Model):
    """In which household somebody lived before they moved within the community; `until` is the first day no more."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="spans")
    household = models.ForeignKey(Household, models.PROTECT, related_name="former_residents")
    until = models.DateField(_("until"))

    class Meta:
        verbose_name = _("resident span")
        ordering = ["resident", "until"]

    def __str__(self) -> str:
        return f"{self.resident_id} < {self.household_id} –{self.until}"


class EarlierTerm(models.Model):
    """A time in which somebody represented their household before they were chosen again."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="earlier_terms")
    since = models.DateField(_("since"))
    until = models.DateField(_("until"))

    class Meta:
        verbose_name = _("earlier term")
        ordering = ["resident", "since"]
        constraints = [models.CheckConstraint(condition=Q(until__gte=F("since")), name="earlier_term_dates")]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.since}–{self.until}"


def completed_years(birth: date, on: date) -> int:
    """Age in completed years; whoever is born on 29 February turns older on 1 March of other years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def years_before(day: date, years: int) -> date:
    """The latest date of birth of whoever is `years` old on `day`."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February, and that year has none
        return day.replace(year=day.year - years, day=28)
