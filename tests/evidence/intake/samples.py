"""Good small files of every kind that the intake knows, made by code."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import warnings
import wave
import zipfile

import numpy as np
from PIL import ExifTags, Image
from pymseed import MS3Record
from rasterio.env import Env
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

TEXT = b"latitude,longitude\n" + b"45.1,-30.2\n" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><g><circle r="4"/><a href="#b"/></g></svg>'
MAKE, MODEL, TAKEN = "Example Make", "Example Model", "2030:09:01 12:34:56"


def picture(form: str, *, seed: int = 1, width: int = 40, height: int = 30) -> bytes:
    drawn = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    held = io.BytesIO()
    Image.fromarray(drawn).save(held, form, exif=_exif())
    return held.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = MAKE
    exif[ExifTags.Base.Model] = MODEL
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = TAKEN
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = b"maker note"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "S",
            ExifTags.GPS.GPSLatitude: (45.0, 30.0, 36.0),
            ExifTags.GPS.GPSLongitudeRef: "W",
            ExifTags.GPS.GPSLongitude: (30.0, 15.0, 0.0),
        }
    )
    return exif


def animation(frames: int) -> bytes:
    held = io.BytesIO()
    drawn = [Image.new("L", (4, 4), i % 256) for i in range(frames)]
    drawn[0].save(held, "GIF", save_all=True, append_images=drawn[1:])
    return held.getvalue()


def sound(seconds: int = 1) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as written:
        written.setparams((2, 2, 800, 0, "NONE", ""))
        written.writeframes(bytes(4 * 800 * seconds))
    return held.getvalue()


def motion(version: int, *, channels: tuple[str, ...] = ("H_H_Z", "H_H_N")) -> bytes:
    records: list[bytes] = []
    for channel in channels:
        record = MS3Record(reclen=512)
        record.sourceid = f"FDSN:XX_EXAM__{channel}"
        record.set_starttime_str("2030-09-01T00:00:00Z")
        record.samprate = 100.0
        record.formatversion = version
        records += record.generate([int(i) % 97 for i in range(1000)], "i")
    return b"".join(records)


def grid(driver: str, *, crs: str = "EPSG:32637") -> bytes:
    shape = {"driver": driver, "width": 16, "height": 12, "count": 3, "dtype": "uint8"}
    with warnings.catch_warnings(), Env(), MemoryFile() as held:
        warnings.simplefilter("ignore")
        place = {"crs": crs, "transform": from_origin(500_000, 5_000_000, 10, 10)}
        drawn = np.random.default_rng(2).integers(0, 256, (3, 12, 16), dtype=np.uint8)
        with held.open(**shape, **(place if driver != "PNG" else {})) as written:
            written.write(drawn)
        return bytes(held.read())


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    held = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members:
            packed.writestr(name, content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def tarred(*members: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as packed:
        for name, content in members:
            member = tarfile.TarInfo(name) if isinstance(name, str) else name
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return held.getvalue()


def good() -> dict[str, bytes]:
    """Return a good file of every kind, by its kind and what tells two of a kind apart."""
    return {
        "jpeg": picture("JPEG"),
        "png": picture("PNG"),
        "webp": picture("WEBP"),
        "gif": animation(3),
        "tiff plain": picture("TIFF"),
        "tiff placed": grid("GTiff"),
        "jp2": grid("JP2OpenJPEG"),
        "wav": sound(),
        "miniseed 2": motion(2),
        "miniseed 3": motion(3),
        "zip": zipped(("a.csv", TEXT), ("folder/b.csv", TEXT)),
        "tar": tarred(("a.csv", TEXT), ("folder/b.csv", TEXT)),
        "gzip": gzip.compress(TEXT, mtime=0),
        "xz": lzma.compress(TEXT),
        "xml": SVG,
        "pdf": b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n",
    }
