"""Canonical digests of the projections: equal when, and only when, the tables are equal.

`addresses` and `members` speak of (object, row) and therefore of the files as they came; the
others hang on content alone and are also equal when the same reports came in other files.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.store.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.store.archive import Archive
    from trucewatch.store.desk import Desk

_NULL = "\N{EMPTY SET}"  # what no column holds, so that null and "" stay apart
_WITH_FLOATS = {"class_p", "trace"}  # JSON that holds probabilities that were computed
_DESK = (
    *("quarantine", "incident", "members", "superseded", "silence"),
    *("logbook", "assessment"),
)


def digest(frame: pl.DataFrame, key: list[str]) -> str:
    """Return the SHA-256 of a table in canonical text: sorted by `key`, shortest exact floats."""
    plain = frame.with_columns(
        pl.col(pl.Categorical).cast(pl.String), pl.col(pl.Datetime).dt.epoch("us")
    )
    text = plain.sort(key).write_csv(null_value=_NULL)
    return hashlib.sha256(text.encode()).hexdigest()


def digests(archive: Archive, desk: Desk) -> dict[str, dict[str, object]]:
    """Return, for each table, its digest, rows, digest without floats, and sums of floats."""
    seen = archive.observations()
    distinct = seen.unique("dedup_key", keep="first", maintain_order=True).drop("object", "row")
    tables: dict[str, tuple[pl.DataFrame, list[str]]] = {
        "observations": (distinct, ["dedup_key"]),
        "addresses": (seen.select("object", "row", "dedup_key"), ["object", "row"]),
    }
    tables |= {name: (desk.read(name), list(SCHEMAS[name][1])) for name in _DESK}
    return {
        name: {
            "sha256": digest(frame, key),
            "rows": len(frame),
            "words": digest(frame.select(_words(frame)), key),
            "sums": _sums(frame),
        }
        for name, (frame, key) in tables.items()
    }


def _words(frame: pl.DataFrame) -> list[str]:
    """Return the columns in which no number of a float may hide."""
    return [c for c, kind in frame.schema.items() if kind != pl.Float64 and c not in _WITH_FLOATS]


def _sums(frame: pl.DataFrame) -> dict[str, float]:
    columns = [c for c, kind in frame.schema.items() if kind == pl.Float64]
    return {c: float(frame[c].fill_null(0).sum()) for c in sorted(columns)}


def differences(
    mine: Mapping[str, Mapping[str, object]], theirs: Mapping[str, Mapping[str, object]]
) -> dict[str, str]:
    """Return, for each table, `same`, `within tolerance` or `different`.

    Within tolerance: everything but floats is the same, and every column of floats sums to within
    one part in 1e9, as another processor or version of a numerical library may give.
    """
    return {
        name: _compare(mine.get(name, {}), theirs.get(name, {}))
        for name in sorted({*mine, *theirs})
    }


def _compare(a: Mapping[str, object], b: Mapping[str, object]) -> str:
    if a.get("sha256") == b.get("sha256"):
        return "same"
    sums_a, sums_b = a.get("sums"), b.get("sums")
    if a.get("words") != b.get("words") or not isinstance(sums_a, dict):
        return "different"
    if not isinstance(sums_b, dict) or not sums_a or sums_a.keys() != sums_b.keys():
        return "different"
    close = all(abs(v - sums_b[k]) <= 1e-9 * max(abs(v), 1.0) for k, v in sums_a.items())
    return "within tolerance" if close else "different"
