"""What a single value of an agreement file may be: each form reads a part and says its schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from trucewatch.agreement.part import Part

NAME = r"[a-z0-9][a-z0-9-]{0,63}"  # of an agreement: it enters file names
ID = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
KIND = r"[a-z][a-z0-9_]{0,63}"
SHA256 = r"[0-9a-f]{64}"
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})"

Schema = dict[str, Any]
"""A JSON Schema, or a part of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a part of the file may refer to.

    Attributes:
        parties: Ids of the participants that a rule can bind.
        known: Ids by list of the file, such as `zones`; `people` are all participants, `lists` the
            lists of objects, `addressees` the participants and the bodies.
    """

    parties: tuple[str, ...] = ()
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Form(Protocol):
    """What a value may be."""

    def read(self, part: Part, names: Names) -> Any:  # noqa: ANN401 - each form has its own
        """Return the value; `BadAgreement` when it is none of these."""
        ...

    def schema(self) -> Schema:
        """Return the JSON Schema of it; a reference is only an id there."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """Words, not empty."""

    def read(self, part: Part, _names: Names) -> str:
        """Return the words without white space around them."""
        return part.text()

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "string", "pattern": r"\S"}


@dataclass(frozen=True, slots=True)
class Word:
    """A text of one form.

    Attributes:
        pattern: What the whole of it must match.
    """

    pattern: str

    def read(self, part: Part, _names: Names) -> str:
        """Return the word."""
        return part.word(self.pattern)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One word out of a list.

    Attributes:
        of: The words, or the enumeration that holds them.
    """

    of: type[StrEnum] | tuple[str, ...]

    def read(self, part: Part, _names: Names) -> str:
        """Return the word, as a member of the enumeration if there is one."""
        word = part.one_of(self.of)
        return word if isinstance(self.of, tuple) else self.of(word)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"enum": [str(word) for word in self.of]}


@dataclass(frozen=True, slots=True)
class Reference:
    """The id of something that stands elsewhere in the file.

    Attributes:
        to: Which list of the file holds it, as in `Names`.
    """

    to: str

    def read(self, part: Part, names: Names) -> str:
        """Return the id."""
        known = names.parties if self.to == "parties" else names.known.get(self.to, ())
        return part.one_of(known)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return (Text() if self.to == "terms" else Word(ID)).schema()


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number.

    Attributes:
        least: Least it may be.
        most: Greatest it may be.
    """

    least: int
    most: int

    def read(self, part: Part, _names: Names) -> int:
        """Return the number."""
        return part.integer(least=self.least, most=self.most)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in plain digits.

    Attributes:
        least: Least it may be.
        most: Greatest it may be.
        above: Whether it must be greater than the least.
        times: What it is multiplied by, exactly, when the noun has a smaller unit than the file.
    """

    least: int
    most: int
    above: bool = False
    times: int = 1

    def read(self, part: Part, _names: Names) -> float:
        """Return the number, in the unit of the noun."""
        return part.number(self.least, self.most, above=self.above, times=self.times)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        bound = "exclusiveMinimum" if self.above else "minimum"
        return {"type": "number", bound: self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    def read(self, part: Part, _names: Names) -> bool:
        """Return which."""
        return part.truth()

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Instant:
    """A time with its offset."""

    def read(self, part: Part, _names: Names) -> Any:  # noqa: ANN401
        """Return the time, aware."""
        return part.instant()

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "string", "pattern": f"^{_INSTANT}$"}


@dataclass(frozen=True, slots=True)
class OrNull:
    """Something, or null where no text says it.

    Attributes:
        form: What it is when it is not null.
    """

    form: Form

    def read(self, part: Part, names: Names) -> Any:  # noqa: ANN401
        """Return it, or None."""
        return None if part.is_null() else self.form.read(part, names)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"anyOf": [self.form.schema(), {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Many:
    """A list.

    Attributes:
        form: What each item is.
        least: How many there must be at least.
        once: Whether no item may come twice.
    """

    form: Form
    least: int = 0
    once: bool = True

    def read(self, part: Part, names: Names) -> tuple[Any, ...]:
        """Return the items.

        Raises:
            BadAgreement: No list, too short, or an item comes twice.
        """
        found: list[Any] = []
        for item in part.items():
            value = self.form.read(item, names)
            if self.once and value in found:
                problem = f"{value} is listed twice in {part.key}, must be listed once"
                raise BadAgreement(item.where, problem)
            found.append(value)
        if not found and self.least:
            raise BadAgreement(part.where, f"{part.key} is empty, must name at least one")
        return tuple(found)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        schema: Schema = {"type": "array", "items": self.form.schema()}
        return schema | ({"minItems": self.least} if self.least else {})
