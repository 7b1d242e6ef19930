"""The forms in which a street edits its categories."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents.models import Category, CategoryGroup, CategoryRule
from grid.incidents.models.catalogue import MOST_DAYS
from grid.incidents.services import categories
from grid.incidents.services.categories import Limits
from grid.places.models import Role
from portal.core.forms import ServiceForm

HANDLERS = (
    Role.BUILDING_LEADER,
    Role.GRID_LEADER,
    Role.STAFF,
    Role.SECRETARY,
    Role.SOCIAL_WORKER,
    Role.DEPARTMENT_OFFICER,
)
ICONS = {
    "door-open": _("Door"),
    "fire": _("Fire"),
    "bricks": _("Bricks"),
    "lightning-charge": _("Lightning"),
    "tools": _("Tools"),
    "trash3": _("Bin"),
    "tree": _("Tree"),
    "p-square": _("Parking"),
    "megaphone": _("Megaphone"),
    "people": _("Two people"),
    "heart-pulse": _("Care"),
    "chat-dots": _("Talk"),
}


def _days(label: Any) -> forms.DecimalField:
    control = forms.NumberInput({"step": "0.5", "min": "0", "max": str(MOST_DAYS), "inputmode": "decimal"})
    return forms.DecimalField(label=label, max_digits=4, decimal_places=1, widget=control)


class LimitsForm(ServiceForm):
    """What holds for a category."""

    first_handler = forms.ChoiceField(label=_("First handler"), choices=[(role.value, role.label) for role in HANDLERS])
    accept_days = _days(_("Working days to take it up"))
    act_days = _days(_("Working days to begin"))
    days_general = _days(_("When general"))
    days_serious = _days(_("When serious"))
    days_urgent = _days(_("When urgent"))
    settle_alone = forms.BooleanField(
        label=_("May be settled on the spot"),
        help_text=_("By a building leader alone; somebody else confirms it."),
        required=False,
    )
    sampled_percent = forms.IntegerField(
        label=_("Share of these looked at on site (%)"),
        widget=forms.NumberInput({"min": "0", "max": "100", "inputmode": "numeric"}),
    )
    photo_before = forms.BooleanField(
        label=_("Needs a photo when reported on the walk"),
        help_text=_("Callers and walk-ins need none."),
        required=False,
    )
    photo_after = forms.BooleanField(label=_("Needs a photo when finished"), required=False)
    is_offered = forms.BooleanField(
        label=_("Offered when something is reported"),
        help_text=_("What was reported before keeps its category."),
        required=False,
        initial=True,
    )

    def limits(self) -> Limits:
        return Limits(**{name: self.cleaned_data[name] for name in asdict(Limits.of(CategoryRule()))})


class RuleForm(LimitsForm):
    """A new version of what holds for a category in a street; it carries the version that the editor looked at."""

    subjects = ("category", "street", "held")

    note = forms.CharField(
        label=_("Why?"),
        max_length=200,
        required=False,
        help_text=_("Stays in the history, for whoever asks later."),
    )
    base = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in asdict(Limits.of(self.held)).items():
            self.fields[name].initial = value.normalize() if name in categories.DAYS and value % 1 else value
            if name in categories.DAYS and not value % 1:
                self.fields[name].initial = int(value)
        self.fields["base"].initial = self.held.pk

    def call(self, *, actor: Any) -> CategoryRule:
        entered = self.cleaned_data
        return categories.change(
            self.category,
            street=self.street,
            actor=actor,
            limits=self.limits(),
            base=entered["base"],
            note=entered["note"],
        )

    def carry_out(self, *, actor: Any) -> bool:
        """After a refusal the page stands on the version that holds by now: saving it once more is then meant."""
        done = super().carry_out(actor=actor)
        if not done:
            self.held = categories.held_by(self.category, self.street) or self.held
            self.data = self.data.copy()
            self.data["base"] = str(self.held.pk)
        return done


class DefaultForm(ServiceForm):
    """Back to what holds for the nation."""

    subjects = ("category", "street")
    base = forms.IntegerField(widget=forms.HiddenInput)

    def call(self, *, actor: Any) -> CategoryRule:
        return categories.back_to_default(self.category, street=self.street, actor=actor, **self.cleaned_data)


class _Names(ServiceForm):
    """The two names of a category or a group."""

    name = forms.CharField(label=_("Chinese name"), max_length=40)
    name_en = forms.CharField(
        label=_("English name"), max_length=60, required=False, help_text=_("Without one, the Chinese name is shown.")
    )


class _InGroup(_Names):
    group = forms.ModelChoiceField(None, label=_("Group"), empty_label=_("Choose a group"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = CategoryGroup.objects.of_street(self.street.pk)


class NewCategoryForm(_InGroup, LimitsForm):
    """A category of the street's own, with what holds for it from the start."""

    creates = True
    subjects = ("street",)

    field_order = ("name", "name_en", "group")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = {"first_handler": Role.STAFF, "accept_days": 1, "act_days": 1, "sampled_percent": 20}
        for name, value in (usual | {"days_general": 5, "days_serious": 3, "days_urgent": 1}).items():
            self.fields[name].initial = value

    def call(self, *, actor: Any) -> Category:
        names = {name: self.cleaned_data[name] for name in ("name", "name_en", "group")}
        return categories.add(street=self.street, actor=actor, limits=self.limits(), **names)


class CategoryNamesForm(_InGroup):
    """The names of one of the street's own categories, and the group it stands in."""

    subjects = ("category", "street")

    field_order = ("name", "name_en", "group")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "name_en", "group"):
            self.fields[name].initial = getattr(self.category, name)

    def call(self, *, actor: Any) -> Category:
        return categories.rename(self.category, actor=actor, **self.cleaned_data)


class _GroupForm(_Names):
    icon = forms.ChoiceField(label=_("Picture"), choices=[*ICONS.items()], widget=forms.RadioSelect, initial="tools")

    @property
    def icons(self) -> dict[str, str]:
        """Choice → icon, for the tiles."""
        return {name: name for name in ICONS}

    def names(self) -> Iterator[tuple[str, Any]]:
        return ((name, self.cleaned_data[name]) for name in ("name", "name_en", "icon"))


class NewGroupForm(_GroupForm):
    """A group of the street's own."""

    creates = True
    subjects = ("street",)

    def call(self, *, actor: Any) -> CategoryGroup:
        return categories.add_group(street=self.street, actor=actor, **dict(self.names()))


class GroupNamesForm(_GroupForm):
    """The names and the picture of one of the street's own groups."""

    subjects = ("group",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "name_en", "icon"):
            self.fields[name].initial = getattr(self.group, name)

    def call(self, *, actor: Any) -> CategoryGroup:
        return categories.rename_group(self.group, actor=actor, **dict(self.names()))
