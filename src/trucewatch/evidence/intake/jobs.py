"""The jobs of the worker that looks into what strangers send; see `inspect` for the caller's side.

Importing this imports every parser: only the worker may.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import warnings
import wave
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image
from pymseed import MS3Record
from rasterio.env import Env  # type: ignore[import-untyped]
from rasterio.io import MemoryFile  # type: ignore[import-untyped]
from rasterio.transform import from_origin  # type: ignore[import-untyped]

from trucewatch.errors import BadInput
from trucewatch.evidence.intake import (
    archive,
    credentials,
    image,
    markup,
    raster,
    unpacking,
    waveform,
)
from trucewatch.evidence.intake.child import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _strip(raw: bytes) -> Answer:
    return Answer({}, [image.strip(raw)])


JOBS: dict[str, Callable[..., Answer]] = {
    "image": lambda raw: Answer(image.facts(raw)),
    "strip": _strip,
    "markup": lambda raw: Answer(markup.facts(raw)),
    "archive": lambda raw: Answer(archive.facts(raw)),
    "raster": lambda raw: Answer(raster.facts(raw)),
    "wav": lambda raw: Answer(waveform.wav(raw)),
    "miniseed": lambda raw: Answer(waveform.miniseed(raw)),
    "credentials": lambda raw, mime: Answer(credentials.facts(raw, mime=mime)),
    **unpacking.JOBS,
}


def rehearse() -> None:
    """Do every job once on bytes of our own, whole and cut, and take GDAL's other drivers out."""
    samples = list(_samples())  # GDAL writes some of them by way of a driver that goes
    raster.allow_only_our_drivers()
    markup.load_encodings()
    for job, raw in samples:
        for sent in (raw, raw[: len(raw) // 2], b""):
            with suppress(BadInput):
                answer = JOBS[job](sent, **({"mime": "image/jpeg"} if job == "credentials" else {}))
                b"".join(answer.blocks)
    unpacking.rehearse()


def _samples() -> Iterator[tuple[str, bytes]]:
    for form in image.FORMATS:
        drawn = _drawn(form)
        yield "image", drawn
        yield "strip", drawn
    yield "credentials", _drawn("JPEG")
    yield "markup", b'<svg><a onload="1" href="x"/></svg>'
    yield "markup", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
    yield "wav", _sound()
    yield "miniseed", _motion()
    yield "archive", _zipped()
    yield "archive", _tarred()
    for driver in ("GTiff", "PNG", "JP2OpenJPEG"):
        yield "raster", _gridded(driver)


def _drawn(form: str) -> bytes:
    held = io.BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "x"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (1.0, 2.0, 3.0)
    Image.new("RGB", (8, 8)).save(held, form, exif=exif)
    return held.getvalue()


def _sound() -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setparams((1, 2, 100, 0, "NONE", ""))
        sound.writeframes(bytes(8))
    return held.getvalue()


def _motion() -> bytes:
    record = MS3Record()
    record.sourceid = "FDSN:XX_A__H_H_Z"
    record.set_starttime_str("2030-01-01T00:00:00Z")
    record.samprate = 1
    return b"".join(record.generate([1, 2, 3], "i"))


def _zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("\u00e9/a.gz", gzip.compress(b"x"))
        packed.writestr("../b", b"x")
    return held.getvalue()


def _tarred() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("a"))
    return held.getvalue()


def _gridded(driver: str) -> bytes:
    """Return a small raster; its system of coordinates makes PROJ open its tables now."""
    grid = {"driver": driver, "width": 8, "height": 8, "count": 1, "dtype": "uint8"}
    with Env(), warnings.catch_warnings(), MemoryFile() as held:
        warnings.simplefilter("ignore")
        place = {"crs": "EPSG:32637", "transform": from_origin(500_000, 5_000_000, 10, 10)}
        with held.open(**grid, **(place if driver == "GTiff" else {})) as grid_file:
            grid_file.write(np.zeros((1, 8, 8), "uint8"))
        return bytes(held.read())
