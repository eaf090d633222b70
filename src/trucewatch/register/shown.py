"""A claim as people read it: with its source, its day, its standing and the replies to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.claims.source import SourceKind
from trucewatch.register.known import cited

if TYPE_CHECKING:
    from datetime import date

    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.known import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One of them.

    Attributes:
        claim: The claim.
        at: Where it was read, such as `001:12-14`.
        outlet: Who published that.
        said_on: When it was said or published, or None when nobody tells.
        official: Whether the source is the official text of an instrument.
        superseded_by: The claim that corrects it, by id, or "".
        replies: Claims by which its subject replied to it, by id in order.
    """

    claim: Claim
    at: str
    outlet: str
    said_on: date | None
    official: bool
    superseded_by: str
    replies: tuple[str, ...]


def shown(claim: Claim, known: Known) -> Shown:
    """Return a claim as people read it."""
    source = known.sources[claim.source]
    return Shown(
        claim=claim,
        at=cited(claim),
        outlet=source.outlet,
        said_on=known.said_on(claim),
        official=source.kind is SourceKind.OFFICIAL_TEXT,
        superseded_by=known.superseded.get(claim.id, ""),
        replies=known.replies.get(claim.id, ()),
    )
