"""Comma-separated text to rows of text: the faults of a file, its header and its records.

What is accepted: UTF-8 with or without a byte order mark, lines that end in LF or CR LF, a header
line, one record per line, fields quoted with `"` where needed. A final line break is required, for
without it nobody can tell a complete last number from a torn one.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.observe._refusal import Check, Refusal, judge
from trucewatch.records.table import REFUSED, empty

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER_BYTES_MAX = 1 << 16  # a longer header is no header
FIRST_DATA_LINE = 2

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "a PNG",
    b"\xff\xd8\xff": "a JPEG",
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip",
    b"PK\x05\x06": "an empty zip",
    b"\x1f\x8b": "a gzip",
    b"\xfd7zXZ\x00": "an xz",
    b"BZh": "a bzip2",
    b"\x28\xb5\x2f\xfd": "a zstd",
    b"\x7fELF": "an ELF",
    b"SQLite format 3\x00": "a SQLite",
    b"PAR1": "a Parquet",
}
"""First bytes of formats that people send by mistake. Source: file(1) magic, Debian 12."""

_QUOTED = r'"[^"]*"'
_FIELD = r'(?:[^",]*|"(?:[^"]|"")*")'
_RECORD = rf"^{_FIELD}(?:,{_FIELD})*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that a format knows.

    Attributes:
        name: How the sensor calls it.
        spelled: Headers that mean it.
        required: Whether a file without it is refused.
    """

    name: str
    spelled: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The records of a file that have the right number of fields.

    Attributes:
        table: One text column for each known column, null where a field is empty or the file
            lacks the column; `row` (from 0) and `line` (from 1).
        refused: A `records.table.REFUSED` table: records with another number of fields.
        missing: Known columns that the file lacks.
    """

    table: pl.DataFrame
    refused: pl.DataFrame
    missing: tuple[str, ...]


def read_rows(raw: bytes, columns: Sequence[Column]) -> Rows | Refusal:
    """Return the records of a comma-separated file, or why the whole file is refused.

    Args:
        raw: The bytes of the file.
        columns: The columns that its format knows; others are allowed and left out.
    """
    defect = _defect(raw)
    if defect:
        return defect
    text = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
        at = text.find(b"\r")
        if at >= 0:
            problem = "carriage return inside a line, expected LF or CR LF at its end"
            return Refusal(line=_line_of(text, at), problem=problem)
    header, _, _ = text.partition(b"\n")
    names = _header(header.decode(), columns)
    if isinstance(names, Refusal):
        return names
    cut = _records(text, names)
    if isinstance(cut, Refusal):
        return cut
    table, refused = cut
    known = [column.name for column in columns]
    chosen = [
        pl.col(name) if name in names else pl.lit(None, pl.String).alias(name) for name in known
    ]
    missing = tuple(name for name in known if name not in names)
    return Rows(table=table.select("row", "line", *chosen), refused=refused, missing=missing)


def _defect(text: bytes) -> Refusal | None:
    """Return what makes the bytes no complete text, in order of what helps a reader most."""
    if not text:
        return Refusal(line=1, problem="file is empty, expected a header line")
    for signature, what in SIGNATURES.items():
        if text.startswith(signature):
            problem = f"starts with {what} signature, expected comma-separated text"
            return Refusal(line=1, problem=problem)
    nul = text.find(b"\0")
    if nul >= 0:
        problem = f"NUL byte at byte {nul}, expected text"
        return Refusal(line=_line_of(text, nul), problem=problem)
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError as error:
            found = f"byte 0x{text[error.start]:02x} at byte {error.start} is not UTF-8"
            return Refusal(line=_line_of(text, error.start), problem=f"{found}, expected text")
    if not text.endswith(b"\n"):
        last = text.count(b"\n") + 1
        return Refusal(line=last, problem="last line is torn, expected a line break at its end")
    return None


def _line_of(text: bytes, at: int) -> int:
    return text.count(b"\n", 0, at) + 1


def _header(header: str, columns: Sequence[Column]) -> list[str] | Refusal:
    """Return the name of each field: ours where the format knows it, else a marked one."""
    if len(header) > HEADER_BYTES_MAX:
        problem = f"header has {len(header)} characters, expected at most {HEADER_BYTES_MAX}"
        return Refusal(line=1, problem=problem)
    if header.count('"') % 2:
        return Refusal(line=1, problem="header opens a quote that it does not close")
    ours = {spelled: column.name for column in columns for spelled in column.spelled}
    # An extra column keeps its place under a name that no known column can have.
    names = [ours.get(field, f"extra {field}") for field in next(csv.reader([header]), [])]
    times = Counter(names)
    repeated = next((name for name in names if times[name] > 1), None)
    if repeated is not None:
        written = repeated.removeprefix("extra ")
        return Refusal(line=1, problem=f"header names {written!r} twice, expected once")
    lacks = [" or ".join(c.spelled) for c in columns if c.required and c.name not in names]
    if lacks:
        wanted = ", ".join(" or ".join(c.spelled) for c in columns if c.required)
        problem = f"header lacks {', '.join(lacks)}, expected {wanted}"
        return Refusal(line=1, problem=problem)
    return names


def _records(text: bytes, names: list[str]) -> tuple[pl.DataFrame, pl.DataFrame] | Refusal:
    """Return all records and no refusals when nothing is odd, else what `_sift` makes of it."""
    if b'"' not in text:
        table = _read_plain(text, names)
        if table is not None:
            return table, empty(REFUSED)
    return _sift(text, names)


def _read_plain(text: bytes, names: list[str]) -> pl.DataFrame | None:
    """Return the records of a file without quotes, or None unless all have the right length.

    Polars refuses a record that is too long, and fills one that is too short with nulls from the
    right; so only where the last column has a null can a record be short.
    """
    schema = dict.fromkeys(names, pl.String())
    try:
        table = pl.read_csv(text, schema=schema, has_header=False, skip_lines=1, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    if table.get_column(names[-1]).null_count():
        commas = (len(names) - 1) * (table.height + 1)
        if text.count(b",") != commas or text.count(b"\n") != table.height + 1:
            return None
    line = (pl.col("row") + FIRST_DATA_LINE).alias("line")
    return table.with_row_index("row").with_columns(line)


def _sift(text: bytes, names: list[str]) -> tuple[pl.DataFrame, pl.DataFrame] | Refusal:
    """Return the good records and the refused ones of a file in which some may be odd."""
    lines = text.decode().split("\n")[1:-1]
    bare = pl.col("text").str.replace_all(_QUOTED, "")
    table = (
        pl.DataFrame({"text": lines}, schema={"text": pl.String})
        .with_row_index("row")
        .with_columns(
            line=pl.col("row") + FIRST_DATA_LINE,
            fields=bare.str.count_matches(",", literal=True) + 1,
            open=bare.str.contains('"', literal=True),
        )
    )
    torn = _torn(table, len(names))
    if torn:
        return torn
    wrong = pl.format(f"row has {{}} fields, expected {len(names)}", "fields")
    checks = (
        Check(bad=pl.col("text") == "", problem=pl.lit("row is empty, expected a record")),
        Check(bad=pl.col("fields") != len(names), problem=wrong),
        Check(
            bad=~pl.col("text").str.contains(_RECORD),
            problem=pl.lit("quotes stand inside a field, expected around all of it"),
        ),
    )
    good, refused = judge(table, checks)
    return pl.concat([good.select("row", "line"), _split(good, names)], how="horizontal"), refused


def _torn(table: pl.DataFrame, width: int) -> Refusal | None:
    """Return why the file as a whole cannot be cut into records, if it cannot."""
    opened = table.filter("open")
    if opened.height:
        problem = "opens a quote that does not close on its line, expected one line per record"
        return Refusal(line=opened.get_column("line")[0], problem=problem)
    last = table.tail(1).filter((pl.col("text") != "") & (pl.col("fields") < width))
    if last.height:
        fields = last.get_column("fields")[0]
        problem = f"last row is torn: it has {fields} fields, expected {width}"
        return Refusal(line=last.get_column("line")[0], problem=problem)
    return None


def _split(good: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the fields of records that are known to have as many as there are names."""
    schema = dict.fromkeys(names, pl.String())
    if good.is_empty():
        return pl.DataFrame(schema=schema)
    body = good.get_column("text").str.join("\n").item().encode() + b"\n"
    table = pl.read_csv(body, has_header=False, schema=schema, quote_char='"')
    return table.with_columns(pl.all().replace("", None))  # `""` is as empty as nothing
