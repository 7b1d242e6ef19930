"""The shortest form there is: what, where, a few words; and whom to call first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services
from grid.incidents.fields import CategoryField, PlaceField
from grid.incidents.models import CategoryRule, Incident
from grid.incidents.selection import nearest_place, places_to_report_at
from grid.places.models import Level, Place
from grid.places.territory import territory_of
from portal.core.forms import ServiceForm
from portal.core.refusals import Text
from portal.files.forms import PhotosField

ANYTHING = "other"  # the category of whatever the others do not name


@dataclass(frozen=True)
class Call:
    """A large button that dials."""

    number: str
    label: Text
    icon: str
    is_duty: bool = False


PUBLIC = (
    Call("119", _("Fire and rescue"), "fire"),
    Call("120", _("Ambulance"), "heart-pulse"),
    Call("110", _("Police"), "shield-check"),
)


def calls_for(user: Any) -> list[Call]:
    """The nation's emergency numbers, then the duty telephones of the user's communities and streets, nearest first."""
    above = {place.pk: place for place in _offices_above(user) if place.duty_phone}
    nearest_first = sorted(above.values(), key=lambda place: (-place.level, place.code))
    return [*PUBLIC, *(Call(place.duty_phone, place.name, "telephone", is_duty=True) for place in nearest_first)]


def _offices_above(user: Any) -> Iterator[Place]:
    for post in territory_of(user).posts:
        for place in [post.place, *post.place.ancestors] if post.place else []:
            if place.level in (Level.COMMUNITY, Level.STREET):
                yield place


class EmergencyForm(ServiceForm):
    """Raised from a phone within seconds, and once however often it is tapped."""

    creates = True
    subjects = ("user",)
    user: Any

    category = CategoryField(empty_label=_("Choose…"))
    place = PlaceField(label=_("Where?"), empty_label=_("Choose a place"))
    location = forms.CharField(label=_("Where exactly?"), max_length=100, required=False)
    description = forms.CharField(
        label=_("In a few words"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    photos = PhotosField(label=_("Photo"), required=False, kind="before")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        streets = territory_of(self.user).streets
        fields["category"].offer(streets)
        fields["category"].queryset = self._same_day(fields["category"].queryset, streets)
        fields["category"].label = _("What is happening?")
        fields["place"].queryset = places_to_report_at(self.user, "incidents.emergency")
        fields["place"].initial = nearest_place(self.user, "incidents.emergency")
        fields["photos"].uploader = self.user

    def _same_day(self, offered: Any, streets: frozenset[int]) -> Any:
        """What has to be dealt with on the same day when it is urgent, and whatever has no name."""
        urgent = {
            category
            for street in streets or {None}
            for category, rule in CategoryRule.objects.by_category(street).items()
            if rule.days_urgent == 0
        }
        return offered.filter(pk__in=urgent) | offered.filter(code=ANYTHING)

    def call(self, *, actor: Any) -> Incident:
        return services.raise_emergency(actor=actor, **self.cleaned_data)
