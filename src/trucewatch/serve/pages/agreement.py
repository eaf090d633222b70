"""The agreement: the text as it was sealed, how the software reads it, and what it says of what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.agreement.compare import watched
from trucewatch.agreement.explain import explain
from trucewatch.agreement.lint import lint
from trucewatch.agreement.party import Role as PartyRole
from trucewatch.agreement.watch import bound, ground
from trucewatch.errors import NotFound
from trucewatch.serve.ask import Ask
from trucewatch.serve.maps import dots
from trucewatch.serve.maps import ground as drawn_ground
from trucewatch.serve.maps.figure import PLAIN_LINKS, around, box_of, drawn, foot
from trucewatch.serve.maps.frame import Frame
from trucewatch.serve.maps.ink import mark
from trucewatch.serve.marks import outcome_mark
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _agreed_words as words
from trucewatch.serve.pages import _worded
from trucewatch.serve.pages._agreed_outcomes import SAYS, every_rule, outcomes, traced
from trucewatch.serve.pages._agreed_texts import chosen, reading, shifts

if TYPE_CHECKING:
    from markupsafe import Markup

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.questions.finding import Finding
    from trucewatch.agreement.rule import Rule
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._agreed_texts import Reading, Shift, Text

_LAYERS = frozenset({"zones", "lines", "names"})
_MAP_PX = (720, 340)
_SHOWS = N_("Map of the zones and lines of the agreement; they are described below it.")
_WORD = re.compile(r"[\w-]+")
_LONGEST_SHOWN = 60


@get("/agreement", sync_to_thread=True, include_in_schema=False)
def agreement(ask: Ask) -> Response[str]:
    """Return the whole text, the version in force now or the one that is asked for."""
    ask.expect(What.AGREEMENT)
    read = reading(ask)
    against = ask.value("compare")
    other = chosen(read.texts, "compare", against) if against else None
    return ask.page(
        "agreement.html",
        **_common(ask, read),
        rule=None,
        counts=every_rule(ask),
        findings=_findings(ask, read),
        svg=_map(ask, read),
        other=other,
        changes=_changes(ask, other, read.text) if other else [],
    )


@get("/agreement/{name:str}", sync_to_thread=True, include_in_schema=False)
def rule_page(ask: Ask, name: FromPath[str]) -> Response[Any]:
    """Return the page of a rule; whatever else has an id leads to its place in the text.

    Raises:
        NotFound: The version has nothing of that id.
    """
    ask.expect(What.AGREEMENT)
    read = reading(ask)
    text = read.agreement
    rule = next((each for each in text.rules if each.id == name), None)
    if rule is None:
        anchor = next((to for (_, own), to in words.anchors(text).items() if own == name), "")
        if not anchor:
            where, problem = name[:_LONGEST_SHOWN], _no_part(read)
            raise NotFound(where, problem, advice=_advice(read, name))
        return Redirect(read.to(anchor=anchor))
    segments, nth = words.marked(rule.clause, rule.terms)
    place = ground(text, rule)
    hidden = _restricted(ask, text)
    return ask.page(
        "agreement_rule.html",
        **_common(ask, read),
        rule=rule,
        segments=segments,
        nth=nth,
        ground=place,
        told=outcomes(ask, rule),
        trace=traced(ask, rule),
        asked=explain(text, rule.id).questions,
        seen=None if place in hidden else watched(text, rule),
        findings=[each for each in _findings(ask, read) if _touches(text, rule, each)],
        alike=set(bound(text, rule)) == set(_parties(text)),
        lines=[line for line in text.lines if line.id in _lines_of(text, rule)],
        history=_history(ask, read, rule),
    )


def _common(ask: Asking, read: Reading) -> dict[str, Any]:
    """Return what both pages need."""
    text = read.agreement
    return {
        "read": read,
        "text": text,
        "at": words.anchors(text),
        "parties": _parties(text),
        "restricted": _restricted(ask, text),
        "words": words,
        "worded": _worded,
        "says": SAYS,
        "outcome_mark": outcome_mark,
        "mission_zone": ask.shown.using.settings.mission.zone,
        "size": ask.shown.size,
        "until": ask.shown.until,
    }


def _parties(text: Agreement) -> list[str]:
    return [party.id for party in text.parties if party.role is PartyRole.PARTY]


def _restricted(ask: Asking, text: Agreement) -> frozenset[str]:
    """Return the zones whose place is not shown to who asks."""
    if ask.viewer.role is Role.MISSION:
        return frozenset()
    return frozenset(zone.id for zone in text.zones if zone.restricted)


def _findings(ask: Asking, read: Reading) -> list[Finding]:
    """Return what the linter asks; where a zone that is not shown lies, it tells nobody."""
    hidden = _restricted(ask, read.agreement)
    return [
        each
        for each in lint(read.agreement)
        if not hidden & {*_WORD.findall(each.where), *_WORD.findall(each.text)}
    ]


def _touches(text: Agreement, rule: Rule, finding: Finding) -> bool:
    """Return whether a finding is about a rule, or about something that the rule names."""
    sort, _, name = finding.where.partition(" ")
    named = {
        "rule": (rule.id,),
        "zone": (ground(text, rule),),
        "exemption": rule.exemptions,
        "term": rule.terms,
        "weapon": rule.weapons,
        "window": (rule.window,),
        "sequence": (rule.sequence,),
        "notice": (rule.notice,),
        "line": _lines_of(text, rule),
        "object": (f"list {rule.object_list}",),
    }
    return name in named.get(sort, ())


def _changes(ask: Asking, old: Text, new: Text) -> list[Shift]:
    hidden = _restricted(ask, old.agreement) | _restricted(ask, new.agreement)
    return shifts(old.agreement, new.agreement, hidden)


def _lines_of(text: Agreement, rule: Rule) -> frozenset[str]:
    """Return the reference lines that a rule is measured from."""
    place = ground(text, rule)
    belts = text.zone(place).belts if place else ()
    found = {belt.line for belt in belts}
    if rule.kind == "withdrawal_distance":
        found |= {line.id for line in map(text.datum, rule.who) if line is not None}
    return frozenset(found)


def _history(ask: Asking, read: Reading, rule: Rule) -> list[tuple[int, list[Shift] | None]]:
    """Return for each version after the first what it changed of a rule, and of what it names.

    None stands for a version that has no such rule.
    """
    found: list[tuple[int, list[Shift] | None]] = []
    for old, new in zip(read.texts, read.texts[1:], strict=False):
        own = next((each for each in new.agreement.rules if each.id == rule.id), None)
        if own is None:
            found.append((new.number, None))
            continue
        named = {
            ("Rule", rule.id),
            ("Zone", ground(new.agreement, own)),
            *(("Term", term) for term in own.terms),
            *(("Exemption", each) for each in own.exemptions),
            *(("Category of weapons", each) for each in own.weapons),
            *(("Reference line", each) for each in _lines_of(new.agreement, own)),
        }
        changes = _changes(ask, old, new)
        found.append((new.number, [each for each in changes if (each.element, each.id) in named]))
    return found


def _map(ask: Asking, read: Reading) -> Markup | None:
    """Return a map of zones and lines; none of a version whose places maps do not draw."""
    using, text = ask.shown.using, read.agreement
    if using.agreement_object != read.text.object or not (text.zones or text.lines):
        return None
    beside = around(ask, (None, None), _LAYERS)
    nothing = ask.shown.incidents.clear()
    box_deg = box_of(nothing, beside.zones, using)
    found = dots.dots(nothing, Frame.fit(box_deg, _MAP_PX))
    marks = drawn(ask, found, beside, layers=_LAYERS, links=PLAIN_LINKS)
    return mark(
        "svg",
        marks + drawn_ground.noted(foot(ask, found.frame), found.frame),
        viewBox=f"0 0 {found.frame.width_px} {found.frame.height_px}",
        preserveAspectRatio="xMidYMid slice",
        role="img",
        aria_label=ask.tongue.words.gettext(_SHOWS),
    )


def _no_part(read: Reading) -> str:
    return f"is no rule and no other part of version {read.text.number}"


def _advice(read: Reading, name: str) -> str:
    having = [
        str(each.number)
        for each in read.texts
        if any(name == own for _, own in words.anchors(each.agreement))
    ]
    return f"It stands in version {', '.join(having)}." if having else "See the whole text."


ROUTES = (agreement, rule_page)
