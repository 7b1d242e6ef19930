"""Photos for tests, drawn on the spot."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from portal.files import services
from portal.files.models import Attachment


def jpeg(*, size: tuple[int, int] = (320, 240), colour: str = "#88a", name: str = "photo.jpg") -> SimpleUploadedFile:
    """An upload as a phone sends it."""
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).rectangle([20, 20, size[0] // 2, size[1] // 2], fill="#a65")
    buffer = BytesIO()
    image.save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def photo_of(user: Any, *, kind: str = Attachment.Kind.BEFORE) -> Attachment:
    """A staged photo, ready to be claimed by a record."""
    return services.stage(jpeg(), actor=user, kind=kind)
