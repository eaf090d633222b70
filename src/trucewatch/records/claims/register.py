"""A register: one file of sources, actors, instruments, claims and what they are claims about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from trucewatch.records.claims.actor import Actor
    from trucewatch.records.claims.attribute import Attribute
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.condition import Atom
    from trucewatch.records.claims.instrument import Instrument
    from trucewatch.records.claims.protocol import Measure, Tier
    from trucewatch.records.claims.requirement import Requirement, Step
    from trucewatch.records.claims.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What was read of one arrangement.

    Attributes:
        id: Such as `paris-2026`.
        title: In words.
        invented: Whether the arrangement is made up, for exercises.
        as_of: The last day that was looked at.
        host: The state that the arrangement protects, by id.
        sources: Texts that claims cite.
        actors: Those who speak or are spoken of.
        instruments: What was adopted.
        atoms: What promises may hang on.
        attributes: Questions that sources answer.
        domains: Kinds of contribution and their meaning, such as `sea`.
        topics: Other objects of claims and their meaning, such as `ceding_territory`.
        claims: In the order of the file.
        requirements: What a force or a mechanism needs.
        steps: Checklists.
        tiers: Steps of the response.
        measures: What may be done in them.
        note: What a reader should know.
    """

    id: str
    title: str
    invented: bool
    as_of: date
    host: str
    sources: tuple[Source, ...]
    actors: tuple[Actor, ...]
    instruments: tuple[Instrument, ...]
    atoms: tuple[Atom, ...]
    attributes: tuple[Attribute, ...]
    domains: Mapping[str, str]
    topics: Mapping[str, str]
    claims: tuple[Claim, ...]
    requirements: tuple[Requirement, ...] = ()
    steps: tuple[Step, ...] = ()
    tiers: tuple[Tier, ...] = ()
    measures: tuple[Measure, ...] = ()
    note: str = ""
