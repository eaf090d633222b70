"""The days on which something was said, as a strip of links: each shows what was known then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.serve.pages._register_words import day_words

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._register_seen import Seen

_SLOT_PX = 28
_TOP_PX = 30
_LEAST_PX = 3


class Bar(NamedTuple):
    """One day.

    Attributes:
        day: In words.
        claims_n: Claims that were said on it.
        x: Left edge of its slot, px.
        height: Of its bar, px.
        within: Whether it counts at the time that is asked for.
        here: Whether it is that time.
        href: The page as known at its end.
    """

    day: str
    claims_n: int
    x: int
    height: int
    within: bool
    here: bool
    href: str


def strip(ask: Asking, seen: Seen) -> tuple[Bar, ...]:
    """Return a bar for each day on which something was said; days between are left out."""
    days = seen.days()
    top = max(days.values(), default=1)
    day = seen.wish.day
    found = []
    for number, (said, count) in enumerate(days.items()):
        wish = replace(seen.wish, day=said)
        found.append(
            Bar(
                day=day_words(said, ask.tongue),
                claims_n=count,
                x=number * _SLOT_PX,
                height=max(_LEAST_PX, round(_TOP_PX * count / top)),
                within=day is None or said <= day,
                here=said == day,
                href=wish.link(ask.path),
            )
        )
    return tuple(found)
