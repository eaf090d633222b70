"""What a check found when nothing was broken, and how one names what was."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken

if TYPE_CHECKING:
    from collections.abc import Iterator

VERIFIED = "verified"
SELF_CONSISTENT = "self-consistent; key taken from the bundle"
NOT_ANCHORED = "not anchored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was checked; there is no finding for a broken link, as that raises.

    Attributes:
        origin: Name of the log.
        size: Number of entries under its checkpoint, all of them checked.
        root: Merkle root over them, lowercase hex.
        objects: Distinct objects that were at hand and hash to what their entries say.
        withheld: Entries whose object was not at hand, each with a reason.
        proofs: Inclusion proofs that verify.
        statements: Signed statements that verify.
        unknown: Entry index and type of statements that verify and that this version cannot read.
        reports: Copies of published files that equal their sealed objects.
        trust: `VERIFIED`, or `SELF_CONSISTENT` when nobody gave the log's key.
        anchoring: `NOT_ANCHORED`: no witness vouches that the log has one history.
        exercise: Whether it says of itself that it is worthless as proof.
    """

    origin: str
    size: int
    root: str
    objects: int
    withheld: int
    proofs: int
    statements: int
    unknown: tuple[tuple[int, str], ...]
    reports: int
    trust: str
    anchoring: str
    exercise: bool


@contextmanager
def broken_if_malformed() -> Iterator[None]:
    """Turn input that cannot be read into a broken link: it was readable when it was sealed.

    Raises:
        EvidenceBroken: In place of a `BadInput` from the block, with the same place and words.
    """
    try:
        yield
    except BadInput as error:
        raise EvidenceBroken(error.where, error.problem, advice=error.advice) from error
