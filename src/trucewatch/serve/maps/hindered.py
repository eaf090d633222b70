"""Where monitors were hindered, as the logbook tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.records.logbook.restriction import HINDRANCES
from trucewatch.serve.maps.ink import joined, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from trucewatch.report.material import Hindered
    from trucewatch.serve.maps.frame import Frame

_CROSS_PX = 5.0


def hindrances(
    chosen: Sequence[Hindered], frame: Frame, translated: Callable[[str], str]
) -> Markup:
    """Return each as a cross, with a ring around the ground that it closed."""
    return joined(_one(each, frame, translated) for each in chosen)


def _one(each: Hindered, frame: Frame, translated: Callable[[str], str]) -> Markup:
    x, y = (float(v[0]) for v in frame.px(np.array([each.lon_deg]), np.array([each.lat_deg])))
    r = each.radius_m * float(frame.px_per_m(each.lat_deg))
    text = translated(HINDRANCES.get(each.hindrance, each.hindrance))
    made = [mark("title", f"{text}, {each.asset}")]
    if r > _CROSS_PX:
        made.append(mark("circle", class_="m-shut", cx=x, cy=y, r=r))
    made.append(mark("circle", class_="m-sens outd", cx=x, cy=y, r=_CROSS_PX))
    arms = f"M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6"
    made.append(mark("path", class_="m-sens outd", d=arms))
    return mark("g", joined(made))
