"""Docstrings and values as Markdown: one sentence per line, tables, defaults."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def sentences(text: str) -> str:
    """Return running text with one sentence per line; paragraphs stay apart."""
    joined = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    return "\n\n".join(re.sub(r"(?<=[.!?]) (?=[A-Z`\"])", "\n", part) for part in joined)


def attributes(kind: type[Any]) -> dict[str, str]:
    """Return what the `Attributes:` section of a docstring says of each name."""
    doc = inspect.cleandoc(kind.__doc__ or "")
    _, _, body = doc.partition("Attributes:\n")
    found: dict[str, str] = {}
    for line in body.splitlines():
        started = re.match(r"    (\w+): (.*)", line)
        if started:
            found[started[1]] = started[2]
        elif line.startswith("     ") and found:
            found[next(reversed(found))] += " " + line.strip()
        elif line.strip():
            break
    return found


def rows(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(str(cell).replace("|", "\\|") for cell in row) for row in body]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def shown(value: object) -> str:
    """Return a default as a person would write it."""
    if value is None or value == "" or value is False:
        return "none" if value is not False else "off"
    if isinstance(value, tuple):
        return f"`{list(value)}`".replace("'", '"')
    if value is True:
        return "`true`"
    return f"`{getattr(value, 'value', value)}`"


def opening(doc: str) -> str:
    """Return a docstring up to its first section."""
    return re.split(r"\n\s*(?:Attributes|Args|Source):", inspect.cleandoc(doc))[0]
