from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput
from trucewatch.evidence.assemble import assemble
from trucewatch.evidence.contents import IndexRow, index_text, parse_index, parse_sums, readme_text
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, list_keys, sign_statement
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.keys import Keys
    from trucewatch.evidence.log import Log


def everything(_: int, __: Entry) -> str | None:
    return None


def test_the_same_log_and_choices_give_the_same_bundle(log: Log, now: datetime) -> None:
    log.append([NewObject(type="a/v1", data=b"x")], now=now)

    one = assemble(log, include=everything, reports={}, exercise=True)
    log.append([], now=now)
    two = assemble(log, include=everything, reports={}, exercise=True)

    assert one == two


def test_holds_the_whole_log_and_only_what_is_included(log: Log, now: datetime) -> None:
    log.append([NewObject(type="a/v1", data=b"%d" % i) for i in range(3)], now=now)

    files = assemble(
        log,
        include=lambda index, _: None if index == 1 else "level RED",
        reports={"one.txt": sha256_hex(b"1")},
        exercise=True,
    )

    assert sorted(files) == sorted([
        "README.txt", "SHA256SUMS", "checkpoint", "index.tsv", "log.vkey", "proofs/1.tlog-proof",
        "report/one.txt", "tile/0/000.p/3", "tile/entries/000.p/3",
        "objects/sha256/6b/6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    ])  # fmt: skip
    assert files["index.tsv"].decode().split("\n")[1].endswith("\t1\tno\tlevel RED")
    assert files["README.txt"].startswith(b"EXERCISE")


def test_an_empty_log_can_be_exported(log: Log) -> None:
    files = assemble(log, include=everything, reports={}, exercise=False)

    assert sorted(files) == ["README.txt", "SHA256SUMS", "checkpoint", "index.tsv", "log.vkey"]


def test_refuses_a_report_that_is_not_included(log: Log, now: datetime) -> None:
    log.append([NewObject(type="report/daily/v1", data=b"x")], now=now)

    with pytest.raises(BadInput, match=r"daily\.html: object .* is not included"):
        assemble(
            log,
            include=lambda *_: "not yet",
            reports={"daily.html": sha256_hex(b"x")},
            exercise=False,
        )


def test_refuses_a_report_name_that_climbs(log: Log, now: datetime) -> None:
    log.append([NewObject(type="report/daily/v1", data=b"x")], now=now)

    with pytest.raises(BadInput, match="must be a plain relative path"):
        assemble(log, include=everything, reports={"../x": sha256_hex(b"x")}, exercise=False)


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
            include=lambda index, _: None if index else "withheld",
            reports={},
            exercise=False,
        )


@pytest.mark.parametrize("reason", ["", "two\nlines", "a\ttab"])
def test_refuses_a_reason_that_is_no_line_of_text(log: Log, now: datetime, reason: str) -> None:
    log.append([NewObject(type="a/v1", data=b"x")], now=now)

    with pytest.raises(BadInput, match="expected one line of text"):
        assemble(log, include=lambda *_: reason, reports={}, exercise=False)


def test_the_words_of_the_readme_never_change() -> None:
    text = readme_text(origin="demo.invalid/evidence", size=7, exercise=True)

    assert sha256_hex(text) == "bd552a419fd15dad4109f359a19445630e12e350e39a3d0522c9d66581c7ec43"
    assert b"violation" not in text.lower()
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"ab  x\n", "SHA256SUMS:1: line is"),
        (b"ab" * 32 + b" x\n", "SHA256SUMS:1: line is"),
        (b"ab" * 32 + b"  x", "cut short"),
        (b"ab" * 32 + b"  b\n" + b"ab" * 32 + b"  a\n", "SHA256SUMS:2: name is 'a'"),
        (b"ab" * 32 + b"  b\n" + b"ab" * 32 + b"  b\n", "SHA256SUMS:2: name is 'b'"),
        (b"\xff\n", "not UTF-8 at byte 0"),
    ],
)
def test_names_each_defect_of_the_list_of_hashes(data: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_sums(data)


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
