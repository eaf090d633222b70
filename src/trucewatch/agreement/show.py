"""An agreement as plain text, for a person who reads law and not YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.words.bodies import (
    body_words,
    means_words,
    remedy_words,
    standard_words,
)
from trucewatch.agreement.words.parties import party_words, term_words
from trucewatch.agreement.words.places import line_words, weapon_words, zone_words
from trucewatch.agreement.words.plain import instant, wrapped
from trucewatch.agreement.words.provided import (
    access_words,
    instrument_words,
    notice_words,
    object_list_words,
    self_defence_words,
    sequence_words,
    termination_words,
    window_words,
)
from trucewatch.agreement.words.rules import exemption_words, rule_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trucewatch.agreement.agreement import Agreement

Section = tuple[str, list[str]]
"""A heading and the lines below it."""

_Noun = TypeVar("_Noun")
_ALWAYS = ("Parties", "Terms", "Zones", "Rules", "Exemptions")  # shown even when there is none


def show(agreement: Agreement) -> str:
    """Return the agreement as text of at most 80 columns, ending in a line feed.

    It shows how the software reads the agreement. The sealed text decides, not this page. A long
    word of the agreement may pass the 80 columns; nothing is cut. Places of restricted zones are
    left out.
    """
    blocks, silent = list(_head(agreement)), []
    for heading, lines in (*_clauses(agreement), *_provided(agreement), *_mechanism(agreement)):
        if lines or heading in _ALWAYS:
            blocks += ["", heading, *(lines or ["  None."])]
        else:
            silent.append(heading.lower())
    if silent:
        blocks += ["", "What the text is silent on", wrapped(f"{'; '.join(silent)}.")]
    if agreement.note:
        blocks += ["", "Note", wrapped(agreement.note)]
    return "\n".join(blocks) + "\n"


def _head(agreement: Agreement) -> Iterator[str]:
    if agreement.exercise:
        yield "EXERCISE"
    yield wrapped(agreement.title, depth=0)
    yield wrapped(f"{agreement.id}, version {agreement.version}", depth=0)
    if agreement.status is Status.NOT_IN_FORCE:
        yield "Not in force."
    provided = agreement.provisions
    if provided.signed is not None:
        yield f"Signed:       {instant(provided.signed)}"
    since = "none named" if agreement.effective is None else instant(agreement.effective)
    until = "none named" if agreement.expires is None else instant(agreement.expires)
    yield f"Takes effect: {since}"
    yield f"Ends before:  {until}"
    if provided.review is not None:
        yield f"Reviewed:     {instant(provided.review)}"
    if provided.pax_id:
        yield wrapped(f"In the PA-X database of peace agreements: {provided.pax_id}", depth=0)


def _clauses(agreement: Agreement) -> Iterator[Section]:
    """Yield who is bound to what, and where."""
    yield "Parties", _each(agreement.parties, party_words)
    yield "Texts that belong to it", _each(agreement.provisions.instruments, instrument_words)
    yield "Terms", _each(agreement.definitions.values(), term_words)
    yield "Reference lines", _each(agreement.lines, line_words)
    yield "Zones", _each(agreement.zones, zone_words)
    weapons = _each(agreement.weapons, lambda weapon: weapon_words(agreement, weapon))
    yield "Categories of weapons", weapons
    yield "Rules", _each(agreement.rules, lambda rule: rule_words(agreement, rule))
    exempt = _each(agreement.exemptions, lambda each: exemption_words(agreement, each))
    yield "Exemptions", exempt


def _provided(agreement: Agreement) -> Iterator[Section]:
    """Yield what it provides besides."""
    provided = agreement.provisions
    yield "Times of silence", _each(provided.windows, window_words)
    yield "Steps that follow upon silence", _each(provided.sequences, sequence_words)
    yield "Duties of notice", _each(provided.notices, notice_words)
    yield "Monitors' access", _each(provided.access, access_words)
    yield "Lists of protected objects", _each(provided.object_lists, object_list_words)
    defence, end = provided.self_defence, provided.termination
    yield "Self-defence", [] if defence is None else list(self_defence_words(defence))
    yield "Termination", [] if end is None else list(termination_words(end))


def _mechanism(agreement: Agreement) -> Iterator[Section]:
    mechanism = agreement.mechanism
    yield "Bodies", _each(mechanism.bodies, body_words)
    yield "Means of monitoring", _each(mechanism.means, means_words)
    yield "Standards of proof", [standard_words(*each) for each in mechanism.standards]
    yield "Remedies, from the mildest", _each(mechanism.remedies, remedy_words)


def _each(nouns: Iterable[_Noun], words: Callable[[_Noun], Iterable[str]]) -> list[str]:
    return [line for noun in nouns for line in words(noun)]
