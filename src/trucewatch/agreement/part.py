"""A part of a YAML file that knows its line, so that every refusal names where it is.

YAML reads more than a legal text should hold: `no` is false, `1:30` is 90, a key may come twice,
one part may stand for another. Here a value is what is written, or it is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import yaml

from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIZE_MAX_BYTES = 4_194_304
DEPTH_MAX = 64  # an agreement has 7; the library's time grows with the square of the depth
_TAG = "tag:yaml.org,2002:"
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,30})?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_SHOWN = {"str": "text", "int": "a number", "float": "a number", "bool": "true or false"}
_SHOWN |= {"null": "null", "map": "a mapping", "seq": "a list", "timestamp": "a time"}
_LONGEST_SHOWN = 60
_U32_MAX = 4_294_967_295  # whole numbers enter unsigned 32-bit columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One value of the file.

    Attributes:
        file: How to name the file in an error message.
        of: What the value belongs to, such as `zone Z_SEC`, or "" at the top.
        key: Its key or its place in a list.
        node: The value with its line.
    """

    file: str
    of: str
    key: str
    node: yaml.Node

    @property
    def where(self) -> str:
        """File, line and owner, as an error names them: `exercise-box.yaml:17: zone Z_SEC`."""
        where = f"{self.file}:{self.node.start_mark.line + 1}"
        return f"{where}: {self.of}" if self.of else where

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Part]:
        """Return the values of a mapping by key; each key must be known and come once.

        Raises:
            BadAgreement: Not a mapping, a key is unknown, missing or written twice.
        """
        known = {*required, *optional}
        found = self.entries()
        for key, part in found.items():
            if key not in known:
                raise BadAgreement(
                    part.where, f"key is {key!r}, must be one of: {', '.join(sorted(known))}"
                )
        for key in required:
            if key not in found:
                raise BadAgreement(self.where, f"key {key!r} is missing, must be given")
        return found

    def entries(self) -> dict[str, Part]:
        """Return the values of a mapping whose keys are free.

        Raises:
            BadAgreement: Not a mapping, a key is no text or is written twice.
        """
        found: dict[str, Part] = {}
        for key_part, part in self.keyed():
            key = key_part.text()
            if key in found:
                raise BadAgreement(
                    key_part.where, f"key {key!r} is written twice, must be given once"
                )
            found[key] = part
        return found

    def keyed(self) -> Iterator[tuple[Part, Part]]:
        """Yield the keys and the values of a mapping.

        Raises:
            BadAgreement: Not a mapping.
        """
        if not isinstance(self.node, yaml.MappingNode) or self._kind() != "map":
            raise BadAgreement(self.where, self._not("a mapping"))
        for key_node, node in self.node.value:
            key = Part(file=self.file, of=self.of, key="key", node=key_node)
            named = (
                str(key_node.value).strip() if isinstance(key_node, yaml.ScalarNode) else key.key
            )
            yield key, Part(file=self.file, of=self.of, key=named, node=node)

    def items(self) -> tuple[Part, ...]:
        """Return the values of a list.

        Raises:
            BadAgreement: Not a list.
        """
        if not isinstance(self.node, yaml.SequenceNode) or self._kind() != "seq":
            raise BadAgreement(self.where, self._not("a list"))
        return tuple(
            Part(file=self.file, of=self.of, key=f"{self.key}[{place}]", node=node)
            for place, node in enumerate(self.node.value)
        )

    def named(self, of: str) -> Part:
        """Return the same value, said to belong to `of` in messages."""
        return Part(file=self.file, of=of, key=self.key, node=self.node)

    def is_null(self) -> bool:
        """Return whether the value is `null`."""
        return self._kind() == "null"

    def text(self) -> str:
        """Return a text that is not empty, without white space around it.

        Raises:
            BadAgreement: Not a text, or an empty one.
        """
        if not isinstance(self.node, yaml.ScalarNode) or self._kind() != "str":
            raise BadAgreement(self.where, self._not("text"), advice=self._quoted())
        text = str(self.node.value).strip()
        if not text:
            raise BadAgreement(self.where, f"{self.key} is empty, must be text")
        return text

    def word(self, pattern: str) -> str:
        """Return a text that matches the whole pattern.

        Raises:
            BadAgreement: Not a text, or another form.
        """
        text = self.text()
        if not re.fullmatch(pattern, text):
            raise BadAgreement(self.where, f"{self.key} is {_short(text)}, must match {pattern}")
        return text

    def one_of(self, allowed: Iterable[str]) -> str:
        """Return a text that is one of those allowed.

        Raises:
            BadAgreement: Not a text, or none of them.
        """
        text, choices = self.text(), tuple(allowed)
        if text not in choices:
            known = ", ".join(choices) or "none is declared"
            problem = f"{self.key} is {_short(text)}, must be one of: {known}"
            raise BadAgreement(self.where, problem)
        return text

    def integer(self, *, least: int, most: int = _U32_MAX) -> int:
        """Return a whole number in plain digits.

        Raises:
            BadAgreement: Not such a number, or outside the range.
        """
        self._plain_number("int", "a whole number in plain digits")
        number = int(self.node.value)
        if not least <= number <= most:
            raise BadAgreement(self.where, f"{self.key} is {number}, must be {least} to {most}")
        return number

    def number(self, least: int, most: int, *, above: bool = False, times: int = 1) -> float:
        """Return a number in that range, bounds included.

        Args:
            least: Least that may be written.
            most: Greatest that may be written.
            above: Whether the least itself is refused.
            times: What the number is multiplied by, before it is rounded.

        Raises:
            BadAgreement: Not a number in plain digits, or outside the range.
        """
        kind = "float" if "." in str(self.node.value) else "int"
        self._plain_number(kind, "a number in plain digits")
        shown = str(self.node.value)
        written = Fraction(shown)
        if above and not least < written <= most:
            problem = f"{self.key} is {shown}, must be above {least} and at most {most}"
            raise BadAgreement(self.where, problem)
        if not least <= written <= most:
            raise BadAgreement(self.where, f"{self.key} is {shown}, must be {least} to {most}")
        return float(written * times)

    def truth(self) -> bool:
        """Return a truth value, written `true` or `false` and in no other way.

        Raises:
            BadAgreement: Anything else, `yes` and `no` included.
        """
        if self._kind() != "bool" or self.node.value not in {"true", "false"}:
            raise BadAgreement(self.where, self._not("true or false"))
        return bool(self.node.value == "true")

    def instant(self) -> datetime:
        """Return a time with the offset that it is written with.

        Raises:
            BadAgreement: Another form, no offset, or a time that does not exist.
        """
        shown = str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""
        if self._kind() not in {"str", "timestamp"} or not _INSTANT.fullmatch(shown):
            raise BadAgreement(self.where, self._not("a time such as 2030-09-01T00:00:00+00:00"))
        try:
            return datetime.fromisoformat(shown)
        except ValueError as error:
            problem = f"{self.key} is {shown} ({error}), must be a time that exists"
            raise BadAgreement(self.where, problem) from error

    def _plain_number(self, kind: str, expected: str) -> None:
        if self._kind() != kind or not _NUMBER.fullmatch(self.node.value):
            raise BadAgreement(self.where, self._not(expected))

    def _kind(self) -> str:
        return str(self.node.tag).removeprefix(_TAG)

    def _quoted(self) -> str:
        """Return how a number, a time or a truth value that is meant as text is written."""
        if isinstance(self.node, yaml.ScalarNode) and not self.is_null():
            return f'If it is meant as text, write it in quotes: "{self.node.value}".'
        return ""

    def _not(self, expected: str) -> str:
        if isinstance(self.node, yaml.ScalarNode) and not self.is_null():
            return f"{self.key} is {_short(self.node.value)}, must be {expected}"
        found = _SHOWN.get(self._kind(), _short(self._kind()))
        return f"{self.key} is {found}, must be {expected}"


def read_part(raw: bytes, *, name: str) -> Part:
    """Return the top of a YAML file.

    Raises:
        BadAgreement: Too large, not UTF-8, not one YAML document, or empty.
    """
    if len(raw) > SIZE_MAX_BYTES:
        raise BadAgreement(name, f"file has {len(raw)} bytes, must have at most {SIZE_MAX_BYTES}")
    try:
        text = raw.decode("utf-8")
        _refuse_aliases_and_depths(text, name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8, must be UTF-8 text"
        raise BadAgreement(name, problem) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        where, said = f"{name}:{line}", f"{error.context or ''} {error.problem or ''}".strip()
        raise BadAgreement(where, f"not plain YAML ({said})") from error
    except RecursionError as error:
        raise BadAgreement(name, "parts are nested too deep, must be an agreement") from error
    except yaml.YAMLError as error:
        first = str(error).splitlines()[0]
        raise BadAgreement(name, f"not plain YAML ({first})") from error
    if node is None:
        raise BadAgreement(name, "file is empty, must be an agreement")
    return Part(file=name, of="", key="agreement", node=node)


def _refuse_aliases_and_depths(text: str, name: str) -> None:
    """Let no part stand for another: a reader would have to look in two places.

    Raises:
        BadAgreement: An alias, with its line, or parts that are nested too deep.
    """
    depth = 0
    for token in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(token, yaml.CollectionStartEvent)
        depth -= isinstance(token, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise BadAgreement(name, "parts are nested too deep, must be an agreement")
        if isinstance(token, yaml.AliasEvent):
            where = f"{name}:{token.start_mark.line + 1}" if token.start_mark else name
            raise BadAgreement(where, "an alias was found, every part must be written out")


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "...")
