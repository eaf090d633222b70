"""The operations view: map, layers, time bar, and the incident that is selected."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from litestar import Response, get

from trucewatch.access.policy import What
from trucewatch.records.happening import HAPPENINGS
from trucewatch.serve.ask import Ask
from trucewatch.serve.maps.figure import box_words, foot, whole
from trucewatch.serve.maps.view import link, outcomes, picture, time_bar, view
from trucewatch.serve.marks import certainty, outcome_mark
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _told, _worded
from trucewatch.serve.pages._seen import beneath

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.maps.view import View
    from trucewatch.serve.pages._seen import Beneath

_ZOOM_RATIO = 2.0
_PRESETS = ((N_("24 h"), 1), (N_("7 d"), 7), (N_("30 d"), 30))
_STEPS = ((N_("hour"), 1), (N_("6 h"), 6), (N_("day"), 24))
_LAYERS = (
    (N_("What happened"), "", (
        ("incidents", N_("Incidents"), "ell"),
        ("provisional", N_("Provisional, not yet of a run"), "early"),
        ("hindered", N_("Restrictions of movement"), "cross"),
    )),
    (N_("What was agreed"), "", (
        ("lines", N_("Lines of contact"), "lines"),
        ("zones", N_("Zones"), "zone"),
        ("windows", N_("Windows of silence"), "window"),
    )),
    (N_("What could be seen"), N_("last 7 days"), (
        ("coverage", N_("Not observed ground"), "stipple"),
    )),
    (N_("Ground"), "", (("names", N_("Names"), "names"),)),
)  # fmt: skip
"""Layers in the order of the panel: heading, caveat, and of each its name, text and swatch."""
_PUBLIC_LAYERS = tuple(
    (heading, caveat, tuple(row for row in rows if row[0] != "provisional"))
    for heading, caveat, rows in _LAYERS
)
_RAIL = (
    ("/map", N_("Map"), "map", What.INCIDENT),
    ("/incidents", N_("Incidents"), "list", What.INCIDENT),
    ("/logbook", N_("Logbook"), "case", What.LOGBOOK),
    ("/sensors", N_("Sensors"), "sensor", What.SENSOR),
    ("/agreement", N_("Rules"), "agree", What.AGREEMENT),
    ("/register", N_("Register"), "reg", What.REGISTER),
    ("/reports", N_("Reports"), "report", What.REPORT),
)


@get("/map", sync_to_thread=True, include_in_schema=False)
def map_page(ask: Ask) -> Response[str]:
    """Return the page."""
    ask.expect(What.INCIDENT)
    return ask.page("map.html", **_words(ask), rail=[r for r in _RAIL if ask.may(r[3])])


@get("/map/view", sync_to_thread=True, include_in_schema=False)
def map_view(ask: Ask) -> Response[str]:
    """Return the parts that change with the box and the time, for the page's script."""
    ask.expect(What.INCIDENT)
    return ask.page("map_view.html", **_words(ask))


def _words(ask: Asking) -> dict[str, Any]:
    made = view(ask)
    frame = made.found.frame
    words = made.wish.sought.words()
    return {
        "view": made,
        "wish": made.wish,
        "words": words,
        "until": made.seen.until,
        "link": lambda **changed: link(ask, **changed),
        "svg": whole(ask, made.found, picture(ask, made)),
        "edges": (frame.west_rad, frame.south_rad, frame.east_rad, frame.north_rad),
        "foot": foot(ask, frame),
        "scale": frame.scale_bar(),
        "zoom": [box_words(frame.zoomed(ratio)) for ratio in (1 / _ZOOM_RATIO, _ZOOM_RATIO)],
        "bar": time_bar(ask, made),
        "latest": made.found.latest.rows(named=True),
        "selected": _selected(ask, made) if made.wish.selected else None,
        "presets": _presets(ask, made),
        "steps": _STEPS,
        "unseen": None if made.beside.watched is None else made.beside.watched.unseen_share(),
        "layers": _LAYERS if ask.may(What.PROVISIONAL) else _PUBLIC_LAYERS,
        "counts": _counts(made),
        "outcome_counts": outcomes(made),
        "kinds": sorted(HAPPENINGS.values(), key=lambda kind: kind.text),
        "rules": [rule.id for rule in made.seen.using.agreement.rules],
        "certainty": certainty,
        "outcome_mark": outcome_mark,
        "worded": _worded,
        "may_asof": ask.may(What.OBSERVATION),
    }


def _counts(of: View) -> dict[str, int]:
    """Return how many marks each layer has."""
    beside = of.beside
    return {
        "incidents": of.found.total,
        "provisional": len(of.early),
        "hindered": len(beside.hindrances),
        "lines": len(beside.using.agreement.lines),
        "zones": len(beside.zones),
        "windows": len(beside.windows),
    }


def _presets(ask: Asking, of: View) -> list[tuple[str, str, bool]]:
    """Return the text, the address and whether it is chosen of each preset of the time."""
    end = of.wish.asof or of.seen.until or ask.site.now()
    found = []
    for text, days in _PRESETS:
        only = of.wish.sought.within(timedelta(days=days), end).words()
        chosen = only.get("from") == of.wish.sought.words().get("from")
        found.append((text, link(ask, **{"from": only["from"], "to": None}), chosen))
    since = link(ask, **{"from": None, "to": None})
    found.append((N_("Since start"), since, of.wish.sought.start is None))
    return found


def _selected(ask: Asking, of: View) -> dict[str, Any] | None:
    """Return what the drawer says of the selected incident; None where it is not seen."""
    row = of.seen.incidents.filter(pl.col("id") == of.wish.selected)
    if not len(row):
        return None
    own = row.row(0, named=True)
    here = (pl.col("subject") == own["id"]) & (pl.col("subject_kind") == "incident")
    ids = of.found.latest["id"].to_list()
    at = ids.index(own["id"]) if own["id"] in ids else -1
    return {
        "row": own,
        "title": _told.title_of(ask, own, _told.zones_around(ask, own)),
        "kinds": _told.kinds_of(own),
        "told": _told.against(ask, of.seen.assessments.filter(here)),
        "ellipse": _told.ellipse_of(own),
        "under": _under(ask, of, own),
        "before": ids[at - 1] if at > 0 else "",
        "after": ids[at + 1] if 0 <= at < len(ids) - 1 else "",
    }


def _under(ask: Asking, of: View, own: dict[str, Any]) -> Beneath | None:
    """Return what it rests on; nothing for the public, nor of an earlier time."""
    if not ask.may(What.OBSERVATION) or of.wish.asof is not None:
        return None
    members = of.seen.members.filter(pl.col("incident") == own["id"])
    with ask.site.reading() as (log, there):
        return beneath(log, there, own, members)


ROUTES = (map_page, map_view)
