"""Checking who had what: the chains of custody, and what was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.evidence.custodian import custody_acts
from trucewatch.evidence.custody import check_custody
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.statement import CUSTODY

if TYPE_CHECKING:
    from trucewatch.verify.sealed import Sealed

_ACT = STATEMENT_PREFIX + CUSTODY


class Kept(NamedTuple):
    """What the chains of custody show.

    Attributes:
        acts: Acts that were checked.
        objects: Objects that they are about.
        withheld: Acts that are not at hand; with one of them missing no chain is judged.
        erased: Object and entry of each tombstone, in the order of the log.
    """

    acts: int
    objects: int
    withheld: int
    erased: tuple[tuple[str, int], ...]


def check_chains(sealed: Sealed) -> Kept:
    """Return what the chains of custody show, once none has a gap.

    A gap, an act by somebody else, or a working copy without a parent is refused as
    `EvidenceBroken`.
    """
    listed = [index for index, entry in enumerate(sealed.entries) if entry.type == _ACT]
    by_index = sealed.statements.by_index
    withheld = sum(index not in by_index for index in listed)
    acts = custody_acts(sorted(by_index.items()), sealed.statements.keyring)
    if withheld:
        return Kept(acts=0, objects=0, withheld=withheld, erased=())
    chains = check_custody(acts, list(enumerate(sealed.entries)))
    objects = {subject.sha256: None for acted in acts for subject in acted.subjects}
    erased = [(entry, each) for each in objects if (entry := chains.erased(each)) is not None]
    return Kept(
        acts=len(acts),
        objects=len(objects),
        withheld=0,
        erased=tuple((each, entry) for entry, each in sorted(erased)),
    )
