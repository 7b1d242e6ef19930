"""The forms in which an incident is put on record, and the one that confirms several."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place
from grid.places.territory import territory_of
from portal.core.forms import ServiceForm
from portal.core.layouts import Columns, Sheet, laid_out
from portal.core.personal import clean_mobile
from portal.files.forms import PhotosField

from . import services
from .models import Category, CategoryGroup, Incident, Severity


class CategoryField(forms.ModelChoiceField):
    """The active categories, offered in the groups of the tree."""

    def __init__(self, **kwargs: Any) -> None:
        active = Category.objects.filter(is_active=True).select_related("group")
        super().__init__(active, label=_("What is it about?"), empty_label=None, **kwargs)
        self.error_messages["required"] = _("Choose what it is about.")


class ReportForm(ServiceForm):
    """A report from the walk: camera first, one question a screen, the building preselected."""

    creates = True
    subjects = ("user",)

    photos = PhotosField(label=_("Photo"), required=False, kind="before")
    category = CategoryField(widget=forms.RadioSelect)
    place = forms.ModelChoiceField(Place.objects.none(), label=_("Which building?"), empty_label=None)
    location = forms.CharField(
        label=_("Where exactly?"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"placeholder": _("For example: 3rd floor, beside the lift")}),
    )
    description = forms.CharField(
        label=_("What did you see?"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity, initial=Severity.GENERAL)
    settled = forms.BooleanField(label=_("I have settled it on the spot"), required=False)
    outcome = forms.CharField(
        label=_("What did you do?"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    after = PhotosField(label=_("Photo afterwards"), required=False, kind="after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = grouped_categories()
        self.fields["place"].queryset = places_to_report_at(self.user)
        self.fields["place"].initial = nearest_place(self.user)
        for name in ("photos", "after"):
            self.fields[name].uploader = self.user

    def call(self, *, actor: Any) -> Incident:
        data = dict(self.cleaned_data)
        settled, outcome, after = data.pop("settled"), data.pop("outcome"), data.pop("after")
        incident = services.report(actor=actor, **data)
        if settled:
            services.settle(incident, actor=actor, outcome=outcome, photos=after)
        return incident


class DeskForm(ServiceForm):
    """Entry at the desk on behalf of a caller or a walk-in."""

    creates = True
    subjects = ("user",)

    source = forms.ChoiceField(
        label=_("How did it come in?"),
        choices=[(s.value, s.label) for s in (Incident.Source.CALL, Incident.Source.WALK_IN)],
    )
    caller_name = forms.CharField(label=_("Caller's name"), max_length=60, required=False)
    caller_mobile = forms.CharField(
        label=_("Call-back number"),
        max_length=30,
        required=False,
        help_text=_("A mobile number; stored encrypted and shown masked."),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    place = forms.ModelChoiceField(Place.objects.none(), label=_("Where?"), empty_label=_("Choose a place"))
    location = forms.CharField(label=_("Where exactly?"), max_length=100, required=False)
    category = CategoryField()
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity, initial=Severity.GENERAL)
    description = forms.CharField(label=_("What did they say?"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    photos = PhotosField(label=_("Photos"), required=False, kind="before")

    helper = laid_out(
        "idempotency_key",
        Columns(
            Sheet(_("Who"), "source", "caller_name", "caller_mobile"),
            Sheet(_("What and where"), "category", "severity", "place", "location"),
        ),
        Sheet(_("What they said"), "description", "photos"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("Choose a category")), *grouped_categories()]
        self.fields["place"].queryset = places_to_report_at(self.user)
        self.fields["photos"].uploader = self.user

    def clean_caller_mobile(self) -> str:
        mobile = self.cleaned_data["caller_mobile"]
        return clean_mobile(mobile) if mobile else ""

    def call(self, *, actor: Any) -> Incident:
        return services.report(actor=actor, **self.cleaned_data)


class ConfirmForm(ServiceForm):
    """Several results confirmed and closed at once; one that is refused is named and holds none of the others up."""

    subjects = ("incidents",)

    def call(self, *, actor: Any) -> dict[Incident, str]:
        return services.close_several(self.incidents, actor=actor)


def grouped_categories() -> list[tuple[str, list[tuple[int, str]]]]:
    """Choices of a select: the active categories under the names of their groups."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for category in Category.objects.filter(is_active=True).select_related("group"):
        groups.setdefault(str(category.group), []).append((category.pk, str(category)))
    return list(groups.items())


def places_to_report_at(user: Any) -> Any:
    """Where this user may report: their communities and what lies below."""
    return Place.objects.visible_to(user).filter(level__gte=Level.COMMUNITY).select_related("parent")


def nearest_place(user: Any) -> Place | None:
    """The place preselected in a report: the lowest the user has a post at, in order of division codes."""
    mine = [post.place for post in territory_of(user).posts if post.place and post.place.level >= Level.COMMUNITY]
    return min(mine, key=lambda place: (-place.level, place.code), default=None)


def category_icons() -> dict[str, str]:
    """Group name → icon, for the tiles."""
    return {str(group): group.icon for group in CategoryGroup.objects.all()}
