"""By when a head was there: what a quorum of witnesses says, and not what the earliest says."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given as drawn
from hypothesis import strategies as st
from tests.verify.anchored import (
    SEEN,
    Outsiders,
    bundle_of,
    found_mission,
    mission_keys,
    outsiders,
)

from trucewatch.cli.checking import show
from trucewatch.evidence.anchor import COSIGNATURE, Anchor
from trucewatch.evidence.witness.cosignature import Cosigner
from trucewatch.evidence.witness.policy import Policy, parse_policy
from trucewatch.verify.anchors import Anchored, _count, _Trusted
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.findings import Findings, Given
from trucewatch.verify.sealed import OutsideTime

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

ALPHA, BETA = "alpha.example/w", "beta.example/w"
EARLY = SEEN - timedelta(days=40)
OTHERS = "that others were not shown another log"


@pytest.fixture(scope="module")
def who(tmp_path_factory: pytest.TempPathFactory) -> Outsiders:
    seeds = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
    return outsiders(tmp_path_factory.mktemp("tsa"), seeds)


def checked(
    folder: Path,
    who: Outsiders,
    times: dict[int, datetime],
    given: Given,
    *,
    stamped: bool = False,
) -> Findings:
    """Return what is found of a log whose head these witnesses cosigned, each at its time."""
    folder.mkdir(exist_ok=True)
    with found_mission(folder / "m", mission_keys(folder / "keys"), who, [b"quiet\n"]) as log:
        text = log.checkpoint_note().decode().rpartition("\n\n")[0] + "\n"
        if stamped:
            who.stamp(log)
        lines = [
            (who.witnesses[n], who.witnesses[n].line(text, time=int(time.timestamp())))
            for n, time in times.items()
        ]
        anchors = [
            Anchor(size=log.size, kind=COSIGNATURE, name=w.verifier.name, content=line.encode())
            for w, line in lines
        ]
        log.add_anchors(anchors)
        return verify_bundle(bundle_of(log), given=given)


def test_one_clock_that_is_early_dates_nothing(tmp_path: Path, who: Outsiders) -> None:
    found = checked(tmp_path, who, {0: EARLY, 1: SEEN}, Given(policy=who.policy))

    [part] = found.times
    assert (part.not_after, part.by) == (SEEN, f"{ALPHA}, {BETA}")
    assert found.missing == ()
    [apart] = found.remarks
    assert f"{ALPHA} claims 2026-05-18T18:30:00Z and {BETA} 2026-06-27T18:30:00Z" in apart
    assert "over a day apart" in apart


def test_clocks_that_differ_by_a_day_at_most_are_no_remark(tmp_path: Path, who: Outsiders) -> None:
    times = {0: SEEN, 1: SEEN + timedelta(days=1)}

    found = checked(tmp_path, who, times, Given(policy=who.policy))

    assert [part.not_after for part in found.times] == [SEEN + timedelta(days=1)]
    assert [remark for remark in found.remarks if "over a day apart" in remark] == []


def test_one_witness_of_two_is_too_few_to_count(tmp_path: Path, who: Outsiders) -> None:
    found = checked(tmp_path, who, {0: EARLY}, Given(policy=who.policy))

    assert found.anchoring == "not anchored: too few witnesses cosigned"
    [remark] = found.remarks
    assert f"one witness ({ALPHA}) claims 2026-05-18T18:30:00Z; too few to count" in remark
    assert [part.not_after for part in found.times] == [None]
    assert f"{OTHERS} under the same key" in found.not_shown


def test_any_one_of_two_is_enough_where_the_policy_says_so(tmp_path: Path, who: Outsiders) -> None:
    times = {0: SEEN + timedelta(hours=1), 1: SEEN}
    any_of = who.policy.replace(b"both all", b"both any")

    found = checked(tmp_path, who, times, Given(policy=any_of))

    assert [(part.not_after, part.by) for part in found.times] == [(SEEN, BETA)]


def test_witnesses_that_the_bundle_names_take_no_warning_away(
    tmp_path: Path, who: Outsiders, capsys: pytest.CaptureFixture[str]
) -> None:
    times = {0: SEEN, 1: SEEN}

    own = checked(tmp_path / "own", who, times, Given())
    brought = checked(tmp_path / "brought", who, times, Given(policy=who.policy))
    show(own)

    said = [sentence for sentence in own.not_shown if sentence.startswith(OTHERS)]
    assert len(said) == 1
    assert "the witnesses are those that the bundle names itself" in said[0]
    assert [sentence for sentence in brought.not_shown if OTHERS in sentence] == []
    assert own.times[0].by == f"{ALPHA}, {BETA}; keys taken from the bundle"
    assert brought.times[0].by == f"{ALPHA}, {BETA}"
    printed = capsys.readouterr().out
    assert said[0] in printed
    assert "; keys taken from the bundle)\n" in printed


def test_roots_that_the_bundle_names_take_no_warning_away(tmp_path: Path, who: Outsiders) -> None:
    own = checked(tmp_path / "own", who, {}, Given(policy=who.policy), stamped=True)
    brought = checked(tmp_path / "brought", who, {}, Given(roots=(who.roots,)), stamped=True)

    said = "roots are those that the bundle names itself"
    assert [said in sentence for sentence in own.not_shown].count(True) == 1
    assert own.times[0].by.endswith("; roots taken from the bundle")
    assert [sentence for sentence in brought.not_shown if said in sentence] == []
    assert brought.times[0].by.endswith("; roots given")


def test_an_early_time_by_the_bundles_own_keys_hides_none_by_keys_that_were_brought(
    tmp_path: Path, who: Outsiders
) -> None:
    given = Given(roots=(who.roots,))

    found = checked(tmp_path, who, {0: EARLY, 1: EARLY}, given, stamped=True)

    [part] = found.times
    assert part.by.endswith("; roots given")
    assert part.not_after is not None
    assert part.not_after > SEEN


def three(needed: int) -> Policy:
    keys = [Ed25519PrivateKey.from_private_bytes(bytes([9, n]) * 16) for n in range(3)]
    vkeys = [Cosigner(f"w{n}.example/w", key).verifier.vkey for n, key in enumerate(keys)]
    lines = "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(vkeys))
    return parse_policy(f"{lines}group g {needed} w0 w1 w2\nquorum g\n".encode())


@drawn(
    hours=st.lists(st.integers(0, 100), min_size=1, max_size=3),
    needed=st.sampled_from([1, 2, 3]),
)
def test_the_time_is_the_earliest_at_which_enough_had_signed(hours: list[int], needed: int) -> None:
    policy = three(needed)
    seen = [
        OutsideTime(5, SEEN + timedelta(hours=h), f"w{n}.example/w") for n, h in enumerate(hours)
    ]
    found = Anchored()

    _count(policy, seen, _Trusted(policy, policy_given=True, roots=()), found)

    expected = [SEEN + timedelta(hours=h) for h in sorted(hours)][needed - 1 : needed]
    assert [time.time for time in found.times] == expected
    assert found.size == (5 if expected else 0)
    assert ("over a day apart" in " ".join(found.remarks)) == (max(hours) - min(hours) > 24)
