"""What a mapping of an agreement file may hold: its keys, what each is, and what must agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from trucewatch.agreement.reading.form import ID, Names
from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trucewatch.agreement.part import Part
    from trucewatch.agreement.reading.form import Form, Schema


@dataclass(frozen=True, slots=True)
class Maybe:
    """A key that may be left out.

    Attributes:
        form: What it holds when it is given.
        default: What is taken when it is not.
    """

    form: Form
    default: Any = ""


Keys = dict[str, "Form | Maybe"]
"""What each key of a mapping holds, in the order in which they are read."""


class Filled(NamedTuple):
    """A mapping whose keys have been read one by one.

    Attributes:
        values: What each key says, its default where it was left out.
        parts: The keys that were written, for messages.
        part: The whole mapping.
        names: What it may refer to.
    """

    values: dict[str, Any]
    parts: dict[str, Part]
    part: Part
    names: Names

    def where(self, key: str = "") -> str:
        """Return where a key is, or the whole mapping, as an error names it."""
        return self.parts.get(key, self.part).where


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A mapping with known keys.

    Attributes:
        keys: What each holds.
        build: Makes the noun of it, and refuses what does not agree.
        noun: What it is called in messages, before its id; "" for one that has no id.
        also: What its schema says besides, such as which keys exclude each other.
    """

    keys: Keys
    build: Callable[[Filled], Any]
    noun: str = ""
    also: Mapping[str, Any] = field(default_factory=dict)

    def read(self, part: Part, names: Names) -> Any:  # noqa: ANN401
        """Return the noun; `BadAgreement` when a key is unknown, missing or not as it must be."""
        parts = part.fields(*told(self.keys))
        if self.noun:
            part = part.named(f"{self.noun} {parts['id'].word(ID)}")
            parts = {key: each.named(part.of) for key, each in parts.items()}
        return self.build(fill(self.keys, parts, part, names))

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return object_schema(self.keys) | dict(self.also)


@dataclass(frozen=True, slots=True)
class Each:
    """A list of things that have ids.

    Attributes:
        record: What each is.
    """

    record: Form

    def read(self, part: Part, names: Names) -> tuple[Any, ...]:
        """Return the things.

        Raises:
            BadAgreement: Two have the same id.
        """
        found: dict[str, Any] = {}
        for item in part.items():
            noun = self.record.read(item, names)
            if noun.id in found:
                problem = f"id {noun.id} is given twice in {part.key}, must be given once"
                raise BadAgreement(item.where, problem)
            found[noun.id] = noun
        return tuple(found.values())

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "array", "items": self.record.schema()}


@dataclass(frozen=True, slots=True)
class ByKey:
    """A mapping whose keys are names.

    Attributes:
        key: What each key is.
        form: What each value is.
        noun: What a value belongs to in messages, before its key; or "".
    """

    key: Form
    form: Form
    noun: str = ""

    def read(self, part: Part, names: Names) -> dict[str, Any]:
        """Return the values by key."""
        found: dict[str, Any] = {}
        part.entries()  # refuses a key that is written twice
        for key, value in part.keyed():
            name = self.key.read(key, names)
            owned = value.named(f"{self.noun} {name}") if self.noun else value
            found[name] = self.form.read(owned, names)
        return found

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        keys, values = self.key.schema(), self.form.schema()
        return {"type": "object", "propertyNames": keys, "additionalProperties": values}


def fill(keys: Keys, parts: dict[str, Part], part: Part, names: Names) -> Filled:
    """Return what each key says; every key that is no `Maybe` must be there."""
    values = {}
    for key, form in keys.items():
        if key in parts:
            inner = form.form if isinstance(form, Maybe) else form
            values[key] = inner.read(parts[key], names)
        elif isinstance(form, Maybe):
            values[key] = form.default
    return Filled(values, parts, part, names)


def plain(noun: Callable[..., Any]) -> Callable[[Filled], Any]:
    """Return what makes a noun of keys that are its fields, one for one."""
    return lambda filled: noun(**filled.values)


def object_schema(keys: Keys) -> Schema:
    """Return the JSON Schema of a mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": {
            key: (form.form if isinstance(form, Maybe) else form).schema()
            for key, form in keys.items()
        },
        "required": list(told(keys)[0]),
        "additionalProperties": False,
    }


def told(keys: Keys) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys that are required, and those that may be left out."""
    required = tuple(key for key, form in keys.items() if not isinstance(form, Maybe))
    return required, tuple(key for key in keys if key not in required)
