"""What an agreement provides besides its rules, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.words.plain import days, duration, listed, sentence, worded, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.provision import (
        Access,
        Instrument,
        Notice,
        ObjectList,
        SelfDefence,
        Sequence,
        Termination,
        Window,
    )


def instrument_words(text: Instrument) -> Iterator[str]:
    """Yield one text that belongs to the agreement."""
    public = "public" if text.published else "not public"
    language = f"; authentic in {text.language}" if text.language else ""
    yield wrapped(f"{text.id} ({worded(text.kind)}; {public}{language}). {text.title}")
    if text.sha256:
        yield wrapped(f"SHA-256 of the text: {text.sha256}", depth=2)


def window_words(window: Window) -> Iterator[str]:
    """Yield one time of silence."""
    yield wrapped(f"{window.id} ({worded(window.kind)}). {window.text}")
    yield wrapped(f"Source: {window.source}", depth=2)
    guarantees = listed(window.guarantees_from)
    yield wrapped(f"Where: {window.zone}. Whose guarantee it needs: {guarantees}.", depth=2)
    if window.daily_from:
        clock = window.time_zone or "in a time zone that the text does not name"
        daily = f"Daily from {window.daily_from} until {window.daily_until}, {clock}."
        yield wrapped(daily, depth=2)


def sequence_words(sequence: Sequence) -> Iterator[str]:
    """Yield steps that follow upon silence."""
    yield wrapped(f"{sequence.id}. {sequence.text}")
    yield wrapped(f"Source: {sequence.source}", depth=2)
    yield wrapped(f"Where: {sequence.zone}.", depth=2)
    yield wrapped(f"First: {days(sequence.silence_days)} of silence.", depth=2)
    for most, what in (
        (sequence.execution_max_days, "The execution"),
        (sequence.total_max_days, "The whole"),
    ):
        if most is not None:
            yield wrapped(f"{what} may take {days(most)}.", depth=2)
    if sequence.synchronous:
        yield wrapped("The parties act at the same time.", depth=2)
    if sequence.reciprocal:
        yield wrapped("Each acts upon the verified act of the other.", depth=2)
    again = "begins the count of days again" if sequence.restart_on_breach else "changes no day"
    yield wrapped(f"A breach of the silence {again}.", depth=2)


def notice_words(notice: Notice) -> Iterator[str]:
    """Yield one duty to say in advance what one will do."""
    yield wrapped(f"{notice.id} ({worded(notice.activity)}). {notice.text}")
    yield wrapped(f"Source: {notice.source}", depth=2)
    lead = f"at least {duration(notice.lead_h)} ahead" if notice.lead_h else "at any time before"
    yield wrapped(f"Addressed to: {listed(notice.to)}; {lead}.", depth=2)
    objects = "may object" if notice.consent else "may not object"
    sees = "does not see it" if notice.confidential else "may see it"
    yield wrapped(f"The addressee {objects}; the other party {sees}.", depth=2)


def access_words(access: Access) -> Iterator[str]:
    """Yield what the monitors may do where."""
    yield wrapped(f"{access.id}. {access.text}")
    yield wrapped(f"Source: {access.source}", depth=2)
    means = listed(map(worded, access.means), none="every means")
    yield wrapped(f"Where: {access.zone or 'everywhere'}. With: {means}.", depth=2)
    notice = f"{duration(access.notice_h)} of notice" if access.notice_h else "without notice"
    escort = "a party may come along" if access.escort else "without escort"
    night = "by day and by night" if access.night else "by day"
    yield wrapped(sentence(f"{notice}; {escort}; {night}"), depth=2)


def object_list_words(listing: ObjectList) -> Iterator[str]:
    """Yield one list of protected objects; it holds no places."""
    yield wrapped(f"{listing.id}. {listing.criteria}")
    held = f"{listing.held_by}, who answers yes or no" if listing.held_by else "nobody named"
    yield wrapped(f"Held by: {held}.", depth=2)
    if listing.commitment:
        yield wrapped("The list cannot be changed unseen; SHA-256 of it with a salt:", depth=2)
        yield wrapped(listing.commitment, depth=3)
    else:
        yield wrapped("No commitment to what is on it.", depth=2)


def self_defence_words(clause: SelfDefence) -> Iterator[str]:
    """Yield how the text treats return fire."""
    yield wrapped(clause.text)
    yield wrapped(f"Source: {clause.source}", depth=2)
    stated = clause.exemption or "no exemption; the text sets none"
    yield wrapped(f"Its conditions: {stated}.", depth=2)


def termination_words(clause: Termination) -> Iterator[str]:
    """Yield how the agreement ends."""
    yield wrapped(clause.text)
    said = {True: "yes", False: "no", None: "the text does not say"}[clause.unilateral]
    yield wrapped(f"May one party end it alone: {said}.", depth=2)
    if clause.notice_h is not None:
        yield wrapped(f"Notice: {duration(clause.notice_h)}.", depth=2)
