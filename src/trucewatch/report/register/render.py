"""A document as files: a page, its first table as CSV, and a workbook of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.report.register.delimited import delimited
from trucewatch.report.register.page import page
from trucewatch.report.register.workbook import workbook

if TYPE_CHECKING:
    from trucewatch.report.register.document import Document


def rendered(document: Document) -> dict[str, bytes]:
    """Return the files of a product by name; the same document gives the same bytes."""
    stem = f"{document.product}-{document.day}"
    return {
        f"{stem}.html": page(document),
        f"{stem}.csv": delimited(document),
        f"{stem}.xlsx": workbook(document),
    }
