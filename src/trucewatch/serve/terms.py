"""The glossary: what the words of pages mean, and where each meaning comes from.

`words/glossary.md` is the one source; `docs/glossary.md` is a copy of it, and a test keeps it one.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_BYTES = re.compile(r"`([^`]*)`")
_STRESSED = re.compile(r"\*([^*]*)\*")
_ODD = re.compile(r"[^a-z0-9 -]")
_SOURCE = "Source: "
_AFTER = str.maketrans({"ґ": "г\uffff", "є": "е\uffff", "і": "и\ufffe", "ї": "и\uffff"})  # noqa: RUF001
"""Ukrainian letters that stand elsewhere in the alphabet than in Unicode: after another one."""


class Term(NamedTuple):
    """One word.

    Attributes:
        name: As pages write it.
        anchor: Where it stands on the page of the glossary.
        told: What it means, a sentence each; inline marks as in Markdown.
        source: Where the meaning comes from.
    """

    name: str
    anchor: str
    told: tuple[str, ...]
    source: str


def glossary_text() -> str:
    """Return the source."""
    return (resources.files("trucewatch.serve") / "words" / "glossary.md").read_text()


@cache
def terms() -> tuple[Term, ...]:
    """Return every word, in the order of the alphabet."""
    parts = glossary_text().split("\n## ")[1:]
    return tuple(_term(part) for part in parts)


def in_order(translated: Callable[[str], str]) -> list[Term]:
    """Return every word in the order of the reader's alphabet.

    Args:
        translated: Into the reader's language.
    """
    return sorted(terms(), key=lambda each: translated(each.name).lower().translate(_AFTER))


def anchor_of(name: str) -> str:
    """Return where a word stands on the page.

    Example:
        >>> anchor_of("Breach on its face"), anchor_of("Evidence (of a member)")
        ('breach-on-its-face', 'evidence-of-a-member')
    """
    return _ODD.sub("", name.lower()).replace(" ", "-")


def set_in(text: str) -> Markup:
    """Return a sentence with its inline marks as elements; links stay words alone."""
    plain = str(escape(_LINK.sub(r"\1", text)))
    coded = _BYTES.sub(r'<span class="bytes">\1</span>', plain)
    return Markup(_STRESSED.sub(r"<em>\1</em>", coded))  # noqa: S704 - escaped first


def labels() -> Iterator[tuple[str, str]]:
    """Yield where each label comes from, and the label, for the catalogues."""
    for term in terms():
        for text in (term.name, *term.told, term.source):
            yield "words/glossary.md", text


def _term(part: str) -> Term:
    name, *lines = [line for line in part.splitlines() if line]
    told = tuple(line for line in lines if not line.startswith(_SOURCE))
    source = next((line.removeprefix(_SOURCE) for line in lines if line.startswith(_SOURCE)), "")
    return Term(name=name, anchor=anchor_of(name), told=told, source=source)
