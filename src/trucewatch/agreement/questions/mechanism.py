"""Questions about who decides, by which vote, to which standard, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.mechanism import Standard, Topic, Voting
from trucewatch.agreement.questions.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.mechanism import Body, Mechanism

_ONE_NO_ENDS_IT = (Voting.CONSENSUS, Voting.UNANIMITY_LESS_ACCUSED)


def about_the_mechanism(agreement: Agreement) -> Iterator[Finding]:
    """Yield what would leave a case undecided, or a decision without effect.

    A text that says nothing of a mechanism is not asked: who watches it is said elsewhere.
    """
    mechanism = agreement.mechanism
    for body in mechanism.bodies:
        if _decides(mechanism, body):
            yield from _body(mechanism, body)
        yield from _next(mechanism, body)
    if mechanism.bodies:
        yield from _standards(mechanism)
    yield from _remedies(mechanism)


def _decides(mechanism: Mechanism, body: Body) -> bool:
    """Return whether a body votes, may ask for a remedy, or is where a deadlock goes."""
    asked = {remedy.by for remedy in mechanism.remedies}
    asked |= {each.next for each in mechanism.bodies}
    return body.id in asked or any(member.vote for member in body.members)


def _body(mechanism: Mechanism, body: Body) -> Iterator[Finding]:
    where = f"body {body.id}"
    seats = sum(member.seats for member in body.members if member.vote)
    if not seats:
        text = "no text says who votes in it: nobody can say whether it has decided"
        yield Finding(code="body-without-members", where=where, text=text)
    if body.quorum is None:
        text = "no quorum: nobody can say whether it may decide when a seat stays empty"
        yield Finding(code="no-quorum", where=where, text=text)
    elif seats and body.quorum > seats:
        text = f"quorum is {body.quorum} and {seats} seats vote: it can never decide"
        yield Finding(code="quorum-beyond-seats", where=where, text=text)
    if body.voting is Voting.UNDEFINED:
        text = "how it decides is undefined: its first dispute will be about that"
        yield Finding(code="no-voting", where=where, text=text)
    if body.voting is Voting.CHAIR and not body.chair:
        text = "its chair decides, and no text says who that is"
        yield Finding(code="no-chair", where=where, text=text)
    higher = any(each.next == body.id for each in mechanism.bodies)
    if body.voting in _ONE_NO_ENDS_IT and not body.next and not higher:
        text = "one member can stop it, and a deadlock goes to no other body"
        yield Finding(code="no-next-body", where=where, text=text)


def _next(mechanism: Mechanism, body: Body) -> Iterator[Finding]:
    """Yield a deadlock that comes back to where it began."""
    following = {each.id: each.next for each in mechanism.bodies}
    place, way = body.next, [body.id]
    while place and place not in way:
        way.append(place)
        place = following.get(place, "")
    if place == body.id and body.id == min(way):  # once for each circle
        text = f"a deadlock goes round: {' to '.join([*way, place])}"
        yield Finding(code="deadlock-goes-round", where=f"body {body.id}", text=text)


def _standards(mechanism: Mechanism) -> Iterator[Finding]:
    named = {topic for topic, standard in mechanism.standards if standard is not Standard.UNDEFINED}
    for topic in Topic:
        if topic not in named:
            text = f"no standard of proof for the finding of {topic}: a vote will set it each time"
            yield Finding(code="no-standard", where="standards", text=text)


def _remedies(mechanism: Mechanism) -> Iterator[Finding]:
    for remedy in mechanism.remedies:
        where = f"remedy {remedy.id}"
        if remedy.binding not in ("yes", "no"):
            text = "whether it binds is undefined"
            yield Finding(code="remedy-without-binding", where=where, text=text)
        if remedy.standard is Standard.UNDEFINED:
            text = "no standard of proof says when it may be asked for"
            yield Finding(code="remedy-without-standard", where=where, text=text)
