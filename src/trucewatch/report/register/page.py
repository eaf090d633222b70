"""A document set as one HTML file that asks for nothing: no script, no request, one style block."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from trucewatch.report.register.document import Document

_PACKAGE = "trucewatch.report.register"
_PRINTED = """
@page {
  @top-left { content: "EXERCISE"; }
  @bottom-left { content: "EXERCISE. Nothing here is a finding."; }
}
"""


def page(document: Document) -> bytes:
    """Return the page, UTF-8; all text is escaped by the template."""
    style = _style() + (_PRINTED if document.exercise else "")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    text = (
        _environment()
        .get_template("register.html.jinja")
        .render(
            document=document,
            style=Markup(style),  # noqa: S704 - the package's own file, no text from outside
            style_digest=digest,
        )
    )
    return text.encode()


@functools.cache
def _style() -> str:
    """Return the style of bulletins, which is that of all products."""
    folder = resources.files("trucewatch.report.bulletin").joinpath("templates")
    return folder.joinpath("style.css").read_text("utf-8")


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
