"""Help: what each page is for, the keys, the marks, the levels, and who sees what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litestar import Response, get

from trucewatch.access.policy import POLICY, What
from trucewatch.access.role import Role
from trucewatch.records.level import Level
from trucewatch.serve.ask import Ask
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking


class Answer(NamedTuple):
    """A question, and the page that answers it; both texts are messages.

    Attributes:
        asked: The question.
        path: Of the page.
        name: Of the page.
        what: What one must be allowed to see for it; None for nothing.
    """

    asked: str
    path: str
    name: str
    what: What | None = None


_ANSWERS = (
    Answer(
        N_("Is it holding, how sure is that, and what do we not know?"),
        "/",
        N_("Is it holding?"),
    ),
    Answer(
        N_("What happened where, what could be seen there, and what came in since?"),
        "/map",
        N_("Map"),
        What.INCIDENT,
    ),
    Answer(
        N_("Which incidents are there of a place, a day, a rule? Take them as a table."),
        "/incidents",
        N_("Incidents"),
        What.INCIDENT,
    ),
    Answer(N_("Where is it? By name, number, day, rule, state or hash."), "/search", N_("Search")),
    Answer(
        N_("What was notified, agreed, visited, hindered?"),
        "/logbook",
        N_("Logbook"),
        What.LOGBOOK,
    ),
    Answer(
        N_("Which sensor is silent, and how good is each?"), "/sensors", N_("Sensors"), What.SENSOR
    ),
    Answer(
        N_("What does the agreement forbid, and how does the software read it?"),
        "/agreement",
        N_("Agreement"),
        What.AGREEMENT,
    ),
    Answer(
        N_("Who promised what, and how far has each promise come?"),
        "/register",
        N_("Register"),
        What.REGISTER,
    ),
    Answer(
        N_("After a determination: what is due from whom, and until when?"),
        "/response",
        N_("Response"),
        What.RESPONSE,
    ),
    Answer(
        N_("What was published of a day, and how do I cite it?"),
        "/reports",
        N_("Reports"),
        What.REPORT,
    ),
    Answer(
        N_("How do I check that nothing was changed?"), "/verify", N_("Verify"), What.LOG
    ),
    Answer(N_("Did this file come in, and when was it there?"), "/log", N_("Log"), What.LOG),
    Answer(
        N_("What came in, what was refused, and what is overdue?"),
        "/intake",
        N_("Intake"),
        What.INTAKE,
    ),
    Answer(
        N_("Which settings are in force, and since when?"),
        "/settings",
        N_("Settings"),
        What.SETTINGS,
    ),
    Answer(N_("What does a word mean here?"), "/glossary", N_("Glossary")),
    Answer(
        N_("In which language, in which look, with which keys?"),
        "/preferences",
        N_("Language, look and keys"),
    ),
)  # fmt: skip

_LEVELS = {
    Level.CLEAR: N_("Everybody. Stored as it came; what rests on it is released after the delay."),
    Level.GREEN: N_("The circle of those who work together, and nothing public."),
    Level.AMBER: N_("Those in the mission who need it, and whom they must tell to act on it."),
    Level.AMBER_STRICT: N_("Those in the mission who need it, and nobody else."),
    Level.RED: N_("Those to whom it was given, by name."),
}
"""Source: FIRST, Traffic Light Protocol 2.0, in our words."""

_THINGS = {
    What.AGREEMENT: N_("the agreement"),
    What.ASSESSMENT: N_("outcomes under rules"),
    What.COVERAGE: N_("coverage"),
    What.INCIDENT: N_("incidents"),
    What.INTAKE: N_("files that came in"),
    What.LOG: N_("the log"),
    What.LOGBOOK: N_("the logbook"),
    What.OBSERVATION: N_("single reports"),
    What.PROVISIONAL: N_("provisional incidents"),
    What.REGISTER: N_("the register"),
    What.REPORT: N_("reports"),
    What.RESPONSE: N_("the response"),
    What.SENSOR: N_("sensors"),
    What.SETTINGS: N_("settings"),
}

_MARKS = (
    ("un", N_("unconfirmed: nobody but the software says so")),
    ("pr", N_("several agree: independent reports, likely real")),
    ("breach", N_("breach on its face")),
    ("potential", N_("potential breach")),
    ("exempt", N_("exempt: the agreement permits it")),
    ("ok", N_("consistent with the rule")),
    ("ind", N_("indeterminate: something is not known well enough")),
    ("norule", N_("no rule speaks of it")),
    ("hand", N_("for a person: here the software stops")),
    ("seal", N_("sealed, and the hash matches")),
    ("lock", N_("sealed as ciphertext, because it is confidential")),
    ("tomb", N_("erased: its key was destroyed, the entry stays")),
    ("x", N_("the bytes do not match what was sealed")),
    ("ne", N_("sources differ, or: does not follow")),
)


@get("/help", sync_to_thread=True, include_in_schema=False)
def help_page(ask: Ask) -> Response[str]:
    """Return the page, with the pages that who asks may open."""
    settings = ask.shown.using.settings
    return ask.page(
        "help.html",
        answers=[each for each in _ANSWERS if each.what is None or ask.may(each.what)],
        marks=_MARKS,
        levels=_LEVELS,
        public=_public(ask),
        delay_h=settings.release.delay_h,
    )


def _public(ask: Asking) -> list[tuple[str, str]]:
    """Return what everybody may see and why, as messages, as far as who asks may see it too."""
    rows = [row for row in POLICY if row.role is Role.PUBLIC and ask.may(row.what)]
    return [(_THINGS[row.what], row.why) for row in rows]


ROUTES = (help_page,)
