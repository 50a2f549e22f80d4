"""Photos from people: checked before they are decoded, re-encoded, without metadata.

The sent file itself is never kept: a picture is decoded and encoded again as JPEG. This removes
position, camera and time (EXIF), appended archives and scripts. The size in the header is checked
first, so a small file cannot unpack to gigabytes.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from tracker.domain.errors import Invalid, Words

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 52_000_000  # the largest photo of common phones
FULL_SIDE = 2048
THUMB_SIDE = 320
AT_ONCE = BoundedSemaphore(2)  # a decoded photo can take 200 MB for a moment
MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}


class PhotoRefused(Invalid):
    """The file cannot be kept as a picture; the words beside it can."""

    field = "file"


class NotAPhoto(PhotoRefused):
    code = "photo.unreadable"
    message = Words(
        zh="不是可以打开的照片(JPEG、PNG、WebP、GIF)",
        en="This is not a photo that can be opened (JPEG, PNG, WebP, GIF)",
    )
    remedy = Words(zh="请重新拍摄或另选一张", en="Take it again or choose another")


class PhotoTooLarge(PhotoRefused):
    """More pixels than any phone's photo, or more bytes than the limit."""

    code = "photo.too_large"
    message = Words(
        zh="照片太大(上限 {pixels} 像素、{bytes} 字节)",
        en="The photo is too large (at most {pixels} pixels, {bytes} bytes)",
    )
    remedy = Words(zh="缩小后再上传", en="Make it smaller and send it again")

    def __init__(self) -> None:
        super().__init__(pixels=MAX_PIXELS, bytes=MAX_BYTES)


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept: JPEG, upright, bounded, without metadata, and its thumbnail."""

    full: bytes
    thumb: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.full).hexdigest()


def take(data: bytes) -> Picture:
    """The picture in `data`, re-encoded. Refuses a damaged file, a non-picture, a too large one."""
    if len(data) > MAX_BYTES:
        raise PhotoTooLarge
    kind = _format_of(data)
    with AT_ONCE:
        full = _shrunk(_opened(data, kind), FULL_SIDE)
    thumb = _shrunk(full, THUMB_SIDE)
    return Picture(_jpeg(full, 85), _jpeg(thumb, 75), full.width, full.height)


def _format_of(data: bytes) -> str:
    for magic, name in MAGIC.items():
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    raise NotAPhoto


def _opened(data: bytes, kind: str) -> Image.Image:
    """Decode and turn upright. Pillow may use only the format that the first bytes name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=(kind,))
            _bounded(image)
            image.draft("RGB", (FULL_SIDE, FULL_SIDE))
            image.load()
            return _flat(ImageOps.exif_transpose(image))
        except Image.DecompressionBombError as error:
            raise PhotoTooLarge from error
        except Invalid:
            raise
        except Exception as error:  # a hostile file can make a decoder raise nearly anything
            raise NotAPhoto from error


def _bounded(image: Image.Image) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise NotAPhoto
    if width * height > MAX_PIXELS:
        raise PhotoTooLarge


def _flat(image: Image.Image) -> Image.Image:
    """RGB on white: JPEG has no transparency, and black behind it would hide what was drawn."""
    if image.mode == "RGB":
        return image
    layered = image.convert("RGBA")
    ground = Image.new("RGB", layered.size, "white")
    ground.paste(layered, mask=layered.getchannel("A"))
    return ground


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    smaller = image.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    return smaller


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """Copies only the pixels: `info` would bring EXIF, comments and profiles along."""
    image.info.clear()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
