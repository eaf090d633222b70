"""What the register says, as JSON for programs: decimals as text, conditions as a file has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from trucewatch.records.claims.condition import All, Any

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json


def as_json(value: object) -> Json:
    """Return records of the register as JSON.

    Dataclasses become objects with the same members in the same order; a decimal becomes text, so
    that no digit is lost; a condition becomes `{"all": [...]}` or `{"any": [...]}`.

    Example:
        >>> as_json(All(of=("ceasefire", Decimal("1.50"))))
        {'all': ['ceasefire', '1.50']}
    """
    if isinstance(value, All | Any):
        return {"all" if isinstance(value, All) else "any": [as_json(each) for each in value.of]}
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        several = sorted(value) if isinstance(value, set | frozenset) else value
        return [as_json(each) for each in several]
    if is_dataclass(value):
        return {each.name: as_json(getattr(value, each.name)) for each in fields(value)}
    return _one(value)


def _one(value: object) -> Json:
    """Return what is not made of others.

    Raises:
        TypeError: It has no form; a defect of ours.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str | date | Decimal):
        return str(value)
    msg = f"{type(value).__name__} has no JSON form"
    raise TypeError(msg)
