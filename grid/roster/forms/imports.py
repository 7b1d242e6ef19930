"""The forms of a roster import: the file, which column is what, what is agreed to, giving it up."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place
from grid.places.territory import territory_of
from grid.roster.importing.archives import MOST_BYTES
from grid.roster.importing.findings import Findings
from grid.roster.importing.reading import Unreadable, open_sheet
from grid.roster.importing.template import BY_FIELD, COLUMNS, INDISPENSABLE
from grid.roster.models import RosterImport
from grid.roster.services import imports as services
from portal.core.forms import ServiceForm
from portal.core.keys import key_of

LEFT_OUT = ""
AT_SIGHT = 4 << 20  # bytes; a file up to here is opened while its sender waits, a larger one by the worker


def communities_to_import_into(user: Any) -> list[Place]:
    """The communities whose roster files this user may bring in."""
    covered = Place.objects.filter(territory_of(user).places_q(), level=Level.COMMUNITY).order_by("code")
    return [place for place in covered if user.has_perm("roster.import", place)]


class UploadForm(ServiceForm):
    """A roster file for a community; a double tap makes one import."""

    creates = True
    subjects = ("user",)
    user: Any

    community = forms.ModelChoiceField(
        Place.objects.none(),
        label=_("For which community?"),
        empty_label=_("Choose a community"),
        error_messages={"required": _("Choose whose roster this is.")},
    )
    file = forms.FileField(
        label=_("Roster file"),
        help_text=_("Choose it, or drop it here. An old file will do, as you keep it."),
        widget=forms.FileInput({"accept": ".xlsx,.xls,.csv", "class": "file-drop"}),
        error_messages={
            "required": _("Choose the file first."),
            "missing": _("Choose the file first."),
            "empty": _("This file is empty. Choose the one with the roster in it."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.communities = communities_to_import_into(self.user)
        if len(self.communities) == 1:
            del self.fields["community"]
        else:
            self.fields["community"].queryset = Place.objects.filter(pk__in=[one.pk for one in self.communities])

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            words = gettext(
                "This file has %(size)s; at most %(most)s can be read. Delete pictures and other sheets from it."
            )
            raise forms.ValidationError(words % {"size": filesizeformat(file.size), "most": filesizeformat(MOST_BYTES)})
        self.content = file.read()
        if len(self.content) <= AT_SIGHT:
            try:
                open_sheet(self.content, file.name).close()
            except Unreadable as unreadable:
                raise forms.ValidationError(str(unreadable), code=unreadable.code) from unreadable
        return file

    def call(self, *, actor: Any) -> RosterImport:
        community, file = self.cleaned_data.get("community") or self.communities[0], self.cleaned_data["file"]
        return services.upload(community, actor=actor, name=file.name, content=self.content)


class ColumnsForm(ServiceForm):
    """What each column of the file holds: the guess, put right by whoever knows the file."""

    subjects = ("roster_import", "columns")
    roster_import: RosterImport
    columns: Sequence[Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(LEFT_OUT, _("Leave this column out")), *((one.field, one.heading) for one in COLUMNS)]
        for column in self.columns:
            self.fields[name_of(column.index)] = forms.ChoiceField(
                label=column.heading or column.letter,
                choices=choices,
                required=False,
                widget=forms.Select({"class": "form-select"}),
                initial=column.field or LEFT_OUT,
            )

    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        """Each column of the file with the control that says what it holds."""
        return [(column, self[name_of(column.index)]) for column in self.columns]

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        chosen: dict[str, int] = {}
        for column in self.columns:
            field = entered.get(name_of(column.index))
            if field in chosen:
                self.add_error(name_of(column.index), _("Two columns cannot both be this. Leave one of them out."))
            elif field:
                chosen[field] = column.index
        for field in INDISPENSABLE:
            if field not in chosen:
                words = gettext("Say which column is “%(field)s”: without it nothing can be imported.")
                self.add_error(None, words % {"field": BY_FIELD[field].heading})
        self.chosen = chosen
        return entered

    def call(self, *, actor: Any) -> RosterImport:
        columns = {one.field: self.chosen.get(one.field) for one in COLUMNS}
        return services.choose_columns(self.roster_import, actor=actor, columns=columns)


class Numbers(forms.CharField):
    """Keys of records with commas between them, in a hidden field; what is no key is left out."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else ",".join(map(str, value))

    def to_python(self, value: Any) -> list[int]:
        parts = (super().to_python(value) or "").split(",")
        return [key for part in parts if (key := key_of(part))]


class Ticks(forms.Form):
    """Who of the absent is ticked: `ticked` on all pages until now, `shown` here, `absent` what is ticked here."""

    findings: Findings

    ticked = Numbers(required=False, max_length=20_000)
    shown = Numbers(required=False, max_length=20_000)
    absent = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["absent"].choices = [(one.resident, one.name) for one in self.findings.absent]

    def ticks(self) -> list[int]:
        """Everybody ticked, in the order of the findings; only who is absent."""
        entered = self.cleaned_data
        kept = (set(entered["ticked"]) - set(entered["shown"])) | set(entered["absent"])
        return [one.resident for one in self.findings.absent if one.resident in kept]


class AbsentForm(Ticks):
    """The ticks of one page of absent people, and the page to turn to."""

    page = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, findings: Findings, **kwargs: Any) -> None:
        self.findings = findings
        super().__init__(*args, **kwargs)


class AgreeForm(Ticks, ServiceForm):
    """What is agreed to: the changes as they were shown, new places, and who of the absent is taken off the roster."""

    subjects = ("roster_import", "findings")
    roster_import: RosterImport

    fingerprint = forms.CharField(widget=forms.HiddenInput)
    create_places = forms.BooleanField(label=_("Open these places"), required=False)
    remove_all = forms.BooleanField(label=_("Take all the absent off the roster"), required=False)

    def call(self, *, actor: Any) -> RosterImport:
        entered = self.cleaned_data
        return services.agree(
            self.roster_import,
            actor=actor,
            fingerprint=entered["fingerprint"],
            create_places=entered["create_places"],
            remove="all" if entered["remove_all"] else self.ticks() or "none",
        )


class DiscardForm(ServiceForm):
    """Nothing to fill in."""

    subjects = ("roster_import",)
    roster_import: RosterImport

    def call(self, *, actor: Any) -> RosterImport:
        return services.discard(self.roster_import, actor=actor)


def name_of(index: int) -> str:
    """The name of the control of a column, counted from 0."""
    return f"column_{index}"
