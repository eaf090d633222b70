"""What the register is asked: one view of it, and what is known of one thing in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import NotFound
from trucewatch.evidence.log import Log
from trucewatch.mission.configuration import in_force
from trucewatch.mission.logbook import size_at
from trucewatch.mission.register import register_files, register_of
from trucewatch.register.asked import about
from trucewatch.register.before import before
from trucewatch.register.contradictions import contradictions
from trucewatch.register.known import known as looked_up
from trucewatch.register.legal import legal
from trucewatch.register.shown import shown

if TYPE_CHECKING:
    from datetime import date, datetime

    from trucewatch.mission.home import Home
    from trucewatch.mission.register import RegisterFile
    from trucewatch.records.claims.register import Register
    from trucewatch.register.asked import About
    from trucewatch.register.contradictions import Contradiction
    from trucewatch.register.legal import Legal
    from trucewatch.register.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The register as it was known.

    Attributes:
        register: The register.
        exercise: Whether the mission is an exercise.
        size: Entries of the log that count.
        files: Its files, in log order.
    """

    register: Register
    exercise: bool
    size: int
    files: tuple[RegisterFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneClaim:
    """What is known of one claim.

    Attributes:
        said: The claim and where it was read.
        supersedes: The claims that it corrects, newest first.
        replies: What was replied to it, in order.
        found: Contradictions that it takes part in.
        file: The file that brought it.
    """

    said: Shown
    supersedes: tuple[Shown, ...]
    replies: tuple[Shown, ...]
    found: tuple[Contradiction, ...]
    file: RegisterFile


def view(home: Home, *, as_of: datetime | None = None, day: date | None = None) -> View:
    """Return the register as it is, or as it was known.

    Args:
        home: The mission.
        as_of: What the log held at this instant; now by default.
        day: Leave out what was said or published on this day or after it.
    """
    with Log.open(home.expect().path) as log:
        size = log.size if as_of is None else size_at(log, as_of)
        register = register_of(log, size)
        return View(
            register=register if day is None else before(register, day),
            exercise=in_force(log, size).settings.mission.exercise,
            size=size,
            files=register_files(log, size),
        )


def asked(home: Home, seen: View, name: str) -> About | Legal | OneClaim:
    """Return what is known of an actor, of a provision or instrument, or of a claim.

    Args:
        home: The mission, in whose log the file of a claim is looked for.
        seen: The register.
        name: An id; of an actor its name too, and of a provision its number where one alone has
            it.

    Raises:
        NotFound: Nothing has that name.
    """
    known = looked_up(seen.register)
    numbered = [each.id for each in known.provisions.values() if name and each.number == name]
    if name in known.instruments or len(numbered) == 1:
        return legal(seen.register, name if name in known.instruments else numbered[0])
    if name in known.claims:
        return _claim(home, seen, name)
    try:
        return about(seen.register, name)
    except NotFound as error:
        problem = f"is {name!r}, expected an actor, a provision, an instrument or a claim"
        where = f"register {seen.register.id}"
        advice = "See what there is: tw register list HOME actors|instruments|claims"
        raise NotFound(where, problem, advice=advice) from error


def _claim(home: Home, seen: View, name: str) -> OneClaim:
    known = looked_up(seen.register)
    said = shown(known.claims[name], known)
    earlier, one = [], known.claims[name]
    while one.supersedes in known.claims:
        one = known.claims[one.supersedes]
        earlier.append(shown(one, known))
    return OneClaim(
        said=said,
        supersedes=tuple(earlier),
        replies=tuple(shown(known.claims[each], known) for each in said.replies),
        found=tuple(each for each in contradictions(seen.register) if name in each.claims),
        file=_file_of(home, seen, name),
    )


def _file_of(home: Home, seen: View, name: str) -> RegisterFile:
    """Return the file that brought a claim: the first after which the register has it."""
    low, high = 0, len(seen.files) - 1
    with Log.open(home.path) as log:
        while low < high:
            middle = (low + high) // 2
            there = register_of(log, seen.files[middle].said.entry + 1)
            if any(each.id == name for each in there.claims):
                high = middle
            else:
                low = middle + 1
    return seen.files[low]
