"""`tw anchor`, `tw backup`, `tw restore` and `tw witness-seat`: what they print and exit with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer
from tests.evidence.timestamp.tsa import allow_loopback
from tests.mission.kept import policy_text, use_policy, witness
from tests.mission.lying import HUGE, lying
from tests.mission.samples import NOW, firms
from typer.testing import CliRunner

from trucewatch.cli import keeping, seats
from trucewatch.errors import BadInput
from trucewatch.evidence.hold import held
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import writing

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

app = typer.Typer(pretty_exceptions_enable=False)
for _verb in keeping.VERBS:
    app.command()(_verb)
app.add_typer(seats.seat_app, name="witness-seat")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    plan = Plan(agreement="demo-truce", seed=bytes(32))
    create(tmp_path / "mission", clock=SimulatedClock(NOW), plan=plan)
    return Home(tmp_path / "mission")


def tw(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def add(home: Home, folder: Path) -> None:
    (folder / "firms.csv").write_bytes(firms(day=26))
    list(ingest(home, "firms", [folder / "firms.csv"], clock=SimulatedClock(NOW)))


def test_anchor_says_how_many_operators_and_exits_1_when_they_are_too_few(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_loopback(monkeypatch)
    clock = SimulatedClock(NOW)
    with witness(home, tmp_path / "w1", "north", clock) as north:
        with witness(home, tmp_path / "w2", "south", clock) as south:
            use_policy(home, policy_text([north, south], needed=2))
            with writing(home, clock):
                pass
            enough = tw("anchor", home.path)
            assert tw("anchor", home.path, "--json").exit_code == 0

        again = tw("anchor", home.path)
        with writing(home, clock) as writer:
            writer.home.settings.write_text(home.settings.read_text() + "\n")
        with writing(home, clock):
            pass
        few = tw("anchor", home.path)

    assert (enough.exit_code, again.exit_code, few.exit_code) == (0, 0, 1)
    assert "quorum reached: 2 of 2 operators cosigned" in enough.stdout
    assert "witness      north of north-lab: cosigned 2026-07-10T12:00:00Z" in enough.stdout
    assert "south of south-lab: unreachable" in few.stdout
    assert "quorum NOT reached: 1 of 2 operators cosigned" in few.stdout
    assert "to settle    party ALPHA was never offered a seat" in few.stdout


def test_a_claim_is_printed_as_one_and_neither_holds_nor_ends_with_1(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_loopback(monkeypatch)
    clock, back = SimulatedClock(NOW), tmp_path / "back"
    with witness(home, tmp_path / "w1", "north", clock) as north, lying(HUGE, (404, b"")) as liar:
        use_policy(home, policy_text([north, liar], needed=1))
        with writing(home, clock):
            pass
        few = tw("anchor", home.path)
        use_policy(home, policy_text([north, liar], needed=2))
        with writing(home, clock):
            pass
        more = tw("anchor", home.path)
        tw("backup", home.path, "--to", tmp_path / "a", "--with-keys")
        tw("restore", tmp_path / "a", back)
        compared = tw("restore", "--check-head", back)

    assert (few.exit_code, more.exit_code, compared.exit_code) == (0, 1, 0)
    for done in (few, more):
        assert "liar of liar-lab: behind; witness liar.example/w: says that it has" in done.stdout
        assert "and shows no head that this log signed: a claim, not a proof" in done.stdout
    assert "overruled    the claim of witness liar is overruled by 1 other" in compared.stdout
    assert "Released" in compared.stdout


def test_backup_says_loudly_that_keys_are_in_it(home: Home, tmp_path: Path) -> None:
    plain = tw("backup", home.path, "--to", tmp_path / "a")
    keyed = tw("backup", home.path, "--to", tmp_path / "b", "--with-keys")
    listed = tw("backup", home.path, "--list")

    assert "keys        not copied" in plain.stdout
    assert "PRIVATE KEYS" not in plain.stderr
    assert f"THE MISSION'S PRIVATE KEYS ARE IN {tmp_path / 'b'}" in keyed.stderr
    assert "0 entries behind" in listed.stdout.splitlines()[0]
    assert listed.stdout.splitlines()[1].endswith("WITH KEYS")
    assert [
        each["behind"] for each in json.loads(tw("backup", home.path, "--list", "--json").stdout)
    ] == [0, 0]


def test_backup_needs_one_of_its_two_forms(home: Home, tmp_path: Path) -> None:
    for words in ((), ("--list", "--to", tmp_path / "a")):
        done = tw("backup", home.path, *words)

        assert isinstance(done.exception, BadInput)


def test_restore_ends_held_and_the_head_is_compared_by_a_verb(home: Home, tmp_path: Path) -> None:
    tw("backup", home.path, "--to", tmp_path / "a")
    (tmp_path / "head").write_bytes((home.path / "log" / "checkpoint").read_bytes())

    done = tw("restore", tmp_path / "a", tmp_path / "back", "--keys", home.path / "keys")
    unknown = tw("restore", "--check-head", tmp_path / "back")
    compared = tw("restore", "--check-head", tmp_path / "back", "--against", tmp_path / "head")

    assert (done.exit_code, unknown.exit_code, compared.exit_code) == (0, 1, 0)
    assert "HELD: restored from a backup of size 3: compare the head" in done.stdout
    assert "HELD: there are no witnesses to ask" in unknown.stdout
    assert "Released: written down in HOME/RELEASED" in compared.stdout
    assert held(tmp_path / "back") is None


def test_restore_extends_from_a_bundle_and_says_never_to_go_back(
    home: Home, tmp_path: Path
) -> None:
    tw("backup", home.path, "--to", tmp_path / "a")
    add(home, tmp_path)
    (tmp_path / "head").write_bytes((home.path / "log" / "checkpoint").read_bytes())
    bundle = export(home, tmp_path / "b.zip", level="mission", clock=SimulatedClock(NOW)).path
    back = tmp_path / "back"
    tw("restore", tmp_path / "a", back)

    behind = tw("restore", "--check-head", back, "--against", tmp_path / "head")
    extended = tw("restore", "--extend", bundle, back)

    assert behind.exit_code == 1
    assert "this log has 3" in behind.stdout
    assert "A log is never rolled back: found a new log with tw init" in behind.stdout
    assert "Brought back 1 entries and 1 object: 3 to 4 entries" in extended.stdout


def test_a_drill_prints_each_step_and_what_would_be_lost(home: Home, tmp_path: Path) -> None:
    tw("backup", home.path, "--to", tmp_path / "a")
    add(home, tmp_path)

    done = tw("restore", "--drill", tmp_path / "a", home.path)
    (tmp_path / "a" / "log.db").write_bytes(b"torn")
    failed = tw("restore", "--drill", tmp_path / "a", "--in", tmp_path)
    unclear = tw("restore", "--check-head", home.path, "--in", tmp_path)

    assert (done.exit_code, failed.exit_code) == (0, 1)
    assert "expected it with --drill alone" in str(unclear.exception)
    assert "verifying the whole log" in done.stdout
    assert "would lose   1 entries after" in done.stdout
    assert done.stdout.splitlines()[-1] == "3 entries: the backup can be restored"
    assert "FAILED: log.db: hashes to" in failed.stdout


def test_a_seat_is_offered_accepted_and_listed(home: Home, tmp_path: Path) -> None:
    said = ("--by", "S. Secretary", "--reason", "letter")
    with witness(home, tmp_path / "w1", "north", SimulatedClock(NOW)) as words:
        (tmp_path / "vkey").write_text(words.split()[1])

    offered = tw("witness-seat", "offer", home.path, "ALPHA", *said)
    accept = ("witness-seat", "accept", home.path, "ALPHA", "--witness", tmp_path / "vkey", *said)
    accepted = tw(*accept)
    few = tw("witness-seat", "list", home.path)
    for act in ("offer", "decline"):
        tw("witness-seat", act, home.path, "BRAVO", *said)
    every = tw("witness-seat", "list", home.path)

    assert offered.stdout == "Sealed: seat of ALPHA offered, entry 3\n"
    assert accepted.stdout == "Sealed: seat of ALPHA accepted, entry 4\n"
    assert (few.exit_code, every.exit_code) == (1, 0)
    assert "BRAVO                never offered a seat" in few.stdout
    assert "BRAVO                declined by entry 6" in every.stdout
