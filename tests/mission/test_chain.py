"""The chain, from sealed bytes to a verified bundle, and what never changes it."""

from __future__ import annotations

import itertools
import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import firms

from trucewatch.errors import BadMission, LogRefused, NotReleasable, UnknownStatement
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.check import digest_tables, verify
from trucewatch.mission.explain import explain
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.listing import Filter, assessments, incidents
from trucewatch.mission.opened import keys_of, reading, writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.verify.findings import SELF_CONSISTENT, VERIFIED

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock

CONTENT = ("observations", "incident", "superseded", "assessment")


def sensor_of(path: Path) -> str:
    return path.name.partition("-")[0].partition(".")[0]


def take_in(home: Home, files: list[Path], clock: SimulatedClock) -> None:
    for path in files:
        list(ingest(home, sensor_of(path), [path], clock=clock))


def size_of(home: Home) -> int:
    with Log.open(home.path) as log:
        return log.size


def shas(home: Home, names: tuple[str, ...] = ()) -> dict[str, object]:
    return {k: v["sha256"] for k, v in digest_tables(home).items() if not names or k in names}


@pytest.fixture
def full(home: Home, inbox: Path, clock: SimulatedClock) -> Home:
    take_in(home, sorted(inbox.iterdir()), clock)
    run(home, clock=clock)
    return home


def test_a_file_ingested_twice_adds_nothing(full: Home, inbox: Path, clock: SimulatedClock) -> None:
    before = size_of(full), shas(full)

    again = list(ingest(full, "firms", [inbox / "firms-26.csv"], clock=clock))

    assert not again[0].new
    assert again[0].accepted == 6
    assert (size_of(full), shas(full)) == before


def test_a_second_run_appends_nothing(full: Home, clock: SimulatedClock) -> None:
    before = size_of(full)

    again = run(full, clock=clock)

    assert not again.new
    assert size_of(full) == before


def test_a_rebuild_gives_the_same_digests_and_appends_nothing(full: Home) -> None:
    before = size_of(full), shas(full)

    done = rebuild(full)

    assert set(done.compared.values()) == {"same"}
    assert (size_of(full), shas(full)) == before


def test_a_rebuild_restores_what_was_lost(full: Home) -> None:
    before = shas(full)
    shutil.rmtree(full.archive)
    full.desk.unlink()

    rebuild(full)

    assert shas(full) == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_ingest_and_runs_in_between_change_no_digest(
    full: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock, order: tuple[int, ...]
) -> None:
    files = sorted(inbox.iterdir())
    create(tmp_path / "other", clock=clock, plan=Plan(seed=bytes(32)))
    other = Home(tmp_path / "other")
    for i in order:
        take_in(other, [files[i]], clock)
        run(other, clock=clock)

    assert shas(other) == shas(full)


def test_the_same_reports_in_other_files_give_the_same_incidents(
    full: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    create(tmp_path / "pieces", clock=clock, plan=Plan(seed=bytes(32)))
    pieces = Home(tmp_path / "pieces")
    cut = tmp_path / "cut"
    cut.mkdir()
    header, *rows = (inbox / "firms-27.csv").read_bytes().splitlines(keepends=True)
    (cut / "firms-27a.csv").write_bytes(header + b"".join(rows[:3]))
    (cut / "firms-27b.csv").write_bytes(header + b"".join(rows[3:]))
    rest = [inbox / "firms-26.csv", inbox / "news.csv"]

    take_in(pieces, [cut / "firms-27b.csv", *rest, cut / "firms-27a.csv"], clock)
    run(pieces, clock=clock)

    assert shas(pieces, CONTENT) == shas(full, CONTENT)


def test_an_overlapping_download_renames_no_incident(
    full: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    before = incidents(full, only=Filter())["id"].to_list()
    overlap = firms(day=26) + firms(day=27, n=8, sat="N20").split(b"\n", 1)[1]
    (tmp_path / "firms-both.csv").write_bytes(overlap)

    take_in(full, [tmp_path / "firms-both.csv"], clock)
    run(full, clock=clock)

    assert incidents(full, only=Filter())["id"].to_list() == before


def test_bytes_that_were_sealed_but_not_read_are_read_by_the_next_verb(
    full: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    """A crash between the log's acknowledgement and the archive loses nothing."""
    wanted = shas(full)
    create(tmp_path / "crashed", clock=clock, plan=Plan(seed=bytes(32)))
    crashed = Home(tmp_path / "crashed")
    take_in(crashed, sorted(inbox.iterdir()), clock)
    shutil.rmtree(crashed.archive)
    crashed.desk.unlink()

    run(crashed, clock=clock)

    assert shas(crashed) == wanted


def test_explain_reaches_the_row_as_it_was_received(full: Home, inbox: Path) -> None:
    wanted = incidents(full, only=Filter()).filter(members=2)["id"][0]

    found = explain(full, wanted)

    assert len(found.links) == 2
    for link in found.links:
        lines = (inbox / link.file).read_text().splitlines()
        assert link.text == lines[link.row + 1]
        assert link.proven


def test_explain_follows_a_superseded_id_and_a_row(full: Home) -> None:
    with reading(full) as (_, there):
        row = there.desk.read("superseded").row(0, named=True)
    by_old_id = explain(full, row["id"])
    link = by_old_id.links[0]

    by_row = explain(full, f"{link.object[:12]}:{link.row}")

    assert by_old_id.superseded
    assert by_row.incident["id"] == by_old_id.incident["id"] == row["superseded_by"]


def test_with_no_agreement_in_force_every_assessment_says_no_rule(full: Home) -> None:
    table = assessments(full, only=Filter())

    assert set(table["outcome"]) == {"no_rule"}
    assert table["inside_p"].is_between(0, 1).all()


@pytest.mark.parametrize("level", ["public", "mission"])
def test_the_bulletin_is_an_incident_bulletin_and_uses_no_forbidden_word(
    full: Home, clock: SimulatedClock, level: str
) -> None:
    done = report(full, "daily", day=date(2026, 6, 27), level=level, clock=clock)  # type: ignore[arg-type]

    assert "incident bulletin" in done.text.lower()
    for path in done.paths.values():
        assert b"violation" not in path.read_bytes().lower()


def test_publishing_again_appends_nothing(full: Home, clock: SimulatedClock) -> None:
    first = report(full, "daily", day=date(2026, 6, 27), level="public", clock=clock)
    before = size_of(full)
    clock.at += timedelta(days=1)

    again = report(full, "daily", day=date(2026, 6, 27), level="public", clock=clock)

    assert again.entry == first.entry
    assert size_of(full) == before


def test_the_public_does_not_see_a_day_before_its_release(
    full: Home, clock: SimulatedClock
) -> None:
    with pytest.raises(NotReleasable, match=r"may be released from 2026-07-11T19:30"):
        report(full, "daily", day=date(2026, 7, 10), level="public", clock=clock)


@pytest.mark.parametrize("level", ["public", "mission"])
def test_a_bundle_is_verified(full: Home, clock: SimulatedClock, level: str) -> None:
    report(full, "daily", day=date(2026, 6, 27), level="public", clock=clock)
    out = full.path.parent / "b.zip"
    vkey = keys_of(full).log.verifier.vkey

    export(full, out, level=level, clock=clock)  # type: ignore[arg-type]

    assert verify(out, vkey=vkey).trust == VERIFIED
    assert verify(out, vkey=None).trust == SELF_CONSISTENT
    assert verify(full.path, vkey=vkey).trust == VERIFIED


def test_a_changed_configuration_is_sealed_and_read_again(
    full: Home, clock: SimulatedClock
) -> None:
    before = size_of(full), shas(full)
    text = full.settings.read_text()
    full.settings.write_text(text + '\n[sensors.news]\nzone = "Asia/Tokyo"\n')

    done = run(full, clock=clock)

    assert done.new
    assert size_of(full) == before[0] + 3  # mission.toml, the statement, what was computed
    assert shas(full)["observations"] != before[1]["observations"]


def test_a_file_sent_again_after_the_configuration_changed_is_known(
    full: Home, inbox: Path, clock: SimulatedClock
) -> None:
    text = full.settings.read_text()
    full.settings.write_text(text + '\n[sensors.news]\nzone = "Asia/Tokyo"\n')

    [again] = ingest(full, "firms", [inbox / "firms-26.csv"], clock=clock)

    assert not again.new
    assert again.accepted > 0


def test_the_origin_of_a_log_cannot_change(full: Home, clock: SimulatedClock) -> None:
    text = full.settings.read_text()
    full.settings.write_text(text.replace("mission.invalid", "another.invalid"))

    with pytest.raises(BadMission, match=r"origin is 'another\.invalid/evidence', expected"):
        run(full, clock=clock)


def test_as_known_then_is_the_projection_of_what_the_log_held_then(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    take_in(home, [inbox / "firms-26.csv"], clock)
    run(home, clock=clock)
    then, wanted = clock.at, incidents(home, only=Filter())
    clock.at += timedelta(hours=1)
    take_in(home, [inbox / "firms-27.csv"], clock)
    run(home, clock=clock)

    seen = incidents(home, only=Filter(), as_of=then)

    assert seen.equals(wanted)
    assert len(incidents(home, only=Filter())) > len(wanted)


def test_a_second_writer_is_refused_and_told_who_writes(full: Home, clock: SimulatedClock) -> None:
    with writing(full, clock), pytest.raises(LogRefused, match=r"\d+"):
        run(full, clock=clock)


def test_a_mission_is_never_made_over_another(full: Home, clock: SimulatedClock) -> None:
    with pytest.raises(BadMission, match="is not empty, expected a new or empty folder"):
        create(full.path, clock=clock)


@pytest.mark.parametrize("kind", ["statement/judged/v1", "received/firms/v2"])
def test_an_entry_of_a_later_version_is_kept_and_stops_a_rebuild(
    full: Home, clock: SimulatedClock, kind: str
) -> None:
    keys = keys_of(full)
    before = shas(full)
    with Log.open(full.path, signer=keys.log) as log:
        [added] = log.append([NewObject(type=kind, data=b"later")], now=clock.at)

    with pytest.raises(UnknownStatement, match=f"entry {added.index}: type is {kind}, expected"):
        rebuild(full)

    with Log.open(full.path) as log:
        assert log.object(added.object) == b"later"
    assert shas(full) == before
