"""Promises of the catalogues: complete, with the same parameters, in all plurals."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po
from tools.words import CATALOGUE, messages

from trucewatch.serve.tongue import TONGUES, chosen, tongue

PARAMETER = re.compile(r"%\((\w+)\)s")


def _catalogue() -> dict[object, tuple[str, ...]]:
    with CATALOGUE.open("rb") as file:
        read = read_po(file, locale="uk")
    return {
        m.id: (m.string,) if isinstance(m.string, str) else tuple(m.string) for m in read if m.id
    }


def test_every_message_is_translated() -> None:
    known = _catalogue()

    missing = [(w, m) for w, m in messages() if not all(known.get(_key(m), ("",)))]

    assert not missing


def test_no_translation_is_of_something_that_nobody_says() -> None:
    said = {_key(message) for _, message in messages()}

    assert not set(_catalogue()) - said


def test_a_translation_has_the_parameters_of_its_message() -> None:
    for message, strings in _catalogue().items():
        said = message if isinstance(message, str) else " ".join(message)  # type: ignore[arg-type]
        for string in filter(None, strings):
            assert set(PARAMETER.findall(string)) == set(PARAMETER.findall(said)), message


def test_counts_have_their_three_forms() -> None:
    words = tongue("uk").words

    forms = [words.ngettext("%(num)s incident", "%(num)s incidents", n) for n in (1, 2, 5, 11, 21)]

    assert forms[0] == forms[4]
    assert len({forms[0], forms[1], forms[2]}) == 3
    assert forms[2] == forms[3]


def test_a_wish_outweighs_what_the_browser_accepts() -> None:
    assert chosen([None, "uk"], "en").code == "uk"
    assert chosen([None, None], "uk-UA,uk;q=0.9,en;q=0.5").code == "uk"
    assert chosen(["xx"], "de").code == "en"
    assert set(TONGUES) == {"en", "uk"}


def _key(message: object) -> object:
    return message
