"""Where a claim was read: an article, an official text, a speech."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class SourceKind(StrEnum):
    """What kind of text it is; the order is that of the preference rule."""

    OFFICIAL_TEXT = "official_text"  # the text of an instrument, as its parties published it
    STATEMENT = "statement"  # what somebody said for themselves, in full
    NEWS = "news"
    ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph that makes no claim, and why.

    Attributes:
        first: Its first line, from 1.
        last: Its last line.
        reason: Why nothing in it is a claim.
    """

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text.

    Attributes:
        id: How claims name it.
        outlet: Who published it; "not named" when the text does not say.
        title: Its headline, or what it is, in our words.
        kind: What kind of text it is.
        published: The day, or None when the text does not say.
        sha256: Of its bytes as read, or "" when only a digest of it was seen.
        lines: How many lines it has; 0 when they were not counted.
        silent: Paragraphs without a claim.
        note: What a reader should know of it.
    """

    id: str
    outlet: str
    title: str
    kind: SourceKind
    published: date | None
    sha256: str = ""
    lines: int = 0
    silent: tuple[Paragraph, ...] = ()
    note: str = ""
