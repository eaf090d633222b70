"""Monitors hindered in their movement: listed like incidents, since coverage hangs on it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.restriction import HINDRANCES
from trucewatch.report.bulletin.content import Cell, Paragraph, Section, Table, Voice
from trucewatch.report.bulletin.share import brief
from trucewatch.report.bulletin.wording import coordinates_text, near_text, plural, quote
from trucewatch.report.material import Hindered
from trucewatch.report.release import shown_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.report.bulletin.draft import Draft

_NONE = (
    "No hindrance of monitors was entered for this window. What nobody entered may have happened "
    "all the same"
)
_NOTE = (
    "Nothing was observed there in that time, so that nothing reported from there means nothing. "
    "A hindrance is told as monitors met it. Who held the place is not told: holding ground "
    "attributes nothing."
)
_NAMES = tuple(each.name for each in fields(Hindered))
_HOUR_S, _MINUTE_S = 3600, 60


def movement(draft: Draft) -> Section:
    """Return the section on movement of monitors."""
    rows = sorted(draft.material.hindered, key=lambda each: (_place(each), each.start))
    title = "Movement of monitors"
    if not rows:
        return Section(
            id="movement",
            title=title,
            blocks=(Paragraph(text=_NONE.format(coverage=brief(draft))),),
        )
    table = Table(
        caption="As entered in the logbook, to the minute. A hindrance counts as one, however long "
        "it lasted and however many met it.",
        head=("What", "From", "Lasted", "Where", "Effect and reason given"),
        rows=tuple(_row(each, draft) for each in rows),
        stacked=((0, 1, 2), (3,), (4,)),
    )
    note = Paragraph(text=_NOTE, voice=Voice.NOTE)
    return Section(id="movement", title=title, blocks=(table, note))


def movement_text(draft: Draft) -> str:
    """Return the same as a point of the summary."""
    rows = draft.material.hindered
    if not rows:
        return f"Movement of monitors: no hindrance entered; {brief(draft)}."
    counts = [
        f"{words} {sum(each.hindrance == name for each in rows)}"
        for name, words in HINDRANCES.items()
        if any(each.hindrance == name for each in rows)
    ]
    other = sum(each.hindrance not in HINDRANCES for each in rows)
    counts += [f"of another kind {other}"] if other else []
    return f"Movement of monitors: {plural(len(rows), 'hindrance')} ({', '.join(counts)})."


def movement_json(draft: Draft) -> list[dict[str, object]]:
    """Return the same for machines, as shown."""
    return [
        {name: _json(getattr(each, name)) for name in _NAMES} for each in draft.material.hindered
    ]


def _json(value: object) -> object:
    return instant_text(value) if isinstance(value, datetime) else value


def read_hindered(told: Sequence[Mapping[str, Any]]) -> tuple[Hindered, ...]:
    """Return what `movement_json` wrote; a member of another form is `KeyError` or `TypeError`."""
    return tuple(
        Hindered(
            **{name: each[name] for name in _NAMES}
            | {name: _instant(each[name]) for name in ("start", "end")}
        )
        for each in told
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _place(each: Hindered) -> int:
    known = list(HINDRANCES)
    return known.index(each.hindrance) if each.hindrance in known else len(known)


def _row(each: Hindered, draft: Draft) -> tuple[Cell, ...]:
    public = draft.material.level == "public"
    lat_deg, lon_deg = shown_at(each.lat_deg, each.lon_deg, draft.material.level)
    near = near_text(lat_deg, lon_deg, draft.material.places)
    place = coordinates_text(lat_deg, lon_deg)
    words = HINDRANCES.get(each.hindrance, quote(each.hindrance, limit=60))
    return (
        Cell(text=words if public else f"{words}: {quote(each.asset, limit=60)}"),
        Cell(text=draft.clock.minute(each.start)),
        Cell(text=_lasted(each, draft)),
        Cell(text=f"{near}, {place}" if near else place),
        Cell(text=_effect(each, public=public)),
    )


def _lasted(each: Hindered, draft: Draft) -> str:
    until = draft.material.window_end
    lasts = each.end is None or each.end > until
    end = until if each.end is None or lasts else each.end
    minutes = round((end - each.start).total_seconds() / _MINUTE_S)
    hours = f"{minutes // 60} h {minutes % 60} min" if minutes >= _HOUR_S // _MINUTE_S else ""
    return f"{hours or f'{minutes} min'}{', and lasts' if lasts else ''}"


def _effect(each: Hindered, *, public: bool) -> str:
    ground = f"Ground within {each.radius_m / 1000:g} km not observed."
    if public:
        planned = " An inspection or flight was planned." if each.planned else ""
        return f"{ground}{planned} {'A reason was given.' if each.said else 'No reason given.'}"
    planned = f" Planned: {quote(each.planned)}." if each.planned else ""
    return f"{ground}{planned} " + (
        f"Reason given: \u201c{quote(each.said)}\u201d." if each.said else "No reason given."
    )
