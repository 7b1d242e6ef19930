"""Staging, claiming and sweeping."""

import re
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from grid.places.models import Place
from portal.core.refusals import Refused
from portal.files import owners, services
from portal.files.images import MAX_BYTES
from portal.files.models import Attachment
from portal.files.tasks import sweep_staged

from . import uploads


def made_old(attachment: Attachment, **age: float) -> None:
    Attachment.objects.filter(pk=attachment.pk).update(created_at=timezone.now() - timedelta(**age))


def stored(attachment: Attachment) -> list[bool]:
    return [default_storage.exists(attachment.image.name), default_storage.exists(attachment.thumbnail.name)]


def refusal(content: bytes, name: str, actor) -> str:
    with pytest.raises(Refused) as refused, translation.override("en"):
        services.stage(uploads.upload(content, name), actor=actor)
    return str(refused.value)


def test_a_staged_photo_belongs_to_nobody_yet_and_knows_itself(staged, chen):
    staged.refresh_from_db()

    assert (staged.owner, staged.uploaded_by, staged.kind) == (None, chen.user, "before")
    assert (staged.width, staged.height) == (640, 480)
    with default_storage.open(staged.image.name) as image:
        content = image.read()
    assert (staged.size, staged.sha256) == (len(content), sha256(content).hexdigest())
    assert stored(staged) == [True, True]


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.jpg", "..\\..\\x.php", "/etc/passwd", "照片.jpg", "x" * 300, "a\x00b.jpg"]
)
def test_a_name_never_becomes_a_path(chen, name):
    sent = uploads.jpeg()
    sent._name = name  # what a hostile client sends; Django itself would strip the directories

    attachment = services.stage(sent, actor=chen.user)

    assert re.fullmatch(r"photos/\d{4}-\d\d/[0-9a-f]{32}\.jpg", attachment.image.name)
    assert re.fullmatch(r"photos/\d{4}-\d\d/[0-9a-f]{32}\.small\.jpg", attachment.thumbnail.name)


def test_two_photos_never_share_a_path(chen):
    first, second = (services.stage(uploads.jpeg(), actor=chen.user) for _ in range(2))

    assert first.image.name != second.image.name
    assert first.sha256 == second.sha256


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (
            uploads.SVG,
            "logo.svg",
            "“logo.svg” is no photo that can be read here. Choose a JPEG, PNG, WebP, GIF or HEIC photo.",
        ),
        (
            uploads.encoded(uploads.drawn())[:3000],
            "IMG_1.jpg",
            "“IMG_1.jpg” is damaged or incomplete. Take the photo again or choose another one.",
        ),
        (
            uploads.png_of(30_000, 30_000),
            "map.png",
            "“map.png” has more than 65 megapixels. Set the camera to a smaller picture and take it again.",
        ),
        (uploads.film(400, "PNG"), "film.png", "“film.png” is a film rather than a photo. Choose a photo."),
        (bytes(MAX_BYTES + 1), "raw.jpg", "“raw.jpg” is larger than 20 MB. Choose a smaller photo."),
    ],
    ids=["SVG", "truncated", "bomb", "film", "too large"],
)
def test_a_refusal_names_the_file_and_says_what_to_do(chen, content, name, words):
    assert refusal(content, name, chen.user) == words
    assert not Attachment.objects.exists()


def test_a_photo_whose_files_could_not_be_stored_leaves_nothing(chen, monkeypatch):
    save, names = FileSystemStorage._save, []

    def full_after_the_first(self, name, content):
        names.append(name)
        if len(names) == 2:
            raise OSError("disk full")
        return save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", full_after_the_first)

    with pytest.raises(OSError, match="disk full"):
        services.stage(uploads.jpeg(), actor=chen.user)

    assert not Attachment.objects.exists()
    assert [default_storage.exists(name) for name in names] == [False, False]


def test_a_record_claims_what_was_staged_for_it(chen):
    first, second = (services.stage(uploads.jpeg(), actor=chen.user) for _ in range(2))

    services.claim([first, second], chen.place, actor=chen.user, kind=Attachment.Kind.AFTER)

    claimed = Attachment.objects.all()
    assert [(one.pk, one.owner, one.kind) for one in claimed] == [
        (first.pk, chen.place, "after"),
        (second.pk, chen.place, "after"),
    ]


def test_without_a_kind_each_photo_keeps_its_own(staged, chen):
    services.claim([staged], chen.place, actor=chen.user)

    assert Attachment.objects.get().kind == "before"


def test_claiming_nothing_asks_nothing(chen, django_assert_num_queries):
    with django_assert_num_queries(0):
        services.claim([], chen.place, actor=chen.user)


def test_a_photo_is_claimed_once(photo, chen, places):
    with pytest.raises(Refused):
        services.claim([photo], places.longji, actor=chen.user)

    assert Attachment.objects.get().owner == chen.place


def test_what_another_has_staged_cannot_be_claimed(staged, huang):
    with pytest.raises(Refused):
        services.claim([staged], huang.place, actor=huang.user)

    assert Attachment.objects.get().owner is None


def test_one_photo_that_cannot_be_had_stops_the_claim_of_the_others(staged, photo, chen, places):
    other = services.stage(uploads.jpeg(), actor=chen.user)

    with pytest.raises(Refused):
        services.claim([other, photo], places.longji, actor=chen.user)

    assert Attachment.objects.get(pk=other.pk).owner is None


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_at_once_one_wins(chen, places):
    for _round in range(10):
        attachment = services.stage(uploads.jpeg(), actor=chen.user)
        start, won, refused = threading.Barrier(2), [], []

        def claim(place: Place, attachment=attachment, start=start, won=won, refused=refused) -> None:
            try:
                start.wait()
                services.claim([attachment], place, actor=chen.user)
                won.append(place)
            except Refused:
                refused.append(place)
            finally:
                connection.close()

        threads = [threading.Thread(target=claim, args=[place]) for place in (places.qishan, places.longji)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(won), len(refused)) == (1, 1)
        assert Attachment.objects.get(pk=attachment.pk).owner == won[0]


def test_a_model_says_once_who_sees_its_photos():
    with pytest.raises(ValueError, match=r"places\.Place is registered twice"):
        owners.register(Place, visible=lambda user: Place.objects.all())


def test_the_sweep_takes_what_was_left_behind_a_day_ago_and_nothing_else(photo, chen):
    old, young = (services.stage(uploads.jpeg(), actor=chen.user) for _ in range(2))
    made_old(old, hours=25)
    made_old(young, hours=23)
    made_old(photo, days=400)

    assert sweep_staged() == 1
    assert sweep_staged() == 0

    assert set(Attachment.objects.values_list("pk", flat=True)) == {young.pk, photo.pk}
    assert (stored(old), stored(young), stored(photo)) == ([False, False], [True, True], [True, True])


def test_a_sweep_cut_short_finds_the_rest_next_time(staged, monkeypatch):
    made_old(staged, days=2)
    delete = FileSystemStorage.delete

    def interrupted(self, name):
        delete(self, name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "delete", interrupted)
        with pytest.raises(KeyboardInterrupt):
            services.sweep()
    assert Attachment.objects.filter(pk=staged.pk).exists()

    assert services.sweep() == 1
    assert stored(staged) == [False, False]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"owner_id": 1}, "attachment_owner_whole"),
        ({"kind": "document"}, "attachment_kind_known"),
        ({"width": 0}, "attachment_is_a_picture"),
        ({"sha256": "x" * 64}, "attachment_sha256_whole"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_database_refuses_what_must_not_be(staged, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Attachment.objects.filter(pk=staged.pk).update(**change)


def test_two_rows_never_share_a_file(staged, chen):
    other = services.stage(uploads.jpeg(), actor=chen.user)

    with pytest.raises(IntegrityError, match="attachment_image_once"), transaction.atomic():
        Attachment.objects.filter(pk=other.pk).update(image=staged.image.name)
