"""A reliability diagram as SVG: what was predicted against what was so, with intervals and counts.

Plain text, nothing fetched, the same bytes for the same figures; legible at 640 pixels.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput
from trucewatch.evaluate.share import exact_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH = 640  # pixels, of the whole picture
_ACROSS = 3  # panels in one row
_LEFT, _TOP, _PITCH = 46, 40, 200  # of the first panel, and from one to the next
_SIDE = 160  # of the square that stands for 0 to 1
_BARS = 34  # height of the tallest bar
_BELOW, _ROW = _SIDE + 46, 306  # where bars stand, and from one row to the next
_CASES_MIN = 1_000  # a decile with fewer is drawn and not put into words
_TICKS_P = (0.0, 0.25, 0.5, 0.75, 1.0)
_LABELLED_P = (0.0, 0.5, 1.0)
_STYLE = """\
text { font: 12px system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; \
fill: #3f4e4c }
.t { font-size: 13px; font-weight: 600; fill: #14201f }
.m { text-anchor: middle } .e { text-anchor: end }
.g { stroke: #d2dad8; fill: none } .d { stroke: #3f4e4c; stroke-dasharray: 4 3 }
.o { fill: #0b5768; stroke: #fff } .i { stroke: #0b5768; stroke-width: 1.5 } .b { fill: #97a3a0 }"""


class Decile(NamedTuple):
    """Predictions of about the same size.

    Attributes:
        predicted_p: Their mean.
        observed_p: Share of them that came true.
        n: How many.
    """

    predicted_p: float
    observed_p: float
    n: int


class Panel(NamedTuple):
    """One square of the picture."""

    title: str
    deciles: Sequence[Decile]


def diagram(panels: Sequence[Panel]) -> str:
    """Return the picture, three panels in a row.

    Each point is a decile of predictions; its line is the exact 95 % interval of a binomial share,
    as if predictions were independent. On the dashed diagonal a probability means what it says.

    Raises:
        BadInput: There is nothing to draw, or a share is not between 0 and 1.
    """
    if not panels:
        raise BadInput("diagram", "has no panel, expected one at least")
    _check(panels)
    height = _ROW * (1 + (len(panels) - 1) // _ACROSS) + 8
    body = "\n".join(_panel(panel, place) for place, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{escape(_words(panels))}">\n'
        f"<style>\n{_STYLE}\n</style>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def panels(found: Mapping[str, Iterable[Mapping[str, float]]]) -> list[Panel]:
    """Return one panel for each set of deciles that an evaluation hands back.

    Args:
        found: By title; each decile has `predicted`, `observed` and `n`.
    """
    return [
        Panel(title, [Decile(d["predicted"], d["observed"], int(d["n"])) for d in deciles])
        for title, deciles in found.items()
    ]


def _check(panels: Sequence[Panel]) -> None:
    for panel in panels:
        for decile in panel.deciles:
            if not (0 <= decile.predicted_p <= 1 and 0 <= decile.observed_p <= 1 and decile.n > 0):
                problem = f"{tuple(decile)} is no decile, expected shares from 0 to 1 and a count"
                raise BadInput(panel.title, problem)


def _off_p(decile: Decile) -> float:
    return abs(decile.observed_p - decile.predicted_p) if decile.n >= _CASES_MIN else 0.0


def _words(panels: Sequence[Panel]) -> str:
    """Return the picture in words."""
    worst = [
        f"{panel.title}: at most "
        f"{max(map(_off_p, panel.deciles), default=0):.3f} off where there are {_CASES_MIN} cases"
        for panel in panels
    ]
    return f"Reliability, predicted against observed by decile. {'; '.join(worst)}."


def _panel(panel: Panel, place: int) -> str:
    left, top = _LEFT + _PITCH * (place % _ACROSS), _TOP + _ROW * (place // _ACROSS)
    parts = [
        f'<g transform="translate({left} {top})">',
        f'<text class="t" x="0" y="-14">{escape(panel.title)}</text>',
        *_frame(first=place % _ACROSS == 0),
        *_bars(panel.deciles),
        *(_point(decile) for decile in panel.deciles),
        "</g>",
    ]
    return "\n".join(parts)


def _frame(*, first: bool) -> Iterable[str]:
    """Yield the grid, the diagonal and the words at the axes."""
    lines = "".join(f"M0 {_up(p)}H{_SIDE}M{_across(p)} 0V{_SIDE}" for p in _TICKS_P)
    yield f'<path class="g" d="{lines}"/>'
    yield f'<path class="d" d="M0 {_SIDE}L{_SIDE} 0"/>'
    for p in _LABELLED_P:
        yield f'<text class="m" x="{_across(p)}" y="{_SIDE + 15}">{p:g}</text>'
        if first:
            yield f'<text class="e" x="-6" y="{_up(p)}" dy="4">{p:g}</text>'
    yield f'<text class="m" x="{_SIDE // 2}" y="{_SIDE + 31}">predicted</text>'
    if first:
        yield f'<text class="m" transform="translate(-32 {_SIDE // 2}) rotate(-90)">observed</text>'


def _point(decile: Decile) -> str:
    hits = round(decile.observed_p * decile.n)
    share = exact_share(hits, decile.n)
    across = _across(decile.predicted_p)
    return (
        f'<path class="i" d="M{across} {_up(share.low_p)}V{_up(share.high_p)}"/>'
        f'<circle class="o" cx="{across}" cy="{_up(decile.observed_p)}" r="4"/>'
    )


def _bars(deciles: Sequence[Decile]) -> Iterable[str]:
    """Yield how many predictions each decile has, below the square."""
    most = max((decile.n for decile in deciles), default=0)
    foot = _BELOW + _BARS
    for decile in deciles:
        height = max(1, round(_BARS * decile.n / most))
        left = round(decile.predicted_p * _SIDE) - 5
        yield f'<rect class="b" x="{left}" y="{foot - height}" width="10" height="{height}"/>'
    total = sum(decile.n for decile in deciles)
    yield f'<path class="g" d="M0 {foot}H{_SIDE}"/>'
    yield f'<text x="0" y="{foot + 16}">n = {total:,}, tallest bar {most:,}</text>'


def _across(share_p: float) -> str:
    return f"{share_p * _SIDE:.1f}"


def _up(share_p: float) -> str:
    return f"{(1 - share_p) * _SIDE:.1f}"
