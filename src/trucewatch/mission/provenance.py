"""Which code, packages and processor computed something."""

from __future__ import annotations

import hashlib
import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import trucewatch

_SOURCE = Path(trucewatch.__file__).parent
_SUFFIXES = {".py", ".yaml", ".css", ".html", ".svg", ".txt", ".j2", ".toml"}
_LEVELS = (  # x86-64 levels by the flags that tell them apart
    ("x86-64-v4", "avx512f"),
    ("x86-64-v3", "avx2"),
    ("x86-64-v2", "sse4_2"),
)


@cache
def code_version() -> str:
    """Return the version and the digest of the package's own files, `0.1.0+sha256.0123456789ab`."""
    total = hashlib.sha256()
    for path in sorted(p for p in _SOURCE.rglob("*") if p.suffix in _SUFFIXES):
        name = path.relative_to(_SOURCE).as_posix()
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"{trucewatch.__version__}+sha256.{total.hexdigest()[:12]}"


@cache
def packages() -> dict[str, str]:
    """Return the version of every installed package that the numbers may hang on."""
    names = ("apsw", "jinja2", "numba", "numpy", "polars", "pyproj", "scipy", "shapely")
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def cpu_level() -> str:
    """Return the processor's instruction level, such as `x86-64-v3`."""
    machine = platform.machine()
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return machine
    return next((level for level, flag in _LEVELS if re.search(rf"\b{flag}\b", flags)), machine)
