"""The whole bulletin in its fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.report.bulletin.chart import chart
from trucewatch.report.bulletin.content import Bulletin, Section
from trucewatch.report.bulletin.counts import counts
from trucewatch.report.bulletin.holding import holding
from trucewatch.report.bulletin.listing import listing
from trucewatch.report.bulletin.movement import movement
from trucewatch.report.bulletin.opening import basis, summary
from trucewatch.report.bulletin.rules import assessed
from trucewatch.report.bulletin.standing import (
    casualties,
    corrections,
    how_to_check,
    received,
    weapons,
)
from trucewatch.report.bulletin.unseen import unseen
from trucewatch.report.bulletin.wording import day_text, quote

if TYPE_CHECKING:
    from trucewatch.report.bulletin.draft import Draft

_FOOT = (
    "Nobody has adopted this software.",
    "It gives probabilities; people make findings. The words potential breach and breach on its "
    "face are computed and find nothing.",
)


def compose(draft: Draft) -> Bulletin:
    """Return the content of the bulletin.

    The order follows the daily reports of a past monitoring mission; sections are never left out,
    so that a reader sees what is missing.
    """
    material, watching = draft.material, draft.material.watching
    current = draft.released.incidents.filter(pl.col("window") == "current")
    return Bulletin(
        number=f"{material.number} / {material.day.year}",
        day=day_text(material.day),
        mission=quote(material.mission_name, limit=120) or "[unnamed mission]",
        basis=basis(draft),
        exercise=material.exercise,
        sections=(
            summary(draft),
            *((holding(draft, watching),) if watching is not None else ()),
            *counts(draft),
            Section(id="map", title="Map", blocks=(chart(material, current),)),
            listing(draft),
            assessed(draft),
            weapons(draft),
            movement(draft),
            casualties(draft),
            unseen(draft),
            received(draft),
            corrections(draft),
            how_to_check(draft),
        ),
        foot=_FOOT,
    )
