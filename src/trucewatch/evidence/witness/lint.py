"""What a mission's witness policy must promise, beyond being readable.

1. Every witness has an operator, and the witnesses of one operator count once.
2. Each party to the agreement has a witness, or was offered one.
3. The mission cannot meet the quorum alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.evidence.witness.policy import NO_QUORUM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.evidence.witness.policy import Policy


def lint(policy: Policy, parties: Sequence[str]) -> list[str]:
    """Return what a policy does not promise, one sentence each; none when all is well.

    Args:
        policy: The policy as read.
        parties: Ids of the parties to the agreement.
    """
    found = [*_operators(policy), *_parties(policy, parties), *_shared(policy), *_quorum(policy)]
    return list(dict.fromkeys(found))


def _operators(policy: Policy) -> Iterator[str]:
    operator = _operator_of(policy)
    for witness in policy.witnesses:
        if witness.name not in operator:
            form = f"# operator NAME: {witness.name}"
            yield f"witness {witness.name} has no operator, expected a line '{form}'"
    home = {member: group for group in policy.groups for member in group.members}
    for name, witnesses in policy.operators.items():
        group = home.get(witnesses[0])
        together = group is not None and all(home.get(w) is group for w in witnesses)
        if len(witnesses) > 1 and not (together and group is not None and group.needed == 1):
            problem = f"operator {name} may count more than once ({', '.join(witnesses)})"
            yield f"{problem}, expected one group with 'any' that holds all of these"


def _parties(policy: Policy, parties: Sequence[str]) -> Iterator[str]:
    for party in parties:
        if party not in policy.parties:
            forms = f"'# party {party}: WITNESS' or '# party {party}: offered YYYY-MM-DD'"
            yield f"party {party} has no witness and no offer, expected a line {forms}"
    for party in policy.parties:
        if party not in parties:
            known = ", ".join(parties) or "none"
            yield f"party {party} is not in the agreement, expected one of {known}"


def _shared(policy: Policy) -> Iterator[str]:
    operator = _operator_of(policy)
    first: dict[str, str] = {}
    for party, witness in policy.parties.items():
        if not isinstance(witness, str) or witness not in operator:
            continue
        runs = operator[witness]
        if runs == policy.mission:
            yield f"party {party} has witness {witness}, which the mission runs itself ({runs})"
        if runs in first:
            both = f"parties {first[runs]} and {party}"
            yield f"{both} have witnesses of one operator ({runs}), expected one each"
        first.setdefault(runs, party)


def _quorum(policy: Policy) -> Iterator[str]:
    if not policy.mission:
        yield "which operator is the mission is not said, expected a line '# mission: OPERATOR'"
    own = set(policy.operators.get(policy.mission, ()))
    if policy.quorum == NO_QUORUM:
        yield "quorum is none: a head counts without any witness"
    elif policy.satisfied({w.verifier.name for w in policy.witnesses if w.name in own}):
        problem = f"quorum {policy.quorum} can be met by the mission's own witnesses"
        yield f"{problem}, expected that it needs somebody else"


def _operator_of(policy: Policy) -> dict[str, str]:
    return {w: name for name, witnesses in policy.operators.items() for w in witnesses}
