"""What a check found when nothing was broken, and how one names what was."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

VERIFIED = "verified"
SELF_CONSISTENT = "self-consistent; key taken from the bundle"
NOT_ANCHORED = "not anchored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One numbered step of a check.

    Attributes:
        number: Its place, from 1.
        name: What was checked, as a sentence that holds when it passes.
        holds: Whether it does; only the last one told can fail.
        found: What there was, or the broken link.
    """

    number: int
    name: str
    holds: bool
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Some entries that follow each other, and by when they were there at the latest.

    Attributes:
        first: Index of the first entry.
        last: Index of the last.
        claimed_first: When the log says that the first was logged.
        claimed_last: When the log says that the last was logged.
        not_after: Earliest outside time over all of them; None when nobody outside has signed.
        by: Who gave it; "" for nobody.
    """

    first: int
    last: int
    claimed_first: datetime
    claimed_last: datetime
    not_after: datetime | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the reader has by another way than the bundle or the folder, besides the log's key.

    Attributes:
        policy: The policy of witnesses (C2SP tlog-policy), or None to use the sealed one.
        roots: Certificates (PEM) of authorities for time; none to use the sealed ones.
        against: What was shown earlier or to others, by name: signed heads, proofs and receipts as
            bytes, other bundles of the same log as their files.
    """

    policy: bytes | None = None
    roots: tuple[bytes, ...] = ()
    against: Mapping[str, bytes | Mapping[str, bytes]] = field(default_factory=dict)


NOTHING = Given()
"""The reader has nothing but the log's key at most."""


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
        checks: Each step that was taken, in order.
        trust: `VERIFIED`, or `SELF_CONSISTENT` when nobody gave the log's key.
        anchoring: Who outside vouches that the log has one history, beginning with `NOT_ANCHORED`
            when nobody does.
        times: Entries by when they were there, in order, all of them.
        missing: What should be there and is not, and what cannot all be true: one sentence each.
        remarks: What else a reader should know: one sentence each.
        erased: Object and entry of each tombstone.
        not_shown: What all of this does not show: one sentence each.
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
    checks: tuple[Check, ...]
    trust: str
    anchoring: str
    times: tuple[Proven, ...]
    missing: tuple[str, ...]
    remarks: tuple[str, ...]
    erased: tuple[tuple[str, int], ...]
    not_shown: tuple[str, ...]
    exercise: bool

    @property
    def verdict(self) -> str:
        """The answer in one line."""
        return f"{self.trust} ({self.anchoring})"


class Steps:
    """The steps of a check as they are taken.

    Args:
        told: Is called with each step once it is known whether it holds.
    """

    def __init__(self, told: Callable[[Check], None] | None = None) -> None:
        self.taken: list[Check] = []
        self._told = told

    @contextmanager
    def check(self, name: str) -> Iterator[list[str]]:
        """Yield a list for words about what was found; the block raises when a link is broken.

        Raises:
            EvidenceBroken: From the block, once it was told; malformed input is a broken link here.
        """
        found: list[str] = []
        try:
            with broken_if_malformed():
                yield found
        except EvidenceBroken as error:
            self._take(name, str(error), holds=False)
            raise
        self._take(name, ", ".join(found), holds=True)

    def _take(self, name: str, found: str, *, holds: bool) -> None:
        step = Check(number=len(self.taken) + 1, name=name, holds=holds, found=found)
        self.taken.append(step)
        if self._told is not None:
            self._told(step)


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
