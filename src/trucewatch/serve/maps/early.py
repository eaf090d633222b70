"""Provisional incidents on the map: empty diamonds, as nothing has been assessed of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from trucewatch.serve.maps.ink import mark

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.serve.maps.frame import Frame

MARKS_MAX = 500
"""The newest are drawn; all of them are counted and listed."""
_HALF_PX = 5


def within(
    early: pl.DataFrame, frame: Frame, span: tuple[datetime | None, datetime | None]
) -> pl.DataFrame:
    """Return the provisional incidents of one picture and time, newest entry last."""
    west_deg, south_deg, east_deg, north_deg = frame.box_deg
    here = pl.col("lon_deg").is_between(west_deg, east_deg)
    here &= pl.col("lat_deg").is_between(south_deg, north_deg)
    if span[0] is not None:
        here &= pl.col("time") >= span[0]
    if span[1] is not None:
        here &= pl.col("time") < span[1]
    return early.filter(here)


def drawn(early: pl.DataFrame, frame: Frame, said: str) -> Markup:
    """Return a diamond for each of the newest, all leading to the list.

    Args:
        early: What is within the picture.
        frame: The picture.
        said: What they are, in words.
    """
    if early.is_empty():
        return Markup()
    newest = early.tail(MARKS_MAX)
    x_px, y_px = frame.px(newest["lon_deg"].to_numpy(), newest["lat_deg"].to_numpy())
    a = _HALF_PX
    each = (
        f"M{x:.1f} {y - a:.1f}l{a} {a}-{a} {a}-{a}-{a}z"
        for x, y in zip(x_px.tolist(), y_px.tolist(), strict=True)
    )
    inner = mark("title", said) + mark("path", class_="m-early", d="".join(each))
    return mark("a", inner, href="/provisional")
