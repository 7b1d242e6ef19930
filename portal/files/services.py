"""Photos are staged by a form, claimed by the record they belong to, and swept away when nobody did."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.refusals import Reason, Refused

from .images import MAX_BYTES, MAX_PIXELS, PhotoError, Picture, Problem, remake
from .models import Attachment

STAGED_FOR = timedelta(days=1)
SWEPT_AT_ONCE = 500
NAME_SHOWN = 40


def stage(upload: File, *, actor: Any, kind: str = Attachment.Kind.PHOTO) -> Attachment:
    """Keep an uploaded photo for `actor` until a record claims it, at most a day.

    Raises Refused, with the file's name and what to do, when it is no photo that may be kept.
    """
    try:
        picture = remake(upload, size=upload.size)
    except PhotoError as error:
        raise Refused(Reason(_in_words(error.problem, upload.name))) from error
    path = f"photos/{timezone.now():%Y-%m}/{secrets.token_hex(16)}"
    attachment = Attachment(
        kind=kind,
        uploaded_by=actor,
        image=f"{path}.jpg",
        thumbnail=f"{path}.small.jpg",
        sha256=picture.sha256,
        size=len(picture.image),
        width=picture.width,
        height=picture.height,
    )
    attachment.save()  # the row first: a file without a row would never be swept
    _store(attachment, picture)
    return attachment


def claim(attachments: Iterable[Attachment], owner: Model, *, actor: Any, kind: str | None = None) -> None:
    """Make staged photos part of a record, in the record's own transaction; `kind` None leaves each its kind.

    Raises Refused unless every one was staged by `actor` and belongs to nothing yet.
    """
    keys = {attachment.pk for attachment in attachments}
    if keys:
        changes: dict[str, Any] = {"owner_type": ContentType.objects.get_for_model(owner), "owner_id": owner.pk}
        with transaction.atomic():
            _lock_staged(keys, actor)
            Attachment.objects.filter(pk__in=keys).update(**changes, **({"kind": kind} if kind else {}))


def sweep() -> int:
    """Remove photos that were staged more than a day ago and never sent, with their files; returns how many."""
    before = timezone.now() - STAGED_FOR
    keys = list(Attachment.objects.left_behind(before).values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    return sum(map(_remove, keys))


def _lock_staged(keys: set[Any], actor: Any) -> None:
    """Hold the rows until the transaction ends: of two claims at once the second one waits, and then finds an owner."""
    mine = Attachment.objects.select_for_update().staged().filter(pk__in=keys, uploaded_by=actor).order_by("pk")
    if len(mine) < len(keys):
        raise Refused(_("A photo is no longer here or was sent before. Add it again."))


def _remove(key: Any) -> bool:
    with transaction.atomic():
        row = Attachment.objects.select_for_update(skip_locked=True).staged().filter(pk=key).first()
        if row is None:
            return False
        _delete_files(row)  # before the row: what fails in between is found again by the next sweep
        row.delete()
        return True


def _store(attachment: Attachment, picture: Picture) -> None:
    try:
        attachment.image.storage.save(attachment.image.name, ContentFile(picture.image))
        attachment.thumbnail.storage.save(attachment.thumbnail.name, ContentFile(picture.thumbnail))
    except Exception:
        _delete_files(attachment)
        attachment.delete()
        raise


def _delete_files(attachment: Attachment) -> None:
    for stored in (attachment.image, attachment.thumbnail):
        stored.storage.delete(str(stored.name))


def _in_words(problem: Problem, name: str | None) -> str:
    """What is wrong with a file and what to do about it, with its name as the sender knows it."""
    words = {
        Problem.TOO_LARGE: _("“%(name)s” is larger than %(megabytes)d MB. Choose a smaller photo."),
        Problem.TOO_MANY_PIXELS: _(
            "“%(name)s” has more than %(megapixels)d megapixels. Set the camera to a smaller picture and take it again."
        ),
        Problem.MOVING: _("“%(name)s” is a film rather than a photo. Choose a photo."),
        Problem.NO_PHOTO: _(
            "“%(name)s” is no photo that can be read here. Choose a JPEG, PNG, WebP, GIF or HEIC photo."
        ),
        Problem.DAMAGED: _("“%(name)s” is damaged or incomplete. Take the photo again or choose another one."),
    }
    shown = (name or _("photo")).replace("\\", "/").rpartition("/")[2][-NAME_SHOWN:]
    return words[problem] % {
        "name": shown,
        "megabytes": MAX_BYTES // 1024 // 1024,
        "megapixels": MAX_PIXELS // 1_000_000,
    }
