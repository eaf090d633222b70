"""The archive: one Parquet file for each sealed object, `archive/FAMILY/OBJECT.parquet`.

The file name is the column `object`, which the file itself leaves out.

Sorted by time, lz4, not fsynced: any of it can be rebuilt from the sealed bytes.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadMission, NotFound
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.table import OBJECT, OBSERVATION, empty

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

# Few values, many rows: written as categories in less time and space.
_CATEGORIES = ("sensor", "channel", "class", "grade_source", "grade_info")
_ORDER = ["time_start", "row"]


class Archive:
    """Observations in columns, by family and object.

    Args:
        folder: `HOME/archive`; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, family: str, object_: str) -> Path:
        """Return where the observations of one object lie."""
        return self.folder / family / f"{object_}.parquet"

    def write(self, family: str, object_: str, observations: pl.DataFrame) -> None:
        """Write the observations of one object, replacing what was there in one step.

        Raises:
            BadMission: The disk refuses: full, read-only, failing.
        """
        path = self.path(family, object_)
        part = path.with_suffix(".part")
        if not observations["time_start"].is_sorted():
            observations = observations.sort(_ORDER)
        columns = observations.drop("object").cast(dict.fromkeys(_CATEGORIES, pl.Categorical))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            columns.write_parquet(part, compression="lz4", statistics=False)
            part.replace(path)
        except (pl.exceptions.PolarsError, OSError) as error:
            found = str(error).partition("\n")[0]
            problem = f"cannot be written ({found}), expected a disk that accepts it"
            raise BadMission(str(path), problem) from error

    def sha256(self, family: str, object_: str) -> str:
        """Return the SHA-256 of an object's file, or "" when there is none."""
        path = self.path(family, object_)
        with _mapped(str(path)):
            return sha256_hex(path.read_bytes()) if path.is_file() else ""

    def files(self) -> list[Path]:
        """Return every file of the archive, in order."""
        return sorted(self.folder.glob("*/*.parquet"))

    def clear(self) -> None:
        """Drop everything; it can be read again from the sealed bytes."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def observations(self, among: Collection[Path] | None = None) -> pl.DataFrame:
        """Return every observation as `records.table.OBSERVATION`, without the features.

        Ordered by (object, row) as text, so that the order of ingest never shows.

        Args:
            among: Of these files alone.
        """
        files = [path for path in self.files() if among is None or path in among]
        return self._together(files, list(OBSERVATION))

    def family(self, name: str) -> pl.DataFrame:
        """Return every observation of one family, with the `features` that its sensors share.

        Ordered as `observations`. Without any there is no column `features` either.
        """
        files = sorted((self.folder / name).glob("*.parquet"))
        return self._together(files, [*OBSERVATION, "features"])

    def _together(self, files: list[Path], columns: list[str]) -> pl.DataFrame:
        if not files:
            return empty(OBSERVATION)
        frames = [_scan(f).select(columns) for f in files]
        with _mapped(str(self.folder)):
            table = pl.concat(frames, how="vertical").collect()
        return table.sort(pl.col("object").cast(pl.String), "row")

    def row(self, object_: str, row: int) -> dict[str, object]:
        """Return one observation with its features, by column.

        Raises:
            NotFound: No object of that name holds an accepted row of that number.
        """
        for path in sorted(self.folder.glob(f"*/{object_}.parquet")):
            with _mapped(str(path)):
                found = _scan(path).filter(pl.col("row") == row).collect()
            if len(found):
                return found.row(0, named=True)
        where = f"{object_[:12]}:{row}"
        raise NotFound(where, "no accepted observation has this address")


@contextmanager
def _mapped(where: str) -> Iterator[None]:
    """Turn damage into an error that says how to mend it: all of this can be read again.

    Raises:
        BadMission: A file cannot be read.
    """
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        found = str(error).partition("\n")[0]
        problem = f"{found}, expected the observations of sealed objects"
        raise BadMission(where, problem, advice="Run tw rebuild HOME.") from error


def _scan(path: Path) -> pl.LazyFrame:
    """Return the observations of one file, with the object that its name says."""
    return pl.scan_parquet(path).with_columns(
        pl.lit(path.stem).cast(OBJECT).alias("object"), pl.col(_CATEGORIES).cast(pl.String)
    )
