"""Exports and reports: what leaves, when, and under which name."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from tests.mission.samples import firms

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, NotFound
from trucewatch.evidence.bundle import read_bundle, write_bundle
from trucewatch.evidence.keys import load_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, sign_statement
from trucewatch.mission.check import verify
from trucewatch.mission.configuration import statements
from trucewatch.mission.custody import seal_act
from trucewatch.mission.explain import explain
from trucewatch.mission.export import Handover, export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.listing import Filter, incidents
from trucewatch.mission.opened import writing
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.mission.simulate import simulate
from trucewatch.records.canonical import sha256_hex
from trucewatch.verify.findings import VERIFIED

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock

DAY = date(2026, 6, 27)


def take_in(home: Home, path: Path, raw: bytes, clock: SimulatedClock) -> None:
    path.write_bytes(raw)
    list(ingest(home, "firms", [path], clock=clock))
    run(home, clock=clock)


def test_the_public_gets_no_object_younger_than_the_release_delay(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "old.csv", firms(day=26), clock)
    clock.at = clock.at.replace(month=6, day=28, hour=0)
    take_in(home, tmp_path / "new.csv", firms(day=27, time="2300"), clock)

    public = export(home, tmp_path / "p.zip", level="public", clock=clock)
    whole = export(home, tmp_path / "m.zip", level="mission", clock=clock)

    [held] = [i for i, reason in public.withheld.items() if reason == "release delay"]
    rests = f"rests on entry {held}, which is withheld"
    assert {*public.withheld.values()} == {"release delay", rests}
    assert whole.withheld == {}
    assert whole.objects == public.objects + 3  # the first export is an act of custody by then
    assert verify(public.path, vkey=None).withheld == 2
    clock.at += timedelta(hours=24)
    later = export(home, tmp_path / "later.zip", level="public", clock=clock)
    assert later.withheld == {public.recorded: "mission only", whole.recorded: "mission only"}


def test_an_earlier_edition_keeps_its_place_under_its_hash(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27), clock)
    report(home, "daily", day=DAY, level="public", clock=clock)
    take_in(home, tmp_path / "b.csv", firms(day=27, n=8, sat="N20"), clock)
    report(home, "daily", day=DAY, level="public", clock=clock)

    export(home, tmp_path / "b.zip", level="public", clock=clock)

    names = [n for n in read_bundle(tmp_path / "b.zip") if n.endswith("27.html")]
    vkey = load_keys(home.path / "keys", origin="mission.invalid/evidence").log.verifier.vkey
    plain = len("data/report/daily-2026-06-27.html")
    assert sorted(len(n) for n in names) == [plain, plain + len("0123456789ab-")]
    assert verify(tmp_path / "b.zip", vkey=vkey).trust == VERIFIED


def test_a_bundle_is_checked_as_a_folder_too_and_a_stranger_file_is_named(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    export(home, tmp_path / "b.zip", level="public", clock=clock)
    files = read_bundle(tmp_path / "b.zip")
    for name, content in files.items():
        (tmp_path / "b" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "b" / name).write_bytes(content)

    whole = verify(tmp_path / "b", vkey=None)
    (tmp_path / "b" / "data" / "objects" / "note.txt").write_text("trust me")

    assert whole == verify(tmp_path / "b.zip", vkey=None)
    with pytest.raises(EvidenceBroken, match=r"data/objects/note\.txt"):
        verify(tmp_path / "b", vkey=None)


def test_the_same_log_gives_the_same_bundle_byte_for_byte(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27), clock)

    shutil.copytree(home.path, tmp_path / "copy")
    export(home, tmp_path / "1.zip", level="public", clock=clock)
    export(Home(tmp_path / "copy"), tmp_path / "2.zip", level="public", clock=clock)
    write_bundle(tmp_path / "3.zip", read_bundle(tmp_path / "1.zip"))

    first, *others = [(tmp_path / f"{i}.zip").read_bytes() for i in (1, 2, 3)]
    assert others == [first, first]


def test_the_release_table_recounts_the_published_number(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27, n=8), clock)

    done = report(home, "daily", day=DAY, level="public", clock=clock)

    table = done.paths[f"daily-{DAY}.release.jsonl"].read_text()
    rows = [json.loads(line) for line in table.splitlines()]
    told = json.loads(done.paths[f"daily-{DAY}.json"].read_text())
    current = [r for r in rows if r["window"] == "current"]
    assert told["incidents"]["current"]["value"] == len(current) == 4
    assert {explain(home, r["id"]).incident["id"] for r in current} == set(
        incidents(home, only=Filter())["id"]
    )


def test_nothing_is_reported_before_a_run(home: Home, clock: SimulatedClock) -> None:
    with pytest.raises(BadMission, match="nothing has been run, expected incidents"):
        report(home, "daily", day=DAY, level="mission", clock=clock)


def test_the_beginning_of_an_id_is_enough_when_it_begins_one(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27, n=8), clock)
    wanted = incidents(home, only=Filter())["id"][0]

    assert explain(home, wanted[:10]).incident["id"] == wanted

    with pytest.raises(NotFound, match=r"i-: begins 4 ids, expected one; the first are i-"):
        explain(home, "i-")
    with pytest.raises(NotFound, match="is no address, expected OBJECT:ROW"):
        explain(home, "abc:x")
    with pytest.raises(NotFound, match="no incident has this observation as a member"):
        explain(home, "abcdef:1")


def test_a_simulated_world_is_written_beside_its_truth(tmp_path: Path) -> None:
    made, paths = simulate("demo", seed=3, days=2, out=tmp_path / "world")

    beside = {"truth.parquet", "links.parquet", "sightings.parquet", "notes.txt", "settings.toml"}
    assert set(paths) == {*made.files, *beside}
    assert all(path.read_bytes() for path in paths.values())
    with pytest.raises(BadInput, match="is not empty, expected a new or empty folder"):
        simulate("demo", seed=3, days=2, out=tmp_path / "world")


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 6, 27), 24), (date(2026, 3, 29), 23), (date(2025, 10, 26), 25)]
)
def test_a_bulletin_counts_days_in_the_zone_of_the_mission(
    tmp_path: Path, clock: SimulatedClock, day: date, hours: int
) -> None:
    create(tmp_path / "kyiv", clock=clock, plan=Plan(zone="Europe/Kyiv"))
    kyiv = Home(tmp_path / "kyiv")
    rows = firms(day=27).replace(b"2026-06-27", day.isoformat().encode())
    take_in(kyiv, tmp_path / "a.csv", rows, clock)

    done = report(kyiv, "daily", day=day, level="public", clock=clock)

    told = json.loads(done.paths[f"daily-{day}.json"].read_text())
    start, end = (datetime.fromisoformat(told["window"][k]) for k in ("start", "end"))
    assert (end - start) == timedelta(hours=hours)
    assert end.astimezone(ZoneInfo("Europe/Kyiv")).strftime("%d %H:%M") == f"{day.day} 19:30"
    assert told["incidents"]["current"]["value"] == 3


def test_what_is_published_names_no_incident_by_a_hash_of_its_place(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=27, n=8), clock)
    own = incidents(home, only=Filter())["id"].to_list()

    done = report(home, "daily", day=DAY, level="public", clock=clock)
    export(home, tmp_path / "b.zip", level="public", clock=clock)

    published = b"".join(path.read_bytes() for path in done.paths.values())
    bundle = b"".join(read_bundle(tmp_path / "b.zip").values())
    assert len(own) == 4
    assert not any(id_.encode() in published + bundle for id_ in own)


def test_another_mission_gives_the_same_incident_another_public_name(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    create(tmp_path / "other", clock=clock, plan=Plan(seed=b"1" * 32))
    other = Home(tmp_path / "other")
    names = []
    for mission in (home, other):
        take_in(mission, tmp_path / "a.csv", firms(day=27, n=8), clock)
        done = report(mission, "daily", day=DAY, level="public", clock=clock)
        table = done.paths[f"daily-{DAY}.release.jsonl"].read_text()
        names.append({json.loads(line)["id"] for line in table.splitlines()})

    assert not names[0] & names[1]
    with pytest.raises(NotFound, match="begins the public name of 0 incidents, expected one"):
        explain(home, min(names[1]))


def test_a_refused_row_is_not_counted_as_none_in_a_window(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    broken = firms(day=27).replace(b"48.50000", b"98.50000", 1)
    take_in(home, tmp_path / "a.csv", broken, clock)

    done = report(home, "daily", day=DAY, level="public", clock=clock)

    told = json.loads(done.paths[f"daily-{DAY}.json"].read_text())["reports"]
    assert {row["span"]: row["refused"] for row in told} == {"window": None, "all": 1}
    assert "not known" in done.text


def test_an_export_is_an_act_of_custody_that_names_its_manifest(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    done = export(
        home,
        tmp_path / "b",
        level="mission",
        clock=clock,
        handover=Handover(to="the other side's expert", by="A. Officer", reason="their request"),
    )

    manifest = (tmp_path / "b" / "manifest-sha256.txt").read_bytes()
    with Log.open(home.path) as log:
        [(index, said)] = statements(log, "custody/v1")
    assert (index, done.recorded, done.not_recorded) == (done.entries, done.entries, "")
    assert said.predicate["detail"] == {
        "level": "mission",
        "manifest": hashlib.sha256(manifest).hexdigest(),
        "to": "the other side's expert",
    }
    assert (said.predicate["by"], said.predicate["act"]) == ("A. Officer", "exported")
    assert verify(home.path, vkey=None).checks[-1].holds


def test_an_export_without_keys_is_written_and_says_that_it_was_not_recorded(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    shutil.rmtree(home.path / "keys")

    done = export(home, tmp_path / "b.zip", level="public", clock=clock)

    assert done.recorded is None
    assert "log.vkey: No such file or directory" in done.not_recorded
    assert verify(tmp_path / "b.zip", vkey=None).size == done.entries


def test_the_public_gets_only_what_is_on_the_list(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    take_in(home, tmp_path / "a.csv", firms(day=25), clock)
    with writing(home, clock) as writer:
        letter = NewObject(type="exhibit/v1", data=b"a letter with a name in it")
        [sealed] = writer.log.append([letter], now=clock.now())
        digest = sha256_hex(letter.data)
        by = {"by": "A", "reason": "seen"}
        seal_act(writer, "opened", [digest], detail={}, **by)
        mark = sign_statement(
            "exculpatory/v1",
            [Subject(name="exhibit/v1", sha256=digest)],
            {"by": "A", "party": "Party One", "reason": "shows no soldiers"},
            key=writer.keys.desk,
        )
        marked = NewObject(type="statement/exculpatory/v1", data=mark)
        writer.log.append([marked], now=clock.now())
    size = sealed.index + 3

    public = export(home, tmp_path / "p", level="public", clock=clock)
    whole = export(home, tmp_path / "m", level="mission", clock=clock)

    assert public.withheld == dict.fromkeys(range(sealed.index, size), "mission only")
    assert whole.withheld == {}
    files = {name: read_bundle(tmp_path / name) for name in ("p", "m")}
    assert files["p"]["data/exculpatory.tsv"] == b"marks\n1\n"
    assert b"Party One" not in b"".join(files["p"].values())
    row = f"{digest}\tyes\tParty One\t{sealed.index + 2}\tshows no soldiers\n".encode()
    assert files["m"]["data/exculpatory.tsv"].endswith(row)
    for name in files:
        assert "1 marks" in verify(tmp_path / name, vkey=None).checks[10].found
