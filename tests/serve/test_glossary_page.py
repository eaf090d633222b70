"""Promises of the glossary: one source, every link to a word leads to its meaning."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.serve import look as looks
from trucewatch.serve.look import look
from trucewatch.serve.said import labels
from trucewatch.serve.terms import anchor_of, glossary_text, in_order, set_in, terms

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

ROOT = Path(__file__).parents[2]
TEMPLATES = Path(looks.__file__).parent / "templates"
_LINKED = re.compile(r"""\bterm\(\s*["']([^"']+)["']""")
_UKRAINIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"


def test_the_page_of_the_documentation_is_a_copy_of_the_source() -> None:
    copied = (ROOT / "docs" / "glossary.md").read_text()

    assert copied == glossary_text(), "stale: run `python -m docs.generate`"


def test_every_word_has_a_meaning_a_source_and_an_anchor_of_its_own() -> None:
    found = terms()

    assert len(found) > 70
    assert len({each.anchor for each in found}) == len(found)
    assert [each.name for each in found if not each.told or not each.source] == []
    assert [each.name.lower() for each in found] == sorted(each.name.lower() for each in found)


def test_words_stand_in_the_order_of_the_readers_alphabet() -> None:
    letters = dict(zip((each.name for each in terms()), _UKRAINIAN[::-1], strict=False))

    english = in_order(lambda name: name)
    ukrainian = in_order(lambda name: letters.get(name, "ящ" + name))

    assert english == list(terms())
    first = [letters[each.name] for each in ukrainian[: len(_UKRAINIAN)] if each.name in letters]
    assert "".join(first) == _UKRAINIAN


def test_words_that_templates_link_are_in_the_glossary() -> None:
    linked = {
        (path.name, name)
        for path in TEMPLATES.rglob("*.html")
        if path.name != "_terms.html"
        for name in _LINKED.findall(path.read_text())
    }

    known = {each.name for each in terms()}
    assert len(linked) > 3
    assert sorted(each for each in linked if each[1] not in known) == []


@pytest.mark.parametrize("code", ["en", "uk"])
def test_the_macro_links_each_word_to_where_it_stands(code: str) -> None:
    source = '{% import "_terms.html" as terms %}{{ terms.term(name, text) }}'
    template = look(code).from_string(source)

    for each in terms():
        made = template.render(name=each.name, text="")
        assert f'href="/glossary#{each.anchor}"' in made
    given = template.render(name="Potential breach", text="potential breaches")
    assert given == '<a class="term" href="/glossary#potential-breach">potential breaches</a>'


def test_the_page_holds_every_word_for_everybody(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    page, ours = public.get("/glossary"), mission.get("/glossary")

    assert page.status_code == ours.status_code == 200
    for each in terms():
        assert f'id="{each.anchor}"' in page.text
        assert f'href="#{each.anchor}"' in page.text
        assert f'id="{each.anchor}"' in ours.text
    plain = unescape(re.sub(r"<[^>]+>", "", page.text))
    assert "No product of this version uses the word." in plain
    assert "Chosen for this software." in plain
    assert "](" not in plain
    assert " style=" not in page.text


def test_a_sentence_is_escaped_before_its_marks_are_set() -> None:
    made = set_in("<b> *so* `x<y` [there](a.md)")

    assert made == '&lt;b&gt; <em>so</em> <span class="bytes">x&lt;y</span> there'


def test_anchors_are_those_that_a_forge_makes() -> None:
    assert anchor_of("Recorded, corroborated, verified") == "recorded-corroborated-verified"
    assert anchor_of("P(inside)") == "pinside"


def test_catalogues_are_asked_for_every_sentence() -> None:
    said = {message for _, message in labels()}

    assert {sentence for each in terms() for sentence in (each.name, *each.told)} <= said


def test_nothing_says_that_something_is_missing_which_is_there() -> None:
    text = glossary_text().lower()

    assert "not in this version" not in text
    assert "none in this version" not in text
