from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.evidence.timestamp.conftest import CHECKPOINT, GOLDEN
from tests.evidence.timestamp.tsa import Authority, Behaviour, authority, needs_openssl

from trucewatch.errors import BadInput
from trucewatch.evidence.timestamp.authority import Outcome, Stamped, stamp
from trucewatch.evidence.timestamp.token import open_token

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

pytestmark = [pytest.mark.system, needs_openssl]
ROOTS = [(GOLDEN / "ca.pem").read_bytes()]


def asked(served: Authority, now: datetime, timeout_s: float = 5.0, nonce: int = 7) -> Stamped:
    return stamp(
        served.url, CHECKPOINT, nonce=nonce, roots=served.roots, now=now, timeout_s=timeout_s
    )


def test_two_authorities_stamp_one_checkpoint(
    north: Authority, south: Authority, now: datetime
) -> None:
    answers = [asked(north, now, nonce=1), asked(south, now, nonce=2**64 - 1)]

    for served, answer in zip((north, south), answers, strict=True):
        assert answer.outcome is Outcome.STAMPED
        assert answer.response is not None
        kept = open_token(answer.response, CHECKPOINT, roots=served.roots, where="kept")
        assert kept == answer.stamp
        assert kept.authority == f"CN={served.name}"


def test_one_authority_cannot_speak_for_another(
    north: Authority, south: Authority, now: datetime
) -> None:
    answer = stamp(north.url, CHECKPOINT, nonce=7, roots=south.roots, now=now, timeout_s=5.0)

    assert answer.outcome is Outcome.REJECTED
    assert answer.response is not None
    assert "expected a chain to a given root" in answer.problem


@pytest.mark.parametrize("skew_s", [-3600, -61, -60, 0, 60, 61, 3600])
def test_a_clock_that_differs_is_reported_and_the_token_kept(
    north: Authority, now: datetime, skew_s: int
) -> None:
    first = asked(north, now).stamp
    assert first is not None

    # The second token may be a second younger than the first.
    answer = asked(north, first.time - timedelta(seconds=skew_s))

    assert answer.outcome is Outcome.STAMPED
    assert answer.skew_s is not None
    assert answer.skew_s - skew_s in {0.0, 1.0}
    assert (answer.problem != "") == (abs(answer.skew_s) > 60)
    assert not answer.problem or f"clock is {answer.skew_s:+.0f} s from ours" in answer.problem


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (Behaviour.WRONG_NONCE, "nonce is 6, expected 7"),
        (Behaviour.WRONG_DIGEST, "token is over digest"),
        (Behaviour.NOT_ONE, "answer is malformed"),
    ],
)
def test_an_answer_that_does_not_verify_is_kept_as_rejected(
    north: Authority, now: datetime, behaviour: Behaviour, problem: str
) -> None:
    north.behaviour = behaviour

    answer = asked(north, now)

    assert answer.outcome is Outcome.REJECTED
    assert answer.response
    assert answer.stamp is None
    assert answer.problem.startswith(f"{north.url}: {problem}")


def test_an_endless_answer_is_cut_off(north: Authority, now: datetime) -> None:
    north.behaviour = Behaviour.ENDLESS

    answer = asked(north, now)

    assert (answer.outcome, answer.response) == (Outcome.REJECTED, None)
    assert answer.problem == f"{north.url}: answer has more than 65535 bytes"


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (Behaviour.OFFLINE, "Remote end closed connection without response"),
        (Behaviour.REDIRECTING, "HTTP status is 302, expected 200"),
        (Behaviour.BUSY, "HTTP status is 503, expected 200"),
        (Behaviour.BREAKING_OFF, "answer broke off after 1 bytes"),
    ],
)
def test_an_authority_that_gives_no_answer_is_unreachable(
    north: Authority, now: datetime, behaviour: Behaviour, problem: str
) -> None:
    north.behaviour = behaviour

    answer = asked(north, now)

    assert answer == Stamped(outcome=Outcome.UNREACHABLE, problem=f"{north.url}: {problem}")


@pytest.mark.parametrize("behaviour", [Behaviour.DRIPPING, Behaviour.DRIPPING_WITHOUT_LENGTH])
def test_an_answer_that_drips_is_not_waited_for(
    north: Authority, now: datetime, behaviour: Behaviour
) -> None:
    north.behaviour = behaviour

    answer = asked(north, now, timeout_s=0.5)

    problem = f"{north.url}: answer was not complete after 0.5 s"
    assert answer == Stamped(outcome=Outcome.UNREACHABLE, problem=problem)


def test_an_authority_that_says_nothing_is_not_waited_for(north: Authority, now: datetime) -> None:
    north.behaviour = Behaviour.SILENT

    answer = asked(north, now, timeout_s=0.1)

    assert answer.outcome is Outcome.UNREACHABLE
    assert "timed out" in answer.problem or "not complete after 0.1 s" in answer.problem


def test_an_authority_without_tls_is_unreachable_by_https(north: Authority, now: datetime) -> None:
    url = north.url.replace("http:", "https:")

    answer = stamp(url, CHECKPOINT, nonce=7, roots=north.roots, now=now, timeout_s=2.0)

    assert answer.outcome is Outcome.UNREACHABLE
    assert "SSL" in answer.problem


def test_nobody_there_is_unreachable(tmp_path: Path, now: datetime) -> None:
    with authority(tmp_path, "gone") as served:
        pass

    answer = asked(served, now)

    assert answer.outcome is Outcome.UNREACHABLE
    assert "refused" in answer.problem


def test_an_authority_that_sends_its_certificates_unordered_is_rejected_not_a_crash(
    tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "unordered"
    # The root's certificate is shorter than the signer's, and openssl puts it last.
    with authority(folder, "unordered", settings=f"certs = {folder}/ca.pem\n") as served:
        answer = asked(served, now)

    assert answer.outcome is Outcome.REJECTED
    assert answer.response
    assert "InvalidSetOrdering" in answer.problem


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://demo.invalid/tsa",
        "http://",
        "http://demo.invalid:99999/",
        "http://[::1/",
        "http://name:word@demo.invalid/",
        "http://demo.invalid/a b",
        "http://demo.invalid/a\r\nb",
        "http://d\u00e9mo.invalid/",
    ],
)
def test_refuses_a_url_that_names_no_authority(url: str, now: datetime) -> None:
    with pytest.raises(BadInput, match=r"authority .*URL (must be|cannot be read)"):
        stamp(url, CHECKPOINT, nonce=7, roots=ROOTS, now=now, timeout_s=1.0)


def test_an_address_keeps_its_query(north: Authority, now: datetime) -> None:
    answer = stamp(
        f"{north.url}?profile=one",
        CHECKPOINT,
        nonce=7,
        roots=north.roots,
        now=now,
        timeout_s=5.0,
    )

    assert answer.outcome is Outcome.STAMPED
