"""The registers that come along say where each word is from, and copy none of it."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from trucewatch.agreement.reading.record import told
from trucewatch.errors import NotFound
from trucewatch.records.claims.claim import Basis, Relation
from trucewatch.records.claims.protocol import MeasureKind
from trucewatch.records.claims.quantity import Qualifier
from trucewatch.register.parse import parse
from trucewatch.register.reading.claims import CLAIM, QUANTITY
from trucewatch.register.reading.plans import MEASURE, REQUIREMENT, STEP, TIER
from trucewatch.register.reading.things import (
    ACTOR,
    ATOM,
    ATTRIBUTE,
    CLAUSE,
    INSTRUMENT,
    PROVISION,
    SOURCE,
    TEXT_VERSION,
)
from trucewatch.register.reading.whole import LISTS
from trucewatch.register.shipped import shipped, shipped_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.reading.record import Record
    from trucewatch.records.claims.register import Register

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "the-paris-register.md"
ARTICLES = ("000", "001", "002", "003", "004")
OUTSIDE = ("S1", "S2", "S3", *(f"S{n}" for n in range(6, 19) if n != 10), "S20p")
DOMAINS = (
    *("land", "air", "sea", "logistics", "training", "neighbouring", "reconstruction"),
    *("monitoring", "finance", "intelligence"),
)
STATES_OF_THE_ARTICLES = (
    *("UKR", "FRA", "GBR", "DEU", "POL", "ITA", "TUR", "BEL", "HRV", "CZE", "USA", "RUS"),
)
SHARED_WORDS_MAX = 7
FORECASTS = ("prospect", "outcome")  # attributes under which a source says what it expects
RECORDS: dict[str, Record] = {
    "sources": SOURCE,
    "actors": ACTOR,
    "atoms": ATOM,
    "attributes": ATTRIBUTE,
    "instruments": INSTRUMENT,
    "claims": CLAIM,
    "requirements": REQUIREMENT,
    "steps": STEP,
    "tiers": TIER,
    "measures": MEASURE,
    "texts": TEXT_VERSION,
    "clauses": CLAUSE,
    "provisions": PROVISION,
    "quantity": QUANTITY,
}


class Worded(Protocol):
    """A part of a register with a text in our own words."""

    @property
    def id(self) -> str: ...

    @property
    def text(self) -> str: ...


@cache
def register(name: str) -> Register:
    """Return a shipped register."""
    return parse(shipped_bytes(name), name=f"{name}.yaml")


def lines_of(shared: Path, article: str) -> list[str]:
    """Return the lines of an article; what follows the last line feed is one if it is not empty."""
    lines = (shared / "articles" / f"{article}.txt").read_text(encoding="utf-8").split("\n")
    return lines if lines[-1] else lines[:-1]


def runs(text: str) -> set[tuple[str, ...]]:
    """Return all runs of words that are one longer than a claim may share with an article."""
    words = re.findall(r"[^\W_]+", re.sub("[\u2019']", "", text.casefold()))
    length = SHARED_WORDS_MAX + 1
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def own_texts(of: Register) -> Iterator[tuple[str, str]]:
    """Yield every text in our own words; names and headlines of others are none."""
    worded: tuple[tuple[Worded, ...], ...] = (
        *(of.claims, of.attributes, of.atoms),
        *(of.requirements, of.steps, of.tiers, of.measures),
        *(each.provisions for each in of.instruments),
        *(each.clauses for each in of.instruments),
    )
    yield from ((each.id, each.text) for each in chain.from_iterable(worded))
    yield from ((each.id, each.note) for each in of.instruments)
    yield from chain(of.topics.items(), of.domains.items())
    for question in of.attributes:
        yield from question.values.items()
    for source in of.sources:
        yield source.id, " ".join(part.reason for part in source.silent) + " " + source.note


def test_two_registers_come_along() -> None:
    assert shipped() == ("harbour-accord", "paris-2026")


def test_refuses_a_register_that_is_not_shipped() -> None:
    with pytest.raises(NotFound, match=r"name is 'rome', must be one of: harbour-accord, paris"):
        shipped_bytes("rome")


@pytest.mark.shared
@pytest.mark.parametrize("article", ARTICLES)
def test_article_is_the_one_that_was_read(article: str, shared: Path) -> None:
    source = next(each for each in register("paris-2026").sources if each.id == article)

    raw = (shared / "articles" / f"{article}.txt").read_bytes()

    assert hashlib.sha256(raw).hexdigest() == source.sha256
    assert len(lines_of(shared, article)) == source.lines


@pytest.mark.shared
@pytest.mark.parametrize("article", ARTICLES)
def test_each_line_has_a_claim_or_a_reason_why_not(article: str, shared: Path) -> None:
    paris = register("paris-2026")
    source = next(each for each in paris.sources if each.id == article)
    written = {n for n, line in enumerate(lines_of(shared, article), 1) if line.strip()}

    claimed = {
        line
        for claim in paris.claims
        if claim.source == article
        for line in range(claim.first, claim.last + 1)
    }
    silent = {line for part in source.silent for line in range(part.first, part.last + 1)}

    assert written - claimed - silent == set()
    assert claimed & silent == set()
    assert silent <= written


@pytest.mark.shared
def test_nothing_is_copied_from_an_article(shared: Path) -> None:
    read = set().union(*(runs("\n".join(lines_of(shared, each))) for each in ARTICLES))

    copied = [each for each, text in own_texts(register("paris-2026")) if runs(text) & read]

    assert copied == []


@pytest.mark.shared
def test_a_copied_sentence_would_be_found(shared: Path) -> None:
    sentence = lines_of(shared, "000")[0]

    assert runs(sentence) & runs("\n".join(lines_of(shared, "000")))


def test_each_claim_of_an_article_names_its_lines_and_no_other_does() -> None:
    for claim in register("paris-2026").claims:
        assert (claim.first > 0) == (claim.source in ARTICLES), claim.id


def test_outside_sources_say_that_a_digest_was_seen() -> None:
    sources = {each.id: each for each in register("paris-2026").sources}

    assert tuple(sources) == (*ARTICLES, *OUTSIDE)
    for each in OUTSIDE:
        assert sources[each].note.startswith("Digest seen, not the text."), each
        assert (sources[each].sha256, sources[each].lines) == ("", 0)


def test_each_source_is_used() -> None:
    paris = register("paris-2026")

    assert {each.source for each in paris.claims} == {each.id for each in paris.sources}


def test_letter_of_each_grade_is_that_of_its_source_on_the_page() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([A-F]) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    letters = dict(rows)

    assert set(letters) == {*ARTICLES, *OUTSIDE}
    for claim in register("paris-2026").claims:
        assert claim.grade[0] == letters[claim.source], claim.id


def test_page_counts_claims_and_sources() -> None:
    paris = register("paris-2026")
    others = len(paris.sources) - len(ARTICLES)

    said = f"It has {len(paris.claims)} claims from five articles that were read in full and from"

    assert f"{said} {others} other sources" in PAGE.read_text("utf-8")


def test_only_opinions_and_forecasts_have_the_digit_six() -> None:
    six = [each for each in register("paris-2026").claims if each.grade[1] == "6"]

    plain = [each.id for each in six if each.relation in {Relation.SIGNED, Relation.ATTENDED}]

    assert plain == []
    assert {each.id for each in register("paris-2026").claims if each.attribute in FORECASTS} <= {
        each.id for each in six
    }


def test_a_word_that_was_relayed_is_not_the_speakers_own() -> None:
    germany = {each.id: each for each in register("paris-2026").claims if each.subject == "DEU"}

    assert germany["000-10a"].chain == ("Bild", "Merz")
    assert germany["000-10a"].basis is Basis.WORDS_OF_OTHERS
    assert germany["S16-a"].basis is Basis.OWN_WORDS


def test_paris_has_all_actors_domains_and_provisions() -> None:
    paris = register("paris-2026")
    declaration = next(each for each in paris.instruments if each.id == "PD2026")

    assert {*STATES_OF_THE_ARTICLES, "EU", "COALITION"} <= {each.subject for each in paris.claims}
    assert tuple(paris.domains) == DOMAINS
    assert [each.number for each in declaration.provisions] == ["1", "2", "3", "4", "5"]
    assert all(each.condition is not None for each in declaration.provisions)


def test_response_is_marked_as_told_by_the_press() -> None:
    paris = register("paris-2026")
    claims = {each.id: each for each in paris.claims}

    assert [each.due_h for each in paris.tiers] == [24, 72, 72]
    assert all(each.press_only for each in paris.tiers)
    assert {claims[c].source for each in paris.tiers for c in each.claims} == {"S12"}
    assert {each.kind for each in paris.measures} == set(MeasureKind)


@pytest.mark.parametrize("name", ["harbour-accord", "paris-2026"])
def test_no_coordinates_no_accusation(name: str) -> None:
    text = shipped_bytes(name).decode()

    assert not re.search(r"\d{1,3}\.\d{2,}", text)
    assert "violat" not in text.casefold()
    assert not re.search("[\u00b0\u2032\u2033]", text)
    for each in register(name).claims:
        assert not re.search(r"\d", each.place), each.id


def test_register_of_press_claims_says_so() -> None:
    paris = register("paris-2026")

    assert not paris.invented
    assert paris.note.startswith("A register of press claims, not an official record.")
    assert "Nobody named here has seen it" in shipped_bytes("paris-2026").decode()


def test_invented_register_says_exercise() -> None:
    harbour = register("harbour-accord")

    assert harbour.invented
    assert harbour.title.startswith("EXERCISE: ")
    assert harbour.note.startswith("EXERCISE: ")
    paris = {each.id for each in register("paris-2026").actors}
    assert not paris & {each.id for each in harbour.actors}
    assert not set(register("paris-2026").domains) & set(harbour.domains)


def test_invented_register_exercises_every_key_and_word() -> None:
    harbour = register("harbour-accord")
    text = shipped_bytes("harbour-accord").decode()

    keys = set(LISTS) | {key for record in RECORDS.values() for key in chain(*told(record.keys))}
    unused = {key for key in keys if not re.search(rf"(^|[\s{{]){key}:", text)}

    assert unused == set()
    assert len(harbour.claims) >= 40
    assert {each.relation for each in harbour.claims} == set(Relation)
    assert {each.basis for each in harbour.claims} == set(Basis)
    assert {each.quantity.qualifier for each in harbour.claims if each.quantity} == set(Qualifier)
