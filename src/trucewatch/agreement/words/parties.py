"""Who takes part, and which words mean what, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.party import Accession
from trucewatch.agreement.words.plain import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.definition import Definition
    from trucewatch.agreement.party import Party

_JOINED = {
    Accession.ACCEDED: "",
    Accession.SIGNED: ", signed",
    Accession.INITIALLED: ", initialled only",
    Accession.NOT_ACCEDED: ", not acceded",
}


def party_words(party: Party) -> Iterator[str]:
    """Yield one participant."""
    joined = _JOINED[party.accession]
    yield wrapped(f"{party.id} ({party.role}{joined}) {party.text}".rstrip())


def term_words(term: Definition) -> Iterator[str]:
    """Yield one term, with what each party takes it to mean."""
    yield wrapped(f"{term.term} ({term.state}): {term.text}")
    for party, reading in term.readings:
        yield wrapped(f"{party} takes it to mean: {reading}", depth=2)
