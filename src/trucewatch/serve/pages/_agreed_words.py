"""Words that pages say of an agreement: names of its choices, clauses with their terms marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.exemption import Asks
from trucewatch.agreement.kinds import KINDS, MATTERS
from trucewatch.agreement.line import LineStatus, Side
from trucewatch.agreement.mechanism import Act, Standard, Topic, Voting
from trucewatch.agreement.party import Accession, Role
from trucewatch.agreement.rule import After, Modality, Severity
from trucewatch.agreement.words.rules import not_asked as left_out
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.logbook.restriction import HINDRANCES
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _worded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.exemption import Exemption
    from trucewatch.serve.tongue import Tongue

_HOUR_S, _MINUTE_S, _DAY_S = 3600.0, 60.0, 86_400.0

ROLES = {
    Role.PARTY: N_("party"),
    Role.GUARANTOR: N_("guarantor"),
    Role.WITNESS: N_("witness"),
    Role.FACILITATOR: N_("facilitator"),
    Role.MEDIATOR: N_("mediator"),
    Role.DEPOSITARY: N_("depositary"),
    Role.MONITOR: N_("monitor"),
    Role.CHAIR: N_("chair"),
}
JOINED = {
    Accession.ACCEDED: N_("acceded"),
    Accession.SIGNED: N_("signed"),
    Accession.INITIALLED: N_("initialled only"),
    Accession.NOT_ACCEDED: N_("not acceded"),
}
CLEAR = {
    Clarity.DEFINED: N_("defined"),
    Clarity.UNDEFINED: N_("not defined"),
    Clarity.DISPUTED: N_("disputed"),
}
MODALITIES = {
    Modality.FORBIDDEN: N_("forbidden"),
    Modality.OBLIGATORY: N_("obligatory"),
    Modality.PERMITTED: N_("permitted"),
}
GRAVITY = {
    Severity.SERIOUS: N_("The text calls a breach of it serious."),
    Severity.GRAVE: N_("The text calls a breach of it grave."),
}
DUE = {
    After.EFFECTIVE: N_("Due within %(span)s of the day on which the agreement takes effect."),
    After.SIGNED: N_("Due within %(span)s of the signature."),
    After.ASKED: N_("Due within %(span)s of the entry in the logbook that asks for it."),
}
ASKS = {
    Asks.NOTIFIED: N_("Notice of it was given beforehand, for all of its time."),
    Asks.LEAD: N_("The notice came at least %(n)s hours ahead."),
    Asks.INSIDE_NOTIFIED_AREA: N_("It lies in the area of the notice."),
    Asks.WITHIN_NOTIFIED_NUMBER: N_("There were no more of them than the notice says."),
    Asks.DAYLIGHT: N_("The sun was up over the whole time."),
    Asks.OPERATOR_IS_MONITOR: N_("The mission itself gave notice of it before."),
    Asks.JOINTLY_AGREED: N_("Every party bound acknowledged the notice."),
    Asks.INCOMING_FIRE: N_("Fire came in within the %(n)s minutes before."),
    Asks.MECHANISM_TRIED_AND_FAILED: N_("A call to the mechanism in between had no success."),
    Asks.ORDER_OF_LEADERSHIP: N_("The log of contacts names the order of the leadership."),
    Asks.COORDINATOR_NOTIFIED: N_("The log of contacts says that the coordinator was told."),
}
NOT_ASKED = {
    "who does it": N_("who does it"),
    "where": N_("where"),
    "whether all of it falls in the notified time": N_(
        "whether all of it falls in the notified time"
    ),
    "when": N_("when"),
    "how many": N_("how many"),
}
LINES = {
    LineStatus.AGREED: N_("agreed by the parties"),
    LineStatus.DE_FACTO: N_("as the forces stand, not agreed"),
    LineStatus.DISPUTED: N_("disputed"),
}
SIDES = {Side.LEFT: N_("left"), Side.RIGHT: N_("right")}
VOTES = {
    Voting.CONSENSUS: N_("by consensus"),
    Voting.UNANIMITY_LESS_ACCUSED: N_("by unanimity without the party that is accused"),
    Voting.MAJORITY: N_("by more than half of the votes"),
    Voting.TWO_THIRDS: N_("by two thirds of the votes"),
    Voting.CHAIR: N_("by its chair alone"),
    Voting.UNDEFINED: N_("in a way that the text does not say"),
}
STANDARDS = {
    Standard.SUSPECT: N_("reasonable grounds to suspect"),
    Standard.BELIEVE: N_("reasonable grounds to believe"),
    Standard.BALANCE: N_("balance of probabilities"),
    Standard.CLEAR: N_("clear and convincing"),
    Standard.UNDEFINED: N_("a standard that the text does not name"),
}
TOPICS = {
    Topic.BREACH: N_("whether there was a breach"),
    Topic.RESPONSIBILITY: N_("who is responsible"),
    Topic.REMEDY: N_("what follows"),
}
REMEDIES = {
    Act.CLARIFY: N_("clarify"),
    Act.STOP: N_("stop"),
    Act.VISIT: N_("visit"),
    Act.WITHDRAW: N_("withdraw"),
    Act.RESTORE: N_("restore"),
    Act.DISCIPLINE: N_("discipline"),
    Act.COMPENSATE: N_("compensate"),
    Act.PUBLISH: N_("publish"),
    Act.REFER: N_("refer"),
    Act.RESPOND: N_("respond"),
}
BINDING = {
    "yes": N_("binding"),
    "no": N_("not binding"),
    "undefined": N_("the text does not say whether it binds"),
}
COUNTED = {
    "incident": N_("one incident counts as one"),
    "osce_unit": N_("each explosion, shot or burst counts as one"),
    "episode_60min_30rounds": N_("thirty rounds without a gap of an hour count as one"),
    "crossing": N_("each crossing of a line counts as one"),
    "ruled": N_("each ruling of a body counts as one"),
}
"""What the counting rules count, by name."""


class Segment(NamedTuple):
    """Some words of a clause; `nth` is the number of the term that they are, 0 for none."""

    text: str
    nth: int


def marked(clause: str, terms: Sequence[str]) -> tuple[list[Segment], dict[str, int]]:
    """Return a clause with the first place of each of its terms, and the terms by their number.

    A term that the clause does not spell out has no number.

    Example:
        >>> marked("No fire in the town.", ["town", "fire"])[1]
        {'fire': 1, 'town': 2}
    """
    found: list[tuple[int, int, str]] = []
    for term in sorted(terms, key=len, reverse=True):
        for hit in re.finditer(rf"\b{re.escape(term)}\b", clause, re.IGNORECASE):
            if all(hit.end() <= start or hit.start() >= end for start, end, _ in found):
                found.append((hit.start(), hit.end(), term))
                break
    segments, at = [], 0
    for nth, (start, end, _) in enumerate(sorted(found), 1):
        segments += [Segment(clause[at:start], 0), Segment(clause[start:end], nth)]
        at = end
    segments.append(Segment(clause[at:], 0))
    numbered = {term: nth for nth, (_, _, term) in enumerate(sorted(found), 1)}
    return [each for each in segments if each.text], numbered


def not_asked(exemption: Exemption) -> list[str]:
    """Return what no condition of an exemption looks at, as messages."""
    return [NOT_ASKED.get(each, each) for each in left_out(exemption)]


def matter(name: str) -> str:
    """Return the message of a happening or a matter."""
    return HAPPENINGS[name].text if name in HAPPENINGS else MATTERS.get(name, name)


def kind(name: str) -> str:
    """Return the message of a kind of rule."""
    return KINDS[name].text if name in KINDS else name


def hindrance(name: str) -> str:
    """Return the message of what hinders monitors."""
    return HINDRANCES.get(name, name)


def hours(span_h: float, tongue: Tongue) -> str:
    """Return hours in the largest unit that they fill."""
    return _worded.span(span_h * _HOUR_S, tongue)


def minutes(within_min: float, tongue: Tongue) -> str:
    """Return minutes in the largest unit that they fill."""
    return _worded.span(within_min * _MINUTE_S, tongue)


def days(span_d: float, tongue: Tongue) -> str:
    """Return days in words."""
    return _worded.span(span_d * _DAY_S, tongue)


def plain(identifier: str) -> str:
    """Return an identifier that is a plain word, such as `security_zone`, as words."""
    return identifier.replace("_", " ")


def anchors(agreement: Agreement) -> dict[tuple[str, str], str]:
    """Return where each thing with an id stands on the page, by its sort and id.

    Ids are apart within one sort only: where two sorts share one, the later is told apart.
    """
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for sort, name in _named(agreement):
        anchor = name if name not in taken else f"{sort}-{name}"
        anchor = re.sub(r"\s+", "-", anchor)
        taken |= {anchor, name}
        found[sort, name] = anchor
    return found


def _named(agreement: Agreement) -> Iterator[tuple[str, str]]:
    provided, mechanism = agreement.provisions, agreement.mechanism
    for sort, nouns in (
        ("rule", agreement.rules),
        ("exemption", agreement.exemptions),
        ("window", provided.windows),
        ("sequence", provided.sequences),
        ("notice", provided.notices),
        ("access", provided.access),
        ("zone", agreement.zones),
        ("line", agreement.lines),
        ("weapon", agreement.weapons),
        ("list", provided.object_lists),
        ("party", agreement.parties),
        ("body", mechanism.bodies),
        ("means", mechanism.means),
        ("remedy", mechanism.remedies),
        ("text", provided.instruments),
    ):
        for each in nouns:
            yield sort, each.id
    for term in agreement.definitions:
        yield "term", f"term {term}"
