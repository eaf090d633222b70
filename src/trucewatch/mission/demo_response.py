"""The demonstration's exercise of a response, on an invented register of commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.mission.custody import Actor
from trucewatch.mission.demo_acts import BY, Step, when
from trucewatch.mission.exhibit import Taken, collect
from trucewatch.mission.linked import Said
from trucewatch.mission.register_load import claims_file, load
from trucewatch.mission.respond import Finding, Given, Hand, Wanted, ask, consult, say, start

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.mission.demo_acts import Book

REGISTER = "harbour-accord"
DETERMINATION = "determination.txt"
TEXT = """\
EXERCISE. Determination of the commission, 25 September 2030.
Fire into the window of silence around the pumping station of Ilmery, 18 September 2030, 23:12 UTC.
By 5 of 7 votes: a breach of rule R02, established on reasonable grounds to believe.
"""
DAY = 24
FOUND_AT = when(DAY, 14)


def steps() -> tuple[Step, ...]:
    """Return all that is done, in order."""
    return (
        Step(when(DAY - 1, 10), _load),
        Step(when(DAY, 14, 20), _start),
        Step(when(DAY, 15), lambda b: _ask(b, "ARV")),
        Step(when(DAY, 15, 10), lambda b: _ask(b, "COR")),
        Step(when(DAY, 16), _consult),
        Step(when(DAY, 17, 30), lambda b: _said(b, "COR", "answered", said="once the diet votes")),
        Step(when(DAY, 18), lambda b: _said(b, "ARV", "reported", said="reports every hour")),
        Step(when(DAY + 1, 9), lambda b: _said(b, "ARV", "verified", asset="PATROL-2")),
    )


def _actor(book: Book) -> Actor:
    return Actor(said=Said(by=BY, reason="exercise of a response"), clock=book.clock)


def _hand(book: Book, at: datetime | None = None, objects: tuple[str, ...] = ()) -> Hand:
    return Hand(by=BY, clock=book.clock, at=at, objects=objects)


def _load(book: Book) -> None:
    load(book.home, claims_file(REGISTER), actor=_actor(book))


def _start(book: Book) -> None:
    path = book.home.path / DETERMINATION
    path.write_text(TEXT)
    taken = Taken(place="the commission's house", method="handed over")
    [placed] = collect(book.home, [path], taken, actor=_actor(book))
    finding = Finding(
        at=FOUND_AT,
        found="fire into the window of silence at Ilmery",
        found_by="the commission",
        standard="reasonable grounds to believe",
    )
    start(book.home, finding, _hand(book, objects=(placed.object,)))


def _ask(book: Book, actor: str) -> None:
    asked = ask(book.home, Wanted(actor=actor, measure="watch-reports"), _hand(book))
    book.opened[f"asked_for {actor}"] = asked.done.entry


def _consult(book: Book) -> None:
    consult(book.home, ("ARV", "BRO"), "what follows", _hand(book))


def _said(book: Book, actor: str, act: str, **detail: object) -> None:
    of = f"asked_for-{book.opened[f'asked_for {actor}']}"
    say(book.home, Given(act=act, of=of, detail=detail), _hand(book))  # type: ignore[arg-type]
