"""The head of a bulletin and its summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.assessment import Outcome
from trucewatch.report.bulletin.content import Points, Section
from trucewatch.report.bulletin.counts import osce_text, tally_text
from trucewatch.report.bulletin.holding import holding_text
from trucewatch.report.bulletin.movement import movement_text
from trucewatch.report.bulletin.share import brief, covered_in_both, in_both, silence
from trucewatch.report.bulletin.share import received as covered
from trucewatch.report.bulletin.silent import silences_text, silent
from trucewatch.report.bulletin.standing import CASUALTIES, WEAPONS
from trucewatch.report.bulletin.wording import plural

if TYPE_CHECKING:
    from trucewatch.report.bulletin.draft import Draft

_UNDETERMINED = ("undetermined", "thermal_anomaly", "explosion_undetermined")
_GRID = (
    "Level public: each place is the centre of its cell in a fixed grid of about 1 km, and times "
    "are cut to the minute."
)
_FULL = "Level mission: places and times as computed. Not for publication."


def basis(draft: Draft) -> tuple[str, ...]:
    """Return what a bulletin is based on, and how its times and places are to be read."""
    material, clock = draft.material, draft.clock
    zone = clock.zone_text(material.window_start, material.window_end)
    as_of = clock.long(material.window_end)
    return (
        f"Based on information as of {as_of}, as held in the first "
        f"{plural(material.input_size, 'entry', 'entries')} of the log. "
        f"Window: {clock.long(material.window_start)} to {as_of}. All times are {zone}.",
        _GRID if material.level == "public" else _FULL,
    )


def summary(draft: Draft) -> Section:
    """Return the summary, in fixed order."""
    return Section(
        id="summary",
        title="Summary",
        blocks=(
            Points(
                items=(
                    *_holding(draft),
                    _incidents(draft),
                    _units(draft),
                    _causes(draft),
                    _rules(draft),
                    f"Withdrawal of weapons: {_mention(draft, WEAPONS)}.",
                    movement_text(draft),
                    f"Casualties and damage: {_mention(draft, CASUALTIES)}.",
                    _coverage(draft),
                )
            ),
        ),
    )


def _holding(draft: Draft) -> tuple[str, ...]:
    watching = draft.material.watching
    return () if watching is None else (holding_text(draft, watching),)


def _incidents(draft: Draft) -> str:
    now, before = draft.figures.current, draft.figures.previous
    if not now.n:
        first = "No incident was reported in this window."
    else:
        first = f"{plural(now.n, 'incident')} in this window: {tally_text(now)}."
    then = f"{before.n:,}, {tally_text(before)}" if before.n else "none reported"
    gap = " A sensor was silent: see below." if silent(draft).height else ""
    left_out = confidential_text(draft.material.confidential_n)
    left_out = f" {left_out}" if left_out else ""
    return f"{first} Previous window of equal length: {then}. {in_both(draft)}{left_out}{gap}"


def confidential_text(left_out_n: int) -> str:
    """Return what is said of incidents that the public is not told of, "" when there are none.

    Example:
        >>> confidential_text(1)
        '1 incident rests on confidential reports and is not counted here.'
    """
    if not left_out_n:
        return ""
    verbs = ("rests", "is") if left_out_n == 1 else ("rest", "are")
    number = plural(left_out_n, "incident")
    return f"{number} {verbs[0]} on confidential reports and {verbs[1]} not counted here."


def _units(draft: Draft) -> str:
    now, before = draft.figures.units[0]
    return (
        f"By the osce_unit rule: {osce_text(now)}. Previous window: {osce_text(before)}. "
        f"{in_both(draft)}"
    )


def _causes(draft: Draft) -> str:
    if not draft.figures.current.n:
        return f"Causes: nothing to name. {silence(draft)}"
    unknown = draft.figures.kind(*_UNDETERMINED)
    if not unknown:
        return "Causes: each incident has a likeliest cause; see the table of kinds."
    return (
        f"Causes: for {unknown:,} of {plural(draft.figures.current.n, 'incident')} the likeliest "
        f"kind is undetermined, which is a normal finding. "
        f"Counted by the incident rule, intervals in the table of kinds, {brief(draft)}."
    )


def _rules(draft: Draft) -> str:
    if not draft.material.in_force:
        return (
            "No agreement was in force in this window, so nothing in it is set against a rule that "
            "binds anybody."
        )
    words = {
        Outcome.BREACH_ON_ITS_FACE: "a breach on its face",
        Outcome.POTENTIAL_BREACH: "a potential breach",
        Outcome.INDETERMINATE: "indeterminate",
    }
    parts = []
    for outcome, text in words.items():
        number = sum(r.tally.n for r in draft.figures.outcomes if r.outcome == outcome)
        parts.append(f"{text}: {number:,}" if number else f"{text}: none reported")
    return (
        f"Against the rules in force, computed, finding nothing: {'; '.join(parts)}. "
        f"Counted per incident and rule; intervals below. {covered(draft)}"
    )


def _mention(draft: Draft, kinds: tuple[str, ...]) -> str:
    number = draft.figures.kind(*kinds)
    if not number:
        return f"nothing reported; {brief(draft)}"
    return f"{plural(number, 'incident')}, rule incident, intervals below; {brief(draft)}"


def _coverage(draft: Draft) -> str:
    refused = draft.material.refused_n
    were = "was" if refused == 1 else "were"
    rows = f"{plural(refused, 'row or file', 'rows or files')} {were}" if refused else "no row was"
    return f"{_seen(draft)} Of what was received, {rows} refused.{silences_text(draft)}"


def _seen(draft: Draft) -> str:
    watching = draft.material.watching
    if watching is not None:
        return (
            f"What could have been seen: this window and the previous one were "
            f"{covered_in_both(watching)}; what could not be seen, and why, stands below."
        )
    quiet = "the ceasefire is holding" if draft.material.in_force else "it was quiet"
    return (
        f"What could have been seen is not known, so whether {quiet} cannot be told from this "
        "bulletin."
    )
