"""Where an invented register is written: sources and actors are there, claims are added."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trucewatch.records.claims.actor import Actor, ActorKind
from trucewatch.records.claims.attribute import Answers, Attribute
from trucewatch.records.claims.claim import Basis, Claim, Relation
from trucewatch.records.claims.condition import Atom, ConditionKind
from trucewatch.records.claims.instrument import (
    Clause,
    Instrument,
    InstrumentKind,
    Provision,
    TextState,
    TextVersion,
)
from trucewatch.records.claims.quantity import Qualifier, Quantity
from trucewatch.records.claims.register import Register
from trucewatch.records.claims.source import Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

DAY = date(2030, 1, 1)
"""An invented winter."""

STATES = tuple(f"S{n:02d}" for n in range(1, 13))
PEOPLE = {f"P{n:02d}": STATES[n % 6] for n in range(1, 13)}
"""Persons, and the state for which each speaks: two for each of six states."""

NEWS = tuple(f"news-{n}" for n in range(1, 9))
OFFICIAL = ("official-1", "official-2")
DOMAINS = ("land", "sea", "air", "finance")
_LINES = 200
_IDS = 100_000


class Desk:
    """A register that is being written.

    Args:
        rng: Draws everything.

    Attributes:
        rng: The same.
        claims: So far.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.claims: list[Claim] = []
        self._attributes: list[Attribute] = []
        self._instruments: list[Instrument] = []
        self._topics: dict[str, str] = {}
        self._ids = [f"c{n:05d}" for n in rng.choice(_IDS, size=8000, replace=False)]

    def pick(self, several: Sequence[Any]) -> Any:  # noqa: ANN401
        """Return one of several."""
        return several[int(self.rng.integers(len(several)))]

    def two(self, several: Sequence[Any]) -> tuple[Any, Any]:
        """Return two different ones of several."""
        one, other = self.rng.choice(len(several), size=2, replace=False)
        return several[int(one)], several[int(other)]

    def day(self, least: int = 0, most: int = 60) -> date:
        """Return a day, counted from the first of the register."""
        return DAY + timedelta(days=int(self.rng.integers(least, most)))

    def grade(self) -> str:
        """Return any grade."""
        return f"{self.pick('ABCDEF')}{self.pick('123456')}"

    def claim(self, subject: str, relation: Relation, thing: str = "", **more: Any) -> str:  # noqa: ANN401
        """Add a claim and return its id; what is not given is drawn or left open."""
        line = int(self.rng.integers(1, _LINES + 1))
        given = {
            "source": self.pick(NEWS),
            "grade": self.grade(),
            "said_on": self.day(),
            "basis": Basis.NOT_SAID,
        } | more
        name = self._ids[len(self.claims)]
        self.claims.append(
            Claim(
                id=name,
                first=line,
                last=line,
                subject=subject,
                relation=relation,
                object=thing,
                text="As the source says.",
                **given,
            )
        )
        return name

    def topic(self) -> str:
        """Return a new topic."""
        name = f"topic_{len(self._topics)}"
        self._topics[name] = "A topic."
        return name

    def attribute(
        self,
        answers: Answers,
        within: Mapping[str, tuple[str, ...]] | None = None,
        values: Sequence[str] = ("one", "two", "three", "four"),
        name: str = "",
    ) -> str:
        """Return a new question."""
        name = name or f"question_{len(self._attributes)}"
        if name not in [each.id for each in self._attributes]:
            self._attributes.append(
                Attribute(
                    id=name,
                    text="A question?",
                    answers=answers,
                    values=dict.fromkeys(values, "An answer."),
                    within=within or {},
                )
            )
        return name

    def instrument(self, topic: str = "", clauses: Sequence[Clause] = ()) -> tuple[str, str]:
        """Return a new instrument and a provision of it, by id; it has two drafts and a final."""
        name = f"I{len(self._instruments)}"
        part = Provision(id=f"{name}-1", number="1", topic=topic or f"of_{name}", text="A part.")
        texts = (("d1", TextState.DRAFT), ("d2", TextState.DRAFT), ("f1", TextState.FINAL))
        self._instruments.append(
            Instrument(
                id=name,
                name=f"Instrument {name}",
                kind=InstrumentKind.DECLARATION,
                day=DAY,
                texts=tuple(
                    TextVersion(id=each, state=state, day=DAY, source="official-1")
                    for each, state in texts
                ),
                clauses=tuple(clauses),
                provisions=(part,),
            )
        )
        return name, part.id

    def register(self, name: str) -> Register:
        """Return what was written, every list in an order of its own."""
        return Register(
            id=name,
            title="An invented register",
            invented=True,
            as_of=DAY + timedelta(days=90),
            host=STATES[0],
            sources=self._mixed(_sources()),
            actors=self._mixed(_actors()),
            instruments=self._mixed(self._instruments),
            atoms=(Atom(id="quiet", kind=ConditionKind.CEASEFIRE, text="all is quiet"),),
            attributes=self._mixed(self._attributes),
            domains=dict.fromkeys(DOMAINS, "A domain."),
            topics=self._topics,
            claims=self._mixed(self.claims),
        )

    def _mixed(self, several: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(several[int(at)] for at in self.rng.permutation(len(several)))


def exactly(low: int, high: int | None, unit: str, scope: str, qualifier: str) -> Quantity:
    """Return a quantity from whole numbers."""
    return Quantity(
        low=Decimal(low),
        high=None if high is None else Decimal(high),
        qualifier=Qualifier(qualifier),
        unit=unit,
        scope=scope,
    )


def _sources() -> list[Source]:
    kinds = [(name, SourceKind.NEWS) for name in NEWS]
    kinds += [(name, SourceKind.OFFICIAL_TEXT) for name in OFFICIAL]
    kinds += [("speech", SourceKind.STATEMENT), ("opinion", SourceKind.ANALYSIS)]
    named = [_source(name, f"Outlet of {name}", kind) for name, kind in kinds]
    nameless = [_source(f"nameless-{n}", "not named", SourceKind.NEWS) for n in (1, 2)]
    return [*named, *nameless]


def _source(name: str, outlet: str, kind: SourceKind) -> Source:
    return Source(id=name, outlet=outlet, title="A text", kind=kind, published=DAY, lines=_LINES)


def _actors() -> list[Actor]:
    states = [Actor(id=each, name=f"State {each}", kind=ActorKind.STATE) for each in STATES]
    people = [
        Actor(id=each, name=f"Person {each}", kind=ActorKind.PERSON, speaks_for=state)
        for each, state in PEOPLE.items()
    ]
    return [*states, *people]
