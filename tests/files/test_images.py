"""What becomes of an upload: a clean JPEG, or a refusal before anything of it is kept."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from portal.files.images import MAX_BYTES, PhotoError, Picture, Problem, remake

from . import uploads

ROOT = Path(__file__).parents[2]
RED, GREEN = (220, 30, 30), (20, 160, 60)


def made_of(content: bytes) -> Picture:
    return remake(BytesIO(content), size=len(content))


def seen(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def near(pixel: tuple[int, ...], colour: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 16 for one, other in zip(pixel, colour, strict=True))


def problem_of(content: bytes) -> Problem:
    with pytest.raises(PhotoError) as refused:
        made_of(content)
    return refused.value.problem


@pytest.mark.parametrize(
    "content",
    [
        uploads.encoded(uploads.drawn()),
        uploads.encoded(uploads.drawn(), "JPEG", progressive=True),
        uploads.encoded(uploads.drawn(mode="CMYK")),
        uploads.encoded(uploads.drawn(), "PNG"),
        uploads.encoded(uploads.drawn().quantize(), "PNG"),
        uploads.encoded(uploads.drawn(mode="RGBA"), "PNG"),
        uploads.encoded(uploads.drawn(), "WEBP", quality=95),
        uploads.encoded(uploads.drawn(), "GIF"),
        uploads.encoded(uploads.drawn(), "MPO", save_all=True, append_images=[uploads.drawn()]),
        uploads.heic(quality=95),
    ],
    ids=["JPEG", "progressive", "CMYK", "PNG", "palette", "alpha", "WebP", "GIF", "two views", "HEIC"],
)
def test_every_kind_of_photo_becomes_a_jpeg_with_a_thumbnail(content):
    picture = made_of(content)
    large, small = seen(picture.image), seen(picture.thumbnail)

    assert (large.format, large.mode, large.size) == ("JPEG", "RGB", (640, 480))
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (480, 360))
    assert (picture.width, picture.height) == (640, 480)
    assert near(large.getpixel((40, 40)), RED)
    assert near(large.getpixel((600, 440)), GREEN)


@pytest.mark.parametrize(
    ("mode", "white", "black"), [("L", 255, 0), ("1", 1, 0), ("I;16", 65535, 0)], ids=["grey", "bitmap", "sixteen bits"]
)
def test_pictures_without_colour_keep_their_greys(mode, white, black):
    picture = Image.new(mode, (64, 64), black)
    picture.paste(white, (0, 0, 32, 64))
    large = seen(made_of(uploads.encoded(picture, "PNG")).image)

    assert near(large.getpixel((10, 30)), (255, 255, 255))
    assert near(large.getpixel((54, 30)), (0, 0, 0))


def test_a_photo_is_at_most_2048_pixels_long_and_its_thumbnail_480():
    picture = made_of(uploads.encoded(uploads.drawn((4000, 1000))))

    assert (seen(picture.image).size, seen(picture.thumbnail).size) == ((2048, 512), (480, 120))


def test_a_small_photo_is_not_blown_up():
    picture = made_of(uploads.encoded(uploads.drawn((40, 30))))

    assert (seen(picture.image).size, seen(picture.thumbnail).size) == ((40, 30), (40, 30))


def test_a_photo_as_narrow_as_a_thread_survives():
    assert seen(made_of(uploads.encoded(uploads.drawn((5000, 1)))).image).size == (2048, 1)


def test_place_and_device_are_gone_from_both_files():
    content = uploads.encoded(
        uploads.drawn(), exif=uploads.exif(), comment=b"canary comment", xmp=b"<x:xmpmeta>canary xmp</x:xmpmeta>"
    )
    assert seen(content).getexif().get_ifd(0x8825)[2] == (22.0, 57.0, 1.0)

    picture = made_of(content)

    for stored in (picture.image, picture.thumbnail):
        assert dict(seen(stored).getexif()) == {}
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & seen(stored).info.keys()
        assert b"anary" not in stored
        assert b"Exif" not in stored


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_place_is_gone_whatever_the_kind(kind):
    save = uploads.heic if kind == "HEIF" else lambda **options: uploads.encoded(uploads.drawn(), kind, **options)
    content = save(exif=uploads.exif())
    assert b"Canary" in content

    picture = made_of(content)

    assert b"Canary" not in picture.image + picture.thumbnail
    assert dict(seen(picture.image).getexif()) == {}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_however_the_telephone_was_held(orientation):
    turned = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    upright = uploads.drawn()
    # What the sensor saw is the scene turned the other way round.
    sensor = upright if turned is None else upright.transpose(Image.Transpose(turned))
    large = seen(made_of(uploads.encoded(sensor, exif=uploads.exif(orientation=orientation))).image)

    assert large.size == (640, 480)
    assert near(large.getpixel((40, 40)), RED)


def test_a_heic_photo_is_turned_once():
    picture = uploads.drawn().transpose(Image.Transpose.ROTATE_90)
    large = seen(made_of(uploads.heic(picture, exif=uploads.exif(orientation=6), quality=95)).image)

    assert large.size == (640, 480)
    assert near(large.getpixel((40, 40)), RED)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_broken_note_of_orientation_costs_no_photo():
    content = uploads.encoded(uploads.drawn(), exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")

    assert made_of(content).width == 640


def test_colours_of_another_profile_become_those_of_srgb():
    profile = uploads.wide_gamut()
    stored = made_of(uploads.encoded(uploads.drawn(), "PNG", icc_profile=profile)).image

    assert "icc_profile" not in seen(stored).info
    expected = ImageCms.profileToProfile(
        uploads.drawn(), ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
    )
    assert not near(expected.getpixel((600, 440)), GREEN)
    assert near(seen(stored).getpixel((600, 440)), expected.getpixel((600, 440)))


def test_a_broken_profile_is_passed_over():
    stored = made_of(uploads.encoded(uploads.drawn(), "PNG", icc_profile=b"no profile at all")).image

    assert near(seen(stored).getpixel((600, 440)), GREEN)


def test_what_is_transparent_becomes_white():
    picture = Image.new("RGBA", (64, 64), (220, 30, 30, 0))
    picture.paste((20, 160, 60, 255), (0, 0, 32, 64))
    large = seen(made_of(uploads.encoded(picture, "PNG")).image)

    assert near(large.getpixel((54, 30)), (255, 255, 255))
    assert near(large.getpixel((10, 30)), GREEN)


@pytest.mark.parametrize(
    "content",
    [
        uploads.encoded(uploads.drawn()) + uploads.PHP,
        uploads.encoded(uploads.drawn(), comment=uploads.PHP),
        uploads.encoded(uploads.drawn(), "PNG") + uploads.PHP,
        uploads.encoded(uploads.drawn(), "GIF", comment=uploads.PHP),
        uploads.encoded(uploads.drawn(), "GIF") + b"/*" + uploads.SVG,
        uploads.encoded(uploads.drawn()) + b"PK\x03\x04 a Java archive",
    ],
    ids=["PHP tail", "PHP comment", "PHP after PNG", "PHP in GIF", "GIF and SVG", "GIFAR"],
)
def test_of_a_file_that_is_two_things_only_the_photo_is_left(content):
    picture = made_of(content)

    for stored in (picture.image, picture.thumbnail):
        assert b"php" not in stored
        assert b"<svg" not in stored
        assert b"PK\x03\x04" not in stored
        assert stored.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        uploads.SVG,
        uploads.PHP,
        b"GIF89a" + uploads.PHP,
        b"\xff\xd8\xff\xe0" + uploads.PHP * 20,
        b"\x89PNG\r\n\x1a\n" + uploads.SVG,
        b"%PDF-1.7\n1 0 obj",
        b"<html><script>alert(1)</script></html>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        uploads.encoded(uploads.drawn(), "BMP"),
        uploads.encoded(uploads.drawn(), "TIFF"),
        bytes(range(256)) * 40,
    ],
    ids=[
        "empty",
        "SVG",
        "PHP",
        "GIF-head",
        "JPEG-head",
        "PNG-head",
        "PDF",
        "HTML",
        "PostScript",
        "BMP",
        "TIFF",
        "noise",
    ],
)
def test_what_is_no_photo_is_refused(content):
    assert problem_of(content) in (Problem.NO_PHOTO, Problem.DAMAGED)


@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_half_a_photo_is_refused(kind, part):
    noisy = Image.effect_noise((400, 300), 80).convert("RGB")
    content = uploads.heic(noisy) if kind == "HEIF" else uploads.encoded(noisy, kind)

    assert problem_of(content[: int(len(content) * part)]) in (Problem.NO_PHOTO, Problem.DAMAGED)


def test_a_file_over_the_limit_is_refused_unread():
    with pytest.raises(PhotoError) as refused:
        remake(BytesIO(b""), size=MAX_BYTES + 1)

    assert refused.value.problem == Problem.TOO_LARGE


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: uploads.png_of(9000, 9000),
        lambda: uploads.encoded(Image.new("1", (16000, 8000)), "WEBP", method=0, quality=1),
    ],
    ids=["81 megapixels", "128 megapixels of WebP"],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_more_pixels_than_a_telephone_takes_are_refused(drawn):
    assert problem_of(drawn()) == Problem.TOO_MANY_PIXELS


MEASURE = """
import re, sys
from io import BytesIO
from pathlib import Path
from portal.files.images import PhotoError, remake

def highest():  # of this process alone, in megabytes
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

content = sys.stdin.buffer.read()
before = highest()
try:
    picture = remake(BytesIO(content), size=len(content))
    print(f"{picture.width}x{picture.height}", highest() - before)
except PhotoError as refused:
    print(refused.problem.name, highest() - before)
"""


def measured(content: bytes) -> tuple[str, int]:
    """What becomes of an upload in a process of its own, and how many megabytes that took."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEASURE], input=content, capture_output=True, check=True, cwd=ROOT
    )
    outcome, megabytes = done.stdout.decode().split()
    return outcome, int(megabytes)


def test_a_bomb_of_30000_by_30000_pixels_is_refused_in_little_memory():
    content = uploads.png_of(30_000, 30_000)
    assert len(content) < MAX_BYTES

    outcome, megabytes = measured(content)

    assert outcome == "TOO_MANY_PIXELS"
    assert megabytes < 20  # decoded it would be 2,700


def test_the_largest_photo_that_is_taken_stays_within_what_a_worker_has():
    outcome, megabytes = measured(uploads.png_of(8000, 8000))

    assert outcome == "2048x2048"
    assert megabytes < 500


def test_a_gif_of_many_frames_costs_no_more_than_its_first():
    content = uploads.film(2, "GIF", (2000, 2000))
    second = content.index(b"\x21\xf9", content.index(b"\x21\xf9") + 8)
    bomb = content[:second] + content[second:-1] * 2000 + content[-1:]
    assert len(bomb) < MAX_BYTES

    outcome, megabytes = measured(bomb)

    assert outcome == "2000x2000"
    assert megabytes < 100


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_film_is_refused(kind):
    assert problem_of(uploads.film(400, kind)) == Problem.MOVING


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_a_short_moving_picture_the_first_frame_is_kept(kind):
    large = seen(made_of(uploads.film(5, kind, (64, 64))).image)

    assert near(large.getpixel((30, 30)), (0, 0, 90))


def test_the_same_photo_gives_the_same_bytes():
    content = uploads.encoded(uploads.drawn())

    assert made_of(content) == made_of(content)
