"""The chain on real input: satellite pixels and news, from files to a checked bundle."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.bundle import read_bundle
from trucewatch.mission.check import digest_tables, verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.explain import explain
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import create
from trucewatch.mission.listing import Filter, assessments, incidents
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.findings import VERIFIED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared
FILES = {
    "firms": "viirs_nrt_20260625_20260628.csv.gz",
    "news": "viina_2026_0101_0628.csv.gz",
}
CLOCK = SimulatedClock(datetime(2026, 11, 1, tzinfo=UTC))


def mission(home: Path, shared: Path, order: list[str], *, run_between: bool) -> tuple[Home, str]:
    """A mission that received both files in that order, run, and the key of its log."""
    made = create(home, clock=CLOCK)
    for sensor in order:
        [intake] = ingest(Home(home), sensor, [shared / "data" / FILES[sensor]], clock=CLOCK)
        assert intake.refused == ()
        if run_between:
            run(Home(home), clock=CLOCK)
    run(Home(home), clock=CLOCK)
    return Home(home), made.vkey


def test_real_files_lead_to_a_bulletin_that_an_outsider_can_verify(
    shared: Path, tmp_path: Path
) -> None:
    home, vkey = mission(tmp_path / "m", shared, ["firms", "news"], run_between=False)
    other, _ = mission(tmp_path / "o", shared, ["news", "firms"], run_between=True)

    published = report(home, "daily", day=date(2026, 6, 27), level="public", clock=CLOCK)
    export(home, tmp_path / "b.zip", level="public", clock=CLOCK)

    assert digest_tables(home)["observations"]["rows"] == 6_250 + 22_205
    assert digest_tables(other) == digest_tables(home)
    assert set(rebuild(home).compared.values()) == {"same"}
    assert set(assessments(home, only=Filter())["outcome"]) == {"no_rule"}
    assert "INCIDENT BULLETIN" in published.text
    assert "violation" not in published.text.lower()
    assert verify(tmp_path / "b.zip", vkey=vkey).trust == VERIFIED
    one = incidents(home, only=Filter()).filter(members=3)["id"][0]
    assert all(x.proven and x.text.count(",") == 14 for x in explain(home, one).links)


def test_a_flipped_byte_anywhere_in_a_real_bundle_is_found_and_named(
    shared: Path, tmp_path: Path
) -> None:
    home, vkey = mission(tmp_path / "m", shared, ["firms"], run_between=False)
    report(home, "daily", day=date(2026, 6, 27), level="public", clock=CLOCK)
    export(home, tmp_path / "b.zip", level="public", clock=CLOCK)
    whole = read_bundle(tmp_path / "b.zip")
    rng = np.random.default_rng(2026)

    for name, content in whole.items():
        for at in {0, len(content) - 1, *rng.integers(len(content), size=3).tolist()}:
            flipped = bytearray(content)
            flipped[at] ^= 1 << int(rng.integers(8))
            with pytest.raises(EvidenceBroken, match=re.escape(name)):
                verify_bundle({**whole, name: bytes(flipped)}, vkey=vkey)
