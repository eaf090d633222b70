"""Names on a map, set where they hide neither a mark nor each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.report.bulletin.frame import WIDTH
from trucewatch.report.bulletin.wording import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.report.bulletin.frame import Frame
    from trucewatch.report.bulletin.mark import Mark
    from trucewatch.report.material import NamedPlace

_LETTER = 7  # pixels, on the safe side
_UP, _DOWN = 10, 4  # pixels above and below the foot of a line
_NAMES_MAX = 14
SCALE_BOX = (170, 56)  # pixels at the lower right, kept free for the scale bar
# Where a name may stand beside its place, best first: right, left, above, below.
_SPOTS = ((6, 4, "start"), (-6, 4, "end"), (0, -7, "middle"), (0, 16, "middle"))

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A name or a figure at a pixel; `anchor` says which end of it stands there."""

    text: str
    left: int
    top: int
    anchor: str = "start"

    def box(self) -> Box:
        """Return the pixels that it covers, on the safe side."""
        width = len(self.text) * _LETTER
        shift = {"start": 0, "middle": width // 2, "end": width}[self.anchor]
        left = self.left - shift
        return left, self.top - _UP, left + width, self.top + _DOWN


def labelled(
    places: Sequence[NamedPlace], frame: Frame, *, marks: Sequence[Mark], figures: Sequence[Label]
) -> tuple[tuple[tuple[int, int], ...], tuple[Label, ...]]:
    """Return the pixels of the first fourteen places in the frame, and the names that find room."""
    pixels = [frame.pixel(place.lat_deg, place.lon_deg) for place in places]
    towns = [
        (round(left), round(top), quote(place.name, limit=40))
        for (left, top), place in zip(pixels, places, strict=True)
        if frame.holds(round(left), round(top))
    ][:_NAMES_MAX]
    taken: list[Box] = [_around(mark) for mark in marks]
    taken += [figure.box() for figure in figures]
    taken.append((WIDTH - SCALE_BOX[0], frame.height - SCALE_BOX[1], WIDTH, frame.height))
    names: list[Label] = []
    for left, top, text in towns:
        label = _set(text, (left, top), taken, frame)
        if label:
            taken.append(label.box())
            names.append(label)
    return tuple((left, top) for left, top, _ in towns), tuple(names)


def _around(mark: Mark) -> Box:
    radius = mark.radius
    return mark.left - radius, mark.top - radius, mark.left + radius, mark.top + radius


def _set(text: str, town: tuple[int, int], taken: Sequence[Box], frame: Frame) -> Label | None:
    for right, down, anchor in _SPOTS:
        label = Label(text=text, left=town[0] + right, top=town[1] + down, anchor=anchor)
        left, top, end, foot = label.box()
        inside = left >= 0 and end <= WIDTH and top >= 0 and foot <= frame.height
        if inside and not any(_touch(label.box(), other) for other in taken):
            return label
    return None


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
