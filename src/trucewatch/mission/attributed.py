"""Who may have done it: an analyst's hypotheses, sealed with the incident as it was, and weighed.

They may be about a record of the logbook as well, such as a restriction of the monitors. Its acts
are in the log already, so the statement names them and nothing is cited anew.

Attribution is apart from assessment: what a rule says of an incident never hangs on whose it was.
Nothing here names a culprit; the commission does, with reasons and to a standard of proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, NotFound
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import ATTRIBUTED, Subject, sign_statement
from trucewatch.mission.configuration import statements
from trucewatch.mission.linked import CITED_TYPE, Screen, citation
from trucewatch.mission.logbook import every_record, record_of
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.records.attribution import (
    THIRD_ACTOR,
    UNDETERMINED,
    read_attribution,
)
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.toml import parse_toml
from trucewatch.review.attribution import weigh
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.mission.opened import Writer
    from trucewatch.records.attribution import Attribution
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record
    from trucewatch.review.attribution import Share

ATTRIBUTED_TYPE = STATEMENT_PREFIX + ATTRIBUTED
_WHERE = "hypotheses"
_KEYS = {"who", "rejected", "basis"}
_BASIS_KEYS = {"kind", "object", "ratio", "text"}
_DIGITS_MIN = 6  # of an object's hash: a signed statement must not hang on a slip of the key


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Hypotheses and what follows from them.

    Attributes:
        attribution: What was put forward.
        shares: Its hypotheses weighed.
    """

    attribution: Attribution
    shares: tuple[Share, ...]


class _Sealed(NamedTuple):
    """Objects that are in the log, and how to see which a subject rests on."""

    objects: frozenset[str]
    advice: str


def attribute(home: Home, subject: str, raw: bytes, *, said: Said, clock: Clock) -> Weighed:
    """Seal hypotheses about an incident or a record, as a statement; an incident is cited with it.

    Args:
        home: The mission.
        subject: Id of an incident, or of a record of the logbook that stands; whole.
        raw: A TOML file of `[[hypothesis]]` tables; see `docs/how-to/attribute-an-incident.md`.
        said: Who puts it forward; the reason becomes the note.
        clock: Says what time it is.
    """
    with writing(home, clock) as writer:
        record = record_of(every_record(writer.log, writer.log.size), subject)
        if record is None or record.id != subject:
            cited = _cited(writer, subject)
            about = [Subject(name=CITED_TYPE, sha256=sha256_hex(cited))]
            items = [
                NewObject(type=CITED_TYPE, data=cited, name=f"attribute {subject}.cited.jsonl")
            ]
        else:
            about, items = _acts(writer, record), []
        predicate: dict[str, Json] = {
            "by": said.by,
            "hypotheses": _hypotheses(raw, _sealed(writer, subject)),
            "note": said.reason,
            "subject": subject,
        }
        found = read_attribution(predicate, entry=writer.log.size + len(items), where=_WHERE)
        _expect_known(found, writer.using.agreement)
        objects = sorted({basis.object for each in found.hypotheses for basis in each.basis})
        statement = sign_statement(
            ATTRIBUTED,
            [*about, *(Subject(name="basis", sha256=object_) for object_ in objects)],
            predicate,
            key=writer.keys.desk,
        )
        items.append(NewObject(type=ATTRIBUTED_TYPE, data=statement, name=f"attribute {subject}"))
        sealed = writer.log.append(items, now=writer.clock.now())
        again = read_attribution(predicate, entry=sealed[-1].index)
    return Weighed(attribution=again, shares=weigh(again))


def attributions(log: Log, size: int) -> list[Weighed]:
    """Return what was put forward in the first `size` entries, in order, weighed.

    Raises:
        EvidenceBroken: A statement is not of the form that its type has.
    """
    found = []
    for index, statement in statements(log, ATTRIBUTED):
        if index >= size:
            break
        try:
            attribution = read_attribution(statement.predicate, entry=index)
        except BadInput as error:  # it was readable when it was sealed
            raise EvidenceBroken(error.where, error.problem) from error
        found.append(Weighed(attribution=attribution, shares=weigh(attribution)))
    return found


def attributions_of(home: Home) -> list[Weighed]:
    """Return what was put forward in a mission, in log order, weighed."""
    with reading(home) as (log, _):
        return attributions(log, log.size)


def _acts(writer: Writer, record: Record) -> list[Subject]:
    """Return the acts of a record as subjects of a statement, in log order.

    Raises:
        NotFound: The record was voided.
    """
    if record.state == VOIDED:
        raise NotFound(record.id, "was voided, expected a record that stands")
    entries = [writer.log.entry(step.entry) for step in record.steps]
    return [Subject(name=entry.type, sha256=entry.object) for entry in entries]


def _cited(writer: Writer, incident: str) -> bytes:
    """Return the incident as it is, with its members.

    Raises:
        BadMission: No run has made incidents yet.
        NotFound: There is no such incident.
    """
    if incident.partition("-")[0] in MACHINES:
        path = quote(str(writer.home.path))
        problem = "no record of the logbook has this id, expected a whole one such as sighting-12"
        raise NotFound(incident, problem, advice=f"List them with: tw logbook list {path}")
    desk, path = writer.projection.desk, quote(str(writer.home.path))
    state = desk.state()
    if "input_size" not in state:
        problem = "nothing has been run, expected incidents"
        raise BadMission(str(writer.home.path), problem, advice=f"Run: tw run {path}")
    expect_as_recorded(writer.log, writer.projection)
    rows = desk.read("incident", TABLES["incident"].c.id == incident)
    if not len(rows):
        problem = "no incident has this id, expected a whole one such as i-5obsr3uhmba5aoby"
        raise NotFound(incident, problem, advice=f"List them with: tw incidents {path}")
    screen = Screen(
        origin=writer.log.origin,
        size=int(state["input_size"]),
        root=state["input_root"],
        confidential=frozenset(
            entry.object for _, entry in writer.log.entries() if entry.level is not Level.CLEAR
        ),
    )
    members = desk.read("members", TABLES["members"].c.incident == incident)
    return citation(rows, members, screen=screen)


def _expect_known(found: Attribution, agreement: Agreement) -> None:
    """Check that each hypothesis is of a participant, a third actor or nobody known.

    Raises:
        BadInput: It is of somebody else.
    """
    known = [*(party.id for party in agreement.parties), THIRD_ACTOR, UNDETERMINED]
    for each in found.hypotheses:
        if each.who not in known:
            problem = f"hypothesis is {each.who!r}, must be one of: {', '.join(known)}"
            raise BadInput(_WHERE, problem)


def _sealed(writer: Writer, subject: str) -> _Sealed:
    verb = "explain" if subject.partition("-")[0] not in MACHINES else "logbook show"
    path = quote(str(writer.home.path))
    return _Sealed(
        objects=frozenset(entry.object for _, entry in writer.log.entries()),
        advice=f"See what it rests on with: tw {verb} {path} {quote(subject)}",
    )


def _hypotheses(raw: bytes, sealed: _Sealed) -> list[Json]:
    """Return the hypotheses of a file as the statement says them, those always there added.

    Raises:
        BadInput: A table has other keys than a hypothesis has.
    """
    said = parse_toml(raw, where=_WHERE)
    if set(said) != {"hypothesis"}:
        problem = f"keys are {', '.join(sorted(said)) or 'none'}, expected [[hypothesis]] alone"
        raise BadInput(_WHERE, problem)
    given: dict[str, Json] = {}
    for place, table in enumerate(_tables(said["hypothesis"]), 1):
        where = f"hypothesis {place}"
        if not {"who"} <= set(table) <= _KEYS:
            raise BadInput(where, f"keys are not some of {', '.join(sorted(_KEYS))}, with who")
        who = table["who"]
        if not isinstance(who, str) or who in given:
            raise BadInput(where, f"who is {str(who)[:80]!r}, expected a name, each once")
        given[who] = {
            "basis": [_basis(each, where, sealed) for each in _tables(table.get("basis", []))],
            "rejected": table.get("rejected"),
            "who": who,
        }
    for name in (THIRD_ACTOR, UNDETERMINED):
        given.setdefault(name, {"basis": [], "rejected": None, "who": name})
    return [given[name] for name in sorted(given)]


def _tables(said: object) -> list[dict[str, Any]]:
    """Return an array of tables.

    Raises:
        BadInput: It is something else.
    """
    if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
        problem = (
            f"{str(said)[:40]!r} is there, expected tables: [[hypothesis]], [[hypothesis.basis]]"
        )
        raise BadInput(_WHERE, problem)
    return said


def _basis(said: Mapping[str, Any], where: str, sealed: _Sealed) -> Json:
    """Return one basis; its object must be in the log.

    Raises:
        BadInput: Other keys than a basis has, or a ratio that is no pair.
    """
    if set(said) != _BASIS_KEYS:
        raise BadInput(where, f"a basis must say {', '.join(sorted(_BASIS_KEYS))}")
    ratio = said["ratio"]
    if not isinstance(ratio, list) or len(ratio) != len(("low", "high")):
        raise BadInput(where, f"ratio is {str(ratio)[:40]}, must be [low, high]")
    return {
        "kind": said["kind"],
        "object": _object(str(said["object"]), where, sealed),
        "ratio_high": ratio[1],
        "ratio_low": ratio[0],
        "text": said["text"],
    }


def _object(begun: str, where: str, sealed: _Sealed) -> str:
    """Return the object of the log that begins so.

    Raises:
        NotFound: There is none, or more than one, or too few digits are given.
    """
    if len(begun) < _DIGITS_MIN:
        problem = f"object {begun!r} has {len(begun)} digits, expected {_DIGITS_MIN} or more"
        raise NotFound(where, problem, advice=sealed.advice)
    found = [object_ for object_ in sealed.objects if object_.startswith(begun)]
    if len(found) != 1:
        problem = f"object {begun[:64]!r} begins {len(found)} objects of the log, expected one"
        raise NotFound(where, problem, advice=sealed.advice)
    return found[0]
