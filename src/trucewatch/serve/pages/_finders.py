"""What a search looks through, one function for each kind of answer; each asks the policy first."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.mission.logbook import every_record
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.logbook.standing import span, summary
from trucewatch.serve.maps.packs import pack_of
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _logbook_words
from trucewatch.serve.pages._entries import object_in, words_of
from trucewatch.serve.pages._published import published
from trucewatch.serve.pages._register_seen import seen
from trucewatch.serve.terms import terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trucewatch.serve.ask import Asking

MOST = 12
"""Answers of a kind that are shown."""
_AROUND_DEG = 0.15  # of latitude on either side of a place, some 17 km
_WIDE = 1.6
_ENTRY = re.compile(r"#?(\d{1,18})", re.ASCII)
_INCIDENT = re.compile(r"[ip]-[a-z2-7]{2,}")


class Answer(NamedTuple):
    """One thing that answers.

    Attributes:
        path: Where it is shown.
        title: What it is called.
        detail: What it is, in short; English where `sealed`.
        sealed: Whether these are words of a text, which stay in their own language.
    """

    path: str
    title: str
    detail: str = ""
    sealed: bool = False


class Group(NamedTuple):
    """Answers of one kind.

    Attributes:
        text: Its name, a message.
        answers: The first of them.
        more: Whether there are more that who asks may see.
    """

    text: str
    answers: list[Answer]
    more: bool


class Words:
    """What was typed, word by word.

    Args:
        text: As it was typed.
    """

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self._words = self.text.casefold().split()

    def are_in(self, *said: str) -> bool:
        """Return whether every word occurs in what is said."""
        whole = " ".join(said).casefold()
        return bool(self._words) and all(word in whole for word in self._words)


def found(ask: Asking, words: Words) -> list[Group]:
    """Return what answers, by kind; nothing that who asks may not see is looked at."""
    groups = []
    for text, what, find in _FINDERS:
        if what is not None and not ask.may(what):
            continue
        if answers := [*islice(find(ask, words), MOST + 1)]:
            groups.append(Group(text, answers[:MOST], len(answers) > MOST))
    return groups


def _days(ask: Asking, words: Words) -> Iterator[Answer]:
    try:
        day = date.fromisoformat(words.text)
        end = day + timedelta(days=1)
    except (ValueError, OverflowError):
        return
    path = f"/incidents?from={day}T00:00:00Z&to={end}T00:00:00Z"
    yield Answer(path, ask.tongue.words.gettext(N_("Incidents of this day, in UTC")))
    yield Answer(f"/?date={day}", ask.tongue.words.gettext(N_("Whether it was holding")))


def _incidents(ask: Asking, words: Words) -> Iterator[Answer]:
    if not _INCIDENT.fullmatch(words.text):
        return
    table = ask.shown.incidents
    for row in table.filter(table["id"].str.starts_with(words.text)).iter_rows(named=True):
        text = HAPPENINGS[row["class"]].text
        kind = ask.tongue.words.gettext(text)
        yield Answer(f"/incidents/{row['id']}", row["id"], f"{ask.minute(row['time'])}, {kind}")


def _kinds(ask: Asking, words: Words) -> Iterator[Answer]:
    for name in sorted(ask.shown.incidents["class"].unique().to_list()):
        text = HAPPENINGS[name].text
        said = ask.tongue.words.gettext(text)
        if words.are_in(text, said):
            yield Answer(f"/incidents?kind={name}", said)


def _places(ask: Asking, words: Words) -> Iterator[Answer]:
    pack = pack_of(ask.site.home, ask.shown.using.settings.fusion)
    layer = pack.layers.get("places") if pack is not None else None
    if layer is None:
        return
    for place, at in zip(layer.said, layer.shapes, strict=True):
        names = place["names"]
        if words.are_in(*names.values()):
            over_deg = _WIDE * _AROUND_DEG
            box = at.x - over_deg, at.y - _AROUND_DEG, at.x + over_deg, at.y + _AROUND_DEG
            path = "/map?box=" + ",".join(f"{edge_deg:.5f}" for edge_deg in box)
            name = names.get(ask.tongue.code, names["en"])
            yield Answer(path, name, ask.tongue.words.gettext(N_("on the map")))


def _rules(ask: Asking, words: Words) -> Iterator[Answer]:
    for rule in ask.shown.using.agreement.rules:
        if words.are_in(rule.id, rule.clause):
            yield Answer(
                f"/agreement/{rule.id}", rule.id, " ".join(rule.clause.split()), sealed=True
            )


def _records(ask: Asking, words: Words) -> Iterator[Answer]:
    with ask.site.reading() as (log, _):
        records = every_record(log, log.size)
    for record in reversed(records):
        kind = ask.tongue.words.gettext(_logbook_words.KINDS.get(record.kind, record.kind))
        said = _logbook_words.plainly(summary(record), record.opening.detail)
        if words.are_in(record.id, kind, said):
            start = ask.minute(span(record)[0])
            yield Answer(f"/logbook/{record.id}", f"{kind}, {start}", said, sealed=True)


def _claims(ask: Asking, words: Words) -> Iterator[Answer]:
    try:
        register = seen(ask).register
    except NotFound:
        return
    for actor in register.actors:
        if words.are_in(actor.id, actor.name):
            yield Answer(f"/register/{actor.id}", actor.name, actor.id, sealed=True)
    for text in register.instruments:
        if words.are_in(text.id, text.name):
            yield Answer(f"/register/instruments/{text.id}", text.name, text.id, sealed=True)
    for claim in register.claims:
        if words.are_in(claim.id, claim.text):
            yield Answer(f"/register/claims/{claim.id}", claim.id, claim.text, sealed=True)


def _bulletins(ask: Asking, words: Words) -> Iterator[Answer]:
    with ask.site.reading() as (log, _):
        issues = published(ask, log)
    for each in issues:
        if words.are_in(each.name, f"#{each.entry}"):
            yield Answer(f"/reports/{each.entry}", each.name, f"#{each.entry}")


def _sensors(ask: Asking, words: Words) -> Iterator[Answer]:
    with ask.site.reading() as (_, there):
        names = sorted(there.desk.read("file")["sensor"].cast(str).unique().to_list())
    assets = ask.shown.using.settings.coverage
    for name in names:
        its = [asset for asset, each in sorted(assets.items()) if each.sensor == name]
        if words.are_in(name, *its):
            yield Answer(f"/sensors/{name}", name, ", ".join(its), sealed=True)


def _entries(ask: Asking, words: Words) -> Iterator[Answer]:
    with ask.site.reading() as (log, _):
        number, sha256 = _ENTRY.fullmatch(words.text), object_in(words.text)
        indices = log.indices_of(sha256) if sha256 else []
        if number is not None and int(number[1]) < log.size:
            indices = [int(number[1])]
        kinds = {index: words_of(log.entry(index).type) for index in indices}
    for index, kind in kinds.items():
        yield Answer(f"/log/{index}", f"#{index}", ask.tongue.words.gettext(kind))


def _terms(ask: Asking, words: Words) -> Iterator[Answer]:
    for each in terms():
        name = ask.tongue.words.gettext(each.name)
        if words.are_in(each.name, name):
            first = ask.tongue.words.gettext(each.told[0]) if each.told else ""
            yield Answer(f"/glossary#{each.anchor}", name, first)


_FINDERS: tuple[tuple[str, What | None, Callable[[Asking, Words], Iterable[Answer]]], ...] = (
    (N_("Days"), What.INCIDENT, _days),
    (N_("Incidents"), What.INCIDENT, _incidents),
    (N_("Kinds of incidents"), What.INCIDENT, _kinds),
    (N_("Places"), What.INCIDENT, _places),
    (N_("Rules"), What.AGREEMENT, _rules),
    (N_("Logbook"), What.LOGBOOK, _records),
    (N_("Register"), What.REGISTER, _claims),
    (N_("Bulletins"), What.REPORT, _bulletins),
    (N_("Sensors"), What.SENSOR, _sensors),
    (N_("Entries in the log"), What.LOG, _entries),
    (N_("Words"), None, _terms),
)
"""Name of the kind, what one must be allowed to see, and what finds it."""
