"""Products of the register: who may see them, that they are sealed, and the same again."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from tests.mission.register_samples import FIRST, MORE, TABLE, actor, claims, table

from trucewatch.errors import BadInput, NotReleasable
from trucewatch.evidence.log import Log
from trucewatch.evidence.vault.compartment import compartment_path, make_compartment
from trucewatch.mission.check import verify
from trucewatch.mission.export import export
from trucewatch.mission.ingest import Handling
from trucewatch.mission.register_claim import Reply, reply
from trucewatch.mission.register_import import import_table
from trucewatch.mission.register_load import load
from trucewatch.mission.register_marked import NOT_ADOPTED
from trucewatch.mission.register_report import report_register
from trucewatch.records.level import Level
from trucewatch.report.register.document import TITLES

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_report import Reported

AMBER = Handling(level=Level.AMBER, compartment="support")
PLEDGE = "Gammora,pledged,,CANARYITEM,7,,hub_readiness,"


@pytest.fixture
def kept(home: Home, clock: SimulatedClock) -> Home:
    load(home, claims(FIRST), actor=actor(clock))
    make_compartment(home.path, "support")
    given = table(f"{TABLE}p2,{PLEDGE}\n")
    import_table(home, given, actor=actor(clock), handling=AMBER)
    return home


def contents(done: Reported) -> dict[str, bytes]:
    return {path.suffix: path.read_bytes() for path in done.paths.values()}


def everything(files: dict[str, bytes]) -> str:
    book = load_workbook(io.BytesIO(files[".xlsx"]))
    cells = [str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row]
    return " ".join([files[".html"].decode(), files[".csv"].decode(), *cells])


def test_the_public_register_is_sealed_and_the_same_again(
    kept: Home, clock: SimulatedClock
) -> None:
    first = report_register(kept, "register", day=None, level="public", clock=clock)
    before = contents(first)
    clock.at += timedelta(hours=1)

    again = report_register(kept, "register", day=None, level="public", clock=clock)

    assert contents(again) == before
    assert again.entry == first.entry
    with Log.open(kept.path) as log:
        assert log.entry(first.entry or 0).type == "statement/published/v1"
    assert verify(kept.path, vkey=None).statements


def test_the_public_sees_no_readiness_place_pledge_or_gap(
    kept: Home, clock: SimulatedClock
) -> None:
    day = date(2026, 6, 28)
    told = Reply(to="ready-1", of="", text="CANARYREPLY.", day=day, title="Letter", grade="A2")
    reply(kept, told, actor=actor(clock))

    done = report_register(kept, "register", day=None, level="public", clock=clock)

    shown = everything(contents(done))
    for hidden in ("CANARYREADINESS", "CANARYREPLY", "CANARYPLACE", "CANARYITEM", "ready-1", "d1"):
        assert f" {hidden}" not in f" {shown}".replace(">", " ").replace(",", " ")
    assert "Not public: 2 claims on readiness and limits, with replies" in shown
    assert NOT_ADOPTED in shown
    assert "PRESS ONLY" in shown
    assert "EXERCISE" in shown
    book = load_workbook(io.BytesIO(contents(done)[".xlsx"]))
    assert list(book["deliveries"].iter_rows(values_only=True)) == [
        ("donor", "domain", "stage", "unit", "amount", "rows"),
        ("BBB", "air", "delivered", "UAV_sensor-days", "12", 1),
        ("BBB", "air", "verified", "UAV_sensor-days", "12", 1),
    ]


def test_the_mission_sees_readiness(kept: Home, clock: SimulatedClock) -> None:
    done = report_register(kept, "register", day=None, level="mission", clock=clock)

    assert "CANARYREADINESS" in everything(contents(done))
    assert done.entry is None


@pytest.mark.parametrize("product", ["gaps", "response"])
def test_gaps_and_responses_are_never_public(
    kept: Home, clock: SimulatedClock, product: str
) -> None:
    with pytest.raises(NotReleasable, match=f"{product}: .* never public"):
        report_register(kept, product, day=None, level="public", clock=clock)

    done = report_register(kept, product, day=None, level="mission", clock=clock)

    assert "AMBER" in everything(contents(done))
    assert NOT_ADOPTED in everything(contents(done))


def test_the_gap_report_has_one_line_for_each_promise(kept: Home, clock: SimulatedClock) -> None:
    done = report_register(kept, "gaps", day=None, level="mission", clock=clock)

    rows = list(csv.DictReader(io.StringIO(contents(done)[".csv"].decode())))
    told = [(r["id"], r["pledged_low"], r["verified"], r["gap_low"]) for r in rows]
    assert told == [("p1", "40", "12", "28"), ("sea-1", "3", "0", "3"), ("p2", "7", "0", "7")]
    assert {row["notice"] for row in rows} == {"EXERCISE"}


def test_a_report_of_an_earlier_day_knows_what_the_log_knew_then(
    kept: Home, clock: SimulatedClock
) -> None:
    first = clock.now().date()
    clock.at += timedelta(days=2)
    load(kept, claims(MORE), actor=actor(clock))

    then = report_register(kept, "register", day=first, level="mission", clock=clock)
    now = report_register(kept, "register", day=None, level="mission", clock=clock)

    assert (then.rows["claims"], now.rows["claims"]) == (5, 7)
    assert (then.day, now.day) == (first, clock.now().date())
    with pytest.raises(BadInput, match="--date: is 2099-01-01, expected no later day"):
        report_register(kept, "register", day=date(2099, 1, 1), level="mission", clock=clock)


def test_says_which_table_is_left_out(kept: Home, clock: SimulatedClock) -> None:
    compartment_path(kept.path, "support").unlink()

    done = report_register(kept, "gaps", day=None, level="mission", clock=clock)

    [entry] = done.closed
    assert f"The table of entry {entry} is left out" in everything(contents(done))


def test_the_public_bundle_holds_the_published_register(
    kept: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    done = report_register(kept, "register", day=None, level="public", clock=clock)

    made = export(kept, tmp_path / "b.zip", level="public", clock=clock)

    assert done.entry not in made.withheld
    assert verify(tmp_path / "b.zip", vkey=None).reports == len(done.paths)


def test_every_product_has_a_title() -> None:
    assert set(TITLES) == {"register", "response", "gaps"}
