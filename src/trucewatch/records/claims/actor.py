"""A state, an organisation, a body or a group that speaks, promises or is asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """What an actor is."""

    STATE = "state"
    ORGANISATION = "organisation"
    BODY = "body"
    GROUP = "group"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One of them.

    Attributes:
        id: How claims name it; a state by its ISO 3166 alpha-3 code where it has one.
        name: In English.
        kind: What it is.
        member_of: Groups and organisations that it belongs to, by id.
        also: Other names, such as in other sources.
        speaks_for: For a person, the actor whose word theirs is, by id; else "".
    """

    id: str
    name: str
    kind: ActorKind
    member_of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    speaks_for: str = ""
