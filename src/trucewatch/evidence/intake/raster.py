"""Satellite rasters, by a list of allowed drivers; no other can be reached.

Runs in a worker only. GDAL opens what the bytes say, whatever the file is called: a text that
describes a virtual raster would read local files. So all other drivers are taken out before the
first byte from outside is seen, and each opening names the one driver that may try.

Source: GDAL 3.10, GDALDeregisterDriver, and the page on security of GDAL's documentation.
"""

from __future__ import annotations

import ctypes
import warnings
from pathlib import Path

from rasterio.env import Env  # type: ignore[import-untyped]
from rasterio.errors import (  # type: ignore[import-untyped]
    CRSError,
    NotGeoreferencedWarning,
    RasterioError,
)
from rasterio.io import DatasetReader, MemoryFile  # type: ignore[import-untyped]

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.intake.claims import number, text

DRIVERS = ("GTiff", "COG", "JP2OpenJPEG", "PNG")
SIDE_MAX = 200_000  # pixels; a Sentinel-2 tile has 10,980 a side, a mosaic of a country some 60,000
BANDS_MAX = 1_000
_MAGIC = {
    b"II*\x00": "GTiff", b"MM\x00*": "GTiff", b"II+\x00": "GTiff", b"MM\x00+": "GTiff",
    b"\x00\x00\x00\x0cjP  ": "JP2OpenJPEG", b"\xff\x4f\xff\x51": "JP2OpenJPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
}  # fmt: skip
_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no files beside it: world files, overviews
    "GDAL_NUM_THREADS": "1",
    "GDAL_PAM_ENABLED": "NO",  # no .aux.xml
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "CPL_TMPDIR": "none",
    "PROJ_NETWORK": "OFF",
    "USE_RRD": "NO",
}
_BROKEN = (ArithmeticError, CRSError, RasterioError, OSError, RuntimeError, ValueError)


def allow_only_our_drivers() -> None:
    """Take all drivers but `DRIVERS` out of GDAL, for this process and for good.

    Raises:
        LogRefused: GDAL's library was not found, or others are left.
    """
    with Env() as env:
        env.drivers()  # registers them all
    mapped = Path("/proc/self/maps").read_text().split()
    paths = {part for part in mapped if "libgdal" in part}
    if len(paths) != 1:
        raise LogRefused("intake", f"found {len(paths)} libraries of GDAL, expected 1")
    gdal = ctypes.CDLL(paths.pop())
    gdal.GDALGetDriver.restype = ctypes.c_void_p
    gdal.GDALGetDriverShortName.argtypes = [ctypes.c_void_p]
    gdal.GDALGetDriverShortName.restype = ctypes.c_char_p
    gdal.GDALDeregisterDriver.argtypes = [ctypes.c_void_p]
    drivers = [gdal.GDALGetDriver(i) for i in range(gdal.GDALGetDriverCount())]
    for driver in drivers:
        if gdal.GDALGetDriverShortName(driver).decode() not in DRIVERS:
            gdal.GDALDeregisterDriver(driver)
    if others := left() - set(DRIVERS):
        raise LogRefused("intake", f"GDAL still has {sorted(others)}, expected only {DRIVERS}")


def left() -> set[str]:
    """Return the drivers that GDAL has."""
    with Env() as env:
        return set(env.drivers())


def facts(raw: bytes) -> dict[str, object]:
    """Return what a raster is; no pixel is read.

    Returns:
        driver, width, height (pixels), bands, types, crs (authority code, or None), bounds (left,
        bottom, right, top in units of the crs; None when it has no place), block (pixels).

    Raises:
        BadInput: Not a raster of an allowed driver, broken, or too large.
    """
    driver = next((d for magic, d in _MAGIC.items() if raw.startswith(magic)), None)
    if driver is None:
        raise BadInput("raster", f"starts like no allowed raster, expected one of {DRIVERS}")
    try:
        with warnings.catch_warnings(), Env(**_OPTIONS), _held(raw) as held:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with held.open(driver=driver) as raster:
                return _described(raster)
    except _BROKEN as error:
        found = f"cannot be read as a raster ({type(error).__name__}: {error})"
        raise BadInput("raster", f"{found}, expected {driver}") from error


def _held(raw: bytes) -> MemoryFile:
    """Return the bytes under a name that is always the same, for it stands in errors."""
    return MemoryFile(raw, dirname="intake", filename="raster")


def _described(raster: DatasetReader) -> dict[str, object]:
    if max(raster.width, raster.height) > SIDE_MAX or raster.count > BANDS_MAX:
        found = f"has {raster.width} x {raster.height} pixels in {raster.count} bands"
        raise BadInput("raster", f"{found}, must be at most {SIDE_MAX} a side and {BANDS_MAX}")
    bounds = [number(edge) for edge in raster.bounds]
    placed = raster.crs is not None and None not in bounds
    return {
        "driver": raster.driver,
        "width": raster.width,
        "height": raster.height,
        "bands": raster.count,
        "types": sorted(set(raster.dtypes)),
        "crs": text(raster.crs.to_string()) if raster.crs else None,
        "bounds": bounds if placed else None,
        "block": list(raster.block_shapes[0]) if raster.block_shapes else None,
    }
