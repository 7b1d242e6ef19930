"""A retry or a double tap creates one record: the key travels in the form, the database settles the race."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Model
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from .models import IdempotencyKey
from .refusals import Refused

T = TypeVar("T")
# Whoever comes second waits at the unique constraint and then holds the row of the first.
TAKEN = ("id", "user_id", "key", "fingerprint", "carried_out", "result_type_id", "result_id", "created_at")
TAKE = f"""
    INSERT INTO {IdempotencyKey._meta.db_table} AS known (user_id, key, fingerprint, carried_out, created_at)
    VALUES (%s, %s, %s, false, %s)
    ON CONFLICT (user_id, key) DO UPDATE SET key = known.key
    RETURNING {", ".join(f"known.{column}" for column in TAKEN)}
"""  # noqa: S608 - names of columns
NOT_CONTENT = {"csrfmiddlewaretoken", "idempotency_key"}


class KeyReused(Refused):
    """The form was carried out before, with other content, or what it made is no longer there."""


def fingerprint(data: QueryDict | dict[str, Any], files: MultiValueDict | None = None) -> str:
    """A digest of what was sent, the same for the same content in any order of fields.

    Keyed: from a plain one, a phone number among few other fields could be found again by trying them all.
    """
    digest = hmac.new(settings.SECRET_KEY.encode(), b"portal.idempotency", hashlib.sha256)
    pairs = data.lists() if isinstance(data, QueryDict) else ((k, [v]) for k, v in data.items())
    for name, values in sorted((n, [str(v) for v in vs]) for n, vs in pairs if n not in NOT_CONTENT):
        digest.update(repr((name, values)).encode())
    for name, uploads in sorted((files or MultiValueDict()).lists()):
        for upload in uploads:
            digest.update(repr((name, _content(upload))).encode())
    return digest.hexdigest()


@transaction.atomic
def once(key: UUID, *, user: Any, content: str, create: Callable[[], T]) -> tuple[T | None, bool]:
    """Run `create` unless this key was carried out before; returns the result and whether it is new.

    A second sender waits for the first one's transaction. When `create` fails, the key is not used up. A result that is
    no record is not kept: a repetition gets None. Visitors share their keys, which nobody can guess.
    Raises KeyReused when the key was used for other content, or when what was created has been deleted since.
    """
    owner = user if user and user.is_authenticated else None
    stored = _taken(key, owner, content)
    if stored.fingerprint != content:
        raise KeyReused(_("This page was already sent, with other content. Send it again if you want a second record."))
    if stored.carried_out:
        if stored.result_id is not None and stored.result is None:
            raise KeyReused(_("This was sent before, and its result has been deleted. Send it again if you mean it."))
        return cast("T | None", stored.result), False
    result = create()
    stored.carried_out = True
    if isinstance(result, Model):
        stored.result_type = ContentType.objects.get_for_model(result)
        stored.result_id = result.pk
    stored.save(update_fields=["carried_out", "result_type", "result_id"])
    return result, True


def _taken(key: UUID, owner: Any, content: str) -> IdempotencyKey:
    """The key's row, new or as it was found, locked until the transaction ends; one query."""
    values = [owner and owner.pk, key, content, timezone.now()]
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
    return IdempotencyKey(**dict(zip(TAKEN, row, strict=True)))


def _content(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
