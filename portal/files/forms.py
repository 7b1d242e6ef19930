"""Photos in a form: new ones, and those kept from a form that came back with something to put right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from portal.core.refusals import Refused

from . import services
from .models import Attachment

MOST = 9


@dataclass(frozen=True)
class Sent:
    """What a browser sent for the field."""

    uploads: list[UploadedFile] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class PhotosInput(forms.Widget):
    """Camera and album, and a tick for every photo kept from before; complete without scripts."""

    template_name = "files/photos_input.html"
    needs_multipart_form = True
    most = MOST

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict, name: str) -> Sent:
        return Sent(_listed(files, name), [str(key) for key in _listed(data, kept_name(name))])

    def value_omitted_from_data(self, data: Mapping[str, Any], files: MultiValueDict, name: str) -> bool:
        return name not in files and kept_name(name) not in data

    def id_for_label(self, id_: str | None) -> str:
        return f"{id_}_camera" if id_ else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return context | {"kept": value or [], "kept_name": kept_name(name), "most": self.most}


class PhotosBoundField(forms.BoundField):
    """The field as a template sees it; `kept` are the photos that need not be chosen again."""

    @property
    def kept(self) -> list[Attachment]:
        return self.value() or []

    @property
    def kept_name(self) -> str:
        return kept_name(self.html_name)


class PhotosField(forms.Field):
    """Up to `most` photos of one `kind`, staged while the form is checked, so that none is lost when it comes back.

    The form sets `uploader`, the user who sends them. Cleans to a list of attachments for `files.services.claim`.
    """

    widget = PhotosInput
    bound_field_class = PhotosBoundField
    uploader: Any = None

    def __init__(self, *, kind: str = Attachment.Kind.PHOTO, most: int = MOST, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.most = self.widget.most = most
        self.kept: list[Attachment] = []

    def clean(self, value: Sent) -> list[Attachment]:
        if self.uploader is None:
            raise TypeError("the form has not said whose photos these are: set the field's `uploader`")
        found, problems = self._kept(value.kept)
        room = self.most - len(found)
        if len(value.uploads) > room:
            problems.append(
                _("At most %(most)d photos: the first ones are kept below. Untick one to make room for another.")
                % {"most": self.most}
            )
        for upload in value.uploads[:room]:
            try:
                found.append(services.stage(upload, actor=self.uploader, kind=self.kind))
            except Refused as refused:
                problems += map(str, refused.reasons)
        self.kept = [attachment for attachment in found if attachment.is_staged]
        if not found and not problems and self.required:
            problems.append(_("Add a photo."))
        if problems:
            raise ValidationError(problems)
        return found

    def bound_data(self, data: Any, initial: Any) -> list[Attachment]:
        return self.kept

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data.uploads or data.kept)

    def _kept(self, keys: list[str]) -> tuple[list[Attachment], list[str]]:
        """The uploader's own photos by key, and what to say of those that are gone.

        One that a record has claimed passes: it may be this very form, sent twice; `claim` refuses every other case.
        """
        wanted = list(dict.fromkeys(filter(None, map(_uuid, keys))))[: self.most]
        mine = Attachment.objects.filter(uploaded_by=self.uploader).in_bulk(wanted) if wanted else {}
        found = [mine[key] for key in wanted if key in mine]
        gone = len(found) < len(set(keys))
        return found, [_("A photo kept from before is no longer here. Add it again.")] if gone else []


def kept_name(name: str) -> str:
    """The name under which the keys of photos kept from before are sent."""
    return f"{name}_kept"


def _listed(data: Any, name: str) -> list[Any]:
    return data.getlist(name) if hasattr(data, "getlist") else list(data.get(name, ()))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
