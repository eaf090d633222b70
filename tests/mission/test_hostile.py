"""What somebody who holds the folder, a bundle or a hostile file may try."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import firms, news

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, LogRefused
from trucewatch.evidence.bundle import read_bundle
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.mission.check import compare_digests, read_key, verify
from trucewatch.mission.doctor import doctor
from trucewatch.mission.explain import explain
from trucewatch.mission.export import export
from trucewatch.mission.ingest import ingest
from trucewatch.mission.listing import Filter, incidents
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.report import report
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

DAY = date(2026, 6, 27)


def take_in(home: Home, path: Path, raw: bytes, clock: SimulatedClock, *, by: str = "firms") -> str:
    path.write_bytes(raw)
    [taken] = list(ingest(home, by, [path], clock=clock))
    run(home, clock=clock)
    return taken.object


def test_a_desk_key_that_the_log_does_not_list_signs_nothing(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    create_keys(tmp_path / "other", origin="other.invalid/evidence")
    shutil.copy(tmp_path / "other" / "desk.pem", home.path / "keys" / "desk.pem")
    before = verify(home.path, vkey=None)

    with pytest.raises(BadMission, match=r"keys/desk\.pem: key is [0-9a-f]{64}, expected"):
        run(home, clock=clock)

    assert verify(home.path, vkey=None) == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("DELETE FROM incident WHERE rowid = 1", "desk.db: incident: has 3 rows, .* recorded 4"),
        ("UPDATE incident SET real_p = 0.5 WHERE rowid = 1", "desk.db: incident: hashes to"),
        ("UPDATE members SET row = 99 WHERE rowid = 1", "desk.db: members: hashes to"),
        ("UPDATE assessment SET outcome = 'x' WHERE rowid = 1", "desk.db: assessment: hashes to"),
    ],
)
def test_nothing_is_published_from_tables_that_were_changed_since_the_run(
    home: Home, tmp_path: Path, clock: SimulatedClock, change: str, problem: str
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27, n=8), clock)
    with sqlite3.connect(home.desk) as connection:
        connection.execute(change)
    connection.close()

    with pytest.raises(EvidenceBroken, match=problem):
        report(home, "daily", day=DAY, level="public", clock=clock)

    rebuild(home)
    assert report(home, "daily", day=DAY, level="public", clock=clock).entry is not None


def test_a_file_that_could_not_be_read_is_as_new_as_its_receipt(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    whole = take_in(home, tmp_path / "private.csv", b"name,street\nA,B\n", clock)
    mixed = firms(day=26) + firms(day=26, n=1).split(b"\n")[1].replace(b"48.5", b"95.2") + b"\n"
    partly = take_in(home, tmp_path / "mixed.csv", mixed, clock)
    read = take_in(home, tmp_path / "read.csv", firms(day=25), clock)

    early = export(home, tmp_path / "early.zip", level="public", clock=clock)

    held = {home_entry(home, i) for i, why in early.withheld.items() if why == "release delay"}
    assert held == {whole, partly}
    assert home_object(early.path, read)
    clock.at += timedelta(hours=24)
    assert set(export(home, tmp_path / "late.zip", level="public", clock=clock).withheld) == {
        early.recorded
    }


def home_entry(home: Home, index: int) -> str:
    with Log.open(home.path) as log:
        return log.entry(index).object


def home_object(bundle: Path, digest: str) -> bool:
    return any(name.endswith(digest) for name in read_bundle(bundle))


def test_a_published_file_keeps_its_name_whatever_others_call_the_same_bytes(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27), clock)
    done = report(home, "daily", day=DAY, level="public", clock=clock)
    text = f"daily-{DAY}.txt"
    (tmp_path / "0 odd;name").write_bytes(done.paths[text].read_bytes())
    list(ingest(home, "firms", [tmp_path / "0 odd;name"], clock=clock))

    export(home, tmp_path / "b.zip", level="mission", clock=clock)

    files = read_bundle(tmp_path / "b.zip")
    assert files[f"data/report/{text}"] == done.paths[text].read_bytes()
    copies = [name for name in files if name.startswith("data/report/")]
    assert verify(tmp_path / "b.zip", vkey=None).reports == len(copies)


def test_two_days_that_cite_the_same_bytes_are_both_in_the_bundle(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=20), clock)
    for day in (DAY, DAY + timedelta(days=1)):
        report(home, "daily", day=day, level="public", clock=clock)

    export(home, tmp_path / "b.zip", level="public", clock=clock)

    copies = [n for n in read_bundle(tmp_path / "b.zip") if n.startswith("data/report/")]
    names = {n for n in copies if n.endswith("cited.jsonl")}
    assert names == {f"data/report/daily-2026-06-{d}.cited.jsonl" for d in (27, 28)}
    assert verify(tmp_path / "b.zip", vkey=None).reports == len(copies)


def test_a_row_cannot_speak_to_a_terminal(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    raw = news(day=27).replace(b"Pelven", b"Pel\x1b[31mven\xe2\x80\xae")
    take_in(home, tmp_path / "n\x1b.csv", raw, clock, by="news")

    found = [explain(home, i).links for i in incidents(home, only=Filter())["id"]]
    texts = {link.text for links in found for link in links}
    assert any(r",Pel\x1b[31mven\u202e," in text for text in texts)
    assert all(text.isprintable() for text in texts)
    assert {link.file for links in found for link in links} == {r"n\x1b.csv"}


def test_the_key_argument_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")

    for typed in ("a" * 5000, str(tmp_path / "none.vkey"), "log.example+0"):
        with pytest.raises(BadInput, match=r"is neither a file nor NAME\+KEYID\+BASE64"):
            read_key(typed)
    assert read_key("log.example+0+A\n") == "log.example+0+A"  # its parser says what is wrong
    with pytest.raises(BadInput, match="key: not text at byte 0, expected NAME"):
        read_key(str(tmp_path / "key"))
    with pytest.raises(BadInput, match=r"cannot be looked at \(File name too long\)"):
        verify(tmp_path / ("a" * 300), vkey=None)


def test_nested_json_is_no_digest(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "odd.json").write_text(json.dumps({"incident": 1}))

    for name in ("deep.json", "odd.json"):
        with pytest.raises(BadInput, match="expected what tw digest --json prints"):
            compare_digests({}, tmp_path / name)


def test_a_log_that_was_put_back_to_an_older_copy_is_noticed(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=26), clock)
    older = (home.path / "log.db").read_bytes()
    take_in(home, tmp_path / "b.csv", firms(day=27), clock)
    (home.path / "log.db").write_bytes(older)

    with pytest.raises(EvidenceBroken, match=r"log/checkpoint: is for 7 entries, .* rolled back"):
        verify(home.path, vkey=None)
    with pytest.raises(LogRefused, match=r"log/checkpoint: is for 7 entries, .* rolled back"):
        run(home, clock=clock)


def test_a_damaged_desk_is_named_and_rebuilt(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27), clock)
    home.desk.write_bytes(bytes(range(256)) * 64)

    with pytest.raises(BadMission, match=r"desk\.db: file is not a database, expected the tables"):
        incidents(home, only=Filter())
    found = {f.name: f for f in doctor(home, now=clock.now(), scrub=True)}

    assert not found["scrub"].good
    assert rebuild(home).compared == {}
    assert len(incidents(home, only=Filter())) == 3
    assert all(f.good for f in doctor(home, now=clock.now(), scrub=True) if f.name == "scrub")


def test_keys_that_are_gone_or_no_text_are_named(home: Home, clock: SimulatedClock) -> None:
    (home.path / "keys" / "log.vkey").write_bytes(b"\xff\xfe")
    with pytest.raises(BadMission, match=r"keys/log\.vkey: not text at byte 0"):
        run(home, clock=clock)

    shutil.rmtree(home.path / "keys")

    [keys] = [f for f in doctor(home, now=clock.now(), scrub=False) if f.name == "keys"]
    assert not keys.good
    assert "No such file or directory, expected the log's verifier key" in keys.text
