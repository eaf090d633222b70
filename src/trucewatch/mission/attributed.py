"""Who may have done it: an analyst's hypotheses, sealed with the incident as it was, and weighed.

Attribution is apart from assessment: what a rule says of an incident never hangs on whose it was.
Nothing here names a culprit; the commission does, with reasons and to a standard of proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, NotFound
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import ATTRIBUTED, Subject, sign_statement
from trucewatch.mission.configuration import statements
from trucewatch.mission.linked import CITED_TYPE, Screen, citation
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.records.attribution import (
    THIRD_ACTOR,
    UNDETERMINED,
    read_attribution,
)
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level
from trucewatch.records.toml import parse_toml
from trucewatch.review.attribution import weigh
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement
    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.mission.opened import Writer
    from trucewatch.records.attribution import Attribution
    from trucewatch.records.canonical import Json
    from trucewatch.review.attribution import Share

ATTRIBUTED_TYPE = STATEMENT_PREFIX + ATTRIBUTED
_KEYS = {"who", "rejected", "basis"}
_BASIS_KEYS = {"kind", "object", "ratio", "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Hypotheses and what follows from them.

    Attributes:
        attribution: What was put forward.
        shares: Its hypotheses weighed.
    """

    attribution: Attribution
    shares: tuple[Share, ...]


def attribute(home: Home, incident: str, raw: bytes, *, said: Said, clock: Clock) -> Weighed:
    """Seal hypotheses about an incident, as a `cited/v1` object and a statement.

    Args:
        home: The mission.
        incident: Its id, whole.
        raw: A TOML file of `[[hypothesis]]` tables; see `docs/how-to/attribute-an-incident.md`.
        said: Who puts it forward; the reason becomes the note.
        clock: Says what time it is.

    Raises:
        BadMission: No run has made incidents yet.
    """
    with writing(home, clock) as writer:
        state = writer.projection.desk.state()
        if "input_size" not in state:
            problem = "nothing has been run, expected incidents"
            raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
        expect_as_recorded(writer.log, writer.projection)
        predicate: dict[str, Json] = {
            "by": said.by,
            "hypotheses": _hypotheses(raw, writer),
            "note": said.reason,
            "subject": incident,
        }
        found = read_attribution(predicate, entry=writer.log.size + 1)
        _expect_known(found, writer.using.agreement)
        screen = Screen(
            origin=writer.log.origin,
            size=int(state["input_size"]),
            root=state["input_root"],
            confidential=frozenset(
                entry.object for _, entry in writer.log.entries() if entry.level is not Level.CLEAR
            ),
        )
        cited = _cited(writer, incident, screen)
        objects = sorted({basis.object for each in found.hypotheses for basis in each.basis})
        statement = sign_statement(
            ATTRIBUTED,
            [
                Subject(name=CITED_TYPE, sha256=sha256_hex(cited)),
                *(Subject(name="basis", sha256=object_) for object_ in objects),
            ],
            predicate,
            key=writer.keys.desk,
        )
        items = [
            NewObject(type=CITED_TYPE, data=cited, name=f"attribute {incident}.cited.jsonl"),
            NewObject(type=ATTRIBUTED_TYPE, data=statement, name=f"attribute {incident}"),
        ]
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


def _cited(writer: Writer, incident: str, screen: Screen) -> bytes:
    """Return the incident as it is, with its members.

    Raises:
        NotFound: There is no such incident.
    """
    desk = writer.projection.desk
    rows = desk.read("incident", TABLES["incident"].c.id == incident)
    if not len(rows):
        problem = "no incident has this id, expected a whole one such as i-5obsr3uhmba5aoby"
        raise NotFound(incident, problem, advice=f"List them with: tw incidents {writer.home.path}")
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
            raise BadInput(found.subject, problem)


def _hypotheses(raw: bytes, writer: Writer) -> list[Json]:
    """Return the hypotheses of a file as the statement says them, those always there added.

    Raises:
        BadInput: A table has other keys than a hypothesis has.
    """
    tables = parse_toml(raw, where="hypotheses").get("hypothesis", [])
    given: dict[str, Json] = {}
    for place, table in enumerate(tables if isinstance(tables, list) else [tables]):
        where = f"hypothesis {place + 1}"
        if not isinstance(table, dict) or not {"who"} <= set(table) <= _KEYS:
            raise BadInput(where, f"keys are not some of {', '.join(sorted(_KEYS))}, with who")
        if table["who"] in given:
            raise BadInput(where, f"{table['who']} is given twice, expected once")
        basis = [_basis(each, where, writer) for each in table.get("basis", [])]
        given[str(table["who"])] = {
            "basis": basis,
            "rejected": table.get("rejected"),
            "who": table["who"],
        }
    for name in (THIRD_ACTOR, UNDETERMINED):
        given.setdefault(name, {"basis": [], "rejected": None, "who": name})
    return [given[name] for name in sorted(given)]


def _basis(said: object, where: str, writer: Writer) -> Json:
    """Return one basis; its object must be in the log.

    Raises:
        BadInput: Other keys than a basis has, or a ratio that is no pair.
        NotFound: No entry is of that object.
    """
    if not isinstance(said, dict) or set(said) != _BASIS_KEYS:
        raise BadInput(where, f"a basis must say {', '.join(sorted(_BASIS_KEYS))}")
    ratio = said["ratio"]
    if not isinstance(ratio, list) or len(ratio) != len(("low", "high")):
        raise BadInput(where, f"ratio is {str(ratio)[:40]}, must be [low, high]")
    begun = str(said["object"])
    objects = {e.object for _, e in writer.log.entries() if e.object.startswith(begun)}
    if len(objects) != 1 or len(begun) < len("012345"):
        problem = f"object {begun[:64]!r} begins {len(objects)} objects of the log, expected one"
        raise NotFound(where, problem)
    return {
        "kind": said["kind"],
        "object": objects.pop(),
        "ratio_high": ratio[1],
        "ratio_low": ratio[0],
        "text": said["text"],
    }
