"""The versions of the agreement that the log holds: which was in force when, what changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from trucewatch.access.role import Role
from trucewatch.agreement.agreement import Status
from trucewatch.agreement.difference import ADDED, ALL, REMOVED, difference
from trucewatch.agreement.force import window
from trucewatch.errors import BadInput
from trucewatch.mission.configuration import restricted_texts, statements, versions
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.difference import Change
    from trucewatch.serve.ask import Asking

_CONFIGURED = "configured/v1"
_SEALED_FIELDS = frozenset({"title", "note", "clause", "text", "source", "criteria", "publishes"})
_LONGEST_SHOWN = 60
_WORDS = re.compile(r"\S+|\s+")


class Stand(NamedTuple):
    """Whether a text is in force at a moment: message, glyph."""

    text: str
    glyph: str


IN_FORCE = Stand(N_("in force"), "ok")
NOT_YET = Stand(N_("not yet in force"), "clock")
OVER = Stand(N_("no longer in force"), "minus")
NEVER = Stand(N_("binds nobody"), "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One version as it was sealed.

    Attributes:
        agreement: What the software reads in it; it ends where the next version begins.
        object: SHA-256 of the sealed file.
        sealed: Entry that seals the file.
        configured: Entry of the statement that put it to use.
        sealed_at: When the log acknowledged it.
        since: First instant at which it is in force, or None where it never is.
        until: First instant at which it no longer is, or None.
    """

    agreement: Agreement
    object: str
    sealed: int
    configured: int
    sealed_at: datetime
    since: datetime | None
    until: datetime | None

    @property
    def number(self) -> int:
        """Its version."""
        return self.agreement.version

    @property
    def late(self) -> bool:
        """Whether it was sealed only after it had taken effect."""
        return self.since is not None and self.since < self.sealed_at

    def stand(self, moment: datetime) -> Stand:
        """Return whether it is in force at a moment."""
        if self.since is None:
            return NEVER
        if moment < self.since:
            return NOT_YET
        return OVER if self.until is not None and moment >= self.until else IN_FORCE

    @property
    def declared(self) -> bool:
        """Whether the text says of itself that it binds."""
        return self.agreement.status is Status.IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The version that somebody reads.

    Attributes:
        texts: Every version, the first one first.
        text: The one that is read.
        moment: For which it is told whether it is in force.
        asof: The moment, where somebody asked for one.
        version: The version, where somebody asked for one.
        may_open: Whether who reads may open the sealed file: not where it shows a place that is
            not for them.
    """

    texts: tuple[Text, ...]
    text: Text
    moment: datetime
    asof: datetime | None
    version: int | None
    may_open: bool

    @property
    def agreement(self) -> Agreement:
        """What the software reads in it."""
        return self.text.agreement

    @property
    def stand(self) -> Stand:
        """Whether it is in force at the moment."""
        return self.text.stand(self.moment)

    @property
    def before(self) -> Text | None:
        """The version before it."""
        at = self.texts.index(self.text)
        return self.texts[at - 1] if at else None

    def to(self, path: str = "/agreement", anchor: str = "", **more: object) -> str:
        """Return an address that keeps the version or the moment that was asked for."""
        words: dict[str, object] = {}
        if self.asof is not None:
            words["asof"] = self.asof.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.version is not None:
            words["version"] = self.version
        words |= more
        query = f"?{urlencode(words)}" if words else ""
        return f"{path}{query}{f'#{anchor}' if anchor else ''}"


def reading(ask: Asking) -> Reading:
    """Return the version that an address asks for, else the one in force now.

    Where none is in force at the moment, it is the last that was, else the first that will be,
    else the newest.

    Raises:
        BadInput: A value cannot be read, or version and moment are both asked for.
    """
    asof, wanted = ask.value("asof").strip(), ask.value("version").strip()
    if asof and wanted:
        raise BadInput("version", "is asked for together with asof, expected one of the two")
    zone = ask.shown.using.settings.mission.zone
    moment = _instant(asof, zone) if asof else ask.site.now()
    with ask.site.reading() as (log, _):
        found = versions(log, log.size)
        first: dict[str, int] = {}
        for index, said in statements(log, _CONFIGURED):
            first.setdefault(said.subjects[1].sha256, index)
        texts = []
        for each in found:
            since, until = window(each.agreement) or (None, None)
            sealed = log.indices_of(each.object)[0]
            texts.append(
                Text(
                    agreement=each.agreement,
                    object=each.object,
                    sealed=sealed,
                    configured=first[each.object],
                    sealed_at=log.entry(sealed).logged_at,
                    since=since,
                    until=until,
                )
            )
        hidden = restricted_texts(log)
    text = _numbered(texts, wanted) if wanted else _at(texts, moment)
    return Reading(
        texts=tuple(texts),
        text=text,
        moment=moment,
        asof=moment if asof else None,
        version=text.number if wanted else None,
        may_open=ask.viewer.role is Role.MISSION or text.object not in hidden,
    )


def chosen(texts: Sequence[Text], name: str, wanted: str) -> Text:
    """Return a version by its number.

    Raises:
        BadInput: There is none of that number; the message names the field.
    """
    for each in texts:
        if str(each.number) == wanted:
            return each
    known = ", ".join(str(each.number) for each in texts)
    raise BadInput(name, f"is {wanted[:_LONGEST_SHOWN]!r}, expected one of {known}")


def _numbered(texts: Sequence[Text], wanted: str) -> Text:
    return chosen(texts, "version", wanted)


def _at(texts: Sequence[Text], moment: datetime) -> Text:
    stands = [(each.stand(moment), each) for each in texts]
    for wanted, ordered in ((IN_FORCE, stands), (OVER, stands[::-1]), (NOT_YET, stands)):
        for stand, each in ordered:
            if stand is wanted:
                return each
    return texts[-1]


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """Return a moment; one without an offset is in the mission's time zone, as pages show it.

    Raises:
        BadInput: It cannot be read.
    """
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        shown = text[:_LONGEST_SHOWN]
        problem = f"is {shown!r}, expected a time such as 2030-09-01T06:00:00Z"
        raise BadInput("asof", problem) from error


class Piece(NamedTuple):
    """Some words, and whether the other side has others in their place."""

    text: str
    other: bool


class Shift(NamedTuple):
    """One difference, as pages show it.

    Attributes:
        element: What changed, a message.
        id: Its id, "" for the agreement itself or for all of a kind.
        kind: `added`, `removed`, `changed`, or `hidden` for a place that is not shown.
        field: What of it, in words, or "".
        old: What it was.
        new: What it is.
        sealed: Whether these are words of the text, not the software's reading of them.
    """

    element: str
    id: str
    kind: str
    field: str
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]
    sealed: bool


ELEMENTS = {
    "agreement": N_("The agreement"),
    "party": N_("Party"),
    "instrument": N_("Text"),
    "term": N_("Term"),
    "line": N_("Reference line"),
    "zone": N_("Zone"),
    "weapon": N_("Category of weapons"),
    "rule": N_("Rule"),
    "exemption": N_("Exemption"),
    "window": N_("Time of silence"),
    "sequence": N_("Steps upon silence"),
    "notice": N_("Duty of notice"),
    "access": N_("Monitors' access"),
    "object list": N_("List of protected objects"),
    "body": N_("Body"),
    "means": N_("Means of monitoring"),
    "standard of proof": N_("Standard of proof"),
    "remedy": N_("Remedy"),
}
"""What things of an agreement are called, by the word that `agreement.difference` has for them."""


def shifts(old: Agreement, new: Agreement, hidden: AbstractSet[str]) -> list[Shift]:
    """Return what changed from one version to another; that the number did is no news.

    Args:
        old: One version.
        new: The other.
        hidden: Zones of which neither place nor words are shown to who asks.
    """
    changes = difference(old, new)
    return [_shift(each, hidden) for each in changes if (each.element, each.field) != _NUMBER]


_NUMBER = ("agreement", "version")


def _shift(change: Change, hidden: AbstractSet[str]) -> Shift:
    whole = change.what in {ADDED, REMOVED}
    unseen = not whole and not change.old and not change.new
    if not whole and change.element == "zone" and change.id in hidden:
        unseen, change = True, replace(change, old="", new="")
    old, new = _compared(change.old, change.new)
    return Shift(
        element=ELEMENTS.get(change.element, change.element),
        id="" if change.element == "agreement" or change.id == ALL else change.id,
        kind=change.what if whole else ("hidden" if unseen else "changed"),
        field=change.what.partition(": ")[0] if change.field else "",
        old=old,
        new=new,
        sealed=change.field.rpartition(".")[2] in _SEALED_FIELDS,
    )


def _compared(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both sides word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    same = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    one = tuple(_pieces((before[a:b], tag != "equal") for tag, a, b, _, _ in same))
    other = tuple(_pieces((after[c:d], tag != "equal") for tag, _, _, c, d in same))
    return one, other


def _pieces(parts: Iterator[tuple[list[str], bool]]) -> Iterator[Piece]:
    for words, other in parts:
        if words:
            yield Piece("".join(words), other)
