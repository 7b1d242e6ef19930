"""Photos made anew: whatever else an upload carries (place, device, another file at its end) does not come along."""

import enum
import hashlib
import threading
from dataclasses import dataclass
from io import BytesIO
from typing import IO

import pillow_heif
import structlog
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

log = structlog.get_logger(__name__)
pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")  # told by content; a name or a header says nothing
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 65_000_000  # what a telephone with "64 megapixels" takes; decoding needs four bytes for each
MAX_FRAMES = 300  # a moving picture of ten seconds; only its first frame is kept
LONG_SIDE, THUMBNAIL_SIDE = 2048, 480
QUALITY = 85
SRGB = ImageCms.createProfile("sRGB")
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_decoding = threading.BoundedSemaphore(2)  # however many threads a process has, two large photos fit into its memory


class Problem(enum.Enum):
    """Why an upload cannot become a photo."""

    TOO_LARGE = enum.auto()
    TOO_MANY_PIXELS = enum.auto()
    MOVING = enum.auto()
    NO_PHOTO = enum.auto()
    DAMAGED = enum.auto()


class PhotoError(Exception):
    """The upload was refused before anything of it was kept."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.name)
        self.problem = problem


@dataclass(frozen=True)
class Picture:
    """A photo and its thumbnail as JPEG files in sRGB, upright, without metadata."""

    image: bytes
    thumbnail: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.image).hexdigest()


def remake(upload: IO[bytes], *, size: int) -> Picture:
    """The photo in an upload of `size` bytes, at most 2048 pixels long, with a thumbnail of at most 480.

    Raises PhotoError when it is none that may be kept. Dimensions are read from the header before anything is decoded.
    """
    if size > MAX_BYTES:
        raise PhotoError(Problem.TOO_LARGE)
    with _decoding:
        upload.seek(0)
        try:
            with _opened(upload) as source:
                large = _flat(_shrunk(source))
        except PhotoError:
            raise
        except Exception as error:  # a hostile file may break a decoder in any way: each of them means the same
            log.info("files.damaged", error=type(error).__name__)
            raise PhotoError(Problem.DAMAGED) from error
        small = large.copy()
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(large), _jpeg(small), *large.size)


def _opened(upload: IO[bytes]) -> Image.Image:
    """The picture with nothing but its header read."""
    try:
        source = Image.open(upload, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PhotoError(Problem.NO_PHOTO) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(Problem.TOO_MANY_PIXELS) from error
    if source.width * source.height > MAX_PIXELS:
        raise PhotoError(Problem.TOO_MANY_PIXELS)
    if source.format != "GIF" and getattr(source, "n_frames", 1) > MAX_FRAMES:  # a GIF has to be read to be counted
        raise PhotoError(Problem.MOVING)
    return source


def _shrunk(source: Image.Image) -> Image.Image:
    """The first frame, small enough and upright."""
    orientation = _orientation(source)
    if source.mode.startswith("I"):
        source = source.convert("I").point(lambda value: value / 256).convert("L")
    elif source.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        source = source.convert("RGBA" if source.has_transparency_data else "RGB")
    source.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    source.load()
    return source.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else source


def _flat(picture: Image.Image) -> Image.Image:
    """The same in sRGB on white, as a new picture that carries pixels and nothing else."""
    sheet = Image.new("RGB", picture.size, "white")
    profile = picture.info.get("icc_profile")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        sheet.paste(_srgb(picture.convert("RGB"), profile), mask=picture.getchannel("A"))
    else:
        sheet.paste(_srgb(picture, profile))
    return sheet


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as sRGB; a profile that is broken or fits another kind of picture is passed over."""
    if profile:
        try:
            theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
            found = ImageCms.profileToProfile(picture, theirs, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            found = None
        if found:
            return found
    return picture.convert("RGB")


def _orientation(source: Image.Image) -> int:
    try:
        return source.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # the photo is worth more than a broken note of how the camera was held
        return 1


def _jpeg(picture: Image.Image) -> bytes:
    output = BytesIO()
    picture.save(output, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return output.getvalue()
