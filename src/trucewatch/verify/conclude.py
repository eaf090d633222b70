"""What a bundle and a mission's folder are checked for alike, once their log was found whole.

What the statements cite, who had what, whose word from outside stands for it, what was shown to
others, and what is missing. Then what all of it does not show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.verify.against import check_against
from trucewatch.verify.anchors import check_anchors, contradictions, proven_times
from trucewatch.verify.custody import check_chains
from trucewatch.verify.findings import SELF_CONSISTENT, VERIFIED
from trucewatch.verify.omission import look_for_omissions
from trucewatch.verify.statements import check_heads, check_subjects

if TYPE_CHECKING:
    from trucewatch.verify.anchors import Anchored
    from trucewatch.verify.custody import Kept
    from trucewatch.verify.findings import Given, Proven, Steps
    from trucewatch.verify.sealed import Sealed


class Conclusions(NamedTuple):
    """What was found besides that the log is whole; see `Findings` for each."""

    trust: str
    anchoring: str
    times: tuple[Proven, ...]
    missing: tuple[str, ...]
    remarks: tuple[str, ...]
    erased: tuple[tuple[str, int], ...]
    not_shown: tuple[str, ...]


def check_citations(sealed: Sealed, steps: Steps) -> None:
    """Check that what statements cite was sealed before them, and that their heads are ours."""
    with steps.check("What statements cite was sealed before them") as found:
        check_subjects(sealed.entries, sealed.statements)
        heads = check_heads(sealed.head.origin, sealed.statements, sealed.tree)
        found.append(f"{heads} heads of the log that they cite are its own")


def conclude(sealed: Sealed, given: Given, steps: Steps, *, known: bool) -> Conclusions:
    """Return what was found by the checks that need the whole log.

    Args:
        sealed: The log.
        given: What the reader has by another way.
        steps: Where each step is told.
        known: Whether the reader brought the log's key, which was found to be this one.
    """
    with steps.check("Custody has no gap") as found:
        kept = check_chains(sealed)
        found.append(_custody(kept))
    with steps.check("What others signed is about this log") as found:
        anchored = check_anchors(sealed, given)
        found.append(f"{anchored.witnesses} cosignatures, {anchored.stamps} time stamps")
    with steps.check("What was shown to others is this log") as found:
        compared = check_against(sealed, given.against)
        found.extend(compared.found if given.against else ["nothing was given to compare with"])
    with steps.check("What should be here was looked for") as found:
        omitted = look_for_omissions(sealed)
        found.append(f"{omitted.slots} slots of schedules, {omitted.files} numbered files")
        found.append(f"{len(omitted.missing)} missing" if omitted.missing else "nothing is missing")
    wrong, late = contradictions(sealed, anchored.times)
    times = proven_times(sealed, anchored.times)
    trust = VERIFIED if known or anchored.lists_log else SELF_CONSISTENT
    return Conclusions(
        trust=trust,
        anchoring=anchored.anchoring,
        times=times,
        missing=(*compared.missing, *omitted.missing, *wrong),
        remarks=(*anchored.remarks, *omitted.remarks, *late),
        erased=kept.erased,
        not_shown=tuple(_not_shown(sealed, anchored, times, trust)),
    )


def _custody(kept: Kept) -> str:
    if kept.withheld:
        return f"{kept.withheld} acts are withheld: no chain was judged"
    return f"{kept.acts} acts on {kept.objects} objects, {len(kept.erased)} erased"


def _not_shown(
    sealed: Sealed, anchored: Anchored, times: tuple[Proven, ...], trust: str
) -> list[str]:
    found = [
        "that what was sealed is true, or that all that happened was sealed",
        "that keys were in the right hands when they signed",
    ]
    if trust != VERIFIED:
        found.append("who made it: the log's key was taken from it (give yours with --key)")
    found += _not_shown_by_others(anchored, len(sealed.entries))
    open_ = [part for part in times if part.not_after is None]
    if open_:
        first, last = open_[0].first, open_[-1].last
        found.append(f"when entries {first} to {last} were made: their times are the log's own")
    if sealed.withheld:
        found.append(f"what {sealed.withheld} entries say whose objects are not here")
    return found


def _not_shown_by_others(anchored: Anchored, size: int) -> list[str]:
    # Whoever made the log can make its witnesses and authorities too, as many as the words ask for.
    found = []
    if not anchored.size:
        found.append("that others were not shown another log under the same key")
    elif anchored.own_witnesses:
        claim = "that others were not shown another log, or that the witnesses' times are true"
        whose = "the witnesses are those that the bundle names itself"
        found.append(f"{claim}: {whose} (give yours with --witnesses)")
    if 0 < anchored.size < size:
        rest = f"entries {anchored.size} to {size - 1}"
        found.append(f"that others were not shown another log after size {anchored.size}: {rest}")
    if anchored.own_roots:
        whose = "the authorities' roots are those that the bundle names itself"
        found.append(f"that the time stamps' times are true: {whose} (give yours with --roots)")
    return found
