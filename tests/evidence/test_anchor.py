from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import apsw
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trucewatch.errors import BadInput, EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.anchor import Anchor, cosigned
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import Signer, parse_note
from trucewatch.evidence.sequencer import NewObject

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

TOKEN = b"0\x82\x01\x00 stands for an authority's answer"


def line(name: str, text: bytes = b"text\n", seed: int = 1) -> bytes:
    return (
        Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)).line(text).encode()
    )


def cosignature(size: int, name: str, seed: int = 1) -> Anchor:
    return Anchor(size=size, kind="cosignature", name=name, content=line(name, seed=seed))


def stamp(size: int, name: str, content: bytes = TOKEN) -> Anchor:
    return Anchor(size=size, kind="timestamp", name=name, content=content)


def grow(log: Log, now: datetime, *sizes: int) -> None:
    for size in sizes:
        log.append([NewObject(type="a/v1", data=b"%d" % i) for i in range(log.size, size)], now=now)


def test_a_new_log_has_no_anchors(log: Log) -> None:
    assert log.anchors() == []
    assert log.anchors(0) == []
    assert log.cosigned_note() == log.checkpoint_note()


def test_anchors_come_back_ordered_by_size_kind_and_name(log: Log, now: datetime) -> None:
    grow(log, now, 1, 2)
    given = [stamp(2, "b"), cosignature(2, "z"), stamp(1, "a"), stamp(2, "a"), cosignature(2, "y")]

    added = log.add_anchors(given)

    assert added == 5
    assert log.anchors() == [given[2], given[4], given[1], given[3], given[0]]
    assert log.anchors(1) == [given[2]]
    assert log.anchors(3) == []


def test_the_first_anchor_of_a_name_is_kept(log: Log, now: datetime) -> None:
    grow(log, now, 1)
    first, second = cosignature(1, "w"), cosignature(1, "w", seed=2)
    log.add_anchors([first])

    added = log.add_anchors([second, stamp(1, "w")])

    assert added == 1
    assert log.anchors(1) == [first, stamp(1, "w")]


def test_the_cosigned_note_is_the_checkpoint_and_then_the_witnesses_by_name(
    log: Log, now: datetime
) -> None:
    grow(log, now, 1, 2)
    log.add_anchors(
        [cosignature(1, "w.example/b"), cosignature(1, "w.example/a"), stamp(1, "x"), stamp(2, "x")]
    )

    note = log.cosigned_note(1)

    assert note == log.checkpoint_note(1) + line("w.example/a") + line("w.example/b")
    assert [s.name for s in parse_note(note, where="t").signatures] == [
        log.origin,
        "w.example/a",
        "w.example/b",
    ]
    assert open_checkpoint(note, log.verifier, where="t") == log.checkpoint(1)
    assert log.cosigned_note() == log.checkpoint_note(2)


def test_anchors_survive_closing_and_are_seen_by_readers(
    log: Log, home: Path, keys: Keys, now: datetime
) -> None:
    grow(log, now, 1)
    log.add_anchors([stamp(1, "x")])
    log.close()

    with Log.open(home) as reader:
        assert reader.anchors() == [stamp(1, "x")]
    with Log.open(home, signer=keys.log) as writer:
        assert writer.add_anchors([stamp(1, "x")]) == 0


def test_only_the_writer_adds_anchors(log: Log, home: Path) -> None:
    with (
        Log.open(home) as reader,
        pytest.raises(LogRefused, match="opened read-only, expected a signer"),
    ):
        reader.add_anchors([stamp(0, "x")])


def test_refuses_an_anchor_of_a_size_that_was_never_signed(log: Log, now: datetime) -> None:
    grow(log, now, 2)

    with pytest.raises(NotFound, match="no checkpoint of size 1"):
        log.add_anchors([stamp(2, "x"), stamp(1, "x")])

    assert log.anchors() == []


@pytest.mark.parametrize(
    ("anchor", "problem"),
    [
        (replace(stamp(0, "x"), kind="hearsay"), "kind is 'hearsay', expected one of cosig"),
        (stamp(0, "two words"), "name is 'two words', must have no spaces"),
        (stamp(0, ""), "name is '', must have no spaces"),
        (stamp(0, "x", b""), "content has 0 bytes, must be 1 to 65535"),
        (stamp(0, "x", bytes(65_536)), "content has 65536 bytes"),
        (replace(cosignature(0, "w"), name="v"), "signature line is by w, expected v"),
        (replace(cosignature(0, "w"), content=line("w") * 2), "content has 2 newlines, expected o"),
        (replace(cosignature(0, "w"), content=line("w")[:-1]), "content has 0 newlines"),
        (replace(cosignature(0, "w"), content=b"\n" + line("w")[:-1]), "content has 1 newlines"),
        (replace(cosignature(0, "w"), content=b"w " + line("w")), "signature line is 'w"),
        (replace(cosignature(0, "w"), content="\u2014 w e30\n".encode()), "is not base64"),
    ],
)
def test_refuses_an_anchor_that_is_not_in_its_form(log: Log, anchor: Anchor, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        log.add_anchors([anchor])

    assert log.anchors() == []


def test_refuses_a_cosignature_that_would_stand_for_the_log_itself(log: Log, keys: Keys) -> None:
    ours = keys.log.line(b"another text\n").encode()
    forged = Anchor(size=0, kind="cosignature", name=log.origin, content=ours)

    with pytest.raises(EvidenceBroken, match="does not verify over this text"):
        log.add_anchors([forged])


def test_refuses_more_cosignatures_than_a_note_may_have(log: Log, home: Path, keys: Keys) -> None:
    log.add_anchors([cosignature(0, f"w{i}") for i in range(99)])

    with pytest.raises(BadInput, match="note has 101 signatures, must be <= 100"):
        log.add_anchors([cosignature(0, "w99")])

    log.write_static()
    log.close()
    Log.open(home, signer=keys.log).close()


def test_the_published_checkpoint_is_cosigned(
    log: Log, home: Path, keys: Keys, now: datetime
) -> None:
    grow(log, now, 3)
    log.add_anchors([cosignature(3, "w")])
    log.write_static()
    note = log.cosigned_note()
    log.close()

    with Log.open(home, signer=keys.log) as again:
        assert again.published()["checkpoint"] == note
        assert note.endswith(line("w"))
        grow(again, now, 4)
        again.write_static()
        assert again.published()["checkpoint"] == again.checkpoint_note()


def test_a_log_of_a_first_version_gets_anchors_when_it_is_written_to(
    log: Log, home: Path, keys: Keys
) -> None:
    log.close()
    old = apsw.Connection(str(home / "log.db"))
    old.execute("DROP TABLE anchor")
    old.close()

    with Log.open(home) as reader:
        assert reader.anchors() == []
        assert reader.cosigned_note() == reader.checkpoint_note()
    with Log.open(home, signer=keys.log) as writer:
        assert writer.add_anchors([stamp(0, "x")]) == 1


def test_cosigned_leaves_timestamps_out() -> None:
    assert cosigned(b"note\n", [stamp(0, "x"), cosignature(0, "w")]) == b"note\n" + line("w")
