"""The chain of custody of sealed objects: who had what, from which entry to which, without a gap.

The desk is the first custodian of everything sealed. From there on an object passes by two acts:
the custodian offers, the receiver accepts, each by a key of their own. Who may do what:

    collected, received, sealed,       the custodian
    opened, copied, derived, offered
    accepted                           whom the open offer names
    exported, withheld, erased         the custodian or the desk, which keeps the store
    verified                           anybody whose key may sign it

`collected`, `received` and `sealed` come in this order, once each, and before the object is used.
Of two offers the later one is open. A working copy (`derived/v1`) has one parent, sealed before it,
and is made by the parent's custodian. Only what is enciphered can be erased, and then there is only
the ciphertext, to verify and to export. A claimed time is never after the log's own, and what came
in came before it was sealed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Never

from trucewatch.errors import EvidenceBroken, NotFound
from trucewatch.evidence.custodian import DESK
from trucewatch.evidence.statement import Subject
from trucewatch.records.custody import Act
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from trucewatch.evidence.custodian import Acted
    from trucewatch.evidence.entry import Entry
    from trucewatch.records.custody import Custody

EXHIBIT = "exhibit/v1"
"""Entry type of an object that no sensor module reads: a photograph, a recording, a letter."""

DERIVED = "derived/v1"
"""Entry type of a working copy."""

_SHOWN = 12  # hex digits by which a message names an object
_INTAKE = (Act.COLLECTED, Act.RECEIVED, Act.SEALED)  # in this order
_BEFORE_SEALING = {Act.COLLECTED, Act.RECEIVED}
_STORE = {Act.EXPORTED, Act.WITHHELD, Act.ERASED}  # of bytes as they are stored: the desk's as well
_OF_CIPHERTEXT = {Act.VERIFIED, Act.EXPORTED}
_NO_USE = {*_INTAKE, *_STORE, Act.VERIFIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One link of an object's chain.

    Attributes:
        entry: Index of the entry that shows it.
        act: What happened.
        custodian: Who has the object from this step on.
        logged_at: When the log acknowledged it.
        acted: The act as stated; None when the object's own entry implies it.
    """

    entry: int
    act: Act
    custodian: str
    logged_at: datetime
    acted: Acted | None


@dataclass(slots=True, kw_only=True)
class _Kept:
    """Where an object is in its life."""

    entry: int
    types: dict[str, int] = field(default_factory=dict)
    clear: bool = False
    custodian: str = DESK
    offer: int | None = None
    stage: int = 0
    used: int | None = None
    derived: int | None = None
    erased: int | None = None
    steps: list[Step] = field(default_factory=list)


class Chains:
    """The chains of objects, as far as it was shown the log, in order."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._offers: dict[int, Acted] = {}

    def seal(self, index: int, entry: Entry) -> None:
        """Take note of an entry that seals an object.

        Args:
            index: Its index, above all that were shown before.
            entry: The entry.
        """
        kept = self._kept.get(entry.object)
        if kept is None:
            kept = self._kept[entry.object] = _Kept(entry=index)
            came = entry.type == EXHIBIT or entry.type.startswith("received/")
            kept.steps = [
                Step(entry=index, act=act, custodian=DESK, logged_at=entry.logged_at, acted=None)
                for act in (Act.RECEIVED, Act.SEALED)[not came :]
            ]
        kept.types[entry.type] = index
        if entry.level is Level.CLEAR:
            kept.clear = True

    def take(self, acted: Acted, *, logged_at: datetime) -> None:
        """Take an act into the chains of its objects, or refuse it and change nothing.

        One that cannot follow what was done with one of its objects before is refused as
        `EvidenceBroken`.

        Args:
            acted: The act, by a key that may sign it.
            logged_at: When the log acknowledged it.
        """
        custody = acted.custody
        if custody.at > logged_at:
            problem = f"{custody.act} is claimed for {custody.at.isoformat()}"
            _refuse(acted, f"{problem}, must not be after {logged_at.isoformat()}")
        objects = tuple(subject.sha256 for subject in acted.subjects)
        if len(set(objects)) < len(objects):
            _refuse(acted, "names an object twice, expected each once")
        for subject in acted.subjects:
            kept = self._kept.get(subject.sha256)
            if kept is None or subject.name not in kept.types:
                problem = f"{custody.act} of {subject.name!r}, object {subject.sha256[:_SHOWN]}"
                _refuse(acted, f"{problem}, expected it sealed before as this")
            self._check_life(kept, acted, subject.sha256)
            self._check_signer(kept, acted, subject.sha256)
        if custody.act is Act.ACCEPTED:
            self._check_offer(acted, set(objects))
        self._apply(acted, objects, logged_at)

    def close(self) -> None:
        """Check that every working copy that was shown has a parent.

        Raises:
            EvidenceBroken: One has none.
        """
        for object_, kept in self._kept.items():
            if DERIVED in kept.types and kept.derived is None:
                problem = f"working copy {object_[:_SHOWN]} has no parent"
                where = f"entry {kept.types[DERIVED]}"
                raise EvidenceBroken(where, f"{problem}, expected a statement that says derived")

    def chain_of(self, object_: str) -> list[Step]:
        """Return the chain of an object (SHA-256 in hex), in the order of the log."""
        return list(self._of(object_).steps)

    def custodian_of(self, object_: str) -> str:
        """Return who has an object now: `DESK` or a person's name."""
        return self._of(object_).custodian

    def erased(self, object_: str) -> int | None:
        """Return the entry of the statement that erased an object, if one did."""
        return self._of(object_).erased

    def open_offer(self, object_: str) -> Acted | None:
        """Return the open offer of an object, if there is one."""
        number = self._of(object_).offer
        return None if number is None else self._offers[number]

    def offer(self, entry: int) -> Acted:
        """Return the offer that an entry makes, open or not.

        Raises:
            NotFound: It makes none.
        """
        if entry not in self._offers:
            raise NotFound("log", f"entry {entry} offers nothing, expected the entry of an offer")
        return self._offers[entry]

    def _of(self, object_: str) -> _Kept:
        if object_ not in self._kept:
            raise NotFound("log", f"no entry seals an object {object_}")
        return self._kept[object_]

    def _check_life(self, kept: _Kept, acted: Acted, object_: str) -> None:
        # Whether the act can come now in the life of the object, whoever signs it.
        act, what = acted.custody.act, f"{acted.custody.act} of object {object_[:_SHOWN]}"
        if kept.erased is not None and act not in _OF_CIPHERTEXT:
            _refuse(acted, f"{what}, which was erased by entry {kept.erased}")
        if act in _INTAKE and kept.used is not None:
            _refuse(acted, f"{what}, used by entry {kept.used}; expected it before any use")
        if act in _INTAKE and _INTAKE.index(act) < kept.stage:
            order = f"expected {', '.join(_INTAKE)}, once each"
            _refuse(acted, f"{what} after {_INTAKE[kept.stage - 1]}, {order}")
        sealed_at = kept.steps[0].logged_at
        if act in _BEFORE_SEALING and acted.custody.at > sealed_at:
            problem = f"{what} is claimed for {acted.custody.at.isoformat()}"
            _refuse(acted, f"{problem}, must not be after it was sealed, {sealed_at.isoformat()}")
        if act is Act.ERASED and kept.clear:
            _refuse(acted, f"{what}, sealed at CLEAR for all to see; expected one above it")
        if act is Act.DERIVED:
            self._check_parent(kept, acted, object_)

    def _check_parent(self, kept: _Kept, acted: Acted, object_: str) -> None:
        digest, what = acted.custody.detail["parent"], f"working copy {object_[:_SHOWN]}"
        if Subject(name=DERIVED, sha256=object_) not in acted.subjects:
            _refuse(acted, f"{what} is not named {DERIVED}, expected it sealed as this")
        if kept.derived is not None or kept.used is not None:
            earlier = kept.used if kept.derived is None else kept.derived
            problem = f"{what} was derived or used by entry {earlier}"
            _refuse(acted, f"{problem}, expected one parent and no use before")
        parent = self._kept.get(digest)
        if parent is None or parent.entry >= kept.entry:
            problem = f"{what} has parent {digest[:_SHOWN]}"
            _refuse(acted, f"{problem}, expected an object sealed before it")
        if parent.erased is not None:
            problem = f"{what} has parent {digest[:_SHOWN]}, erased by entry {parent.erased}"
            _refuse(acted, f"{problem}; expected one that can be read")

    def _check_signer(self, kept: _Kept, acted: Acted, object_: str) -> None:
        custody, may = acted.custody, {kept.custodian}
        if custody.act is Act.VERIFIED:
            return
        if custody.act in _STORE:
            may.add(DESK)
        elif custody.act is Act.DERIVED:
            may = {self._kept[custody.detail["parent"]].custodian}
        elif custody.act is Act.ACCEPTED:
            may = {custody.detail["to"]}
        if acted.signer not in may:
            problem = f"{custody.act} of object {object_[:_SHOWN]} is signed by {acted.signer}"
            _refuse(acted, f"{problem}, expected {' or '.join(sorted(may))}")
        if custody.act is Act.OFFERED and custody.detail["from"] != kept.custodian:
            problem = f"object {object_[:_SHOWN]} is offered from {custody.detail['from']}"
            _refuse(acted, f"{problem}, expected its custodian {kept.custodian}")

    def _check_offer(self, acted: Acted, objects: set[str]) -> None:
        said = acted.custody
        number = int(said.detail["offer"])
        offer = self._offers.get(number)
        if offer is None or any(self._kept[each].offer != number for each in objects):
            _refuse(acted, f"accepts offer {number}, expected one that is open")
        given = offer.custody.detail
        if (said.detail["from"], said.detail["to"]) != (given["from"], given["to"]):
            problem = f"accepts from {said.detail['from']} to {said.detail['to']}"
            expected = f"from {given['from']} to {given['to']} as entry {number} offers"
            _refuse(acted, f"{problem}, expected {expected}")
        if objects != {subject.sha256 for subject in offer.subjects}:
            problem = f"accepts {len(objects)} of the objects of offer {number}"
            _refuse(acted, f"{problem}, expected all {len(offer.subjects)}")
        if acted.keyid == offer.keyid:
            _refuse(acted, f"signed by key {acted.keyid}, which offered; expected two")
        if said.at < offer.custody.at:
            problem = f"accepted at {said.at.isoformat()}"
            _refuse(acted, f"{problem}, must not be before {offer.custody.at.isoformat()}")

    def _apply(self, acted: Acted, objects: tuple[str, ...], logged_at: datetime) -> None:
        custody = acted.custody
        if custody.act is Act.OFFERED:
            self._offers[custody.entry] = acted
        for object_ in objects:
            _move(self._kept[object_], custody)
        touched = [self._kept[object_] for object_ in objects]
        if custody.act is Act.DERIVED:
            parent = self._kept[custody.detail["parent"]]
            parent.used = custody.entry if parent.used is None else parent.used
            touched.insert(0, parent)
        for kept in touched:
            step = Step(
                entry=custody.entry,
                act=custody.act,
                custodian=kept.custodian,
                logged_at=logged_at,
                acted=acted,
            )
            kept.steps.append(step)


def _refuse(acted: Acted, problem: str) -> Never:
    where = f"entry {acted.custody.entry}"
    raise EvidenceBroken(where, problem)


def _move(kept: _Kept, custody: Custody) -> None:
    """Bring an object to where it is after an act."""
    act, entry = custody.act, custody.entry
    if act in _INTAKE:
        kept.stage = _INTAKE.index(act) + 1
    if act not in _NO_USE and kept.used is None:
        kept.used = entry
    if act is Act.OFFERED:
        kept.offer = entry
    elif act is Act.ACCEPTED:
        kept.custodian, kept.offer = custody.detail["to"], None
    elif act is Act.ERASED:
        kept.erased, kept.offer = entry, None
    elif act is Act.DERIVED:
        kept.derived = entry


def check_custody(
    acts: Sequence[Acted], entries: Iterable[tuple[int, Entry]], *, also: Collection[str] = ()
) -> Chains:
    """Return the chains of every object that was acted on, without a gap.

    An act that cannot follow what came before, and a working copy without a parent, is refused as
    `EvidenceBroken`. What it needs is every custody statement of the log: with some left out, as in
    a public bundle, there is nothing to judge.

    Args:
        acts: Every act, in the order of the log.
        entries: Index and entry of the whole log, in order.
        also: Further objects whose chains are wanted, SHA-256 in hex.
    """
    by_entry: Mapping[int, Acted] = {acted.custody.entry: acted for acted in acts}
    wanted = {subject.sha256 for acted in acts for subject in acted.subjects}
    wanted |= {a.custody.detail["parent"] for a in acts if a.custody.act is Act.DERIVED}
    wanted |= set(also)
    chains = Chains()
    for index, entry in entries:
        if entry.object in wanted or entry.type == DERIVED:
            chains.seal(index, entry)
        if index in by_entry:
            chains.take(by_entry[index], logged_at=entry.logged_at)
    chains.close()
    return chains


def sole_assertion(cited: Sequence[str], asserted: Collection[str]) -> bool:
    """Return whether a finding would rest on assertions alone, or on nothing.

    Responsibility may never: an assertion cannot be checked by anybody but its provider.

    Args:
        cited: Objects that the finding cites.
        asserted: Objects that hold assertions, working copies of them included.

    Example:
        >>> sole_assertion(["a", "b"], {"a", "b", "c"}), sole_assertion(["a", "d"], {"a"})
        (True, False)
    """
    return all(each in asserted for each in cited)


def with_copies(objects: Collection[str], acts: Iterable[Acted]) -> set[str]:
    """Return some objects with every working copy of them, and of those, and so on.

    Args:
        objects: SHA-256 in hex.
        acts: Acts in the order of the log.
    """
    found = set(objects)
    for acted in acts:
        if acted.custody.act is Act.DERIVED and acted.custody.detail["parent"] in found:
            found |= {subject.sha256 for subject in acted.subjects}
    return found
