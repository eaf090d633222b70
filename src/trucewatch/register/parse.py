"""Read a register file: strict, every refusal with its line.

The format is `trucewatch/register/v1`. Keys may be added to it, never changed or taken away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trucewatch.agreement.part import read_part
from trucewatch.agreement.reading.record import fill, told
from trucewatch.errors import BadAgreement, BadRegister
from trucewatch.records.claims.register import Register
from trucewatch.register.reading.whole import ADDED, LISTS, SCHEMA, WHOLE, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trucewatch.agreement.part import Part

__all__ = ["SCHEMA", "extend", "parse"]


def parse(raw: bytes, *, name: str) -> Register:
    """Return the register in a file.

    Args:
        raw: The bytes of the file, UTF-8 YAML.
        name: How to name the file in an error message, such as `paris-2026.yaml`.

    Raises:
        BadRegister: The file is not in the format or contradicts itself; the message names the
            line, what was found and what was expected.
    """
    try:
        register = _parsed(read_part(raw, name=name), name)
    except BadAgreement as error:
        raise BadRegister(error.where, error.problem, advice=error.advice) from error
    _expect_whole(register, name)
    return register


def extend(before: Register, raw: bytes, *, name: str) -> Register:
    """Return a register with what another file adds to it: new things, new claims.

    Nothing that was there is changed: a claim that corrects another one names it in `supersedes`,
    and both stay.

    Args:
        before: The register so far.
        raw: The bytes of a file with `extends`.
        name: How to name the file in an error message.

    Raises:
        BadRegister: The file is not in the format, extends another register, or has an id that is
            there already.
    """
    try:
        register = _extended(before, read_part(raw, name=name), name)
    except BadAgreement as error:
        raise BadRegister(error.where, error.problem, advice=error.advice) from error
    _expect_whole(register, name)
    return register


def _parsed(top: Part, name: str) -> Register:
    parts = top.fields(*told(WHOLE))
    parts["schema"].one_of([SCHEMA])
    filled = fill(WHOLE, parts, top, names_of(parts, None))
    values = {key: value for key, value in filled.values.items() if key != "schema"}
    register = Register(**values)
    if register.host not in [each.id for each in register.actors]:
        problem = f"host is {register.host}, must be one of the actors"
        raise BadAgreement(filled.where("host"), problem)
    return register


def _extended(before: Register, top: Part, name: str) -> Register:
    parts = top.fields(*told(ADDED))
    parts["schema"].one_of([SCHEMA])
    filled = fill(ADDED, parts, top, names_of(parts, before))
    if filled.values["extends"] != before.id:
        problem = f"extends is {filled.values['extends']}, must be {before.id}"
        raise BadAgreement(filled.where("extends"), problem)
    joined: dict[str, Any] = {}
    for key in LISTS:
        earlier, new = getattr(before, key), filled.values[key]
        known = set(earlier) if isinstance(earlier, dict) else {each.id for each in earlier}
        twice = known & (set(new) if isinstance(new, dict) else {each.id for each in new})
        if twice:
            problem = f"{min(twice)} is in {key} already, must be a new id"
            raise BadAgreement(filled.where(key), problem)
        joined[key] = {**earlier, **new} if isinstance(earlier, dict) else (*earlier, *new)
    joined["as_of"] = max(before.as_of, filled.values["as_of"])
    return replace(before, **joined)


def _expect_whole(register: Register, name: str) -> None:
    """Check what only the whole register can tell.

    Raises:
        BadRegister: A provision's id is not its own, lines of a source are not there, or a claim
            supersedes none, itself, or one of another subject, or one that is superseded already.
    """
    ids = [each.id for each in register.instruments]
    ids += [part.id for each in register.instruments for part in each.provisions]
    ids += [each.id for each in register.actors] + list(register.topics)
    _expect_once(ids, name)
    lines = {each.id: each.lines for each in register.sources}
    claims = {each.id: each for each in register.claims}
    replaced: dict[str, str] = {}
    for claim in register.claims:
        where = f"{name}: claim {claim.id}"
        if claim.last > lines[claim.source]:
            most = f"source {claim.source} has {lines[claim.source]} lines"
            raise BadRegister(where, f"line is {claim.last}, {most}")
        if not claim.supersedes:
            continue
        earlier = claims.get(claim.supersedes)
        if earlier is None or earlier.id == claim.id or earlier.subject != claim.subject:
            problem = f"supersedes {claim.supersedes}, must be another claim of {claim.subject}"
            raise BadRegister(where, problem)
        if claim.supersedes in replaced:
            problem = f"supersedes {claim.supersedes}, which {replaced[claim.supersedes]} does"
            raise BadRegister(where, f"{problem} already, must supersede that one")
        replaced[claim.supersedes] = claim.id


def _expect_once(ids: Iterable[str], name: str) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise BadRegister(name, f"id {each} is given to two things, must be of one alone")
        seen.add(each)
