"""Verify it yourself: a journalist, a published bulletin, one hash, an earlier head, no network."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.mission.samples import NOW, firms, news
from typer.testing import CliRunner

from trucewatch.cli import recomputing
from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.bundle import read_bundle, write_bundle
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import Verifier
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.check import read_given, verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import keys_of, writing
from trucewatch.mission.prove import CHECK_SH, prove, write_proof
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.records.canonical import sha256_hex
from trucewatch.report.daily import render
from trucewatch.verify.findings import VERIFIED

ROOT = Path(__file__).parents[2]
_SPEC = importlib.util.spec_from_file_location(
    "scenario_25_regenerate", ROOT / "tests" / "report" / "regenerate.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
regenerate = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(regenerate)
GUIDE = ROOT / "docs" / "how-to" / "recompute-the-numbers.md"
DAY = date(2026, 6, 27)
STEM = f"data/report/daily-{DAY}"
EVIDENCE = firms(day=27, n=8)


@pytest.fixture
def watched(home: Home, tmp_path: Path, clock: SimulatedClock) -> Home:
    for sensor, raw in (("firms", EVIDENCE), ("news", news(day=27))):
        (tmp_path / f"{sensor}.csv").write_bytes(raw)
        list(ingest(home, sensor, [tmp_path / f"{sensor}.csv"], clock=clock))
    run(home, clock=clock)
    return home


def publish(home: Home, out: Path, clock: SimulatedClock) -> Path:
    report(home, "daily", day=DAY, level="public", clock=clock)
    return export(home, out, level="public", clock=clock).path


def check(folder: Path, file: Path, vkey: str) -> subprocess.CompletedProcess[str]:
    script = ["sh", str(folder / "check.sh"), str(file), vkey]
    return subprocess.run(script, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603


@pytest.mark.system
def test_one_hash_and_a_head_lead_to_inclusion_and_consistency(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    vkey = keys_of(watched).log.verifier.vkey  # from a letter, say
    earlier = write_proof(prove(watched.path, sha256_hex(EVIDENCE)), tmp_path / "earlier")
    bundle = publish(watched, tmp_path / "b.zip", clock)

    proof = write_proof(prove(bundle, sha256_hex(EVIDENCE)), tmp_path / "proof")
    shown = check(tmp_path / "proof", tmp_path / "firms.csv", vkey)
    old = next(path for path in earlier if path.name == "checkpoint")
    findings = verify(bundle, vkey=vkey, given=read_given(against=[old]))

    assert [path.name for path in proof] == [
        "entry.json",
        "entry.tlog-proof",
        "checkpoint",
        "log.vkey",
        "check.sh",
    ]
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert re.findall(r"^PASS  (\d)", shown.stdout, re.MULTILINE) == ["1", "2", "3"]
    assert findings.trust == VERIFIED
    said = " ".join(step.found for step in findings.checks)
    assert "is the beginning of this log" in said


@pytest.mark.system
def test_the_script_takes_the_key_as_a_file_and_blames_no_log_for_a_bad_one(
    watched: Home, tmp_path: Path
) -> None:
    vkey = keys_of(watched).log.verifier.vkey
    folder, file = tmp_path / "proof", tmp_path / "firms.csv"
    write_proof(prove(watched.path, sha256_hex(EVIDENCE)), folder)
    (tmp_path / "empty.vkey").touch()
    bad = [
        f"x{vkey}",
        vkey[:-1],
        f"{vkey}\n{vkey}",
        "keys/no.vkey",
        "",
        str(tmp_path / "empty.vkey"),
    ]

    as_file = check(folder, file, str(watched.path / "keys" / "log.vkey"))
    refused = [check(folder, file, key) for key in bad]
    no_file = check(folder, tmp_path / "none.csv", vkey)

    assert as_file.returncode == 0, as_file.stdout + as_file.stderr
    assert {(each.returncode, each.stdout) for each in [*refused, no_file]} == {(2, "")}
    assert all("neither a file with a key nor NAME+KEYID" in each.stderr for each in refused)
    assert "FILE: cannot read" in no_file.stderr


@pytest.mark.system
def test_the_script_says_which_step_does_not_hold(watched: Home, tmp_path: Path) -> None:
    vkey = keys_of(watched).log.verifier.vkey
    folder, file = tmp_path / "proof", tmp_path / "firms.csv"
    write_proof(prove(watched.path, sha256_hex(EVIDENCE)), folder)
    create(tmp_path / "other", clock=SimulatedClock(NOW), plan=Plan(seed=b"1" * 32))
    other = keys_of(Home(tmp_path / "other")).log.verifier.vkey
    proof = (folder / "entry.tlog-proof").read_bytes()
    entry = (folder / "entry.json").read_bytes()

    (tmp_path / "changed.csv").write_bytes(EVIDENCE.replace(b"320.1", b"320.2", 1))
    assert "FAIL  1" in check(folder, tmp_path / "changed.csv", vkey).stdout
    assert "FAIL  3" in check(folder, file, other).stdout
    renamed = Verifier(name="other.example", public=keys_of(watched).log.verifier.public).vkey
    assert "FAIL  3" in check(folder, file, renamed).stdout
    hashes = proof.split(b"\n\n")[0].split(b"\n")[2:]
    (folder / "entry.tlog-proof").write_bytes(proof.replace(hashes[0] + b"\n", b"", 1))
    assert "FAIL  2" in check(folder, file, vkey).stdout
    (folder / "entry.tlog-proof").write_bytes(
        proof.replace(hashes[0], hashes[0] + b"\n" + hashes[0], 1)
    )
    assert "FAIL  2" in check(folder, file, vkey).stdout
    (folder / "entry.tlog-proof").write_bytes(proof)
    (folder / "entry.json").write_bytes(entry.replace(b"CLEAR", b"GREEN"))
    assert "FAIL  2" in check(folder, file, vkey).stdout
    (folder / "entry.json").write_bytes(entry)
    assert check(folder, file, vkey).returncode == 0


@pytest.mark.system
@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 21])
def test_the_script_climbs_logs_of_every_shape(size: int, tmp_path: Path) -> None:
    create(tmp_path / "m", clock=SimulatedClock(NOW), plan=Plan(seed=bytes(32)))
    home = Home(tmp_path / "m")
    signer = keys_of(home).log
    (tmp_path / "log").mkdir()
    with Log.create(tmp_path / "log", origin=signer.verifier.name, signer=signer) as log:
        items = [NewObject(type="exhibit/v1", data=f"{i}".encode()) for i in range(size)]
        log.append(items, now=NOW)

    for index in {0, size // 2, size - 1}:
        (tmp_path / "file").write_text(f"{index}")
        folder = tmp_path / f"{index}"
        write_proof(prove(tmp_path / "log", sha256_hex(f"{index}".encode())), folder)
        shown = check(folder, tmp_path / "file", signer.verifier.vkey)
        assert shown.returncode == 0, shown.stdout + shown.stderr
        assert f"entry {index} leads to the root of {size} entries" in shown.stdout


def test_a_log_that_was_written_anew_is_found_by_the_head_that_was_kept(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    kept = tmp_path / "kept"
    with Log.open(watched.path) as log:
        kept.write_bytes(log.checkpoint_note())
    plan = Plan(seed=bytes(32), origin="mission.invalid/evidence")  # the very same key and name
    create(tmp_path / "again", clock=clock, plan=plan)
    again = Home(tmp_path / "again")
    (tmp_path / "forged.csv").write_bytes(firms(day=27, n=2))
    list(ingest(again, "firms", [tmp_path / "forged.csv"], clock=clock))
    run(again, clock=clock)
    bundle = publish(again, tmp_path / "b.zip", clock)
    vkey = keys_of(watched).log.verifier.vkey

    assert verify(bundle, vkey=vkey).trust == VERIFIED
    with pytest.raises(EvidenceBroken, match="REWRITTEN: at size"):
        verify(bundle, vkey=vkey, given=read_given(against=[kept]))


def blocks() -> list[str]:
    """Return the Python of the guide."""
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def counted(sheet: Path) -> dict[str, tuple[str, str]]:
    """Return what the guide's own scripts print of a spreadsheet."""
    printed = io.StringIO()
    before, sys.argv = sys.argv, ["count.py", str(sheet)]
    try:
        with contextlib.redirect_stdout(printed):
            for block in blocks():
                exec(block.replace("open(sys", "opened(sys"), {"opened": _opened})  # noqa: S102
    finally:
        sys.argv = before
    lines = [line.split(" ") for line in printed.getvalue().splitlines()]
    return {
        words[0]: ("not counted", "not counted") if "not" in words else (words[1], words[2])
        for words in lines
    }


def _opened(path: str, newline: str) -> io.StringIO:
    # A script may leave closing to its end; a test of many must not.
    return io.StringIO(Path(path).read_bytes().decode(), newline=newline)


def told(numbers: bytes) -> dict[str, tuple[str, str]]:
    """Return the counts of a bulletin in the same form."""
    found = {}
    for one in json.loads(numbers)["counts"]:
        ends = one["current"]["low"], one["current"]["high"]
        words = ("open" if end is None else f"{end}" for end in ends)
        low, high = words
        if one["current"]["qualifier"] == "not_counted":
            low = high = "not counted"
        found[one["rule"]] = (low, high)
    return found


def test_the_five_counts_are_recomputed_from_the_released_files(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    files = read_bundle(publish(watched, tmp_path / "b.zip", clock))
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(files[f"{STEM}.csv"])

    ours = counted(sheet)

    assert ours == told(files[f"{STEM}.json"])
    assert ours["incident"][0] != "0"
    places = json.loads(files[f"{STEM}.geojson"])["features"]
    now = [p["properties"] for p in places if p["properties"]["window"] == "current"]
    assert ours["incident"] == (f"{len(now)}", f"{len(now)}")
    assert ours["osce_unit"][0] == f"{sum(p['count_min'] or 0 for p in now if p['unit'])}"


@pytest.mark.parametrize("part", [0, 1])
def test_the_scripts_of_the_guide_run_on_their_own(
    watched: Home, tmp_path: Path, clock: SimulatedClock, part: int
) -> None:
    files = read_bundle(publish(watched, tmp_path / "b.zip", clock))
    (tmp_path / "sheet.csv").write_bytes(files[f"{STEM}.csv"])
    (tmp_path / "count.py").write_text(blocks()[part])

    ran = subprocess.run(
        [sys.executable, "-I", "-S", "count.py", "sheet.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    rules = [line.split()[0] for line in ran.stdout.splitlines()]
    assert (
        rules == [["incident", "osce_unit", "crossing", "ruled"], ["episode_60min_30rounds"]][part]
    )


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["explosion_impact", "muzzle_flash", "shot", "thermal_anomaly"]),
        st.floats(0, 20),  # hours after the start
        st.sampled_from([0.1, 0.8, 3.0]),  # hours that it lasts
        st.sampled_from([None, 45.0, 45.01, 45.02, 45.2]),
        st.sampled_from([(None, None), (1, None), (12, 12), (20, 40), (35, 90)]),
    ),
    max_size=12,
)


@given(ROWS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_scripts_of_the_guide_count_any_table_as_we_do(
    tmp_path: Path, rows: list[tuple[str, float, float, float | None, tuple[int | None, ...]]]
) -> None:
    incidents = regenerate.incidents(*(_incident(f"{i}", *row) for i, row in enumerate(rows)))
    files = render(regenerate.material(incidents=incidents)).files
    (tmp_path / "sheet.csv").write_bytes(files["daily-2030-09-14.csv"])

    assert counted(tmp_path / "sheet.csv") == told(files["daily-2030-09-14.json"])


def _incident(
    name: str, kind: str, at_h: float, for_h: float, lat_deg: float | None, count: object
) -> dict[str, object]:
    start = regenerate.START + timedelta(hours=at_h)
    ends = dict(zip(("count_min", "count_max"), count, strict=True))  # type: ignore[call-overload]
    row: dict[str, object] = regenerate.incident(
        name,
        time=start,
        time_end=start + timedelta(hours=for_h),
        lat_deg=lat_deg,
        lon_deg=None if lat_deg is None else -30.0,
        class_p=json.dumps({kind: 1}),
        **{"class": kind},
        **ends,
    )
    return row


def test_a_spreadsheet_finds_a_line_for_every_incident(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    files = read_bundle(publish(watched, tmp_path / "b.zip", clock))

    sheet = list(csv.reader(io.StringIO(files[f"{STEM}.csv"].decode(), newline="")))

    table = files[f"{STEM}.release.jsonl"].splitlines()
    assert len(sheet) == 1 + len(table)
    assert len({len(line) for line in sheet}) == 1


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    for verb in recomputing.VERBS:
        app.command()(verb)
    return app


def test_the_command_says_what_to_run(watched: Home, tmp_path: Path, command: typer.Typer) -> None:
    digest, home = sha256_hex(EVIDENCE), str(watched.path)

    shown = CliRunner().invoke(command, ["prove", home, digest])
    written = CliRunner().invoke(command, ["prove", home, digest, "--out", str(tmp_path / "p")])
    as_json = CliRunner().invoke(command, ["prove", home, digest, "--json"])

    assert "c2sp.org/tlog-proof@v1\n" in shown.stdout
    assert "  sh check.sh FILE VKEY" in written.stdout
    assert (tmp_path / "p" / "check.sh").read_text() == CHECK_SH
    assert json.loads(as_json.stdout)["object"] == digest


def test_an_object_is_proven_by_12_digits_or_by_an_entry(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    bundle, digest = publish(watched, tmp_path / "b.zip", clock), sha256_hex(EVIDENCE)
    whole = prove(bundle, digest)

    for asked in (digest[:12], str(whole.index)):
        assert prove(bundle, asked) == whole
        assert prove(watched.path, asked).index == whole.index


def test_refuses_what_no_entry_seals_and_never_writes_over(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    bundle = publish(watched, tmp_path / "b.zip", clock)
    found = prove(bundle, sha256_hex(EVIDENCE))

    with pytest.raises(NotFound, match="no entry seals an object abab"):
        prove(bundle, "ab" * 32)
    for log in (watched.path, bundle):
        with pytest.raises(NotFound, match="AB: is neither an entry nor 12 hex digits"):
            prove(log, "AB")
        with pytest.raises(NotFound, match="entry 9999 does not exist, must be 0 to"):
            prove(log, "9999")
    with pytest.raises(NotFound, match=r"none.zip: no such file"):
        prove(tmp_path / "none.zip", "AB")
    with pytest.raises(BadInput, match="exists already, expected a new name"):
        write_proof(found, tmp_path)
    files = read_bundle(bundle)
    files["data/checkpoint"] = files["data/checkpoint"].replace(b"\n", b"x\n", 1)
    write_bundle(tmp_path / "broken.zip", files)
    with pytest.raises(EvidenceBroken, match="checkpoint"):
        prove(tmp_path / "broken.zip", sha256_hex(EVIDENCE))


def test_the_same_bytes_sealed_twice_are_both_named(watched: Home, clock: SimulatedClock) -> None:
    with writing(watched, clock) as writer:
        [again] = writer.log.append([NewObject(type="exhibit/v1", data=EVIDENCE)], now=clock.now())

    assert prove(watched.path, sha256_hex(EVIDENCE)).also == (again.index,)
