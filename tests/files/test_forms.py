"""Photos in a form: staged while it is checked, kept when it comes back, claimed when it is accepted."""

import re
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from grid.places.models import Place
from portal.core.forms import ServiceForm
from portal.files import services
from portal.files.forms import PhotosField
from portal.files.models import Attachment

from . import uploads

KEY = "6f0f5c1e-8f56-4a3d-9b1f-3c1f7b8f2a10"


class NoteForm(ServiceForm):
    """A note about a place, with photos."""

    creates = True
    subjects = ("place", "user")

    text = forms.CharField()
    photos = PhotosField(label="Photos", kind="before", most=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"].uploader = self.user

    def call(self, *, actor: Any) -> Place:
        services.claim(self.cleaned_data["photos"], self.place, actor=actor)
        return self.place


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def sent(chen):
    """The form as a browser sends it."""

    def form(*photos: Any, person: Any = chen, **data: Any) -> NoteForm:
        request = RequestFactory().post("/", {"text": "三楼", "idempotency_key": KEY, **data, "photos": list(photos)})
        return NoteForm(request.POST, request.FILES, place=chen.place, user=person.user)

    return form


def shown(form: NoteForm, tag: str = "{% photo_input field=form.photos %}") -> str:
    return Template("{% load ui %}" + tag).render(Context({"form": form}))


def kept_in(html: str) -> list[str]:
    """The photos that the page sends along when it is sent again."""
    return re.findall(r'name="photos_kept" value="([0-9a-f-]+)"[^>]* checked', html)


def test_photos_become_part_of_the_record(sent, chen):
    form = sent(uploads.jpeg(), uploads.upload(uploads.heic(), "IMG_0001.HEIC", "application/octet-stream"))

    assert form.is_valid()
    assert form.carry_out(actor=chen.user)
    assert [(one.owner, one.kind) for one in Attachment.objects.all()] == [(chen.place, "before")] * 2


def test_a_form_that_comes_back_has_kept_its_photos(sent, chen):
    form = sent(uploads.jpeg(), uploads.jpeg(), text="")
    assert not form.is_valid()
    kept = kept_in(shown(form))
    assert kept == [str(one.pk) for one in Attachment.objects.all()]

    again = sent(uploads.jpeg(), photos_kept=kept)

    assert again.is_valid()
    assert again.carry_out(actor=chen.user)
    assert Attachment.objects.filter(owner_id=chen.place.pk).count() == 3


def test_a_photo_that_is_unticked_is_left_behind(sent, chen):
    form = sent(uploads.jpeg(), uploads.jpeg(), text="")
    form.is_valid()
    first, second = kept_in(shown(form))

    again = sent(photos_kept=[second])

    assert again.is_valid()
    assert again.carry_out(actor=chen.user)
    assert [str(one.pk) for one in Attachment.objects.staged()] == [first]


def test_kept_photos_are_seen_again_whether_the_field_is_shown_as_photos_or_as_any_field(sent):
    form = sent(uploads.jpeg(), text="")
    form.is_valid()
    attachment = Attachment.objects.get()

    for tag in ("{% photo_input field=form.photos %}", "{% field field=form.photos %}"):
        html = shown(form, tag)
        assert attachment.thumbnail_url in html
        assert kept_in(html) == [str(attachment.pk)]
        assert html.count('type="file"') == 2
        assert 'capture="environment"' in html
        assert 'data-photos="3"' in html
        assert html.count('id="id_photos"') == 1


def test_a_fresh_form_shows_no_photos(chen):
    html = shown(NoteForm(place=chen.place, user=chen.user))

    assert "photos_kept" not in html
    assert html.count('type="file"') == 2


def test_one_bad_file_is_named_and_the_good_ones_are_kept(sent):
    form = sent(
        uploads.jpeg(), uploads.upload(uploads.SVG, "logo.svg", "image/svg+xml"), uploads.upload(uploads.PHP, "x.jpg")
    )

    assert not form.is_valid()
    assert form.errors["photos"] == [
        "“logo.svg” is no photo that can be read here. Choose a JPEG, PNG, WebP, GIF or HEIC photo.",
        "“x.jpg” is no photo that can be read here. Choose a JPEG, PNG, WebP, GIF or HEIC photo.",
    ]
    assert kept_in(shown(form)) == [str(Attachment.objects.get().pk)]


def test_a_hostile_name_is_shown_as_text(sent):
    form = sent(uploads.upload(uploads.PHP, "<img src=x onerror=alert(1)>.jpg"))
    form.is_valid()

    html = shown(form)

    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_too_many_photos_are_refused_and_the_first_ones_kept(sent):
    form = sent(*[uploads.jpeg() for _ in range(5)])

    assert not form.is_valid()
    assert form.errors["photos"] == [
        "At most 3 photos: the first ones are kept below. Untick one to make room for another."
    ]
    assert len(kept_in(shown(form))) == 3


def test_kept_photos_count_towards_the_limit(sent):
    first = sent(uploads.jpeg(), uploads.jpeg(), text="")
    first.is_valid()

    form = sent(uploads.jpeg(), uploads.jpeg(), photos_kept=kept_in(shown(first)))

    assert not form.is_valid()
    assert Attachment.objects.count() == 3


def test_a_photo_that_is_needed_is_asked_for(sent):
    form = sent()

    assert not form.is_valid()
    assert form.errors["photos"] == ["Add a photo."]


def test_a_photo_that_is_not_needed_may_be_missing(sent):
    form = sent()
    form.fields["photos"].required = False

    assert form.is_valid()
    assert form.cleaned_data["photos"] == []


@pytest.mark.parametrize("key", ["not-a-key", "00000000-0000-4000-8000-000000000000", ""])
def test_a_key_that_leads_nowhere_is_said_to_be_gone(sent, key):
    form = sent(photos_kept=[key])

    assert not form.is_valid()
    assert form.errors["photos"] == ["A photo kept from before is no longer here. Add it again."]


def test_the_key_of_another_persons_photo_gives_nothing_away(sent, staged, huang):
    form = sent(person=huang, photos_kept=[str(staged.pk)])

    assert not form.is_valid()
    assert form.errors["photos"] == ["A photo kept from before is no longer here. Add it again."]
    assert str(staged.pk) not in shown(form)


def test_the_same_form_sent_twice_is_one_record_with_its_photos_once(sent, chen):
    for form in (sent(uploads.jpeg()), sent(uploads.jpeg())):
        assert form.is_valid()
        assert form.carry_out(actor=chen.user)

    assert form.is_new is False
    assert Attachment.objects.filter(owner_id=chen.place.pk).count() == 1


def test_a_form_that_came_back_and_is_then_sent_twice_is_one_record(sent, chen):
    first = sent(uploads.jpeg(), text="")
    first.is_valid()
    kept = kept_in(shown(first))

    for form in (sent(photos_kept=kept), sent(photos_kept=kept)):
        assert form.is_valid()
        assert form.carry_out(actor=chen.user)

    assert form.is_new is False


def test_photos_of_a_sent_form_cannot_be_sent_with_another(sent, chen):
    first = sent(uploads.jpeg())
    first.is_valid()
    first.carry_out(actor=chen.user)
    used = str(Attachment.objects.get().pk)

    form = sent(photos_kept=[used], idempotency_key=KEY.replace("6", "7"))

    assert form.is_valid()
    assert not form.carry_out(actor=chen.user)
    assert form.non_field_errors() == ["A photo is no longer here or was sent before. Add it again."]
    assert kept_in(shown(form)) == []


def test_a_form_that_does_not_say_whose_photos_they_are_is_a_mistake(chen):
    request = RequestFactory().post("/", {"photos": [uploads.jpeg()]})
    field = PhotosField()

    with pytest.raises(TypeError, match="uploader"):
        field.clean(field.widget.value_from_datadict(request.POST, request.FILES, "photos"))
