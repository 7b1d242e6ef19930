"""Uploads as they come from telephones and from people who mean harm; every one is made here, none is stored."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pillow_heif
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, ImageDraw

PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'


def upload(content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def drawn(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """A picture whose upper left corner is red, the rest green."""
    picture = Image.new("RGB", size, (20, 160, 60))
    ImageDraw.Draw(picture).rectangle([0, 0, size[0] // 4, size[1] // 4], fill=(220, 30, 30))
    return picture.convert(mode)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    output = BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def jpeg(**options: Any) -> SimpleUploadedFile:
    return upload(encoded(drawn(), **options))


def exif(*, orientation: int = 1) -> bytes:
    """What a telephone writes down: its maker, how it was held, and where it was (in 大龙社区)."""
    found = Image.Exif()
    found[0x010F] = "Canary Camera"
    found[0x0112] = orientation
    gps = found.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (22.0, 57.0, 1.0), "E", (113.0, 24.0, 2.0)
    return found.tobytes()


def heic(picture: Image.Image | None = None, **options: Any) -> bytes:
    output = BytesIO()
    pillow_heif.from_pillow(picture or drawn()).save(output, format="HEIF", **options)
    return output.getvalue()


def wide_gamut() -> bytes:
    """A colour profile whose red is another one than that of sRGB: red and green change places."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    tags = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 136 + 12 * i for i in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


def png_of(width: int, height: int) -> bytes:
    """A whole black PNG of any size; its pixels are never held, for the same packed lines are repeated."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    at_once = 100
    assert height % at_once == 0
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    lines = packer.compress(bytes((1 + width * 3) * at_once)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = ((1 + width * 3) * height % 65521) << 16 | 1  # Adler-32 of nothing but zeros
    body = b"\x78\xda" + lines * (height // at_once) + b"\x03\x00" + struct.pack(">I", checksum)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def film(frames: int, kind: str, size: tuple[int, int] = (16, 16)) -> bytes:
    """A moving picture; every frame is a little different, so that none is merged away."""
    pictures = [Image.new("RGB", size, (i % 256, i // 256, 90)) for i in range(frames)]
    options = {"lossless": True} if kind == "WEBP" else {}
    return encoded(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=20, **options)
