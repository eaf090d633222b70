"""What `tw register` shows: claims with their sources, contradictions with both sides."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from trucewatch.cli.printing import counted, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trucewatch.mission.register_ask import OneClaim, View
    from trucewatch.mission.register_load import Added
    from trucewatch.mission.register_state import StateView
    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.asked import About
    from trucewatch.register.contradictions import Contradiction, Dispute
    from trucewatch.register.legal import Answer, Legal
    from trucewatch.register.shown import Shown
    from trucewatch.register.timeline import Moment
    from trucewatch.register.who import Commitment, Standing, WhoIf

WIDTH = 100
_QUESTIONS_SHOWN = 10


def show_head(seen: View) -> None:
    """Print what register it is and what it rests on, before any answer from it."""
    from trucewatch.mission.register_marked import marked

    if seen.exercise:
        say("EXERCISE")
    for line in marked(seen.register):
        paragraph(line)
    say()


def paragraph(text: str, indent: str = "") -> None:
    """Print text broken into lines that fit."""
    for line in wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent) or [indent]:
        say(line)


def show_added(done: Added, *, tried: bool) -> None:
    """Print what a file adds, supersedes and contradicts."""
    sealed = "Not sealed: only tried." if tried else f"Sealed: entry {done.entry}"
    say(f"{sealed} Object {done.object}" if tried else f"{sealed}, object {done.object}")
    told = ", ".join(counted(n, key.removesuffix("s")) for key, n in done.new.items()) or "nothing"
    say(f"New in register {done.register}: {told}")
    for new, old in done.superseded.items():
        say(f"  {new} supersedes {old}; both are kept")
    from trucewatch.register.contradictions import disputes

    questions = disputes(done.found)
    if questions:
        say(f"New contradictions: {len(done.found)} over {counted(len(questions), 'question')}")
    show_disputes(questions[:_QUESTIONS_SHOWN])
    if len(questions) > _QUESTIONS_SHOWN:
        say(f"  and {len(questions) - _QUESTIONS_SHOWN} questions more; see them all with:")
        say("  tw register contradictions HOME")
    for each in done.settled:
        paragraph(f"No longer a contradiction: {each.id}", "  ")


def show_claim_row(claim: Claim, at: str, *, superseded_by: str = "") -> None:
    """Print a claim on one line, and what the source says below it."""
    told = f"{claim.subject} {claim.relation}"
    told += "".join(f" {each}" for each in (claim.object, claim.domain and f"[{claim.domain}]"))
    if claim.attribute:
        told += f" {claim.attribute} = {claim.value}"
    gone = f"; superseded by {superseded_by}" if superseded_by else ""
    say(f"{claim.id}  {told}  ({at}, {claim.grade}{gone})")
    paragraph(claim.text, "    ")


def show_actor(found: About) -> None:
    """Print all that is known of an actor."""
    say(f"{found.actor.name} ({found.actor.id}, {found.actor.kind})")
    for group in found.groups:
        say(f"{group.relation}:")
        for each in group.claims:
            show_said(each)
    if found.of_others:
        say("named by others:")
    for each in found.of_others:
        show_said(each)
    show_disputes(found.disputes)
    for clause in found.removed:
        paragraph(f"Removed from a draft: {clause.clause.text}; it {clause.text}", "  ")


def show_state(found: StateView) -> None:
    """Print what is known of a state, then what is due, delivered and outstanding."""
    show_actor(found.about)
    say("due and delivered (AMBER+STRICT, never public):")
    for each in found.owed:
        late = f", overdue {each.overdue_d} days" if each.overdue_d is not None else ""
        due = f"; due {each.due}{late}" if each.due else ""
        verified = f", verified {each.verified}" if each.verified else ""
        told = f"pledged {each.pledged} {each.unit}; delivered {each.delivered}{verified}"
        paragraph(f"{each.id}: {each.item}: {told}; outstanding {each.gap}{due}", "  ")
    if not found.owed:
        say("  no promise with a number is on file")
    for entry, why in found.closed.items():
        say(f"  the table of entry {entry} is left out: {why}")
    for item in found.outstanding:
        state = item.state.replace("_", " ")
        paragraph(f"outstanding at home: {item.text} ({item.id}; {state})", "  ")
    for ask in found.asks:
        due = f"{ask.clock.due_at:%Y-%m-%d %H:%M}Z"
        clock = ask.clock.state.replace("_", " ")
        paragraph(f"asked for {ask.measure}: {ask.text}; {ask.state}, {clock}, due {due}", "  ")


def show_said(each: Shown) -> None:
    """Print a claim with its day, its source and its grade."""
    claim = each.claim
    day = "no day    " if each.said_on is None else each.said_on.isoformat()
    what = " ".join(part for part in (claim.object or claim.attribute, claim.value) if part)
    place = f"{each.at} {each.outlet}{', official text' if each.official else ''}"
    say(f"  {day}  {claim.id}  {what}{f' [{claim.domain}]' if claim.domain else ''}")
    paragraph(claim.text, "      ")
    more = f"; superseded by {each.superseded_by}" if each.superseded_by else ""
    more += "".join(f"; replied to in {reply}" for reply in each.replies)
    from_ = f", who has it from {' from '.join(claim.chain)}" if claim.chain else ""
    paragraph(f"source {place}{from_}; grade {claim.grade}; {claim.basis}{more}", "      ")


def show_legal(found: Legal) -> None:
    """Print how binding a thing is by each source, the official condition first."""
    thing = found.instrument.name
    if found.provision is not None:
        number = found.provision.number or found.provision.id
        thing = f"provision {number} of {thing}: {found.provision.text}"
    paragraph(thing)
    wording = found.official
    hangs = f"{wording.text} ({wording.at})" if wording.text else "no official text states any"
    paragraph(f"Official condition: {hangs}", "  ")
    for each in found.answers:
        _show_answer(each)
    if not found.answers:
        say("  No source says how binding it is.")
    show_disputes(found.disputes)


def _show_answer(each: Answer) -> None:
    paragraph(f"{each.attribute} of {each.of}: {each.value} ({each.meaning})", "  ")
    condition = f"; on condition that {each.condition}" if each.condition else ""
    source = f"{each.said.outlet}{', official text' if each.said.official else ''}"
    paragraph(f"{each.said.claim.id}, {each.said.at} {source}{condition}", "      ")


def show_claim(found: OneClaim) -> None:
    """Print a claim, what it corrects, what was replied, and where it is in the log."""
    show_said(found.said)
    for each in found.supersedes:
        say("  supersedes:")
        show_said(each)
    for each in found.replies:
        say("  reply:")
        show_said(each)
    for pair in found.found:
        paragraph(f"contradiction ({pair.kind}): {pair.text}; {pair.why}", "  ")
    file = found.file
    say(f"  in the log: entry {file.file}, object {file.object}, {file.name}")
    say(f"  made part of the register by entry {file.said.entry}, {file.logged_at:%Y-%m-%d %H:%M}Z")


def show_disputes(disputes: Iterable[Dispute]) -> None:
    """Print what is contradicted, both sides, and which one the rule prefers."""
    for each in disputes:
        kinds = ", ".join(sorted({one.kind for one in each.found}))
        say(f"  CONTRADICTED: {each.question} ({kinds})")
        for one in each.found:
            paragraph(one.text, "      ")
        preferred = each.preferred or "none"
        paragraph(f"preferred: {preferred}; {each.why}", "      ")


def show_contradictions(found: Sequence[Contradiction]) -> None:
    """Print contradictions by question, each with both sides."""
    from trucewatch.register.contradictions import disputes

    questions = disputes(found)
    show_disputes(questions)
    told = f"{counted(len(found), 'contradiction')} over {counted(len(questions), 'question')}"
    say(f"{told}; all claims are kept")


def show_moment(each: Moment) -> None:
    """Print a line of the time line."""
    day = "no day    " if each.day is None else each.day.isoformat()
    source = f" ({each.at}{f', {each.grade}' if each.grade else ''})" if each.at else ""
    gone = f"; superseded by {each.superseded_by}" if each.superseded_by else ""
    paragraph(f"{day}  {each.turn:8} {each.id}: {each.text}{source}{gone}")


def show_who(found: WhoIf) -> None:
    """Print who committed to what in a tier, and what nobody has promised."""
    tier = found.tier
    press = ", by press alone: no official text has it" if tier.press_only else ""
    paragraph(f"{tier.id}, due within {tier.due_h} h{press}: {tier.text}")
    for each in found.actors:
        _show_standing(each)
    say("Nobody has promised:")
    for lacking in found.nobody:
        paragraph(f"{lacking.what} {lacking.id}: {lacking.text}; {lacking.why}", "  ")
    if not found.nobody:
        say("  nothing that this register names is without a promise")


def _show_standing(each: Standing) -> None:
    say()
    acts = "; the tier names it" if each.acts else ""
    say(f"{each.actor.name} ({each.actor.id}){acts}")
    for one in (*each.promises, *each.refusals):
        _show_commitment(one)
    for step in each.outstanding:
        cited = ", ".join((*step.claims, *step.steps))
        paragraph(f"outstanding at home: {step.text} ({step.atom}; {cited})", "  ")
    for clause in each.removed:
        paragraph(f"removed from draft: {clause.clause.text}; it {clause.text}", "  ")
    show_disputes(each.disputes)
    if not (each.promises or each.refusals):
        say("  no claim that it promised or refused anything")


def _show_commitment(one: Commitment) -> None:
    claim = one.said.claim
    amount = f", {one.quantity}" if one.quantity else ""
    where = f"{one.said.at} {one.said.outlet}, {claim.grade}"
    domain = claim.domain or "no domain"
    paragraph(f"{claim.relation} {claim.object} [{domain}{amount}] ({where})", "  ")
    paragraph(claim.text, "      ")
    told = (f"{a.value} ({a.said.at})" for a in one.binding if a.attribute == "legal_force")
    force = "; ".join(dict.fromkeys(told))
    paragraph(f"binding: {force or 'no source says'}", "      ")
    if one.official.text:
        paragraph(f"official condition: {one.official.text} ({one.official.at})", "      ")
    say(f"      condition met: {one.met.replace('_', ' ')}")
    if one.against:
        paragraph(f"contradicted by: {', '.join(one.against)}", "      ")
