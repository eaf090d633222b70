"""How the API reads: words of an address as the OpenAPI document tells them, pages, problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import MediaType, get
from litestar.datastructures import CacheControlHeader
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType

from trucewatch.errors import BadInput
from trucewatch.records.assessment import Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.serve.pages._numbered import whole
from trucewatch.serve.sought import SORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from trucewatch.serve.ask import Asking

SIZE_MAX = 1_000
"""Rows of one page."""
_SIZE = 100
_PAGE_MAX = 999_999_999
_CSV = "text/csv"
_PROBLEM = "application/problem+json"
_PROBLEMS = {
    "400": "A word of the address cannot be read; `detail` names it.",
    "403": "Who asks may not see this.",
    "404": "It is not there, or not to be seen; which of the two is not told.",
    "503": "The log is being written; come again.",
}

Word = Parameter
"""One word of an address, as the document tells it."""


def word(name: str, told: str, **form: Any) -> Word:  # noqa: ANN401 - as `Schema` takes them
    """Return a word of an address, not required; a text unless `type` says other."""
    schema = Schema(**{"type": OpenAPIType.STRING, **form})
    return Parameter(name=name, param_in="query", description=told, schema=schema, required=False)


def instant_word(name: str, told: str) -> Word:
    """Return a word that is a time."""
    return word(name, f"{told} RFC 3339; without an offset it is UTC.", format="date-time")


PAGE = (
    word("page", "Which page, from 1.", type=OpenAPIType.INTEGER, minimum=1, maximum=_PAGE_MAX),
    word(
        "size",
        "Rows of a page.",
        type=OpenAPIType.INTEGER,
        minimum=1,
        maximum=SIZE_MAX,
        default=_SIZE,
    ),
)
"""Words of every listing."""

FROM_TO = (
    instant_word("from", "Happened at this instant or later."),
    instant_word("to", "Happened before this instant."),
)

SOUGHT = (
    *FROM_TO,
    word("kind", "Likeliest kind of happening.", enum=list(HAPPENINGS)),
    word("outcome", "Some rule has this outcome for it.", enum=[str(each) for each in Outcome]),
    word("rule", "The outcome is of this rule; alone: the rule says anything but no_rule."),
    word(
        "real", "P(real) is at least this.", type=OpenAPIType.NUMBER, minimum=0, maximum=1
    ),
    word(
        "box",
        "Lies within west,south,east,north, WGS 84 degrees.",
        pattern=r"^-?[0-9]{1,2}(\.[0-9]{1,6})?(,-?[0-9]{1,2}(\.[0-9]{1,6})?){3}$",
    ),
    word(
        "sort",
        "Order; a minus turns it round.",
        enum=[f"{way}{name}" for name in SORTS for way in ("-", "")],
    ),
)  # fmt: skip
"""Words of `serve.sought`."""

ASOF = instant_word("asof", "As the log had it at this instant.")


def resource(path: str, *words: Word, csv: bool = False) -> Callable[[Any], Any]:
    """Return what makes a function the answer to GET on a path below `/api/v1`.

    No answer is kept by anybody in between: it hangs on who asks.

    Args:
        path: Its rest, such as `/incidents`.
        words: What the address may say.
        csv: Whether the answer is CSV.
    """
    return get(
        f"/api/v1{path}",
        sync_to_thread=True,
        operation_class=_operation(words),
        media_type=_CSV if csv else MediaType.JSON,
        cache_control=CacheControlHeader(no_store=True),
    )


def _operation(words: Sequence[Word]) -> type[Operation]:
    """Return an operation of the document that tells these words, and every problem."""

    class Told(Operation):
        def __init__(self, **parts: Any) -> None:  # noqa: ANN401 - as `Operation` takes them
            super().__init__(**parts)
            self.description = (self.description or "").partition("\n\nRaises:")[0]
            self.parameters = [*(self.parameters or ()), *words]
            self.responses = {**(self.responses or {}), **_problems()}

    return Told


def _problems() -> dict[str, OpenAPIResponse]:
    text = Schema(type=OpenAPIType.STRING)
    form = Schema(
        type=OpenAPIType.OBJECT,
        description="RFC 9457.",
        properties={
            "type": text,
            "title": text,
            "status": Schema(type=OpenAPIType.INTEGER),
            "detail": text,
            "advice": text,
        },
        required=["type", "title", "status", "detail"],
    )
    content = {_PROBLEM: OpenAPIMediaType(schema=form)}
    return {
        status: OpenAPIResponse(description=told, content=content)
        for status, told in _PROBLEMS.items()
    }


class Cut(NamedTuple):
    """A page of a listing.

    Attributes:
        page: Which, from 1; one past the end is empty.
        size: Rows of a page.
        total: Rows of all pages.
        next: Address of the next page, None on the last.
    """

    page: int
    size: int
    total: int
    next: str | None

    @property
    def start(self) -> int:
        """Rows before it."""
        return (self.page - 1) * self.size


def cut(ask: Asking, total: int) -> Cut:
    """Return the page that an address asks for, of a listing of so many rows."""
    page, size = asked_page(ask)
    following = ask.link(page=page + 1) if page * size < total else None
    return Cut(page, size, total, following)


def asked_page(ask: Asking) -> tuple[int, int]:
    """Return which page an address asks for, and how many rows of it.

    Raises:
        BadInput: One of the two is no number, or too great.
    """
    page = whole(ask, "page", 1)
    size = whole(ask, "size", 1) if ask.value("size").strip() else _SIZE
    if size > SIZE_MAX:
        raise BadInput("size", f"is {size}, expected {SIZE_MAX} at most")
    return page, size


_FORMULA = r"^[=+\-@\t\r]"
_INSTANT = "%Y-%m-%dT%H:%M:%S%.6fZ"


def delimited(table: pl.DataFrame) -> str:
    """Return a table as CSV with times as RFC 3339.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    import polars as pl
    from polars import selectors as cs

    plain = table.cast({cs.categorical(): pl.String()})
    text = cs.string()
    safe = plain.with_columns(
        pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep()
    )
    return safe.write_csv(datetime_format=_INSTANT)
