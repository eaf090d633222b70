from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput
from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.bag import level_of, parse_manifest
from trucewatch.evidence.contents import IndexRow, index_text, parse_index
from trucewatch.evidence.readme import readme_text
from trucewatch.evidence.script import SCRIPT_TEXT
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, list_keys, sign_statement
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.keys import Keys
    from trucewatch.evidence.log import Log


ALWAYS = [
    "README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt",
    "verify.sh", "data/checkpoint", "data/exculpatory.tsv", "data/index.tsv", "data/log.vkey",
    "data/provenance.json", "data/withheld.tsv",
]  # fmt: skip


def everything(_: int, __: Entry) -> str | None:
    return None


def test_the_same_log_and_choices_give_the_same_bundle(log: Log, now: datetime) -> None:
    log.append([NewObject(type="a/v1", data=b"x")], now=now)

    one = assemble(log, Choices("mission", everything, {}, exercise=True))
    log.append([], now=now)
    two = assemble(log, Choices("mission", everything, {}, exercise=True))

    assert one == two


def test_holds_the_whole_log_and_only_what_is_included(log: Log, now: datetime) -> None:
    log.append([NewObject(type="a/v1", data=b"%d" % i) for i in range(3)], now=now)

    files = assemble(
        log,
        Choices(
            level="public",
            include=lambda index, _: None if index == 1 else "level RED",
            reports={"one.txt": sha256_hex(b"1")},
            exercise=True,
        ),
    )

    more = [
        "proofs/1.tlog-proof", "report/one.txt", "tile/0/000.p/3", "tile/entries/000.p/3",
        "objects/sha256/6b/6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    ]  # fmt: skip
    assert sorted(files) == sorted([*ALWAYS, *(f"data/{name}" for name in more)])
    assert files["data/withheld.tsv"].count(b"\tCLEAR\tlevel RED\n") == 2
    assert files["data/index.tsv"].decode().split("\n")[1].endswith("\t1\tno\tlevel RED")
    assert files["README.txt"].startswith(b"EXERCISE")


def test_an_empty_log_can_be_exported(log: Log) -> None:
    files = assemble(log, Choices("mission", everything, {}, exercise=False))

    assert sorted(files) == sorted(ALWAYS)
    assert b"Bagging-Date" not in files["bag-info.txt"]


def test_refuses_a_report_that_is_not_included(log: Log, now: datetime) -> None:
    log.append([NewObject(type="report/daily/v1", data=b"x")], now=now)

    with pytest.raises(BadInput, match=r"daily\.html: object .* is not included"):
        assemble(
            log,
            Choices("public", lambda *_: "no", {"daily.html": sha256_hex(b"x")}, exercise=False),
        )


def test_refuses_a_report_name_that_climbs(log: Log, now: datetime) -> None:
    log.append([NewObject(type="report/daily/v1", data=b"x")], now=now)

    with pytest.raises(BadInput, match="must be a plain relative path"):
        assemble(log, Choices("public", everything, {"../x": sha256_hex(b"x")}, exercise=False))


def test_refuses_statements_without_the_one_that_lists_their_key(
    log: Log, keys: Keys, now: datetime
) -> None:
    subject = Subject(name="a", sha256="ab" * 32)
    listed = {"keys": list_keys([keys.desk.public_key().public_bytes_raw()])}
    first = sign_statement("configured/v1", [subject], listed, key=keys.desk)
    second = sign_statement("computed/v1", [subject], {}, key=keys.desk)
    log.append([NewObject(type="statement/configured/v1", data=first)], now=now)
    log.append([NewObject(type="statement/computed/v1", data=second)], now=now)

    with pytest.raises(BadInput, match="statement in entry 1 is included without the first"):
        assemble(
            log,
            Choices("public", lambda index, _: None if index else "no", {}, exercise=False),
        )


@pytest.mark.parametrize("reason", ["", "two\nlines", "a\ttab"])
def test_refuses_a_reason_that_is_no_line_of_text(log: Log, now: datetime, reason: str) -> None:
    log.append([NewObject(type="a/v1", data=b"x")], now=now)

    with pytest.raises(BadInput, match="expected one line of text"):
        assemble(log, Choices("public", lambda *_: reason, {}, exercise=False))


def test_the_words_of_the_readme_never_change() -> None:
    text = readme_text(origin="demo.invalid/evidence", size=7, level="public", exercise=True)

    assert sha256_hex(text) == "3542de83bffc6549c0d8e8d67153fa7db7d9cc84af8cdac208af3f264adb8be4"
    assert b"violation" not in text.lower()
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_bytes_of_the_script_never_change() -> None:
    assert (
        sha256_hex(SCRIPT_TEXT)
        == "b3170d06a13bfa3019b3cc4571ab593322e2e48f117f93f1ff1dc15eb67ac791"
    )
    assert b"violation" not in SCRIPT_TEXT.lower()


def test_the_tags_name_the_log_and_its_newest_day_and_no_machine(log: Log, now: datetime) -> None:
    log.append([NewObject(type="a/v1", data=b"x")], now=now)

    files = assemble(log, Choices("public", everything, {}, exercise=True))

    payload = [c for n, c in files.items() if n.startswith("data/")]
    assert files["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert files["bag-info.txt"].decode().split("\n") == [
        "External-Description: trucewatch evidence bundle, layout 2, level public",
        "External-Identifier: demo.invalid/evidence",
        "Bagging-Date: 2026-06-27",
        f"Payload-Oxum: {sum(map(len, payload))}.{len(payload)}",
        "",
    ]


@pytest.mark.parametrize("level", [b"secret", b"", b"mission\r"])
def test_refuses_a_level_that_nobody_knows(level: bytes) -> None:
    text = b"External-Description: trucewatch evidence bundle, layout 2, level " + level

    with pytest.raises(BadInput, match=r"bag-info\.txt:1: first line is .*public or mission"):
        level_of(text + b"\n")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"ab  x\n", "m:1: line is"),
        (b"ab" * 32 + b" x\n", "m:1: line is"),
        (b"ab" * 32 + b"  x", "cut short"),
        (b"ab" * 32 + b"  b\n" + b"ab" * 32 + b"  a\n", "m:2: name is 'a'"),
        (b"ab" * 32 + b"  b\n" + b"ab" * 32 + b"  b\n", "m:2: name is 'b'"),
        (b"\xff\n", "not UTF-8 at byte 0"),
    ],
)
def test_names_each_defect_of_a_manifest(data: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_manifest(data, where="m")


def test_names_each_defect_of_the_index(log: Log, now: datetime) -> None:
    log.append([NewObject(type="a/v1", data=b"%d" % i) for i in range(2)], now=now)
    entries = [entry for _, entry in log.entries()]
    rows = [IndexRow(included=True, why_not=""), IndexRow(included=False, why_not="level RED")]
    text = index_text(entries, rows)

    assert parse_index(text, entries) == rows
    for old, new, problem in [
        (b"a/v1", b"b/v1", "index.tsv:2: line is"),
        (b"yes", b"maybe", "index.tsv:2: line is"),
        (b"yes", b"no", "index.tsv:2: entry 0 is not included with reason ''"),
        (b"no\t", b"yes\t", "index.tsv:3: entry 1 is included with reason 'level RED'"),
        (b"level RED\n", b"level RED\n\n", "4 lines, expected 3"),
        (b"level RED", b"level\tRED", "index.tsv:3: line is"),
        (b"level RED", b"level \x7f", "with reason"),
        (b"why_not", b"why", "index.tsv:1: line is"),
        (b"level RED\n", b"level RED", "cut short"),
    ]:
        with pytest.raises(BadInput, match=problem):
            parse_index(text.replace(old, new, 1), entries)
