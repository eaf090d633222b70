"""What a bundle says on its face: names of published files, editions, and the word EXERCISE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.verify.conftest import NOW
from tests.verify.mending import resummed

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.readme import readme_text
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, list_keys, sign_statement
from trucewatch.records.canonical import sha256_hex
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.keys import Keys

ORIGIN = "log.mission.example"
OLD, NEW = b"first edition\n", b"second edition\n"
PLAIN = "daily.txt"
PREFIXED = f"{sha256_hex(OLD)[:12]}-{PLAIN}"


def signed(who: Keys, kind: str, name: str, cited: bytes, **predicate: object) -> NewObject:
    subject = Subject(name=name, sha256=sha256_hex(cited))
    data = sign_statement(f"{kind}/v1", [subject], predicate, key=who.desk)
    return NewObject(type=f"statement/{kind}/v1", data=data)


def mission(home: Path, *settings: bytes) -> Path:
    """Make a mission that was configured so and published two editions; 4 + 2 a configuration."""
    home.mkdir()
    keys = create_keys(home / "keys", origin=ORIGIN, seed=bytes(32))
    listed = list_keys([keys.desk.public_key().public_bytes_raw()])
    with Log.create(home, origin=ORIGIN, signer=keys.log) as log:
        for raw in settings:
            configuration = NewObject(type="configuration/mission/v1", data=raw)
            statement = signed(keys, "configured", "mission.toml", raw, keys=listed)
            log.append([configuration, statement], now=NOW)
        for edition in (OLD, NEW):
            file = NewObject(type="report/daily/v1", data=edition)
            log.append([file, signed(keys, "published", PLAIN, edition)], now=NOW)
    return home


def bundle(home: Path, *, without: str = "", exercise: bool = False, **reports: bytes) -> bytes:
    """Return what the checker says of a bundle that lacks every object of one type."""

    def include(_: int, entry: Entry) -> str | None:
        return "not today" if entry.type == without else None

    with Log.open(home) as log:
        named = {name: sha256_hex(content) for name, content in reports.items()}
        files = assemble(log, Choices("public", include, named, exercise))
    found = verify_bundle(files)
    return b"EXERCISE" if found.exercise else b"%d reports" % found.reports


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mission(tmp_path_factory.mktemp("real") / "m", b"[mission]\nexercise = false\n")


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mission(tmp_path_factory.mktemp("exercise") / "m", b"[mission]\n")


def test_the_newest_edition_has_the_plain_name_and_an_earlier_one_its_hash(real: Path) -> None:
    assert bundle(real, **{PLAIN: NEW, PREFIXED: OLD}) == b"2 reports"

    with pytest.raises(EvidenceBroken, match=rf"report/{PLAIN}: was published as \['{PREFIXED}'"):
        bundle(real, **{PLAIN: OLD})
    with pytest.raises(EvidenceBroken, match=rf"was published as \['{PLAIN}'\]"):
        bundle(real, **{f"{sha256_hex(NEW)[:12]}-{PLAIN}": NEW})


def test_a_copy_needs_every_statement_that_publishes(real: Path) -> None:
    kind = "statement/published/v1"

    assert bundle(real, without=kind) == b"0 reports"
    with pytest.raises(
        EvidenceBroken, match=rf"entry 3: {kind} is withheld, .* beside data/report"
    ):
        bundle(real, without=kind, **{"any-name.txt": NEW})


def test_a_sealed_file_that_was_never_published_is_no_report(tmp_path: Path) -> None:
    home = mission(tmp_path / "m", b"[mission]\nexercise = false\n")
    keys = create_keys(tmp_path / "keys", origin=ORIGIN, seed=bytes(32))
    with Log.open(home, signer=keys.log) as log:
        log.append([NewObject(type="report/daily/v1", data=b"draft")], now=NOW)

    with pytest.raises(EvidenceBroken, match=r"report/draft\.txt: was never published"):
        bundle(home, **{"draft.txt": b"draft"})


def test_the_word_exercise_is_that_of_the_sealed_settings(real: Path, exercise: Path) -> None:
    assert bundle(real) == b"0 reports"
    assert bundle(exercise, exercise=True) == b"EXERCISE"

    with pytest.raises(EvidenceBroken, match=r"README\.txt: does not say EXERCISE"):
        bundle(exercise)
    with pytest.raises(EvidenceBroken, match=r"README\.txt: says EXERCISE, expected a sealed"):
        bundle(real, exercise=True)


@pytest.mark.parametrize("without", ["configuration/mission/v1", "statement/configured/v1"])
def test_nobody_can_withhold_what_says_exercise(exercise: Path, without: str) -> None:
    def include(_: int, entry: Entry) -> str | None:
        withheld = entry.type == without or (
            without.startswith("statement") and entry.type.startswith("statement")
        )
        return "not today" if withheld else None

    with Log.open(exercise) as log:
        files = assemble(log, Choices("public", include, {}, exercise=True))
    assert verify_bundle(files).exercise
    text = readme_text(origin=ORIGIN, size=6, level="public", exercise=False)
    files = resummed(files, **{"README.txt": text})

    with pytest.raises(EvidenceBroken, match="is withheld, expected it"):
        verify_bundle(files)


def test_the_newest_settings_count_and_must_be_readable(tmp_path: Path) -> None:
    lines = b"[mission]\nexercise = false\n", b"[mission]\nexercise = true\n"
    newer = mission(tmp_path / "newer", *lines)
    broken = mission(tmp_path / "broken", b"[mission\n")
    odd = mission(tmp_path / "odd", b"[mission]\nexercise = 'perhaps'\n")

    assert bundle(newer, exercise=True) == b"EXERCISE"
    with pytest.raises(BadInput, match="expected the TOML of a mission"):
        bundle(broken)
    with Log.open(broken) as log, pytest.raises(EvidenceBroken, match="expected the TOML of a mi"):
        verify_home(log)
    with pytest.raises(EvidenceBroken, match="does not say whether it is an exercise"):
        bundle(odd)


def test_a_home_says_exercise_as_its_bundle_does(real: Path, exercise: Path) -> None:
    with Log.open(real) as one, Log.open(exercise) as two:
        assert (verify_home(one).exercise, verify_home(two).exercise) == (False, True)
