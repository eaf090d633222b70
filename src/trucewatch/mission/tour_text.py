"""First stop: a truce paragraph is questioned before anybody relies on it."""

from __future__ import annotations

import json
import re
import textwrap
from importlib.resources import files
from typing import TYPE_CHECKING

from trucewatch.agreement.lint import lint
from trucewatch.agreement.parse import SCHEMA, parse
from trucewatch.errors import BadInput
from trucewatch.mission.tour_stop import Line, Stop, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.questions.finding import Finding

SHIPPED = "tour-truce.yaml"
_BLIND = frozenset({"unobservable-rule", "unaccepted-means", "unclear-term"})
"""Findings that say that a rule cannot be monitored as written."""
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_SENTENCES_MAX = 200
_LACKS = (
    ("a place in degrees", re.compile(r"\d+[.,]\d+\W{0,2}[NSEW]?\b.*\d+[.,]\d+\W{0,2}[NSEW]?\b")),
    ("a distance in metres or kilometres", re.compile(r"\d\s*(k?m|(kilo)?met(er|re)s?)\b")),
    ("a day", re.compile(r"\b(\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]{2,8}|[A-Z][a-z]{2,8} \d{1,2})\b")),
    ("an hour with its time zone", re.compile(r"\d[:.]\d\d.{0,12}(UTC|GMT|Z\b|[+-]\d\d:?\d\d)")),
)
"""What software needs to be told and sentences often leave out, and how it looks in them."""
_SHOWN_MAX = 900  # characters of a pasted text that are shown


def stop_text(number: int, pasted: Path | None) -> Stop:
    """Return what the linter says of a text.

    Args:
        number: Of the stop.
        pasted: A file with an agreement or with plain sentences; None for the shipped paragraph.
    """
    name, raw = _read(pasted)
    agreement, structured = _agreement(raw, name)
    found = sorted(lint(agreement), key=lambda each: each.code not in _BLIND)
    blind = [each for each in found if each.code in _BLIND]
    lacks = [] if structured else _lacking(raw.decode())
    clauses = _clauses(agreement)
    return Stop(
        number=number,
        title="A truce paragraph, questioned before anybody relies on it",
        lines=tuple(_lines(name, clauses, found, lacks)),
        found={
            "file": name,
            "clauses": len(clauses),
            "questions": len(found),
            "cannot_be_monitored": [f"{each.where}: {each.text}" for each in blind],
            "codes": [each.code for each in found],
            "not_in_the_text": [*lacks],
        },
        commands=("agreement lint FILE",),
    )


def _read(pasted: Path | None) -> tuple[str, bytes]:
    """Return the name and the bytes of the text.

    Raises:
        BadInput: It cannot be read.
    """
    if pasted is None:
        return SHIPPED, files("trucewatch.mission").joinpath(SHIPPED).read_bytes()
    try:
        return pasted.name, pasted.read_bytes()
    except OSError as error:
        raise BadInput(str(pasted), f"{error.strerror}, expected a text") from error


def _agreement(raw: bytes, name: str) -> tuple[Agreement, bool]:
    """Return a text as an agreement, and whether it was written as one.

    Raises:
        BadInput: It is neither an agreement nor some sentences.
    """
    if SCHEMA.encode() in raw:
        return parse(raw, name=name), True
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadInput(name, f"not UTF-8 at byte {error.start}, expected a text") from error
    clauses = [" ".join(each.split()) for each in _SENTENCE_END.split(text) if each.strip()]
    if not 0 < len(clauses) <= _SENTENCES_MAX:
        problem = f"{len(clauses)} sentences, expected 1 to {_SENTENCES_MAX}"
        raise BadInput(name, problem)
    return parse(_as_agreement(clauses), name=name), False


def _as_agreement(clauses: Sequence[str]) -> bytes:
    """Return sentences as an agreement that holds nothing but them; JSON is YAML too."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "id": "pasted",
            "version": 1,
            "title": "EXERCISE: pasted sentences",
            "exercise": True,
            "status": "not_in_force",
            "effective": None,
            "expires": None,
            "parties": [],
            "zones": [],
            "rules": [
                {
                    "id": f"S{place}",
                    "kind": "text_only",
                    "clause": clause,
                    "source": "pasted",
                    "modality": "O",
                }
                for place, clause in enumerate(clauses, 1)
            ],
        }
    ).encode()


def _clauses(agreement: Agreement) -> list[str]:
    """Return the sentences of a text that the linter asks about."""
    provided = agreement.provisions
    return [
        *(rule.clause for rule in agreement.rules),
        *(each.text for each in agreement.exemptions),
        *([provided.self_defence.text] if provided.self_defence else []),
        *(each.text for each in provided.windows),
        *(each.text for each in provided.notices),
    ]


def _lacking(text: str) -> list[str]:
    return [what for what, pattern in _LACKS if not pattern.search(text)]


def _lines(
    name: str, clauses: Sequence[str], found: Sequence[Finding], lacks: Sequence[str]
) -> Iterator[Line]:
    yield Line(f"The text ({name}):")
    shown = textwrap.shorten(" ".join(clauses), _SHOWN_MAX, placeholder=" [...]")
    yield from prose(f'"{shown}"', indent=2)
    yield Line()
    if lacks:
        text = "Sentences alone are shown and never assessed; nowhere in them is: "
        yield from prose(f"{text}{'; '.join(lacks)}.", hang=2)
    yield Line(f"The linter asks {len(found)} questions; what cannot be monitored comes first:")
    for each in found:
        mark = "cannot" if each.code in _BLIND else "asks  "
        yield from prose(f"{mark}  {each.where}: {each.text}", indent=2, hang=8)
