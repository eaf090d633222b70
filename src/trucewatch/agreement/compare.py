"""Two designs of an agreement side by side: who would see what, how late, and who can stop it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.agreement.blocking import blocking
from trucewatch.agreement.party import Role
from trucewatch.agreement.watch import bound, needed, seen_by, shows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.blocking import Blocking
    from trucewatch.agreement.mechanism import Body, Means, Remedy, Standard, Topic
    from trucewatch.agreement.party import Party
    from trucewatch.agreement.provision import Access
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.watch import Seeing

NOT_SAID = (
    "Nothing here was measured: shares and delays are those that the texts claim for their means.",
    "Cover is a rough figure. It takes means to miss independently of each other and to be spread"
    " evenly over their zones; the two numbers in brackets hold however they depend on each other,"
    " the greater one with means that see only a part of the ground.",
    "A means counts for a rule when it shows one of the acts that the rule speaks of; it may be"
    " blind to the others, as the list by matter shows.",
    "To cover is not to detect: weather, night, range, jamming and deceit are not in it. What is"
    " detected is not yet attributed, and what is attributed is not yet decided.",
    "Acceptable means that the text names a party as accepting a means. Who would accept a design"
    " that is not written yet is for the parties to say.",
    "Votes are reckoned by seats alone, without abstention, influence or bad faith; silence of the"
    " text is counted as silence and not as consent.",
    "A rule is set against the rule of the same id and kind. That two texts use one id for two"
    " duties can only be seen by reading them.",
)
"""What a comparison does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """By which means, how late, and acceptable to whom.

    Attributes:
        means: Ids of the means, in the order of the file.
        delay_least_h: Hours to the report of the fastest of them, or None without means.
        delay_most_h: The same of the slowest.
        accepted_by: Parties that accept every one of them.
    """

    means: tuple[str, ...]
    delay_least_h: float | None
    delay_most_h: float | None
    accepted_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """How likely at least one means covers the place and time of a breach; see `NOT_SAID`.

    Attributes:
        independent_p: 1 less the product of what each means misses, of means that cover all of the
            rule's ground.
        least_p: The best of these alone, which is the least that they can cover together.
        most_p: The sum of all shares, at most 1, means that cover a part of the ground included.
        agreed_p: As `independent_p`, with means that every bound party accepts alone.
    """

    independent_p: float
    least_p: float
    most_p: float
    agreed_p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How one agreement watches one of its rules.

    Attributes:
        clause: The clause in words.
        needs: What somebody must observe; empty for a rule that people apply.
        in_part: Ids of means that see only a part of its ground.
        seen: All means that could see it broken.
        cover: How likely one of them covers it.
    """

    clause: str
    needs: tuple[str, ...]
    in_part: tuple[str, ...]
    seen: Seen
    cover: Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule under both; None where an agreement has no rule of that id and kind."""

    rule: str
    kind: str
    a: Watched | None
    b: Watched | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterRow:
    """One happening or matter under both; None where no rule of an agreement needs it seen."""

    matter: str
    a: Seen | None
    b: Seen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chamber:
    """One body and what it takes to stop it."""

    body: Body
    stopped: Blocking


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What one of the two provides.

    Attributes:
        id: Id of the agreement.
        version: Its version.
        title: Its title.
        participants: All of them.
        bodies: In the order in which a matter goes through them.
        clocks_h: Hours that the bodies have together, of those that the text gives a clock.
        access: What the monitors may do where.
        standards: Standard of proof by what a finding is about.
        remedies: The ladder.
        unseen: Ids of rules that software checks and no means could see broken.
    """

    id: str
    version: int
    title: str
    participants: tuple[Party, ...]
    bodies: tuple[Chamber, ...]
    clocks_h: float
    access: tuple[Access, ...]
    standards: tuple[tuple[Topic, Standard], ...]
    remedies: tuple[Remedy, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two designs side by side.

    Attributes:
        a: The first.
        b: The second.
        rules: Those of the first in its order, then those that only the second has.
        matters: What the rules need seen, in the same order.
        not_said: What this does not say.
    """

    a: Design
    b: Design
    rules: tuple[RuleRow, ...]
    matters: tuple[MatterRow, ...]
    not_said: tuple[str, ...] = NOT_SAID


def compare(a: Agreement, b: Agreement) -> Comparison:
    """Return two agreements side by side; neither is called the better one."""
    return Comparison(a=_design(a), b=_design(b), rules=_rule_rows(a, b), matters=_matters(a, b))


def watched(agreement: Agreement, rule: Rule) -> Watched:
    """Return how an agreement watches one of its rules."""
    seeing, who = seen_by(agreement, rule), bound(agreement, rule)
    return Watched(
        clause=rule.clause,
        needs=needed(rule),
        in_part=tuple(each.means.id for each in seeing if not each.wholly),
        seen=_seen([each.means for each in seeing], _parties(agreement)),
        cover=_cover(seeing, who),
    )


def _rule_rows(a: Agreement, b: Agreement) -> tuple[RuleRow, ...]:
    of_a = {(rule.id, rule.kind): rule for rule in a.rules}
    of_b = {(rule.id, rule.kind): rule for rule in b.rules}
    return tuple(
        RuleRow(
            rule=key[0],
            kind=key[1],
            a=watched(a, of_a[key]) if key in of_a else None,
            b=watched(b, of_b[key]) if key in of_b else None,
        )
        for key in dict.fromkeys((*of_a, *of_b))
    )


def _matters(a: Agreement, b: Agreement) -> tuple[MatterRow, ...]:
    of_a, of_b = _needed(a), _needed(b)
    return tuple(
        MatterRow(
            matter=matter,
            a=_shown(a, matter) if matter in of_a else None,
            b=_shown(b, matter) if matter in of_b else None,
        )
        for matter in dict.fromkeys((*of_a, *of_b))
    )


def _needed(agreement: Agreement) -> dict[str, None]:
    return dict.fromkeys(matter for rule in agreement.rules for matter in needed(rule))


def _shown(agreement: Agreement, matter: str) -> Seen:
    means = [each for each in agreement.mechanism.means if shows(each, matter)]
    return _seen(means, _parties(agreement))


def _parties(agreement: Agreement) -> tuple[str, ...]:
    return tuple(party.id for party in agreement.parties if party.role is Role.PARTY)


def _seen(means: Sequence[Means], parties: Sequence[str]) -> Seen:
    delays_h = [each.delay_h for each in means]
    return Seen(
        means=tuple(each.id for each in means),
        delay_least_h=min(delays_h, default=None),
        delay_most_h=max(delays_h, default=None),
        accepted_by=tuple(
            party for party in parties if means and all(party in each.accepted_by for each in means)
        ),
    )


def _cover(seeing: Sequence[Seeing], who: Sequence[str]) -> Cover:
    whole = [each.means for each in seeing if each.wholly]
    agreed = [means for means in whole if all(party in means.accepted_by for party in who)]
    return Cover(
        independent_p=_any_p(whole),
        least_p=max((means.cover_share for means in whole), default=0.0),
        most_p=min(1.0, math.fsum(each.means.cover_share for each in seeing)),
        agreed_p=_any_p(agreed),
    )


def _any_p(means: Sequence[Means]) -> float:
    """Return the chance that one at least covers, if they miss independently."""
    return 1 - math.prod(1 - each.cover_share for each in means)


def _design(agreement: Agreement) -> Design:
    mechanism, parties = agreement.mechanism, _parties(agreement)
    checked = [rule for rule in agreement.rules if needed(rule)]
    return Design(
        id=agreement.id,
        version=agreement.version,
        title=agreement.title,
        participants=agreement.parties,
        bodies=tuple(
            Chamber(body=body, stopped=blocking(body, parties=parties)) for body in mechanism.bodies
        ),
        clocks_h=math.fsum(body.within_h or 0 for body in mechanism.bodies),
        access=agreement.provisions.access,
        standards=mechanism.standards,
        remedies=mechanism.remedies,
        unseen=tuple(rule.id for rule in checked if not seen_by(agreement, rule)),
    )
