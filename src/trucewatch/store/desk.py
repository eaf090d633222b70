"""The desk: projections in SQL, SQLite by default, any SQLAlchemy URL otherwise.

One connection writes; every other opens the database read-only. Whole projections are replaced in
one transaction, so a reader sees the old state or the new one and nothing between.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import polars as pl
import sqlalchemy as sa

from trucewatch.errors import BadMission
from trucewatch.records.table import conform, empty
from trucewatch.store.schema import METADATA, SCHEMAS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ROWS_AT_ONCE = 20_000
_CACHE_KIB = 256 * 2**10
"""Of changes held back until they are committed: what spills earlier locks all readers out."""


class Desk:
    """Tables of `store.schema.SCHEMAS`, as Polars frames in and out.

    Args:
        engine: A SQLAlchemy engine; see `Desk.at` for the usual one.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @classmethod
    def at(cls, path: Path, *, write: bool) -> Self:
        """Open the SQLite desk at `path`, making it when it may be written.

        Raises:
            BadMission: It is to be read only and does not exist.
        """
        if write:
            engine = sa.create_engine(f"sqlite:///{path}")
            with _mapped(engine):
                METADATA.create_all(engine)
            return cls(engine)
        if not path.is_file():
            raise BadMission(
                str(path), "no desk there, expected one", advice="Run tw rebuild HOME."
            )
        return cls(sa.create_engine(f"sqlite:///file:{path}?mode=ro&uri=true"))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with _mapped(self.engine), self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA synchronous = OFF")
                connection.exec_driver_sql(f"PRAGMA cache_size = {-_CACHE_KIB}")
            yield connection

    def replace(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Replace whole tables in one transaction."""
        with self._begin() as connection:
            for name in tables:
                connection.execute(sa.delete(TABLES[name]))
            for name, frame in tables.items():
                _insert(connection, name, frame)

    def put_file(self, file: pl.DataFrame, quarantine: pl.DataFrame) -> None:
        """Replace what is known of one received object (one row of `file`) in one transaction."""
        object_, kind = str(file["object"][0]), str(file["type"][0])
        with self._begin() as connection:
            for name in ("file", "quarantine"):
                table = TABLES[name]
                connection.execute(
                    sa.delete(table).where(table.c.object == object_, table.c.type == kind)
                )
            _insert(connection, "file", file)
            _insert(connection, "quarantine", quarantine)

    def read(self, name: str, *where: sa.ColumnElement[bool]) -> pl.DataFrame:
        """Return a table, or the rows of it that match, ordered by its key."""
        schema, key = SCHEMAS[name]
        table = TABLES[name]
        query = sa.select(table).where(*where).order_by(*(table.c[k] for k in key))
        with _mapped(self.engine), self.engine.connect() as connection:
            rows = connection.execute(query).fetchall()
        if not rows:
            return empty(schema)
        plain = {c: _stored(kind) for c, kind in schema.items()}
        frame = pl.DataFrame([tuple(r) for r in rows], schema=plain, orient="row")
        return conform(frame, schema)

    def state(self) -> dict[str, str]:
        """Return what the projections are a function of."""
        frame = self.read("state")
        return dict(zip(frame["name"], frame["value"], strict=True))


@contextmanager
def _mapped(engine: sa.Engine) -> Iterator[None]:
    """Turn damage into an error that says how to mend it: all of this can be computed again.

    Raises:
        BadMission: The database refused, or is none.
    """
    try:
        yield
    except sa.exc.DatabaseError as error:
        problem = f"{error.orig}, expected the tables of a mission"
        where = str(engine.url.database).removeprefix("file:").removesuffix("?mode=ro&uri=true")
        full = "full" in str(error.orig) or "readonly" in str(error.orig)
        advice = "" if full else "Run tw rebuild HOME."
        raise BadMission(where, problem, advice=advice) from error


def _stored(kind: pl.DataType) -> pl.DataType:
    if isinstance(kind, pl.Datetime):
        return pl.Int64()
    return pl.String() if isinstance(kind, pl.Categorical) else kind


def _insert(connection: sa.Connection, name: str, frame: pl.DataFrame) -> None:
    if not len(frame):
        return
    schema, _ = SCHEMAS[name]
    plain = conform(frame, schema).with_columns(
        pl.col(c).cast(_stored(kind)) for c, kind in schema.items()
    )
    for part in plain.iter_slices(_ROWS_AT_ONCE):
        connection.execute(sa.insert(TABLES[name]), part.to_dicts())
