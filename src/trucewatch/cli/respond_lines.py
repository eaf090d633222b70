"""How `tw respond` tells a response: plain lines, EXERCISE first where it is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.cli.printing import counted, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.respond.asked import Ask, Report
    from trucewatch.respond.clock import Clock, Pause
    from trucewatch.respond.figures import Hours
    from trucewatch.respond.promised import Commitment, Gap, Promised, Side
    from trucewatch.respond.tiers import TierStands
    from trucewatch.respond.view import Response, Stands

EXERCISE_LINE = "EXERCISE  Nothing here is meant.  EXERCISE"
PRESS_LINE = "The register holds claims, each with its source; most are claims of the press."
_CLOCKS = {
    "not_called": "not called",
    "due": "runs",
    "paused": "stands still",
    "met": "met",
    "missed": "MISSED",
    "unsettled": "met or missed, depending on a time that somebody typed",
    "called_off": "called off",
}
_SEEN = {
    "not_looked": "nobody else looked",
    "verified": "verified",
    "not_done": "somebody looked and it was NOT DONE",
}


def time_text(time: datetime) -> str:
    """Return a time to the minute, in UTC."""
    return f"{time:%Y-%m-%d %H:%M}Z"


def show_response(found: Response) -> None:
    """Print a response; the line that says EXERCISE was printed before."""
    told = found.determination
    say(f"{found.id} is {found.state} in {found.tier}, as of {time_text(found.as_of)}")
    say(f"  register       {found.register}: {found.title}")
    say(f"                 {PRESS_LINE}")
    party = f", responsible: {told.party}" if told.party else ""
    say(f"  determination  {time_text(told.at)}: {told.found}")
    say(f"                 by {told.found_by}{party}; standard: {told.standard or 'not said'}")
    for object_ in told.objects:
        say(f"                 object {object_}")
    if told.review:
        say(f"                 looked at again: {told.review}: {told.review_said}")
    _show_turns(found)
    _show_tiers(found.tiers)
    _show_asked(found.actors)
    _show_outstanding(found.actors)
    show_gaps(found.nobody, found.tier)
    _show_meetings(found)
    _show_hours(found.hours)


def show_who(found: Promised, tier: str) -> None:
    """Print who may be asked, under which promises, and what nobody has promised."""
    register = found.register
    say(f"register {register.id}: {register.title}")
    say(PRESS_LINE)
    for side in found.sides:
        _show_side(side)
    show_gaps(found.gaps.get(tier, ()), tier)
    say(f"Measures of {tier}:")
    for each in register.measures:
        if tier in each.tiers:
            say(f"  {each.id:22} {each.kind.value}: {each.text}")


def show_gaps(gaps: Sequence[Gap], tier: str) -> None:
    """Print what nobody has promised."""
    say(f"NOBODY HAS PROMISED (in {tier}):" if gaps else f"Promised by somebody: all of {tier}")
    for each in gaps:
        claims = f" ({', '.join(each.claims)})" if each.claims else ""
        say(f"  {each.what:11} {each.id}: {each.text}; {each.why}{claims}")


def _show_turns(found: Response) -> None:
    for turn in found.turns[1:]:
        tier = f" {turn.tier}" if turn.tier else ""
        note = f": {turn.note}" if turn.note else ""
        say(f"  {turn.act + tier:14} {time_text(turn.at)}, entry {turn.entry}{note}")


def _show_tiers(tiers: Sequence[TierStands]) -> None:
    say("TIERS: the clocks run from the determination")
    for tier in tiers:
        force = "  IN FORCE" if tier.in_force else ""
        press = "  (press only)" if tier.press_only else ""
        say(f"  {tier.id:10} {clock_text(tier.clock)}{force}{press}")
        say(f"             {tier.text}")
        if tier.called is None:
            continue
        _show_pauses(tier.clock.pauses)
        for each in tier.measures:
            asked = ", ".join(each.asked) or "nobody"
            taken = ", ".join(each.taken) or "nobody"
            say(f"    {each.id:22} asked: {asked}; taken by: {taken}")


def clock_text(clock: Clock) -> str:
    """Return a clock in words."""
    said = _CLOCKS[clock.state.value]
    if clock.state.value == "not_called":
        return f"due {time_text(clock.due_at)}  {said}"
    if clock.left_h is not None:
        said += f", {abs(clock.left_h):.1f} h {'left' if clock.left_h >= 0 else 'over'}"
    if clock.done_h is not None:
        said += f"; first done after {clock.done_h:.1f} h"
    if clock.paused_h:
        said += f"; stood still for {clock.paused_h:.1f} h"
    return f"due {time_text(clock.due_at)}  {said}"


def _show_pauses(pauses: Sequence[Pause]) -> None:
    for each in pauses:
        until = "now" if each.until is None else time_text(each.until.at)
        span = f"{time_text(each.since.at)} to {until}"
        say(f"             stood still {span}: {each.reason} (entry {each.entry})")


def _show_asked(actors: Sequence[Stands]) -> None:
    asks = [(each.side, ask) for each in actors for ask in each.asks]
    say("ASKED:" if asks else "ASKED: nobody so far")
    for side, ask in asks:
        _show_ask(side, ask)


def _show_ask(side: Side, ask: Ask) -> None:
    say(f"  {ask.actor} ({side.name}): {ask.measure} in {ask.tier}; {ask.state}  [{ask.id}]")
    say(f"    {clock_text(ask.clock)}")
    if not ask.commitments:
        say("    under no promise")
    for each in ask.commitments:
        say(f"    under {_commitment_text(each)}")
        _show_force(each)
    for claim in ask.not_on_file:
        say(f"    under {claim}, which is no promise in the register")
    for word in ask.words:
        atom = f" {word.atom}" if word.atom else ""
        said = f": {word.said}" if word.said else ""
        say(f"    {word.act}{atom} {time_text(word.at)}{said}")
    if ask.adopted_by:
        lasts = "without an end" if ask.until is None else f"until {time_text(ask.until)}"
        over = "; that is over and it was not renewed" if ask.expired else ""
        say(f"    adopted by {ask.adopted_by}, {lasts}{over}")
    for report in ask.reports:
        _show_report(report)


def _show_report(report: Report) -> None:
    asset = f" by {report.asset} (entry {report.seen_entry})" if report.asset else ""
    say(f"    reported {time_text(report.at)}: {report.said}  (entry {report.entry})")
    say(f"      {_SEEN[report.seen.value]}{asset}")


def _commitment_text(each: Commitment) -> str:
    quantity = f", {each.quantity}" if each.quantity else ""
    said_on = "no day" if each.said_on is None else str(each.said_on)
    head = f"{each.claim}: {each.relation}{quantity}: {each.text}"
    return f"{head} ({each.outlet}, {each.at}, {said_on}, {each.grade})"


def _show_force(each: Commitment) -> None:
    told = [f"{f.value} by {f.at}{', official' if f.official else ''}" for f in each.force]
    say(f"      how binding: {'; '.join(told) or 'no source says'}")
    if each.condition:
        say(f"      hangs on: {each.condition}; met: {each.met.replace('_', ' ')}")
    if each.against:
        say(f"      contradicted by {', '.join(each.against)}")


def _show_outstanding(actors: Sequence[Stands]) -> None:
    sides = [each.side for each in actors if each.side.outstanding]
    say("STEPS AT HOME THAT ARE OUTSTANDING:" if sides else "Steps at home: none is outstanding")
    for side in sides:
        for each in side.outstanding:
            claims = f" ({', '.join(each.claims)})" if each.claims else ""
            say(f"  {side.actor:12} {each.atom}: {each.text}{claims}")


def _show_side(side: Side) -> None:
    say(f"{side.actor} ({side.name}){'  ACTS IN THIS TIER' if side.acts else ''}")
    for each in side.promises:
        say(f"  {_commitment_text(each)}")
        _show_force(each)
    for each in side.refusals:
        say(f"  NOT: {_commitment_text(each)}")
    for step in side.outstanding:
        say(f"  outstanding at home: {step.atom}: {step.text}")


def _show_meetings(found: Response) -> None:
    for each in found.consultations:
        with_ = ", ".join(each.participants)
        say(f"CONSULTATION {each.id} {time_text(each.at)} on {each.subject}, with {with_}")
        for actor, words in each.statements:
            say(f"  {actor}: {words}")
        say(f"  concluded: {each.concluded or 'nothing so far'}")
    for request in found.requests:
        due = "no time was set" if request.due is None else f"due {time_text(request.due)}"
        over = ", OVERDUE" if request.overdue else ""
        say(f"CELL {request.id} of {request.actor}: {request.what}; {due}{over}; {request.state}")
        if request.answer:
            say(f"  answer: {request.answer}")
        if request.decided:
            say(f"  decided: {request.decided}")


def _show_hours(figures: Sequence[Hours]) -> None:
    if not figures or not figures[0].of:
        return
    say(f"HOURS from the determination, of {counted(figures[0].of, 'request')}:")
    for each in figures:
        middle, ninth = _hours(each.median_h), _hours(each.ninth_h)
        say(f"  {each.step:9} {each.done} of {each.of}; median {middle}, 90th percentile {ninth}")


def _hours(hours_h: float | None) -> str:
    return "not reached" if hours_h is None else f"{hours_h:.1f} h"
