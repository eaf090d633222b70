"""Photographs and drawings: what they are, what they claim, and a copy that claims nothing.

Runs in a worker only. What EXIF says is a claim of whoever made the file, never a finding.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, ImageOps, MpoImagePlugin, UnidentifiedImageError

from trucewatch.errors import BadInput
from trucewatch.evidence.intake.claims import number, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PIXELS_MAX = 50_000_000  # of one frame; the largest cameras of telephones have some 50 million
FRAMES_MAX = 10_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF")
_JPEG_QUALITY = 95
_PNG_LEVEL = 1  # 50 million pixels of noise take 3 s; at 6, over the limit of 10 s
_PLAIN = ("1", "L", "RGB", "RGBA")  # modes that stay as they are in a working copy
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"}
_PNG_START, _PNG_LENGTHS = 8, 12  # bytes before the first chunk; around the content of each
_JPEG_START, _JPEG_SCAN = b"\xff\xd8", 0xDA
_JPEG_KEPT = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDD}  # JFIF, tables, frame, restart interval
_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG or TIFF
    TypeError,
    ValueError,
    struct.error,
)
_TURN = ExifTags.Base.Orientation
_MPO = MpoImagePlugin.MpoImageFile  # several JPEG in one; loaded here, for later is too late

Image.MAX_IMAGE_PIXELS = PIXELS_MAX


@contextmanager
def _opened(raw: bytes) -> Iterator[Image.Image]:
    """Open with the allowed formats; every way in which Pillow fails refuses the file.

    Raises:
        BadInput: The image is broken, of another format, or too large.

    Yields:
        The image, not decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
                yield image
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadInput("image", f"has over {PIXELS_MAX} pixels, must be at most that") from error
    except UnidentifiedImageError as error:  # its message holds an address in memory
        raise BadInput("image", f"is no image, expected {', '.join(FORMATS)}") from error
    except _BROKEN as error:
        found = f"cannot be read as an image ({type(error).__name__}: {error})"
        raise BadInput("image", f"{found}, expected {', '.join(FORMATS)}") from error


def facts(raw: bytes) -> dict[str, object]:
    """Return what an image is and claims.

    Returns:
        format, width, height (pixels), frames, whole (the first frame decodes to its end), claimed
        (what EXIF says, each value None when it is absent or unreadable).

    Raises:
        BadInput: The image is broken, of another format, or too large.
    """
    with _opened(raw) as image:
        frames = getattr(image, "n_frames", 1)
        if frames > FRAMES_MAX:
            raise BadInput("image", f"has {frames} frames, must be at most {FRAMES_MAX}")
        return {
            "format": image.format,
            "width": image.width,
            "height": image.height,
            "frames": frames,
            "claimed": _claimed(image.getexif()),
            "whole": _decodes(image),
        }


def _decodes(image: Image.Image) -> bool:
    try:
        image.seek(0)
        image.load()
    except _BROKEN:
        return False
    return True


def _claimed(exif: Image.Exif) -> dict[str, object]:
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    taken = inner.get(ExifTags.Base.DateTimeOriginal, exif.get(ExifTags.Base.DateTime, b""))
    south, west = place.get(ExifTags.GPS.GPSLatitudeRef), place.get(ExifTags.GPS.GPSLongitudeRef)
    return {
        "make": text(exif.get(ExifTags.Base.Make, b"")),
        "model": text(exif.get(ExifTags.Base.Model, b"")),
        "time": text(taken),
        "offset": text(inner.get(ExifTags.Base.OffsetTimeOriginal, b"")),
        "lat_deg": _angle(place.get(ExifTags.GPS.GPSLatitude), negative=south == "S"),
        "lon_deg": _angle(place.get(ExifTags.GPS.GPSLongitude), negative=west == "W"),
        "gps_date": text(place.get(ExifTags.GPS.GPSDateStamp, b"")),
    }


def _angle(parts: Sequence[object] | None, *, negative: bool) -> float | None:
    """Return degrees from degrees, minutes, seconds."""
    if not isinstance(parts, tuple) or len(parts) != 3:  # noqa: PLR2004 - as EXIF has it
        return None
    shares = [number(part) for part in parts]
    if None in shares:
        return None
    angle_deg = math.fsum((s or 0.0) / 60.0**i for i, s in enumerate(shares))
    return round(-angle_deg if negative else angle_deg, 7)


def strip(raw: bytes) -> bytes:
    """Return a working copy of the first frame that carries pixels alone, upright.

    JPEG stays JPEG at quality 95; everything else becomes PNG without loss. EXIF, GPS, XMP, ICC
    profiles, comments, thumbnails and maker notes are gone, which the result is searched for.

    Raises:
        BadInput: The image is broken, of another format, or too large; or the copy has more in it
            than pixels.
    """
    with _opened(raw) as image:
        jpeg = image.format in {"JPEG", "MPO"}
        image.seek(0)
        image.load()
        upright = ImageOps.exif_transpose(image)
        image.close()  # two copies and what saving takes would pass the memory limit
        plain = upright if upright.mode in _PLAIN else upright.convert(_mode(upright))
        if jpeg and plain.mode not in {"L", "RGB"}:
            plain = plain.convert("RGB")
        plain.info = {}
        held = io.BytesIO()
        if jpeg:
            plain.save(held, "JPEG", quality=_JPEG_QUALITY, exif=b"", comment=b"")
        else:
            plain.save(held, "PNG", exif=b"", icc_profile=None, compress_level=_PNG_LEVEL)
    copy = held.getvalue()
    if left := _left(copy):
        raise BadInput("image", f"copy holds {', '.join(left)}, expected pixels alone")
    return copy


def _mode(image: Image.Image) -> str:
    seen_through = "A" in image.mode or "a" in image.mode or "transparency" in image.info
    return "RGBA" if seen_through else "RGB"


def _left(copy: bytes) -> list[str]:
    """Name what a copy holds beside pixels, read from its bytes without Pillow."""
    if copy.startswith(_JPEG_START):
        return [f"segment {m:02x}" for m in _segments(copy) if m not in _JPEG_KEPT]
    return [str(c) for c in _chunks(copy) if c not in _PNG_KEPT]


def _segments(jpeg: bytes) -> Iterator[int]:
    at = len(_JPEG_START)
    while jpeg[at + 1] != _JPEG_SCAN:
        yield jpeg[at + 1]
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    if not jpeg.endswith(b"\xff\xd9"):
        yield 0


def _chunks(png: bytes) -> Iterator[bytes]:
    at = _PNG_START
    while at < len(png):
        yield png[at + 4 : at + 8]
        at += _PNG_LENGTHS + int.from_bytes(png[at : at + 4], "big")
