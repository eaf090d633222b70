"""Who watches, who decides and what follows, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.mechanism import Standard, Voting
from trucewatch.agreement.words.plain import (
    duration,
    listed,
    seen,
    sentence,
    share,
    worded,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.mechanism import Body, Means, Member, Remedy, Topic

_VOTING = {
    Voting.CONSENSUS: "by consensus",
    Voting.UNANIMITY_LESS_ACCUSED: "by unanimity without the party that is accused",
    Voting.MAJORITY: "by more than half of the votes",
    Voting.TWO_THIRDS: "by two thirds of the votes",
    Voting.CHAIR: "by its chair alone",
    Voting.UNDEFINED: "in a way that the text does not say",
}
_STANDARD = {
    Standard.SUSPECT: "reasonable grounds to suspect",
    Standard.BELIEVE: "reasonable grounds to believe",
    Standard.BALANCE: "balance of probabilities",
    Standard.CLEAR: "clear and convincing",
    Standard.UNDEFINED: "a standard that the text does not name",
}
_BINDING = {"yes": "binding", "no": "not binding", "undefined": "the text does not say if it binds"}


def body_words(body: Body) -> Iterator[str]:
    """Yield one body: who sits in it, how it decides, where a deadlock goes."""
    yield wrapped(f"{body.id}. {sentence(body.title)} {body.text}".rstrip())
    if body.functions:
        yield wrapped(f"What it does: {'; '.join(body.functions)}.", depth=2)
    seats = listed(map(_member, body.members), none="no text says who")
    yield wrapped(f"Who sits in it: {seats}.", depth=2)
    chair = f", chaired by {body.chair}" if body.chair else ""
    within = f", within {duration(body.within_h)}" if body.within_h is not None else ""
    yield wrapped(f"It decides {_VOTING[body.voting]}{chair}{within}.", depth=2)
    quorum = "no text says" if body.quorum is None else f"{body.quorum} voting seats"
    yield wrapped(f"Quorum: {quorum}. A deadlock goes to: {body.next or 'no other body'}.", depth=2)
    if body.publishes:
        yield wrapped(f"It publishes: {body.publishes}.", depth=2)


def means_words(means: Means) -> Iterator[str]:
    """Yield one means of monitoring: what it shows, how late, and who accepts it."""
    yield wrapped(f"{means.id} ({worded(means.kind)}). {means.text}".rstrip())
    yield wrapped(f"It can show: {seen(means.observes)}.", depth=2)
    zones = listed(means.zones, none="everywhere")
    cover = f"{share(means.cover_share)} of the time and ground there"
    yield wrapped(f"Where: {zones}; it covers {cover}.", depth=2)
    late = f"It reports {duration(means.delay_h)} after the fact"
    accepted = listed(means.accepted_by)
    yield wrapped(f"{late}. Run by: {means.operator}. Accepted by: {accepted}.", depth=2)


def standard_words(topic: Topic, standard: Standard) -> str:
    """Return the standard of proof of one kind of finding."""
    return wrapped(f"For a finding on {topic}: {_STANDARD[standard]}.")


def remedy_words(remedy: Remedy) -> Iterator[str]:
    """Yield one step of the ladder of remedies."""
    yield wrapped(f"{remedy.id} ({remedy.does}). {remedy.text}")
    within = f", within {duration(remedy.within_h)}" if remedy.within_h is not None else ""
    asked = f"Asked for by: {remedy.by}{within}; {_BINDING[remedy.binding]}."
    yield wrapped(asked, depth=2)
    yield wrapped(f"Least standard of proof: {_STANDARD[remedy.standard]}.", depth=2)


def _member(member: Member) -> str:
    seats = "1 seat" if member.seats == 1 else f"{member.seats} seats"
    return f"{member.who} {seats}{'' if member.vote else ' without a vote'}"
