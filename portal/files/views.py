from uuid import UUID

import structlog
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from portal.core.access import fetch, signed_in
from portal.core.headers import DOWNLOAD

from .models import Attachment

log = structlog.get_logger(__name__)

HEADERS = DOWNLOAD | {
    "Cache-Control": "private, max-age=3600",
    "Content-Disposition": 'inline; filename="photo.jpg"',
}


@signed_in
@require_safe
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A photo, for whoever sees the record it belongs to."""
    attachment = fetch(request, Attachment.objects, pk=pk)
    return _sent(request, attachment.image, etag=f'"{attachment.sha256}"')


@signed_in
@require_safe
def thumbnail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A photo in small, for the same people."""
    attachment = fetch(request, Attachment.objects, pk=pk)
    return _sent(request, attachment.thumbnail, etag=f'"{attachment.sha256}-small"')


def _sent(request: HttpRequest, stored: FieldFile, *, etag: str) -> HttpResponse:
    response = HttpResponse(content_type="image/jpeg", headers=HEADERS | {"ETag": etag})
    answer = get_conditional_response(request, etag=etag, response=response)
    if answer is not None and answer is not response:
        return answer
    try:
        with stored.open("rb") as content:
            response.content = content.read()
    except FileNotFoundError:
        log.error("files.missing", name=stored.name)
        raise Http404 from None
    return response
