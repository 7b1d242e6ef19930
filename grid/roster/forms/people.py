"""The forms in which people are entered and corrected, move, leave and go away, and numbers are looked at."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.roster.addresses import parse_address
from grid.roster.finding import in_room
from grid.roster.models import Household, Resident
from grid.roster.services import people, reveal
from portal.core.clock import today
from portal.core.forms import ServiceForm
from portal.core.identity import mask_id_number, normalised_id_number
from portal.core.layouts import Columns, IfThere, Sheet, laid_out
from portal.core.widgets import DayInput

MOST_FLATS = 12
RELATIONS = ("户主", "配偶", "子", "女", "父亲", "母亲", "儿媳", "女婿", "孙子", "孙女", "租客", "其他")


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), **kwargs)


class PersonForm(ServiceForm):
    """What is to be known of somebody; what entering and correcting them have in common."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput({"autocomplete": "off"}))
    relation = forms.CharField(
        label=_("Relation to the head of household"),
        max_length=20,
        required=False,
        help_text=_("For example 户主, 配偶, 子."),
        widget=forms.TextInput({"list": "relations", "autocomplete": "off"}),
    )
    id_number = forms.CharField(
        label=_("ID number"),
        max_length=40,
        required=False,
        help_text=_("Tells sex and date of birth. Stored encrypted, shown masked."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    mobile = forms.CharField(
        label=_("Mobile number"),
        max_length=30,
        required=False,
        help_text=_("Stored encrypted, shown masked."),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    sex = forms.ChoiceField(
        label=_("Sex"), choices=Resident.Sex.choices, required=False, widget=forms.RadioSelect, initial=""
    )
    birth = _day(_("Date of birth"), required=False)
    is_party_member = forms.BooleanField(label=_("Party member"), required=False)
    mobilised_since = _day(
        _("Mobilised since"), required=False, help_text=_("Takes part in the mobilisation since this day.")
    )
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False, widget=forms.Textarea({"rows": 2}))

    relations = RELATIONS
    same: Resident | None = None  # who has the number already, if the reader may see them
    household: Household
    user: Any

    def clean_id_number(self) -> str:
        """Named beside the field: who has this number already, for those who may see them."""
        number: str = self.cleaned_data["id_number"]
        other = people.holder_of(normalised_id_number(number), self.household, but=self.resident)
        if other and Resident.objects.visible_to(self.user).filter(pk=other.pk).exists():
            self.same = other
            words = {"name": other, "address": other.household}
            raise forms.ValidationError(_("%(name)s (%(address)s) has this ID number already."), params=words)
        return number

    @property
    def resident(self) -> Resident | None:
        return None

    def facts(self) -> people.Facts:
        return people.Facts(**{name: self.cleaned_data[name] for name in people.Facts.__dataclass_fields__})


class EnterForm(PersonForm):
    """Somebody new in a household."""

    creates = True
    subjects = ("household", "user")

    since = _day(_("Lives here since"), initial=today, help_text=_("When you do not know exactly: today."))

    helper = laid_out(
        "idempotency_key",
        Columns(
            Sheet(_("Who"), "name", "relation", "id_number", "mobile"),
            Sheet(_("More about them"), "sex", "birth", "is_party_member", "mobilised_since", "since", "remark"),
        ),
    )

    def call(self, *, actor: Any) -> Resident:
        return people.enter(self.household, facts=self.facts(), actor=actor, since=self.cleaned_data["since"])


_NUMBERS = ("id_number", IfThere("forget_id_number"), "mobile", IfThere("forget_mobile"))


class CorrectForm(PersonForm):
    """What is known of somebody, to be put right; the numbers are not shown, and stay unless new ones are entered."""

    subjects = ("known", "user")
    known: Resident

    forget_id_number = forms.BooleanField(label=_("Take the ID number off the roster"), required=False)
    forget_mobile = forms.BooleanField(label=_("Take the mobile number off the roster"), required=False)

    helper = laid_out(
        Columns(
            Sheet(_("Who"), "name", "relation", *_NUMBERS),
            Sheet(_("More about them"), "sex", "birth", "is_party_member", "mobilised_since", "remark"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        known: Resident = kwargs["known"]
        kept = ("name", "relation", "sex", "birth", "is_party_member", "mobilised_since", "remark")
        kwargs["initial"] = {name: getattr(known, name) for name in kept}
        self.household = known.household
        super().__init__(*args, **kwargs)
        for name, masked in (("id_number", mask_id_number(known.id_number)), ("mobile", known.masked_mobile)):
            if masked:
                words = _("Now %(number)s. Leave it empty and it stays.") % {"number": masked}
                self.fields[name].help_text = words
            else:
                del self.fields[f"forget_{name}"]

    @property
    def resident(self) -> Resident:
        return self.known

    def facts(self) -> people.Facts:
        for name in ("id_number", "mobile"):
            if not self.cleaned_data[name]:
                self.cleaned_data[name] = "" if self.cleaned_data.get(f"forget_{name}") else None
        return super().facts()

    def call(self, *, actor: Any) -> Resident:
        return people.correct(self.known, facts=self.facts(), actor=actor)


class MoveForm(ServiceForm):
    """Another flat of the community: looked for by its address, chosen among those found, then agreed to."""

    subjects = ("resident", "user")
    resident: Resident
    user: Any

    address = forms.CharField(
        label=_("Into which flat?"),
        max_length=40,
        help_text=_("For example 3-502 or 3栋2单元502."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    to = forms.ModelChoiceField(
        Household.objects.none(),
        label=_("These were found"),
        required=False,
        empty_label=None,
        widget=forms.RadioSelect,
    )
    on = _day(_("Since"), initial=today, help_text=_("The first day in the new flat."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flats = self._flats(self.data.get("address", "")) if self.is_bound else []
        fields: dict[str, Any] = self.fields
        fields["to"].queryset = Household.objects.filter(pk__in=[flat.pk for flat in self.flats])
        fields["to"].label_from_instance = lambda flat: f"{flat.address} · {flat.place.name}"
        if not self.flats:
            fields["to"].widget = forms.HiddenInput()
        elif len(self.flats) == 1:
            fields["to"].initial = self.flats[0].pk

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if not self.flats and entered.get("address"):
            self.add_error("address", _("There is no such flat where you look after people."))
        if len(self.flats) == 1:
            entered["to"] = self.flats[0]
        elif len(self.flats) > MOST_FLATS:
            self.add_error("address", _("There are many such flats: add the building."))
        elif self.flats and self.data.get("step") == "move" and not entered.get("to"):
            self.add_error("to", _("Choose the flat."))
        return entered

    @property
    def target(self) -> Household | None:
        """The flat, once it is clear which."""
        return self.cleaned_data.get("to") if self.is_bound and self.is_valid() else None

    def call(self, *, actor: Any) -> Resident:
        return people.move(self.resident, to=self.cleaned_data["to"], actor=actor, on=self.cleaned_data["on"])

    def _flats(self, text: str) -> list[Household]:
        """Flats of this address in the community that the user sees, but the one they live in."""
        address = parse_address(text[:40])
        if address is None:
            return []
        seen = Household.objects.visible_to(self.user).filter(in_room(address), community_id=self.resident.community_id)
        return list(seen.exclude(pk=self.resident.household_id).select_related("place").in_order()[: MOST_FLATS + 1])


class LeaveForm(ServiceForm):
    """Moved out, deceased, or entered by mistake; and since when."""

    subjects = ("resident",)
    resident: Resident

    why = forms.ChoiceField(
        label=_("Why?"), choices=[choice for choice in Resident.Left.choices if choice[0]], widget=forms.RadioSelect
    )
    on = _day(_("On which day?"), initial=today, help_text=_("Left out of account when they were entered by mistake."))

    def call(self, *, actor: Any) -> Resident:
        return people.leave(self.resident, actor=actor, **self.cleaned_data)


class AwayForm(ServiceForm):
    """Away for a time, or back."""

    subjects = ("resident",)
    resident: Resident

    since = _day(_("Since"), initial=today)

    def call(self, *, actor: Any) -> Resident:
        day: date = self.cleaned_data["since"]
        if self.resident.away_since:
            return people.come_back(self.resident, actor=actor, on=day)
        return people.go_away(self.resident, actor=actor, since=day)


class RestoreForm(ServiceForm):
    """A leaving that was recorded by mistake is taken back."""

    subjects = ("resident",)
    resident: Resident

    def call(self, *, actor: Any) -> Resident:
        return people.restore(self.resident, actor=actor)


class RevealForm(ServiceForm):
    """Why a full number is needed."""

    subjects = ("resident",)
    resident: Resident

    what = forms.ChoiceField(
        choices=[("mobile", _("Mobile number")), ("id_number", _("ID number"))], widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=_("What do you need it for?"),
        max_length=200,
        help_text=_("The reason is kept, and those who look after this place can read it."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def carry_out(self, *, actor: Any) -> bool:
        """As every form; whoever has used up the quota is refused with 429, and the community hears of it."""
        done = super().carry_out(actor=actor)
        if not done and reveal.left_today(actor) <= 0:
            self.status = 429
            reveal.alert(self.resident, actor=actor)
        return done

    def call(self, *, actor: Any) -> str:
        return reveal.reveal(self.resident, actor=actor, **self.cleaned_data)


class ExportForm(forms.Form):
    """What of a list leaves the house, and why."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)  # a double tap is one job
    identifiers = forms.BooleanField(label=_("With ID numbers and mobile numbers"), required=False)
    reason = forms.CharField(
        label=_("What is it needed for?"),
        max_length=200,
        required=False,
        help_text=_("Needed for a list with numbers. It stands on the second sheet of the file and on record."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, may_identify: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_identify:
            del self.fields["identifiers"]
