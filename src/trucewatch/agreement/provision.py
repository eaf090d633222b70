"""What an agreement provides besides its rules: windows, sequences, notices, access, texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time of silence that the text itself provides for; single ones are in the logbook.

    Attributes:
        id: Identifier inside the agreement, such as `W_REPAIR_1`.
        kind: `window_of_silence`, `humanitarian_pause` or `daily_silence`.
        zone: Id of the zone that is to be silent.
        guarantees_from: Ids of the parties whose guarantee it needs.
        daily_from: Time of day at which it begins, `HH:MM`, or "" when it is not daily.
        daily_until: Time of day at which it ends, or "".
        time_zone: IANA name of the zone of these times, or "".
        text: The window in words.
        source: Where the words come from.
    """

    id: str
    kind: str
    zone: str
    guarantees_from: tuple[str, ...]
    daily_from: str
    daily_until: str
    time_zone: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Steps that follow upon silence, such as a disengagement.

    Attributes:
        id: Identifier inside the agreement, such as `S_DIS_1`.
        zone: Id of the zone in which it is carried out.
        silence_days: Days of silence that come first.
        execution_max_days: Days that the execution may take, or None.
        total_max_days: Days that the whole may take, or None.
        synchronous: Whether both parties act at the same time.
        reciprocal: Whether each acts upon the verified act of the other (handover).
        restart_on_breach: Whether a breach makes the count of days begin again.
        text: The steps in words.
        source: Where the words come from.
    """

    id: str
    zone: str
    silence_days: int
    execution_max_days: int | None
    total_max_days: int | None
    synchronous: bool
    reciprocal: bool
    restart_on_breach: bool
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A duty to say in advance what one will do.

    Attributes:
        id: Identifier inside the agreement, such as `N_DEMINING`.
        activity: Kind of activity, such as `demining_blast`, `exercise`, `flight`.
        to: Whom it is addressed to: ids of bodies or participants.
        lead_h: Hours ahead.
        consent: Whether the addressee may object.
        confidential: Whether the other party does not see it.
        text: The duty in words.
        source: Where the words come from.
    """

    id: str
    activity: str
    to: tuple[str, ...]
    lead_h: float
    consent: bool
    confidential: bool
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the monitors may do where.

    Attributes:
        id: Identifier inside the agreement, such as `A_PATROLS`.
        zone: Id of the zone, or "" for everywhere.
        means: Kinds of means that may enter, such as `patrol`, `uav`; empty for all.
        notice_h: Hours of notice that they must give; 0 for none.
        escort: Whether a party may insist on coming along.
        night: Whether it holds by night as well.
        text: The right in words.
        source: Where the words come from.
    """

    id: str
    zone: str
    means: tuple[str, ...]
    notice_h: float
    escort: bool
    night: bool
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectList:
    """Protected objects whose places the text does not show.

    Attributes:
        id: Identifier inside the agreement, such as `L_ENERGY`.
        criteria: Which objects belong to it, in words.
        commitment: SHA-256 of the salted list that the holder keeps, or "" when none was given.
        held_by: Who keeps the list and answers yes or no.
    """

    id: str
    criteria: str
    commitment: str
    held_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfDefence:
    """How the text treats return fire.

    Attributes:
        exemption: Id of the exemption that states its conditions, or "" when there is none.
        text: The clause in words.
        source: Where the words come from.
    """

    exemption: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """How the agreement ends.

    Attributes:
        unilateral: Whether one party may end it, or None when the text does not say.
        notice_h: Hours of notice, or None.
        text: The clause in words.
    """

    unilateral: bool | None
    notice_h: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A text that belongs to the agreement.

    Attributes:
        id: Identifier inside the agreement, such as `ADDENDUM`.
        kind: `main`, `addendum`, `annex`, `map`, `side_letter`, `decision`.
        title: Its title.
        published: Whether it is public.
        language: Language of the authentic version (BCP 47), or "" when no text says so.
        sha256: Hash of the text as it was received, or "".
    """

    id: str
    kind: str
    title: str
    published: bool
    language: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisions:
    """All of it.

    Attributes:
        signed: When the text was signed, or None.
        review: When it is to be reviewed, or None.
        pax_id: Its number in the PA-X database of peace agreements, or "".
        instruments: Texts that belong to it.
        windows: Times of silence.
        sequences: Steps that follow upon silence.
        notices: Duties to say in advance what one will do.
        access: What the monitors may do where.
        object_lists: Protected objects whose places the text does not show.
        self_defence: How the text treats return fire, or None when it is silent.
        termination: How it ends, or None when it is silent.
    """

    signed: datetime | None = None
    review: datetime | None = None
    pax_id: str = ""
    instruments: tuple[Instrument, ...] = ()
    windows: tuple[Window, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    notices: tuple[Notice, ...] = ()
    access: tuple[Access, ...] = ()
    object_lists: tuple[ObjectList, ...] = ()
    self_defence: SelfDefence | None = None
    termination: Termination | None = None
