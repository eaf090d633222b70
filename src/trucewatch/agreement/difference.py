"""What changed from one text to another, clause by clause and field by field."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trucewatch.agreement.words.plain import instant, worded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trucewatch.agreement.agreement import Agreement

ADDED, REMOVED = "added", "removed"
ALL = "(all)"
_OWN = ("id", "version", "title", "exercise", "status", "effective", "expires", "note")
_DATES = ("signed", "review", "pax_id")
_CLAUSES = ("self_defence", "termination")
_PLACES = ("polygon", "belts", "discs")
_UNITS = {
    "_m_s": "metres per second",
    "_max_min": "minutes at most",
    "_mm": "millimetres",
    "_m": "metres",
    "_h": "hours",
    "_d": "days",
    "_deg": "degrees",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        element: What changed: `agreement`, `party`, `term`, `rule`, `zone`, `body` and so on.
        id: Its id, the agreement's own, or `ALL` when the order of them changed.
        what: The change in words: `added`, `removed`, or what a field was and what it is.
        field: Name of the field, or "" when the whole was added or removed.
        old: What the field said, or what is no longer in it; "" when nothing.
        new: What it says, or what is new in it; "" when nothing.
    """

    element: str
    id: str
    what: str
    field: str = ""
    old: str = ""
    new: str = ""


def difference(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Return what changed, in the order of the file; empty when the two say the same.

    Things are matched by their ids: one that was renamed is removed and added. Nothing is left
    out, and nothing is said about what a change means.
    """
    return tuple(_changes(old, new))


def _changes(old: Agreement, new: Agreement) -> Iterator[Change]:
    yield from _fields("agreement", new.id, _some(old, _OWN), _some(new, _OWN))
    before, after = _some(old.provisions, _DATES), _some(new.provisions, _DATES)
    yield from _fields("agreement", new.id, before, after)
    one, other = _elements(old), _elements(new)
    for element in one:
        yield from _listed(element, one[element], other[element])
    for clause in _CLAUSES:
        before, after = (_some(each.provisions, (clause,)) for each in (old, new))
        yield from _fields("agreement", new.id, before, after)


def _elements(agreement: Agreement) -> dict[str, dict[str, Any]]:
    """Return every element by id, in the order of the file, by what it is called."""
    provided, mechanism = agreement.provisions, agreement.mechanism
    standards = {str(topic): standard for topic, standard in mechanism.standards}
    return {
        "party": _by_id(agreement.parties),
        "instrument": _by_id(provided.instruments),
        "term": dict(agreement.definitions),
        "line": _by_id(agreement.lines),
        "zone": _by_id(agreement.zones),
        "weapon": _by_id(agreement.weapons),
        "rule": _by_id(agreement.rules),
        "exemption": _by_id(agreement.exemptions),
        "window": _by_id(provided.windows),
        "sequence": _by_id(provided.sequences),
        "notice": _by_id(provided.notices),
        "access": _by_id(provided.access),
        "object list": _by_id(provided.object_lists),
        "body": _by_id(mechanism.bodies),
        "means": _by_id(mechanism.means),
        "standard of proof": standards,
        "remedy": _by_id(mechanism.remedies),
    }


def _by_id(nouns: tuple[Any, ...]) -> dict[str, Any]:
    return {noun.id: noun for noun in nouns}


def _listed(element: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name, noun in old.items():
        if name not in new:
            yield Change(element=element, id=name, what=REMOVED)
        elif is_dataclass(noun):
            yield from _fields(element, name, _all(noun), _all(new[name]))
        else:
            yield from _fields(element, name, {"": noun}, {"": new[name]})
    for name in new:
        if name not in old:
            yield Change(element=element, id=name, what=ADDED)
    before, after = [n for n in old if n in new], [n for n in new if n in old]
    if before != after:
        told = (", ".join(before), ", ".join(after))
        yield _change(element, ALL, "order", told)


def _fields(
    element: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    hidden = old.get("restricted") or new.get("restricted")
    for field, before in old.items():
        after = new[field]
        if before == after and _said(before) == _said(after):  # an instant may have a new offset
            continue
        if hidden and field in _PLACES:
            what = f"{_label(field)}: changed; the place is restricted and not shown"
            yield Change(element=element, id=name, what=what, field=field)
        elif is_dataclass(before) and is_dataclass(after):
            inner, other = (
                {f"{field}.{key}": value for key, value in _all(noun).items()}
                for noun in (before, after)
            )
            yield from _fields(element, name, inner, other)
        else:
            yield _change(element, name, field, (before, after))


def _change(element: str, name: str, field: str, values: tuple[Any, Any]) -> Change:
    """Return the change of one field; of two lists only what is not in the other, if any is."""
    old, new = values
    before, after = _said(old), _said(new)
    what = f"{before or 'nothing'} -> {after or 'nothing'}"
    if isinstance(old, tuple) and isinstance(new, tuple):
        gone = _said(tuple(each for each in old if each not in new))
        come = _said(tuple(each for each in new if each not in old))
        if gone or come:
            before, after = gone, come
            sides = (("without", gone), ("now with", come))
            what = "; ".join(f"{side} {said}" for side, said in sides if said)
    said = f"{_label(field)}: {what}" if field else what
    return Change(element=element, id=name, what=said, field=field, old=before, new=after)


def _label(field: str) -> str:
    """Return a field in words, with its unit in brackets."""
    for suffix, unit in _UNITS.items():
        if field.endswith(suffix):
            return f"{worded(field.removesuffix(suffix))} ({unit})".replace(".", ", ")
    return worded(field).replace(".", ", ")


def _said(value: Any) -> str:  # noqa: ANN401
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    if isinstance(value, float):
        return str(value).removesuffix(".0")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, tuple):
        return _said_of_many(value)
    if is_dataclass(value) or isinstance(value, dict):
        inner = value if isinstance(value, dict) else _all(value)
        told = {_label(name): _said(each) for name, each in inner.items()}
        return f"({', '.join(f'{name} {said}' for name, said in told.items() if said)})"
    return str(value)


def _said_of_many(values: tuple[Any, ...]) -> str:
    """Return a point in brackets, other values with commas."""
    if len(values) == len(("lon", "lat")) and all(isinstance(each, float) for each in values):
        return f"[{_said(values[0])}, {_said(values[1])}]"
    return ", ".join(map(_said, values))


def _all(noun: Any) -> dict[str, Any]:  # noqa: ANN401
    return {each.name: getattr(noun, each.name) for each in fields(noun)}


def _some(noun: Any, names: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401
    return {name: getattr(noun, name) for name in names}
