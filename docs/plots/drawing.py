"""SVG for a page: text, lines and bars in the ink of the bulletins; the same bytes every time.

Coordinates are rounded to a tenth of a pixel. Text is at least 13 px on a drawing 720 px wide, in
whatever sans serif the reader has; nothing is fetched. What was not observed is stippled, and
every mark is told apart by shape as well as by colour, so that it works in print.
"""

from __future__ import annotations

from html import escape

WIDTH = 720
INK, QUIET, LINE = "#14201f", "#3f4e4c", "#d2dad8"
ACT, ACT_SOFT = "#0b5768", "#dcebee"
SIGNAL, SIGNAL_SOFT = "#9a3a12", "#f8e8df"
VEIL = "#97a3a0"
_STYLE = (
    'text { font: 13px system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", '
    f"sans-serif; fill: {QUIET} }}\n"
    f".k {{ font-weight: 700; fill: {INK} }} .a {{ fill: {ACT} }} .s {{ fill: {SIGNAL} }}\n"
    ".m { text-anchor: middle } .e { text-anchor: end }"
)
_STIPPLE = (
    '<pattern id="veil" width="5" height="5" patternUnits="userSpaceOnUse">'
    f'<circle cx="1.2" cy="1.2" r=".8" fill="{VEIL}"/>'
    f'<circle cx="3.7" cy="3.7" r=".8" fill="{VEIL}"/></pattern>'
)


def page(height: int, alt: str, parts: list[str]) -> str:
    """Return a drawing.

    Args:
        height: In pixels; the width is `WIDTH`.
        alt: What it shows, in words.
        parts: What is drawn, in order.
    """
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(alt)}">'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    body = [head, f"<style>\n{_STYLE}\n</style>", f"<defs>{_STIPPLE}</defs>", ground, *parts]
    return "\n".join([*body, "</svg>", ""])


def at(x_px: float) -> str:
    """Return a coordinate, rounded, without a needless zero or sign."""
    return f"{round(x_px, 1) + 0.0:g}"


def text(x_px: float, y_px: float, words: str, kind: str = "") -> str:
    """Return words at a place; `kind` names classes: k bold, a petrol, s rust, m middle, e end."""
    chosen = f' class="{kind}"' if kind else ""
    return f'<text{chosen} x="{at(x_px)}" y="{at(y_px)}">{escape(words)}</text>'


def line(from_px: tuple[float, float], to_px: tuple[float, float], ink: str, more: str = "") -> str:
    """Return a straight line."""
    ends = f"M{at(from_px[0])} {at(from_px[1])}L{at(to_px[0])} {at(to_px[1])}"
    return f'<path d="{ends}" stroke="{ink}" fill="none"{more}/>'


def bar(corner_px: tuple[float, float], size_px: tuple[float, float], more: str) -> str:
    """Return a rectangle from its top left corner, its width and its height."""
    (x, y), (wide, high) = corner_px, size_px
    return f'<rect x="{at(x)}" y="{at(y)}" width="{at(wide)}" height="{at(high)}" {more}/>'


DASHED = ' stroke-dasharray="5 3" stroke-width="1.5"'
VEILED = f'fill="url(#veil)" stroke="{LINE}"'
