"""An installation kit for a machine without internet: this commit, and every wheel it runs with.

`./tw kit FOLDER` writes `trucewatch-VERSION-PLATFORM.tar` and its SHA-256 into a folder. The wheels
are those of `requirements.lock` that running needs, with their hashes, for the Python and the
platform that made the kit. Unpacked elsewhere, `./tw` finds `wheels` beside it and asks no network.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
_TOP = "trucewatch"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==.*?(?=^[A-Za-z0-9]|\Z)", re.MULTILINE | re.DOTALL)


def needed(first: Iterable[str]) -> set[str]:
    """Return the names of the installed packages that these requirements lead to, with them."""
    found: set[str] = set()
    todo = [(Requirement(line), "") for line in first]
    while todo:
        wanted, extra = todo.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        if name in found and not wanted.extras:
            continue
        found.add(name)
        lines = requires(name) or []
        todo += [(Requirement(line), each) for line in lines for each in ("", *wanted.extras)]
    return found


def pins(lock: str, names: set[str]) -> str:
    """Return the part of a hashed lock that names these packages.

    Raises:
        ValueError: The lock does not hold one of them.
    """
    held: dict[str, str] = {}  # a package may stand twice, for different versions of Python
    for pin in _PIN.finditer(lock):
        name = canonicalize_name(pin["name"])
        held[name] = held.get(name, "") + pin[0]
    if missing := names - held.keys():
        msg = f"requirements.lock holds no {', '.join(sorted(missing))}: run ./tw lock"
        raise ValueError(msg)
    return "".join(held[name] for name in sorted(names))


def download(lock: str, into: Path) -> None:
    """Fetch the wheels of a hashed lock into a folder, with the lock beside them."""
    kept = into / "requirements.lock"
    kept.write_text(lock)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
    command += ["--no-deps", "--require-hashes", "-r", str(kept), "-d", str(into)]
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments


def pack(root: Path, wheels: Path, out: Path) -> Path:
    """Write the tree of the last commit and the wheels as one archive; return its path."""
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    name = f"{_TOP}-{version}-{python}-{sysconfig.get_platform()}.tar"
    archive = ["git", "archive", "--format=tar", f"--prefix={_TOP}/", "HEAD"]
    tree = subprocess.run(archive, cwd=root, check=True, capture_output=True).stdout  # noqa: S603
    with tarfile.open(out / name, "w") as kit, tarfile.open(fileobj=io.BytesIO(tree)) as committed:
        for member in committed:
            kit.addfile(member, committed.extractfile(member) if member.isreg() else None)
        for path in sorted(wheels.iterdir()):
            kit.add(path, f"{_TOP}/wheels/{path.name}", filter=_plain)
    return out / name


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out whose file it was and when it was fetched."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


def make(out: Path) -> Path:
    """Make the kit of this commit for this Python and platform; return its path."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    lock = pins((ROOT / "requirements.lock").read_text(), needed(wanted))
    with tempfile.TemporaryDirectory() as folder:
        download(lock, Path(folder))
        path = pack(ROOT, Path(folder), out)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path.with_suffix(".tar.sha256").write_text(f"{digest}  {path.name}\n")
    return path


def main() -> None:
    """Make the kit and say where it is."""
    asked = argparse.ArgumentParser(prog="tw kit", description=__doc__)
    asked.add_argument("folder", type=Path, help="where to put the archive and its SHA-256")
    out = asked.parse_args().folder
    out.mkdir(parents=True, exist_ok=True)
    path = make(out.resolve())
    sys.stdout.write(f"{path}\n{path.with_suffix('.tar.sha256').read_text()}")


if __name__ == "__main__":
    main()
