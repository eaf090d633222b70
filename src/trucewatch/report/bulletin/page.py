"""A bulletin set as one HTML file that asks for nothing: no script, no request, one style block."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from trucewatch.report.bulletin.chart import Chart
from trucewatch.report.bulletin.content import Paragraph, Points, Table
from trucewatch.report.bulletin.frame import WIDTH

if TYPE_CHECKING:
    from trucewatch.report.bulletin.content import Bulletin

_PACKAGE = "trucewatch.report.bulletin"
_EXERCISE_CSS = """
@page {
  @top-left { content: "EXERCISE"; }
  @bottom-left { content: "EXERCISE. Nothing here is a finding."; }
}
"""


def page(bulletin: Bulletin) -> bytes:
    """Return the page, UTF-8.

    All text is escaped by the template; the only markup that is not comes from the package's own
    style sheet. Its hash stands in the page's content security policy.
    """
    style = _style() + (_EXERCISE_CSS if bulletin.exercise else "")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    text = (
        _environment()
        .get_template("page.html.jinja")
        .render(
            bulletin=bulletin,
            style=Markup(style),  # noqa: S704 - the package's own file, no text from outside
            style_digest=digest,
            width=WIDTH,
        )
    )
    return text.encode()


def _style() -> str:
    return resources.files(_PACKAGE).joinpath("templates", "style.css").read_text("utf-8")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    kinds = {Paragraph: "paragraph", Points: "points", Table: "table", Chart: "chart"}
    environment.filters["kind"] = lambda block: kinds[type(block)]
    return environment
