"""Somebody who holds the log's own key writes another history and signs it again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.verify.anchored import (
    ORIGIN,
    SEEN,
    START,
    Bundle,
    Outsiders,
    bundle_of,
    found_mission,
    mission_keys,
    outsiders,
    with_anchors_of,
    without_anchors,
)
from tests.verify.mending import flipped, resummed

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.proof import parse_proof
from trucewatch.evidence.receipt import format_receipt
from trucewatch.evidence.sequencer import NewObject
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.findings import Given
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from pathlib import Path

TRUE = [b"shells fell on the north bank\n", b"quiet\n", b"a drone was seen\n"]
FALSE = [b"quiet\n", b"a drone was seen\n", b"nothing to report\n", b"quiet again\n"]

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


class Histories(NamedTuple):
    true: Bundle  # 7 entries, cosigned at 6 and 7, stamped at 6
    false: Bundle  # 8 entries, signed again with the log's own key
    receipt: bytes
    who: Outsiders
    vkey: str
    home: Path


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    folder = tmp_path_factory.mktemp("rewritten")
    keys = mission_keys(folder / "keys")
    seeds = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
    who = outsiders(folder / "tsa", seeds)
    with found_mission(folder / "true", keys, who, TRUE[:-1]) as log:
        who.cosign(log)
        who.stamp(log)
        proof = parse_proof(bundle_of(log)["data/proofs/4.tlog-proof"], where="p")
        receipt = format_receipt(log.entry_bytes(4), proof)
        log.append([NewObject(type="received/patrol/v1", data=TRUE[-1])], now=SEEN)
        who.cosign(log)
        true = bundle_of(log)
    with found_mission(folder / "false", keys, who, FALSE) as log:
        false = bundle_of(log)
    return Histories(true, false, receipt, who, keys.log.verifier.vkey, folder / "true")


def test_says_rewritten_when_an_anchor_is_in_the_bundle(histories: Histories) -> None:
    forged = with_anchors_of(histories.false, histories.true)
    given = Given(policy=histories.who.policy)

    with pytest.raises(
        EvidenceBroken, match=r"6\.checkpoint: REWRITTEN: at size 6 the log had"
    ) as e:
        verify_bundle(forged, vkey=histories.vkey, given=given)

    for part in ("alpha.example/w signed it at 2026-06-27T18:30:00Z", "beta.example/w", "tsa-one"):
        assert part in str(e.value)
    assert "these entries lead to" in str(e.value)


def test_says_rewritten_when_the_owner_of_a_folder_rewrote_it(
    histories: Histories, tmp_path: Path
) -> None:
    forged = shutil.copytree(histories.home, tmp_path / "forged")
    shutil.copy(histories.home.parent / "false" / "log.db", forged / "log.db")
    with Log.open(histories.home) as log:
        anchors = log.anchors(6)
    keys = create_keys(tmp_path / "keys", origin=ORIGIN, seed=bytes(range(32)))
    with Log.open(forged, signer=keys.log) as log:
        log.add_anchors(anchors)

        with pytest.raises(EvidenceBroken, match=r"alpha.* the first 6 entries were REWRITTEN"):
            verify_home(log, vkey=histories.vkey)


def test_says_not_anchored_when_the_anchors_were_dropped(histories: Histories) -> None:
    found = verify_bundle(histories.false, vkey=histories.vkey)

    assert found.verdict == "verified (not anchored: no witness has cosigned this log)"
    assert "that others were not shown another log under the same key" in found.not_shown


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("head", "old: REWRITTEN: at size 7 the log's key signed root .* under its head of 8"),
        ("proof", "old: REWRITTEN: at size 7 the log's key signed root"),
        (
            "receipt",
            "receipt for entry 4: entry 4 was acknowledged to its submitter as rec",
        ),
        ("bundle", r"old: data/anchors/6\.checkpoint: REWRITTEN"),
        ("stripped", "old: SPLIT VIEW: .* 7 entries .*, and 8 with .*; entry 4 differs first"),
    ],
)
def test_says_so_against_what_somebody_kept(histories: Histories, name: str, problem: str) -> None:
    true = histories.true
    kept: dict[str, bytes | Bundle] = {
        "head": true["data/checkpoint"],
        "proof": true["data/proofs/5.tlog-proof"],
        "receipt": histories.receipt,
        "bundle": true,
        "stripped": without_anchors(true),
    }

    with pytest.raises(EvidenceBroken, match=problem):
        verify_bundle(
            histories.false, vkey=histories.vkey, given=Given(against={"old": kept[name]})
        )


def test_two_heads_of_one_size_are_a_split_view(histories: Histories, tmp_path: Path) -> None:
    keys = mission_keys(tmp_path / "keys")
    with found_mission(tmp_path / "m", keys, histories.who, FALSE[:3]) as log:
        other = log.checkpoint_note()

    with pytest.raises(
        EvidenceBroken, match=r"SPLIT VIEW: the log's key signed 7 entries .*, and 7"
    ):
        verify_bundle(histories.true, vkey=histories.vkey, given=Given(against={"other": other}))


def test_what_agrees_is_said(histories: Histories) -> None:
    earlier = histories.true["data/anchors/6.checkpoint"]
    shown = {"mine": earlier, "r": histories.receipt, "whole": histories.true}

    found = verify_bundle(histories.true, vkey=histories.vkey, given=Given(against=shown))

    said = found.checks[13].found
    assert "mine: its head of 6 entries is the beginning of this log" in said
    assert "r: entry 4 is where it was acknowledged" in said
    assert "whole: its head of 7 entries is the beginning" in said


def test_an_older_bundle_is_called_older(histories: Histories, tmp_path: Path) -> None:
    keys = mission_keys(tmp_path / "keys")
    with found_mission(tmp_path / "m", keys, histories.who, TRUE[:1]) as log:
        old = bundle_of(log)
    head = histories.true["data/checkpoint"]

    by_head = verify_bundle(old, given=Given(against={"new": head}))
    by_bundle = verify_bundle(old, given=Given(against={"new": without_anchors(histories.true)}))

    assert by_head.missing[0].startswith("new: you hold a head of 7 entries, this log ends at 5")
    assert by_bundle.checks[13].found.endswith(
        "its 7 entries begin with these 5: this log is older"
    )
    with pytest.raises(
        EvidenceBroken, match=r"REWRITTEN: the log had 6 entries when .* rolled back"
    ):
        verify_bundle(with_anchors_of(old, histories.true))


def test_something_of_another_log_is_no_comparison(histories: Histories, bundle: Bundle) -> None:
    for other in (bundle, bundle["data/checkpoint"]):
        with pytest.raises(
            EvidenceBroken, match=r"is signed by demo.invalid/evidence, expected som"
        ):
            verify_bundle(histories.true, given=Given(against={"other": other}))


def test_counts_operators_and_says_whose_policy_it_is(histories: Histories) -> None:
    own = verify_bundle(histories.true, vkey=histories.vkey)
    given = verify_bundle(
        histories.true, vkey=histories.vkey, given=Given(policy=histories.who.policy)
    )
    one = histories.who.policy.replace(b"one: w1\n# operator two: w2", b"one: w1 w2")
    same = verify_bundle(histories.true, given=Given(policy=one))

    anchored = "anchored by 2 witnesses of 2 operators at size 7"
    assert own.anchoring == f"{anchored}; witness keys taken from the bundle"
    assert given.verdict == f"verified ({anchored})"
    assert same.anchoring == "anchored by 2 witnesses of 1 operator at size 7"


def test_a_quorum_that_is_not_reached_anchors_nothing(histories: Histories, tmp_path: Path) -> None:
    keys = mission_keys(tmp_path / "keys")
    with found_mission(tmp_path / "m", keys, histories.who, TRUE) as log:
        histories.who.cosign(log, which=[1])
        found = verify_bundle(bundle_of(log))

    assert found.anchoring == "not anchored: too few witnesses cosigned"
    assert "one witness (beta.example/w) claims" in found.remarks[0]
    assert "too few to count: group both needs 2 of w1, w2" in found.remarks[0]
    assert found.times[0].not_after is None


def test_a_policy_that_lists_the_log_is_as_good_as_its_key(histories: Histories) -> None:
    listed = f"log {histories.vkey}\n".encode() + histories.who.policy
    in_comment = f"# {histories.vkey}\n".encode() + histories.who.policy
    assert verify_bundle(histories.true, given=Given(policy=in_comment)).trust != "verified"
    other = listed.replace(b"log.mission.example+", b"x.example+")

    assert verify_bundle(histories.true, given=Given(policy=listed)).trust == "verified"
    with pytest.raises(EvidenceBroken, match="--witnesses:1: key id is"):
        verify_bundle(histories.true, given=Given(policy=other))


def test_claimed_and_proven_times_stand_apart(histories: Histories) -> None:
    given = Given(policy=histories.who.policy, roots=(histories.who.roots,))
    found = verify_bundle(histories.true, given=given)

    [first, last] = found.times
    assert (first.first, first.last, last.first, last.last) == (0, 5, 6, 6)
    assert (first.claimed_first, first.not_after) == (START, SEEN)
    assert first.by == "alpha.example/w, beta.example/w"
    assert "1 time stamps" in found.checks[12].found
    assert found.missing == ()


def test_says_whose_roots_a_time_stamp_leads_to(histories: Histories, tmp_path: Path) -> None:
    other = outsiders(tmp_path / "other", [Ed25519PrivateKey.generate() for _ in range(2)])

    none = verify_bundle(histories.true, given=Given(roots=(other.roots,)))
    own = verify_bundle(histories.true)

    assert "6.tsa-one.tsr leads to none of the roots given" in none.remarks[0]
    assert "0 time stamps" in none.checks[12].found
    assert "1 time stamps" in own.checks[12].found
    assert own.remarks == ()


def test_entries_after_the_newest_anchor_are_not_covered(
    histories: Histories, tmp_path: Path
) -> None:
    keys = mission_keys(tmp_path / "keys")
    with found_mission(tmp_path / "m", keys, histories.who, TRUE) as log:
        histories.who.cosign(log)
        log.append([NewObject(type="received/patrol/v1", data=b"later")], now=SEEN)
        found = verify_bundle(bundle_of(log))

    assert found.times[-1].not_after is None
    assert "when entries 7 to 7 were made: their times are the log's own" in found.not_shown
    assert any("after size 7: entries 7 to 7" in sentence for sentence in found.not_shown)


def test_an_entry_that_claims_to_be_later_than_others_saw_it_is_named(
    histories: Histories, tmp_path: Path
) -> None:
    keys = mission_keys(tmp_path / "keys")
    with found_mission(tmp_path / "m", keys, histories.who, TRUE[:1]) as log:
        ahead = SEEN.replace(day=29)
        log.append([NewObject(type="received/patrol/v1", data=b"ahead")], now=ahead)
        histories.who.cosign(log)
        found = verify_bundle(bundle_of(log))

    [sentence] = found.missing
    assert sentence.startswith(
        "entry 5 claims to be logged at 2026-06-29T18:30:00+00:00, but alpha"
    )


@pytest.mark.parametrize(
    ("name", "at", "problem"),
    [
        ("data/anchors/6.checkpoint", -9, "cosignature by|signature line|base64"),
        ("data/anchors/6.checkpoint", 22, "checkpoint"),
        ("data/anchors/6.tsa-one.tsr", 300, "6.tsa-one.tsr: "),
        ("data/witness.policy", 12, "is not what the sealed settings name|policy"),
        ("data/roots/tsa-one.pem", 99, "is not what the sealed settings name"),
    ],
)
def test_a_changed_anchor_is_named(histories: Histories, name: str, at: int, problem: str) -> None:
    content = histories.true[name]
    broken = resummed(histories.true, **{name: flipped(content, at % len(content))})

    with pytest.raises(EvidenceBroken, match=problem):
        verify_bundle(broken, vkey=histories.vkey)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"data/anchors/6.checkpoint": None},
            "6.checkpoint: is missing, expected the head",
        ),
        ({"data/anchors/7.checkpoint": None}, "7.checkpoint: is not the head in data/checkpoint"),
        ({"data/roots/tsa-one.pem": None}, "roots/tsa-one.pem: is not what the sealed settings"),
        ({"data/roots/tsa-two.pem": b"x"}, "roots/tsa-two.pem: is not what the sealed settings"),
        ({"data/witness.policy": None}, "data/witness.policy: is not what the sealed settings"),
        ({"data/anchors/007.checkpoint": b"x"}, "is no file that a bundle has"),
    ],
)
def test_an_anchor_too_few_or_too_many_is_named(
    histories: Histories, changes: dict[str, bytes | None], problem: str
) -> None:
    with pytest.raises(EvidenceBroken, match=problem):
        verify_bundle(resummed(histories.true, **changes), vkey=histories.vkey)


def test_an_anchor_of_another_size_is_named(histories: Histories) -> None:
    wrong = {"data/anchors/5.checkpoint": histories.true["data/anchors/6.checkpoint"]}

    with pytest.raises(EvidenceBroken, match=r"5.checkpoint: is of log.mission.example, 6 entries"):
        verify_bundle(resummed(histories.true, **wrong))


def test_a_head_that_nobody_else_signed_is_no_anchor(histories: Histories) -> None:
    note = without_anchors(histories.true)["data/checkpoint"]
    files = resummed(without_anchors(histories.true), **{"data/anchors/7.checkpoint": note})

    with pytest.raises(EvidenceBroken, match=r"7\.checkpoint: is one too many: nobody but the log"):
        verify_bundle(files)


def test_a_folder_is_anchored_as_its_bundle_is(histories: Histories) -> None:
    with Log.open(histories.home) as log:
        found = verify_home(log, vkey=histories.vkey)

    assert found.times == verify_bundle(histories.true).times
    assert found.anchoring == verify_bundle(histories.true).anchoring


def test_a_policy_that_cannot_be_read_is_the_readers_mistake(histories: Histories) -> None:
    with pytest.raises((BadInput, EvidenceBroken), match="--witnesses"):
        verify_bundle(histories.true, given=Given(policy=b"quorum x\n"))
