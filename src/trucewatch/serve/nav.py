"""The pages that every page leads to, as far as somebody may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.access.policy import What

if TYPE_CHECKING:
    from collections.abc import Callable


def N_(message: str) -> str:  # noqa: N802 - as gettext spells what is only marked
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


class Item(NamedTuple):
    """One entry of the menu; `here` is whether the page lies under it."""

    path: str
    text: str
    here: bool


MENU: tuple[tuple[str, str, What | None], ...] = (
    ("/", N_("Is it holding?"), None),
    ("/map", N_("Map"), What.INCIDENT),
    ("/incidents", N_("Incidents"), What.INCIDENT),
    ("/logbook", N_("Logbook"), What.LOGBOOK),
    ("/sensors", N_("Sensors"), What.SENSOR),
    ("/agreement", N_("Agreement"), What.AGREEMENT),
    ("/register", N_("Register"), What.REGISTER),
    ("/response", N_("Response"), What.RESPONSE),
    ("/reports", N_("Reports"), What.REPORT),
    ("/verify", N_("Verify"), What.LOG),
)
"""Path, name, and what one must be allowed to see."""


def menu(path: str, may: Callable[[What], bool], translated: Callable[[str], str]) -> list[Item]:
    """Return the menu of who asks.

    Args:
        path: Of the page that it stands on.
        may: Whether they may see something.
        translated: Into their language.
    """
    return [
        Item(to, translated(text), _under(path, to))
        for to, text, what in MENU
        if what is None or may(what)
    ]


def _under(path: str, root: str) -> bool:
    return path == root or (root != "/" and path.startswith(f"{root}/"))
