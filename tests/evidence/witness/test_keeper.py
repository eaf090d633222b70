from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence.witness.conftest import body
from tests.evidence.witness.histories import NOON, ORIGIN

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.checkpoint import Checkpoint, parse_checkpoint_text, sign_checkpoint
from trucewatch.evidence.merkle import EMPTY_ROOT
from trucewatch.evidence.note import Signer
from trucewatch.evidence.witness import memory as memory_module
from trucewatch.evidence.witness.keeper import Keeper, Verdict
from trucewatch.evidence.witness.memory import Memory, Why, create_witness
from trucewatch.evidence.witness.request import Request, format_request

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.log import Log

OTHER = Signer("other.invalid", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def head_of(keeper: Keeper) -> tuple[int, bytes]:
    head = keeper.memory.head(ORIGIN)
    assert head is not None
    return head.checkpoint.size, head.checkpoint.root


def request(checkpoint: Checkpoint, signer: Signer, *, old: int = 0) -> bytes:
    return format_request(Request(old=old, proof=(), note=sign_checkpoint(checkpoint, signer)))


def test_a_new_witness_keeps_its_key_to_itself(folder: Path) -> None:
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (folder, *folder.iterdir())}

    assert (modes["witness"], modes["witness.pem"], modes["witness.vkey"]) == (0o700, 0o600, 0o644)
    assert (folder / "witness.vkey").read_text() == f"{Memory(folder).verifier.vkey}\n"


def test_never_overwrites_a_key(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not empty, expected a new or empty folder"):
        create_witness(folder, "witness.example/w2")
    with pytest.raises(BadInput, match="cannot be made"):
        create_witness(tmp_path / "no" / "such", "witness.example/w2")
    with pytest.raises(NotFound, match=r"no witness\.vkey, expected the folder of a witness"):
        Memory(tmp_path)


def test_refuses_a_key_that_is_not_its_own(folder: Path, tmp_path: Path) -> None:
    create_witness(tmp_path / "second", "witness.example/w1")
    (folder / "witness.pem").write_bytes((tmp_path / "second" / "witness.pem").read_bytes())

    with pytest.raises(BadInput, match=r"witness\.pem: is the key witness\.example/w1\+"):
        Keeper(folder)

    (folder / "witness.pem").chmod(0o640)
    with pytest.raises(BadMission, match="mode is 0640, must be 0600"):
        Keeper(folder)


def test_one_process_keeps_a_witness(keeper: Keeper, folder: Path) -> None:
    with pytest.raises(LogRefused, match="expected no other writer"):
        Keeper(folder)

    keeper.close()
    with Keeper(folder):
        pass


def test_a_closed_witness_signs_nothing(keeper: Keeper, honest: Log) -> None:
    keeper.close()

    with pytest.raises(LogRefused, match="is closed, expected an open witness"):
        keeper.answer(body(honest, 0, 10), now=NOON)


def test_watches_no_log_that_could_be_taken_for_itself(folder: Path) -> None:
    memory = Memory(folder)
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))

    with pytest.raises(BadInput, match=r"witness\.example/w1 has the name or key of the witness"):
        memory.trust(Signer("witness.example/w1", private).verifier)


def test_a_log_may_change_its_key(keeper: Keeper, honest: Log) -> None:
    newer = Signer(ORIGIN, OTHER._private)
    keeper.answer(body(honest, 0, 10), now=NOON)
    head = request(honest.checkpoint(10), newer, old=10)

    before = keeper.answer(head, now=NOON)
    keeper.memory.trust(newer.verifier)
    after = keeper.answer(head, now=NOON)

    assert (before.verdict, after.verdict) == (Verdict.UNTRUSTED, Verdict.COSIGNED)
    assert [log.name for log in keeper.memory.logs()] == [ORIGIN, ORIGIN]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no blank line, expected one before the checkpoint"),
        (b"old 0\n\nhello", "note has no blank line"),
        (b"old 0\n\nhello\n\n\xe2\x80\x94 a AAAAAAA=\n", "checkpoint has 1 lines, expected 3"),
        (
            b"old 0\n\na\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n\n"
            b"\xe2\x80\x94 a AAAAAAA=\n",
            "checkpoint has 4 lines, expected 3",
        ),
    ],
)
def test_says_what_is_malformed(keeper: Keeper, content: bytes, problem: str) -> None:
    answer = keeper.answer(content, now=NOON)

    assert (answer.verdict, answer.body) == (Verdict.MALFORMED, b"")
    assert answer.problem.startswith(problem)


def test_refuses_an_old_size_beyond_the_head(keeper: Keeper, honest: Log) -> None:
    answer = keeper.answer(body(honest, 120, 100), now=NOON)

    assert (answer.verdict, answer.problem) == (
        Verdict.MALFORMED,
        "old size is 120, must be at most 100",
    )


def test_one_bad_line_of_a_trusted_key_spoils_a_note(keeper: Keeper, honest: Log) -> None:
    good, other = honest.checkpoint_note(100), honest.checkpoint_note(10)
    note = good + other.split(b"\n\n")[1]

    answer = keeper.answer(format_request(Request(old=0, proof=(), note=note)), now=NOON)

    assert answer.verdict is Verdict.UNTRUSTED


def test_ignores_and_forgets_lines_of_strangers(keeper: Keeper, honest: Log) -> None:
    note = honest.checkpoint_note(10) + OTHER.line(b"whatever").encode()

    answer = keeper.answer(format_request(Request(old=0, proof=(), note=note)), now=NOON)

    assert answer.verdict is Verdict.COSIGNED
    assert keeper.memory.heads()[0].note == honest.checkpoint_note(10) + answer.body


def test_an_empty_log_has_the_empty_root(keeper: Keeper, signer: Signer) -> None:
    lie = Checkpoint(origin=ORIGIN, size=0, root=bytes(32))
    true = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)

    refused = keeper.answer(request(lie, signer), now=NOON)
    signed = keeper.answer(request(true, signer), now=NOON)
    again = keeper.answer(request(lie, signer), now=NOON)

    assert (refused.verdict, refused.why) == (Verdict.UNPROVEN, Why.UNPROVEN)
    assert signed.verdict is Verdict.COSIGNED
    assert (again.verdict, again.why) == (Verdict.UNPROVEN, Why.FORK)


def test_refuses_a_proof_where_none_is_due(keeper: Keeper, honest: Log) -> None:
    proof = tuple(honest.consistency_proof(10, 100))
    note = honest.checkpoint_note(100)

    first = keeper.answer(format_request(Request(old=0, proof=proof, note=note)), now=NOON)
    keeper.answer(body(honest, 0, 10), now=NOON)
    torn = keeper.answer(format_request(Request(old=10, proof=proof[:-1], note=note)), now=NOON)

    assert (first.verdict, torn.verdict) == (Verdict.UNPROVEN, Verdict.UNPROVEN)


def test_signs_no_time_before_the_last(keeper: Keeper, honest: Log) -> None:
    keeper.answer(body(honest, 0, 10), now=NOON)

    with pytest.raises(LogRefused, match="clock: says 2026-06-27 11:59:59") as refused:
        keeper.answer(body(honest, 10, 100), now=NOON - timedelta(seconds=1))

    assert "retire this witness" in refused.value.advice
    assert head_of(keeper)[0] == 10
    assert keeper.answer(body(honest, 10, 100), now=NOON).verdict is Verdict.COSIGNED


def test_the_head_is_on_the_disk_before_the_answer(
    keeper: Keeper, honest: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        where, problem = "heads", "cannot be written (No space left on device)"
        raise LogRefused(where, problem)

    monkeypatch.setattr(memory_module, "write_durably", full)
    with pytest.raises(LogRefused, match="No space left on device"):
        keeper.answer(body(honest, 0, 10), now=NOON)

    assert keeper.memory.heads() == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda p: p.unlink(), "is gone, expected the newest head of demo"),
        (lambda p: p.write_bytes(p.read_bytes()[:-9]), "note does not end in a newline"),
        (lambda p: p.write_bytes(p.read_bytes().replace(b"\n10\n", b"\n11\n")), "does not verify"),
        (
            lambda p: p.write_bytes(b"\n".join(p.read_bytes().split(b"\n")[:-2]) + b"\n"),
            r"not signed by witness\.example/w1",
        ),
    ],
)
def test_a_witness_that_lost_its_memory_signs_nothing(
    keeper: Keeper, honest: Log, folder: Path, damage: object, problem: str
) -> None:
    keeper.answer(body(honest, 0, 10), now=NOON)
    path = next((folder / "heads").iterdir())
    damage(path)  # type: ignore[operator]

    with pytest.raises(EvidenceBroken, match=problem):
        keeper.answer(body(honest, 0, 10), now=NOON)

    keeper.close()
    with pytest.raises(EvidenceBroken, match=problem):
        Keeper(folder)


def test_a_head_under_another_name_is_not_taken(keeper: Keeper, honest: Log, folder: Path) -> None:
    keeper.memory.trust(OTHER.verifier)
    keeper.answer(body(honest, 0, 10), now=NOON)
    full, empty = sorted((folder / "heads").iterdir(), key=lambda p: -p.stat().st_size)
    empty.write_bytes(full.read_bytes())

    with pytest.raises(EvidenceBroken, match=r"is of demo\.invalid/evidence, expected other"):
        keeper.memory.heads()


def test_an_honest_retry_is_no_evidence(keeper: Keeper, honest: Log) -> None:
    keeper.answer(body(honest, 0, 100), now=NOON)

    again = keeper.answer(body(honest, 0, 100), now=NOON)

    assert (again.verdict, again.why, again.body) == (Verdict.CONFLICT, None, b"100\n")
    assert keeper.memory.refused() == []


def test_keeps_the_first_refused_heads_of_each_kind(
    keeper: Keeper, honest: Log, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_module, "KEPT_MAX", 3)
    keeper.answer(body(honest, 0, 100), now=NOON)
    lies = [Checkpoint(origin=ORIGIN, size=100, root=bytes([n]) * 32) for n in (9, 8, 7, 6, 7)]
    smaller = Checkpoint(origin=ORIGIN, size=99, root=bytes(32))

    for second, head in enumerate((*lies, smaller)):
        old = min(100, head.size)
        keeper.answer(request(head, signer, old=old), now=NOON + timedelta(seconds=second))

    kept = [(r.why, r.checkpoint.root[0], r.seen_at) for r in keeper.memory.refused()]
    assert kept == [
        (Why.FORK, 9, "2026-06-27T12:00:00+00:00"),
        (Why.FORK, 8, "2026-06-27T12:00:01+00:00"),
        (Why.FORK, 7, "2026-06-27T12:00:02+00:00"),
        (Why.ROLLBACK, 0, "2026-06-27T12:00:05+00:00"),
    ]


def test_says_which_evidence_is_damaged(keeper: Keeper, honest: Log, folder: Path) -> None:
    keeper.answer(body(honest, 0, 100), now=NOON)
    keeper.answer(body(honest, 10, 10), now=NOON)
    path = next((folder / "refused").glob("*/*"))
    path.chmod(0o600)
    path.write_text('{"why":"weather"}')

    with pytest.raises(EvidenceBroken, match=r"rollback-10-.*json: is damaged"):
        keeper.memory.refused()


def test_requests_at_once_never_roll_a_head_back(keeper: Keeper, honest: Log, forked: Log) -> None:
    steps = [(0, 10), (10, 100), (10, 120), (100, 120)]
    contents = [body(log, *step) for log in (honest, forked) for step in steps]
    orders = [contents[n:] + contents[:n] for n in range(len(contents))] * 3

    with ThreadPoolExecutor(max_workers=8) as pool:
        rounds = pool.map(lambda o: [keeper.answer(c, now=NOON) for c in o], orders)
        answers = [answer for done in rounds for answer in done]

    signed = {a.head for a in answers if a.verdict is Verdict.COSIGNED and a.head}
    roots = {(head.size, head.root) for head in signed}
    histories = [{(s, log.root(s)) for s in (10, 100, 120)} for log in (honest, forked)]
    assert head_of(keeper) in roots
    assert head_of(keeper)[0] == 120
    assert any(roots <= history for history in histories)


@pytest.mark.parametrize("order", list(permutations([(0, 10), (10, 100), (100, 120)])))
def test_no_order_of_requests_signs_a_smaller_head(
    keeper: Keeper, honest: Log, order: tuple[tuple[int, int], ...]
) -> None:
    sizes = []
    for step in order * 3:
        answer = keeper.answer(body(honest, *step), now=NOON)
        if answer.verdict is Verdict.COSIGNED:
            sizes.append(head_of(keeper)[0])

    assert sizes == sorted(sizes)
    assert sizes[-1] == 120


def test_the_kept_head_is_a_cosigned_note(keeper: Keeper, honest: Log) -> None:
    keeper.answer(body(honest, 0, 100), now=NOON)

    head = keeper.memory.heads()[0]

    text = head.note.decode().rpartition("\n\n")[0] + "\n"
    assert parse_checkpoint_text(text, where="t") == head.checkpoint == honest.checkpoint(100)
    assert head.time == NOON


def test_says_which_of_its_files_cannot_be_used(folder: Path, signer: Signer) -> None:
    memory, heads = Memory(folder), folder / "heads"
    (folder / "logs" / ".half-written.vkey").write_text("torn")
    assert memory.logs() == [signer.verifier]

    (folder / "logs" / "x+y.vkey").mkdir()
    with pytest.raises(LogRefused, match=r"x\+y\.vkey: cannot be read"):
        memory.logs()

    heads.rename(folder / "away")
    heads.write_text("")
    with pytest.raises(LogRefused, match="cannot be written"):
        memory.trust(OTHER.verifier)
