"""Somebody who looks for an answer, and every step that it takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@dataclass
class Walk:
    """A page in a browser, and how many steps were taken on it.

    A step is an address that is opened, a link that is followed, or a form that is filled and sent.
    """

    page: Page
    steps: int = 0

    def open(self, path: str) -> None:
        """Open an address."""
        self.steps += 1
        self.page.goto(path)

    def follow(self, name: str, *, exact: bool = True) -> None:
        """Follow the first link that is called so."""
        self.step(self.page.get_by_role("link", name=name, exact=exact).first)

    def step(self, what: Locator) -> None:
        """Press something that leads on."""
        self.steps += 1
        what.click()
        self.page.wait_for_load_state()

    def ask(self, form: str, words: dict[str, str], button: str) -> None:
        """Fill a form and send it."""
        self.steps += 1
        asked = self.page.locator(f"form[action='{form}']")
        for name, word in words.items():
            field = asked.locator(f"[name='{name}']")
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(word)
            else:
                field.fill(word)
        asked.get_by_role("button", name=button).click()
        self.page.wait_for_load_state()

    def read(self) -> str:
        """What stands on the page, its spaces made one."""
        return re.sub(r"\s+", " ", self.page.locator("#main").inner_text())
