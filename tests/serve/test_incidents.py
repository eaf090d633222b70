"""Promises of the list of incidents."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
from litestar.testing import TestClient

from trucewatch.mission.clock import SimulatedClock
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from litestar import Litestar

    from trucewatch.mission.home import Home

ROW = re.compile(r'href="/incidents/([a-z0-9-]+)"')


def test_the_public_sees_other_names(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    theirs, ours = (ROW.findall(c.get("/incidents").text) for c in (public, mission))

    assert theirs
    assert all(name.startswith("p-") for name in theirs)
    assert not set(theirs) & set(ours)


def test_the_public_sees_a_day_only_when_its_delay_has_passed(
    demo_home: Home, mission: TestClient[Litestar]
) -> None:
    times = _table(mission)["time"].str.to_datetime(time_zone="UTC")
    noon = times.max().replace(hour=12, minute=0)  # type: ignore[union-attr]
    early = make_app(str(demo_home.path), clock=SimulatedClock(noon))

    with TestClient(early) as public:
        seen = _table(public)["time"].str.to_datetime(time_zone="UTC")

    cutoff = (noon - timedelta(days=2)).replace(hour=19, minute=30)
    assert 0 < len(seen) < len(times)
    assert seen.max() < cutoff
    assert len(seen) == (times < cutoff).sum()


def _table(client: TestClient[Litestar]) -> pl.DataFrame:
    return pl.read_csv(io.StringIO(client.get("/incidents.csv").text))


def test_the_table_for_the_public_stands_on_the_grid_and_the_minute(
    public: TestClient[Litestar],
) -> None:
    table = pl.read_csv(io.StringIO(public.get("/incidents.csv").text), try_parse_dates=True)

    assert not [name for name in table.columns if name.startswith("cov_")]
    assert table["time"].dt.second().max() == 0


def test_a_filter_leaves_what_it_says(mission: TestClient[Litestar]) -> None:
    def rows(query: str) -> pl.DataFrame:
        return pl.read_csv(io.StringIO(mission.get(f"/incidents.csv{query}").text))

    every, sure = rows(""), rows("?real=0.9")

    assert 0 < len(sure) < len(every)
    assert sure.sort("id").equals(every.filter(pl.col("real_p") >= 0.9).sort("id"))


def test_sorting_turns_round(mission: TestClient[Litestar]) -> None:
    latest, earliest = (
        ROW.findall(mission.get(f"/incidents?sort={sort}").text) for sort in ("-time", "time")
    )

    assert set(latest) == set(earliest)
    assert latest != earliest
