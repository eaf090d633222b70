"""Whether the ceasefire is holding, sector by sector, and what the counts behind it are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.bulletin.content import Cell, Paragraph, Section, Table, Voice
from trucewatch.report.bulletin.rate import (
    NONE_SEEN,
    PER,
    rate_text,
    seen_text,
    tolerated_text,
    worth_text,
)
from trucewatch.report.bulletin.share import compares, covered_text, share_text
from trucewatch.report.bulletin.wording import plural, quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.report.bulletin.draft import Draft
    from trucewatch.report.bulletin.wording import Clock
    from trucewatch.report.watching import Answer, Sector, Watching, Why

ANSWERS: Mapping[Answer, str] = {
    "holding": "The ceasefire is holding by the rule that was declared beforehand",
    "not holding": "The ceasefire is not holding by the rule that was declared beforehand",
    "cannot tell": "We cannot tell whether the ceasefire is holding",
}
"""How each answer begins a bulletin."""

WHYS: Mapping[Why, str] = {
    "": "",
    "no tolerance": "no tolerance was declared",
    "declared late": "what is tolerated was declared after the period had begun",
    "too little covered": "too little was covered",
    "evidence too weak": "the evidence does not yet suffice",
}
"""Why nothing can be told."""

WHOLE = "Whole ground"
_RATE = (
    "A rate is incidents per 1,000 covered hours. An hour is covered as far as an incident in it "
    "would have been seen: a sector of which a third is watched well for an hour is covered for "
    "twenty minutes. Covered from the class that is seen least to the class that is seen most; the "
    "interval rests on both. Where none was seen the rate is an upper bound."
)
_ANSWERED = (
    "It is called holding, or not holding, once the evidence since the named time suffices. Not "
    "holding stays said until the next recommitment, however quiet it has become; holding is taken "
    "back when the upper end of the rate rises to what is tolerated. The interval since that time "
    "holds at every look at once. Neither answer names a party, and neither is a finding."
)


def holding_text(draft: Draft, watching: Watching) -> str:
    """Return whether the ceasefire is holding, in two or three sentences.

    Of a window without an agreement in force nothing is said of holding.
    """
    whole = watching.whole
    period, clock = whole.period, draft.clock
    if not draft.material.in_force:
        window = worth_text(whole.window)
        return f"{_first_up(window)}, of the classes that count. {_covered(whole, window=True)}"
    since = f"since {clock.long(period.start)}"
    why = f": {_why(whole)}" if whole.answer == "cannot tell" else ""
    head = f"{ANSWERS[whole.answer]}{why}. {_first_up(since)}: {worth_text(period)}"
    return f"{head}{_tolerance(whole)}. {_covered(whole, window=False)}{_by_sector(watching)}"


def _why(one: Sector) -> str:
    words = WHYS[one.why]
    if one.why != "too little covered":
        return words
    covered = covered_text(one.period)
    return (
        f"{covered} of the hours {'were' if covered != 'none' else 'was'} covered, and at least "
        f"{_least(one)} was declared as necessary"
    )


def _least(one: Sector) -> str:
    return share_text(one.coverage_min_share, one.coverage_min_share)


def _tolerance(one: Sector) -> str:
    if one.tolerated_per_1000h is None:
        return ""
    return f"; up to {tolerated_text(one.tolerated_per_1000h)} {PER} was declared as tolerated"


def _covered(one: Sector, *, window: bool) -> str:
    rated = one.window if window else one.period
    hours = "of this window" if window else "of that time"
    today = "" if window else f", and {covered_text(one.window)} of this window"
    return f"Covered: {covered_text(rated)} {hours}{today}."


def _by_sector(watching: Watching) -> str:
    if len(watching.sectors) < 2:  # noqa: PLR2004 - one sector says what the whole ground does
        return ""
    parts = []
    for answer in ANSWERS:
        names = [quote(one.id, limit=40) for one in watching.sectors if one.answer == answer]
        if names:
            parts.append(f"{answer} in {', '.join(names)}")
    return f" By sector: {'; '.join(parts)}."


def holding(draft: Draft, watching: Watching) -> Section:
    """Return the section on holding and on what could have been seen."""
    asked = draft.material.in_force
    ones = (*watching.sectors, watching.whole) if watching.sectors else (watching.whole,)
    head = ("Sector", "Covered", "Is it holding", "Seen", "Rate", "Previous window")
    table = Table(
        caption=f"Incidents of classes that count, seen in this window by a declared asset; rates "
        f"{PER} with their interval. {_comparison(watching)}",
        head=head if asked else (*head[:2], *head[3:]),
        rows=tuple(_row(one, draft.clock, asked=asked) for one in ones),
        numeric=frozenset({1, 3, 4, 5} if asked else {1, 2, 3, 4}),
        stacked=((0, 1), (2,), (3, 4), (5,)) if asked else ((0, 1), (2, 3), (4,)),
    )
    title = "Is it holding, and what could have been seen"
    return Section(
        id="holding",
        title=title if asked else "What could have been seen",
        blocks=(table, *_beneath(watching, asked=asked)),
    )


def _comparison(watching: Watching) -> str:
    whole = watching.whole
    said = f"covered {covered_text(whole.window)} and {covered_text(whole.before)}"
    if compares(whole.window, whole.before):
        return f"This window and the previous one: {said}."
    return f"Counts of this window and of the previous one do not compare: {said}."


def _row(one: Sector, clock: Clock, *, asked: bool) -> tuple[Cell, ...]:
    window, before = one.window, one.before
    name = Cell(text=quote(one.id, limit=40) or WHOLE)
    rate, earlier = rate_text(window), rate_text(before)
    same = "" if compares(window, before) else "; does not compare"
    return (
        name,
        Cell(text=covered_text(window)),
        *((_answer(one, clock),) if asked else ()),
        Cell(text=f"{window.count:,}" if window.count else NONE_SEEN),
        Cell(text=rate),
        Cell(text=earlier, under=f"{seen_text(before)}, covered {covered_text(before)}{same}"),
    )


def _answer(one: Sector, clock: Clock) -> Cell:
    period = one.period
    why = f"{_why(one)}; " if one.answer == "cannot tell" else ""
    tolerated = one.tolerated_per_1000h
    against = "" if tolerated is None else f", tolerated {tolerated_text(tolerated)}"
    under = (
        f"{why}since {clock.year(period.start)}: {seen_text(period)}, {rate_text(period)}"
        f"{against}, covered {covered_text(period)}"
    )
    return Cell(text=one.answer, under=under)


def _beneath(watching: Watching, *, asked: bool) -> tuple[Paragraph, ...]:
    said = [f"{_rule(watching)} {_RATE}"]
    if asked:
        said.append(f"{_ANSWERED} {_chance(watching)}")
    said.append(_others(watching))
    return tuple(Paragraph(text=text, voice=Voice.NOTE) for text in said)


def _rule(watching: Watching) -> str:
    names = [HAPPENINGS[one].text if one in HAPPENINGS else quote(one) for one in watching.counts]
    classes = "; ".join(names) or "none"
    return (
        f"Rule: we count each incident once, likelier real than not (P .50 and more), that a "
        f"declared asset saw where and while it watched, of these classes: {classes}."
    )


def _chance(watching: Watching) -> str:
    percent = f"{watching.alpha_p * 100:.3g} %"
    return (
        f"The chance of a false answer of either kind is at most {percent}, however often one "
        f"looks. Of the sectors that are called not holding together, at most {percent} are on "
        "average called so falsely."
    )


def _others(watching: Watching) -> str:
    number, said = watching.whole.window.other_n, "No other incident of these classes was reported."
    if number:
        were, are = ("was", "is") if number == 1 else ("were", "are")
        said = (
            f"{plural(number, 'other incident')} of these classes {were} reported by nobody whose "
            f"watch is declared, or where and while none watched, and {are} in no rate."
        )
    return f"{said}{_strangers(watching)}"


def _strangers(watching: Watching) -> str:
    number = len(watching.strangers)
    if not number:
        return ""
    names = ", ".join(quote(name, limit=40) for name in watching.strangers if name)
    who = f" ({names})" if names else ""
    return (
        f" Watch reports came of {plural(number, 'asset')} that nobody declared{who}; they count "
        "for nothing."
    )


def _first_up(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
