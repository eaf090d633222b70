"""What is written comes back, and a replaced projection is the new one or the old one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from trucewatch.errors import BadMission, NotFound
from trucewatch.records.table import INCIDENT, OBSERVATION, empty
from trucewatch.store.archive import Archive
from trucewatch.store.desk import Desk
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2030, 9, 1, tzinfo=UTC)


def observations(object_: str, *rows: int) -> pl.DataFrame:
    """Observations in falling order of time."""
    n = len(rows)
    table = {
        "object": [object_] * n,
        "row": list(rows),
        "sensor": ["firms"] * n,
        "channel": ["N21"] * n,
        "dedup_key": [f"{object_}|{r}" for r in rows],
        "time_start": [START - timedelta(minutes=i) for i in range(n)],
        "time_end": [START - timedelta(minutes=i) for i in range(n)],
        "class": ["thermal_anomaly"] * n,
        "grade_source": ["A"] * n,
        "grade_info": ["3"] * n,
    }
    filled = {c: table.get(c, [None] * n) for c in OBSERVATION}
    frame = pl.DataFrame(filled, schema=OBSERVATION)
    return frame.with_columns(pl.struct(pl.lit(1.5).alias("frp_mw")).alias("features"))


def test_an_archive_gives_back_what_it_was_given(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    first, second = observations("b" * 64, 2, 0, 1), observations("a" * 64, 7)

    archive.write("thermal", "b" * 64, first)
    archive.write("news", "a" * 64, second)

    seen = archive.observations()
    wanted = pl.concat([second, first.sort("row")]).drop("features")
    assert seen.equals(wanted)
    assert archive.row("b" * 64, 1)["features"] == {"frp_mw": 1.5}
    assert archive.row("b" * 64, 1)["object"] == "b" * 64


def test_an_archive_gives_back_one_family_with_its_features(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    first, second = observations("b" * 64, 2, 0, 1), observations("a" * 64, 7)
    archive.write("thermal", "b" * 64, first)
    archive.write("thermal", "a" * 64, second)
    archive.write("news", "c" * 64, observations("c" * 64, 0).drop("features"))

    seen = archive.family("thermal")

    assert seen.equals(pl.concat([second, first.sort("row")]))
    assert archive.family("arrivals").equals(empty(OBSERVATION))


def test_an_archive_says_when_an_address_is_unknown(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    archive.write("thermal", "b" * 64, observations("b" * 64, 0))

    with pytest.raises(NotFound, match=r"bbbbbbbbbbbb:9: no accepted observation"):
        archive.row("b" * 64, 9)
    with pytest.raises(NotFound, match="aaaaaaaaaaaa:0"):
        archive.row("a" * 64, 0)
    assert Archive(tmp_path / "none").observations().equals(empty(OBSERVATION))


def incident(id_: str) -> pl.DataFrame:
    row = dict.fromkeys(INCIDENT) | {"id": id_, "time": START, "real_p": 0.1 + 0.2}
    return pl.DataFrame([row], schema=INCIDENT)


def test_a_desk_gives_back_times_and_floats_exactly(tmp_path: Path) -> None:
    with Desk.at(tmp_path / "desk.db", write=True) as desk:
        desk.replace({"incident": incident("i-a")})
        found = desk.read("incident", TABLES["incident"].c.id == "i-a")

    assert found.equals(incident("i-a"))


def test_a_replacement_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    with Desk.at(tmp_path / "desk.db", write=True) as desk:
        desk.replace({"incident": incident("i-a")})
        twice = pl.concat([incident("i-b"), incident("i-b")])

        with pytest.raises(BadMission, match="UNIQUE"):
            desk.replace({"incident": twice})

        assert desk.read("incident")["id"].to_list() == ["i-a"]


def test_a_reader_cannot_write_and_a_missing_desk_is_named(tmp_path: Path) -> None:
    Desk.at(tmp_path / "desk.db", write=True).close()

    with (
        Desk.at(tmp_path / "desk.db", write=False) as desk,
        pytest.raises(BadMission, match="readonly"),
    ):
        desk.replace({"incident": incident("i-a")})
    with pytest.raises(BadMission, match=r"none\.db: no desk there, expected one"):
        Desk.at(tmp_path / "none.db", write=False)
