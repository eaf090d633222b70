"""How pages word claims: relation, standing, question and verdict; a word first, then a shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from babel import dates

from trucewatch.records.claims.actor import ActorKind
from trucewatch.records.claims.claim import Basis, Relation
from trucewatch.records.claims.instrument import InstrumentKind, Stage
from trucewatch.records.claims.source import SourceKind
from trucewatch.register.conditions import worded as condition_words
from trucewatch.register.contradictions import Kind
from trucewatch.register.preferred import Rule
from trucewatch.register.shown import shown
from trucewatch.register.total import worded as amount_words
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.contradictions import Dispute
    from trucewatch.register.known import Known
    from trucewatch.register.shown import Shown
    from trucewatch.serve.tongue import Tongue

RELATIONS: Mapping[str, tuple[str, str]] = {
    Relation.PLEDGED: (N_("pledged"), "co"),
    Relation.OFFERED: (N_("could, offered"), "un"),
    Relation.ASSIGNED: (N_("stated by others"), "half"),
    Relation.REFUSED: (N_("refused"), "no"),
    Relation.RULED_OUT: (N_("ruled out"), "no"),
    Relation.SIGNED: (N_("signed"), "ok"),
    Relation.INITIALLED: (N_("initialled"), "ok"),
    Relation.RATIFIED: (N_("ratified"), "ok"),
    Relation.DID_NOT_SIGN: (N_("did not sign"), "norule"),
    Relation.ENDORSED: (N_("endorsed"), "ok"),
    Relation.OPPOSED: (N_("opposed"), "no"),
    Relation.DEMANDED: (N_("demanded"), "hand"),
    Relation.REQUIRES: (N_("needs first"), "clock"),
    Relation.FULFILLED: (N_("condition met"), "ok"),
    Relation.DELIVERED: (N_("said to have arrived"), "down"),
    Relation.VERIFIED_DELIVERED: (N_("seen to have arrived"), "seal"),
    Relation.LIMITS: (N_("limits"), "lock"),
    Relation.READY: (N_("readiness"), "clock"),
    Relation.ATTENDED: (N_("attended"), "minus"),
    Relation.REPRESENTED: (N_("was represented"), "minus"),
    Relation.STATED: (N_("other statements"), "list"),
    Relation.REPLIED: (N_("replied"), "hand"),
}
"""Of each relation its text and its glyph."""
BASES = {
    Basis.FINAL_TEXT: N_("final text"),
    Basis.DRAFT_TEXT: N_("draft text"),
    Basis.OWN_WORDS: N_("own words"),
    Basis.WORDS_OF_OTHERS: N_("words of others"),
    Basis.NOT_SAID: "",
}
SOURCES = {
    SourceKind.OFFICIAL_TEXT: N_("official text"),
    SourceKind.STATEMENT: N_("statement"),
    SourceKind.NEWS: N_("press"),
    SourceKind.ANALYSIS: N_("analysis"),
}
ACTORS = {
    ActorKind.STATE: N_("States"),
    ActorKind.ORGANISATION: N_("Organisations"),
    ActorKind.GROUP: N_("Groups"),
    ActorKind.BODY: N_("Bodies"),
    ActorKind.PERSON: N_("Persons"),
}
INSTRUMENTS = {
    InstrumentKind.DECLARATION: N_("declaration"),
    InstrumentKind.DECLARATION_OF_INTENT: N_("declaration of intent"),
    InstrumentKind.AGREEMENT: N_("agreement"),
    InstrumentKind.TREATY: N_("treaty"),
    InstrumentKind.MEMORANDUM: N_("memorandum"),
    InstrumentKind.PLAN: N_("plan"),
    InstrumentKind.PROTOCOL: N_("protocol"),
    InstrumentKind.COMMUNIQUE: N_("communique"),
}
STAGES = {
    Stage.ANNOUNCED: N_("announced"),
    Stage.INTENT_SIGNED: N_("intent signed"),
    Stage.TEXT_AGREED: N_("text agreed"),
    Stage.SIGNED: N_("signed"),
    Stage.RATIFIED: N_("ratified"),
    Stage.IN_FORCE: N_("in force"),
    Stage.ACTIVATED: N_("activated"),
    Stage.SUSPENDED: N_("suspended"),
    Stage.WITHDRAWN: N_("withdrawn"),
}
KINDS = {
    Kind.DRAFT_AGAINST_FINAL: (N_("Draft against final."), "ne"),
    Kind.NEWER: (N_("A later word of one speaker."), "next"),
    Kind.DIFFERENT_QUANTITY: (N_("Different amounts."), "ne"),
    Kind.GENUINE_CONFLICT: (N_("Sources differ; a rule prefers one."), "ne"),
    Kind.UNRESOLVED: (N_("Sources differ; no rule tells them apart."), "half"),
}
"""Of each class of contradiction its text and its glyph."""
RULES = {
    Rule.FINAL_TEXT: N_("Rule 1: a final text goes before a draft."),
    Rule.OFFICIAL_TEXT: N_("Rule 2: the official text goes before what others say of it."),
    Rule.OWN_WORDS: N_("Rule 3: the subject's own words go before the words of others."),
    Rule.LATER: N_("Rule 4: of one speaker, the later word goes before the earlier."),
    Rule.BETTER_GRADE: N_("Rule 5: the grade is better by two steps or more."),
    Rule.LATER_STAGE: N_("Stages follow one another in time: the later is where it stands."),
    Rule.SCOPES_DIFFER: N_("The amounts are of different wholes and cannot be compared."),
    Rule.NONE: N_("No rule tells them apart, and all stand."),
}
_QUESTIONS = {
    "quantity": N_("How many or how much (%(unit)s)?"),
    "role": N_("Has it a role in a text that it did not sign?"),
    "signature": N_("Did it sign?"),
    "contribution": N_("Does it contribute?"),
    "approval": N_("Does it approve?"),
    "clause": N_("Does the final text still have this clause?"),
}


class Question(NamedTuple):
    """What several claims answer.

    Attributes:
        id: Of the dispute, such as `role/USA/PD2026`.
        text: A message, or the register's own words.
        words: What the message names.
        own: Whether `text` is the register's own, which is in English.
        about: Of whom and what, in the register's words.
    """

    id: str
    text: str
    words: dict[str, str]
    own: bool
    about: str


class Line(NamedTuple):
    """A claim as one row of a table.

    Attributes:
        said: The claim with its source.
        who: Its subject, where that is not whom the page is about; or "".
        relation: What it says in one word: a message.
        answer: Of a statement, the answer in the register's words; or "".
        glyph: Of the relation.
        standing: What it goes by: a message.
        chain: From whom the source has it, or "".
        first: Whether a rule prefers it.
        amount: How much, in the register's words, or "".
        condition: On what it hangs, in the register's words, or "".
    """

    said: Shown
    who: str
    relation: str
    answer: str
    glyph: str
    standing: str
    chain: str
    first: bool
    amount: str
    condition: str


class Verdict(NamedTuple):
    """What is to be said of a dispute: messages, and the claim that goes first, or None."""

    kinds: tuple[str, ...]
    glyph: str
    rules: tuple[str, ...]
    first: Shown | None


class Disputed(NamedTuple):
    """A question, what each source says, and what a rule says of it."""

    question: Question
    lines: tuple[Line, ...]
    verdict: Verdict
    found: Dispute


def disputed(dispute: Dispute, known: Known, *, of: str = "") -> Disputed:
    """Return a dispute as a page shows it.

    Args:
        dispute: The dispute.
        known: The register.
        of: Whom the page is about, by id.
    """
    lines = [line(known.claims[each], known, of=of) for each in dispute.claims]
    marked = [each._replace(first=each.said.claim.id == dispute.preferred) for each in lines]
    kinds = [kind for kind in Kind if any(each.kind is kind for each in dispute.found)]
    telling = {
        each.rule
        for each in dispute.found
        if each.preferred == dispute.preferred or dispute.preferred is None
    }
    first = None if dispute.preferred is None else shown(known.claims[dispute.preferred], known)
    return Disputed(
        question=question(dispute.question, known, of=of),
        lines=tuple(marked),
        verdict=Verdict(
            kinds=tuple(KINDS[each][0] for each in kinds),
            glyph=KINDS[kinds[0]][1],
            rules=tuple(RULES[each] for each in Rule if each in telling),
            first=first,
        ),
        found=dispute,
    )


def line(claim: Claim, known: Known, *, of: str = "") -> Line:
    """Return a claim as a row; `of` is whom the page is about, by id."""
    text, glyph = RELATIONS[claim.relation]
    answer = ""
    if claim.relation is Relation.STATED and claim.attribute in known.attributes:
        answer = known.attributes[claim.attribute].values.get(claim.value, claim.value)
    kind = known.sources[claim.source].kind
    hangs = claim.condition
    return Line(
        said=shown(claim, known),
        who="" if claim.subject == of else name(claim.subject, known),
        relation=text,
        answer=answer,
        glyph=glyph,
        standing=BASES[claim.basis] or SOURCES[kind],
        chain=", ".join(claim.chain),
        first=False,
        amount="" if claim.quantity is None else amount_words(claim.quantity),
        condition="" if hangs is None else condition_words(hangs, known.atoms),
    )


def question(asked: str, known: Known, *, of: str = "") -> Question:
    """Return what a question of the register asks, for people."""
    rule, *parts = asked.split("/")
    if rule == "clause":
        found = {c.id: c for c in known.instruments[parts[0]].clauses}
        about = f"{name(parts[0], known)}: {found[parts[1]].text}"
        return Question(asked, _QUESTIONS[rule], {}, own=False, about=about)
    if rule == "stated":
        text = known.attributes[parts[1]].text
        return Question(asked, text, {}, own=True, about=_about(parts[:1], known, of))
    words = {"unit": parts[-1]} if rule == "quantity" else {}
    named = parts[:4] if rule == "quantity" else parts
    named = [each for each in named if each not in {str(r) for r in Relation}]
    return Question(
        asked, _QUESTIONS.get(rule, rule), words, own=False, about=_about(named, known, of)
    )


def _about(parts: list[str], known: Known, of: str) -> str:
    return ", ".join(name(each, known) for each in parts if each not in ("-", "", of))


def name(thing: str, known: Known) -> str:
    """Return what an id stands for, in the register's words; one that is not known is its own."""
    if thing in known.actors:
        return known.actors[thing].name
    if thing in known.provisions:
        part, whole = known.provisions[thing], known.instruments[thing]
        return f"{_short(whole.id, known)} {part.number or thing.removeprefix(whole.id + '-')}"
    if thing in known.instruments:
        return _short(thing, known)
    register = known.register
    found = register.topics.get(thing) or register.domains.get(thing)
    return found or (known.atoms[thing].text if thing in known.atoms else thing)


def thing_text(thing: str, known: Known) -> str:
    """Return what a promise is about, in full: the words of a provision, or its name."""
    return known.provisions[thing].text if thing in known.provisions else name(thing, known)


def _short(instrument: str, known: Known) -> str:
    found = known.instruments[instrument]
    return found.also[0] if found.also else found.name


def day_words(day: date, tongue: Tongue) -> str:
    """Return a day, its month in short."""
    return dates.format_date(day, "d MMM y", locale=tongue.locale)
