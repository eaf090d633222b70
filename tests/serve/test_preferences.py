"""Promises of the page on which language, look and keys are chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

KEYS = re.compile(r'href="(/prefer\?keys=(on|off)&amp;back=/preferences)"( aria-current="true")?')


def chosen(text: str) -> list[str]:
    return [name for _, name, here in KEYS.findall(text) if here]


def test_single_keys_are_on_until_somebody_switches_them_off(
    public: TestClient[Litestar],
) -> None:
    before = public.get("/preferences").text
    answer = public.get("/prefer?keys=off&back=/preferences", follow_redirects=False)
    after = public.get("/preferences").text

    assert answer.headers["location"] == "/preferences"
    assert "tw_keys=off" in answer.headers["set-cookie"]
    assert "httponly" not in answer.headers["set-cookie"].lower()  # live.js must read it
    assert (chosen(before), chosen(after)) == (["on"], ["off"])


def test_a_word_that_is_no_choice_is_not_kept(public: TestClient[Litestar]) -> None:
    answer = public.get("/prefer?keys=maybe&theme=pink&language=xx", follow_redirects=False)

    assert not re.search("tw_(keys|theme|language)", answer.headers.get("set-cookie", ""))


def test_language_and_look_are_marked_once_they_were_chosen(
    public: TestClient[Litestar],
) -> None:
    public.get("/prefer?language=uk&theme=dark", follow_redirects=False)
    text = public.get("/preferences").text

    assert '<html lang="uk" data-theme="dark">' in text
    assert 'hreflang="uk" aria-current="true"' in text
    assert re.search(r'theme=dark&amp;back=/preferences" aria-current="true"', text)


@pytest.mark.parametrize("key", ["/", "Ctrl", "j", "k", "Enter", "Esc", "g", "m", "r", "?"])
def test_every_key_is_told(public: TestClient[Litestar], key: str) -> None:
    assert f"<kbd>{key}</kbd>" in public.get("/preferences").text


def test_the_page_says_what_this_browser_sees(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    ours, theirs = mission.get("/preferences").text, public.get("/preferences").text

    assert 'href="/leave"' in ours
    assert 'href="/leave"' not in theirs
