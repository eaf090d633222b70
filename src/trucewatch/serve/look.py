"""Templates: one environment per language, autoescaped, with what every page may say."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trucewatch.records.happening import HAPPENINGS
from trucewatch.serve.tongue import tongue

_RECORDED = re.compile(r"\b(?:notification|window|restriction|sighting|visit)-\d+\b")

if TYPE_CHECKING:
    from pathlib import Path


@cache
def look(code: str) -> Environment:
    """Return the templates in a language; a name that nobody gave is an error."""
    folder: Path = resources.files("trucewatch.serve") / "templates"  # type: ignore[assignment]
    made = Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(  # type: ignore[attr-defined]
        tongue(code).words, newstyle=True
    )
    made.globals["kind_text"] = kind_text
    made.globals["kind_of"] = HAPPENINGS.get
    made.globals["recorded"] = recorded
    return made


def kind_text(name: str) -> str:
    """Return the message of a kind of happening; one that is not known is its own."""
    return HAPPENINGS[name].text if name in HAPPENINGS else name


def recorded(text: str) -> list[tuple[str, str]]:
    """Return a text in pieces, each with the record of the logbook that it names, or ""."""
    found, at = [], 0
    for named in _RECORDED.finditer(text):
        found += [(text[at : named.start()], ""), (named[0], named[0])]
        at = named.end()
    return [*found, (text[at:], "")]
