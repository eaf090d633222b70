"""Monitors denied access: the next report of the day says so, to the minute, with its effect."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.export import export
from trucewatch.mission.ingest import ingest
from trucewatch.mission.recompute import recompute
from trucewatch.mission.report import report
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

DENIED = datetime(2026, 6, 26, 10, 55, tzinfo=UTC)


def deny(home: Home, clock: SimulatedClock) -> None:
    detail = {
        "asset": "Patrol 3",
        "hindrance": "denial",
        "people": 4,
        "place": {"error_m": 50, "lat_deg": 48.712345, "lon_deg": 31.412345},
        "planned": "visit of the depot",
        "present": None,
        "radius_m": 5000,
        "said": "No entry without written order",
        "sensor": None,
    }
    opened = NewAct(kind="restriction", act="encountered", at=DENIED, by="L.", detail=detail)
    [done] = enter(home, [opened], clock=clock)
    lifted = NewAct(
        kind="restriction", act="lifted", of=done.entry, at=DENIED + timedelta(minutes=43), by="L.",
        detail={},
    )  # fmt: skip
    enter(home, [lifted], clock=clock)


def test_the_next_report_lists_a_denial_with_its_reason_and_its_effect(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    list(ingest(home, "firms", [inbox / "firms-26.csv"], clock=clock))
    deny(home, clock)
    run(home, clock=clock)

    told = {
        level: report(home, "daily", day=date(2026, 6, 26), level=level, clock=clock).text
        for level in ("mission", "public")
    }
    told = {level: " ".join(text.split()) for level, text in told.items()}

    assert "1 hindrance (access denied 1)" in told["mission"]
    assert "access denied: Patrol 3 | 26 Jun" in told["mission"]
    assert "43 min" in told["mission"]
    assert "Planned: visit of the depot." in told["mission"]
    assert "\u201cNo entry without written order\u201d" in told["mission"]
    assert "1 hindrance (access denied 1)" in told["public"]
    assert "48.712 N" in told["mission"]
    for secret in ("Patrol 3", "depot", "written order", "48.712 N"):
        assert secret not in told["public"]


def test_a_report_that_rests_on_the_logbook_is_made_again_where_the_logbook_is(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    list(ingest(home, "firms", [inbox / "firms-26.csv"], clock=clock))
    deny(home, clock)
    run(home, clock=clock)
    report(home, "daily", day=date(2026, 6, 26), level="public", clock=clock)
    export(home, tmp_path / "all.zip", level="mission", clock=clock)
    export(home, tmp_path / "public.zip", level="public", clock=clock)

    inside, outside = (recompute(tmp_path / name, vkey=None) for name in ("all.zip", "public.zip"))

    assert "different" not in json.dumps(inside, default=str)
    assert "different" not in json.dumps(outside, default=str)
