"""Promises of what templates may say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trucewatch.serve.look import recorded


def test_a_record_that_a_text_names_is_its_own_piece() -> None:
    assert recorded("notice notification-74, in window-5") == [
        ("notice ", ""),
        ("notification-74", "notification-74"),
        (", in ", ""),
        ("window-5", "window-5"),
        ("", ""),
    ]


@given(st.text(alphabet="window-notifcaes 0123456789", max_size=60))
def test_nothing_of_a_text_is_lost(text: str) -> None:
    assert "".join(piece for piece, _ in recorded(text)) == text
