"""XML, and so SVG, KML and GML: its shape, and whether it would do anything when it is opened.

Runs in a worker only. Entities, document types and references to outside are refused, not resolved.
"""

from __future__ import annotations

import codecs
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from trucewatch.errors import BadInput
from trucewatch.evidence.intake.claims import text

SIZE_MAX = 1 << 26  # bytes
DEPTH_MAX = 200
ELEMENTS_MAX = 1_000_000
ENCODINGS = (
    "utf-8", "utf-16", "ascii", "koi8-r", "koi8-u", "mac-cyrillic",
    *(f"cp125{n}" for n in range(9)),
    *(f"iso8859-{n}" for n in range(1, 17) if n != 12),  # noqa: PLR2004 - there is no 12
)  # fmt: skip
"""What a document may be written in; `load_encodings` loads them while files can be read."""
_ACTIVE = {"script", "foreignObject", "iframe", "object", "embed", "handler", "listener", "set"}
_LINKS = {"href", "src"}
_ACTIVE_MAX = 20  # kinds that are named


class _Shape:
    """Counts as the parser goes; nothing is kept of the document."""

    def __init__(self) -> None:
        self.root = ""
        self.elements = 0
        self.depth = 0
        self.depth_max = 0
        self.active: set[str] = set()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.root = self.root or tag
        self.elements += 1
        self.depth += 1
        self.depth_max = max(self.depth_max, self.depth)
        if self.depth > DEPTH_MAX:
            raise BadInput("markup", f"is nested {self.depth} deep, must be at most {DEPTH_MAX}")
        if self.elements > ELEMENTS_MAX:
            raise BadInput("markup", f"has over {ELEMENTS_MAX} elements, must be at most that many")
        if len(self.active) < _ACTIVE_MAX:
            self._look(tag, attributes)

    def _look(self, tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) in _ACTIVE:
            self.active.add(_local(tag))
        for key, value in attributes.items():
            name = _local(key)
            if name.lower().startswith("on"):
                self.active.add(name)
            elif name in _LINKS and not value.strip().startswith("#"):
                self.active.add(f"{name} to outside")

    def pi(self, target: str, _content: str) -> None:
        if _local(target) == "xml-stylesheet":
            self.active.add("style sheet")

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def close(self) -> None:
        """Be done."""


def _local(name: str) -> str:
    return text(name.rsplit("}", 1)[-1]) or ""


def load_encodings() -> None:
    """Load the codecs of `ENCODINGS`; in a worker no other can be loaded later."""
    for name in ENCODINGS:
        codecs.lookup(name)


def facts(raw: bytes) -> dict[str, object]:
    """Return the shape of an XML document.

    Returns:
        root (name of the outermost element, with its namespace), elements, depth, active (what
        would run or load when a browser opens it).

    Raises:
        BadInput: Not well formed, too large, too deep, or with a document type or an entity.
    """
    if len(raw) > SIZE_MAX:
        raise BadInput("markup", f"has {len(raw)} bytes, must be at most {SIZE_MAX}")
    shape = _Shape()
    parser = DefusedXMLParser(
        target=shape, forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    try:
        parser.feed(raw)
        parser.close()
    except DefusedXmlException as error:
        kind = type(error).__name__
        raise BadInput("markup", f"has a document type or entity ({kind}), must not") from error
    except (ParseError, LookupError, ValueError) as error:
        raise BadInput("markup", f"not well formed ({error}), expected XML") from error
    return {
        "root": text(shape.root),
        "elements": shape.elements,
        "depth": shape.depth_max,
        "active": sorted(shape.active),
    }
