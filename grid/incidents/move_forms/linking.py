"""What hangs together: repeats merged and taken apart again, and parts for several parties."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import Category, Incident, street_of
from grid.incidents.selection import departments_for, posts_for

from .base import MoveForm, words

PARTS = range(1, 5)
SHOWN = 2  # the others are folded away until they are needed


class MergeForm(MoveForm):
    slug, move, permission, icon = "merge", workflow.MERGE, "incidents.merge", "intersect"
    title, done = _("Merge as a repeat"), _("Merged. Everybody who reported it is told, now and later.")
    prefilled = ("into",)

    into = forms.CharField(
        label=_("Number of the report that stays"),
        max_length=30,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    note = words(_("Note"))

    field_order = ("into", "note")

    def clean_into(self) -> Incident:
        digits = unicodedata.normalize("NFKC", self.cleaned_data["into"]).strip().rsplit("-", 1)[-1]
        known = digits.isascii() and digits.isdigit() and len(digits) < 18
        seen = Incident.objects.visible_to(self.user).exclude(pk=self.incident.pk)
        found = seen.filter(pk=int(digits)).first() if known else None
        if found is None or not self.user.has_perm(self.permission, found):
            raise forms.ValidationError(gettext("There is no other incident of this number in your area."))
        return found

    def call(self, *, actor: Any) -> Incident:
        return services.merge([self.incident], actor=actor, **self.cleaned_data)


class SeparateForm(MoveForm):
    slug, move, permission, icon = "separate", workflow.SEPARATE, "incidents.merge", "box-arrow-right"
    title, done = _("Take apart again"), _("Taken apart: it is handled on its own again.")

    note = words(_("Why is it not the same?"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return incident.merged_into_id is not None and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.separate(self.incident, actor=actor, **self.cleaned_data)


class PartForm(MoveForm):
    """Up to four parts on one page; those left empty are not made."""

    creates = True
    template = "incidents/part.html"
    slug, move, permission, icon = "part", workflow.PART, "incidents.part", "diagram-3"
    title, done = _("Part among several"), _("Parted. It can be finished when all its parts are closed.")

    note = words(_("Note"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Category.objects.offered_in({street_of(self.incident.place)} - {None})
        offered |= Category.objects.filter(pk=self.incident.category_id)  # its own, though it may be retired by now
        self.categories = {str(one.pk): one for one in offered.select_related("group")}
        self.people = {f"p{post.user_id}": post for post in reversed(list(posts_for(self.incident)))}
        self.departments = {f"d{one.pk}": one for one in departments_for(self.incident)}
        for number in PARTS:
            self._add_part(number)
        self.order_fields([f"{name}_{n}" for n in PARTS for name in ("what", "to", "category")] + ["note"])

    def _add_part(self, number: int) -> None:
        numbers = {"number": number}
        what = forms.CharField(max_length=1000, required=False, widget=forms.Textarea({"rows": 2}))
        what.label = gettext("Part %(number)d: what is to be done?") % numbers
        people = [(key, f"{post.user} · {post}") for key, post in reversed(self.people.items())]
        offices = [(key, str(one)) for key, one in self.departments.items()]
        choices = [("", gettext("Choose")), (gettext("People"), people), (gettext("Departments"), offices)]
        to = forms.ChoiceField(
            choices=choices, required=False, label=gettext("Part %(number)d: who does it?") % numbers
        )
        kinds = [(key, f"{one.group} · {one}") for key, one in self.categories.items()]
        category = forms.ChoiceField(
            choices=kinds, required=False, label=gettext("Part %(number)d: category") % numbers
        )
        category.initial = self.incident.category_id
        self.fields |= {f"what_{number}": what, f"to_{number}": to, f"category_{number}": category}

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The fields of each part, and whether it is folded away at first."""
        return [
            {"fields": self._fields_of(n), "number": n, "is_folded": n > SHOWN and not self._is_used(n)} for n in PARTS
        ]

    def _fields_of(self, number: int) -> list[forms.BoundField]:
        return [self[f"{name}_{number}"] for name in ("what", "to", "category")]

    def _is_used(self, number: int) -> bool:
        return self.is_bound and any(self[f"{name}_{number}"].value() for name in ("what", "to"))

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        for number in PARTS:
            what, to = (entered.get(f"{name}_{number}", "") for name in ("what", "to"))
            if bool(what.strip()) != bool(to):
                missing = "to" if what else "what"
                self.add_error(f"{missing}_{number}", gettext("Say both what is to be done and who does it."))
        if not self.errors and not self._pieces():
            self.add_error("what_1", gettext("Say what at least one party is to do."))
        return entered

    def _pieces(self) -> list[services.Piece]:
        entered = self.cleaned_data
        return [
            services.Piece(
                what=entered[f"what_{n}"],
                category=self.categories.get(entered[f"category_{n}"], self.incident.category),
                holder=self.people[to].user if (to := entered[f"to_{n}"]) in self.people else None,
                department=self.departments.get(to),
            )
            for n in PARTS
            if entered.get(f"what_{n}")
        ]

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return incident.parent_id is None and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.part(self.incident, actor=actor, pieces=self._pieces(), note=self.cleaned_data["note"])
