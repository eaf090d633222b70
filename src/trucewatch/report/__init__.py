"""Products: what is published, made from projections of the log.

One file per product in this folder, with `render(material: Material) -> Rendered`. Nothing else
is edited for a new one: it is found by its file name. `material`, `release` and `watching`
are what all products share; folders hold the parts of one product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.report.material import Material, Rendered

_SHARED = frozenset({"material", "release", "watching"})


def products() -> tuple[str, ...]:
    """Return the names of all products, sorted; nothing is loaded.

    Example:
        >>> products()
        ('daily',)
    """
    import pkgutil

    modules = pkgutil.iter_modules(__path__)
    return tuple(sorted(m.name for m in modules if not m.ispkg and m.name not in _SHARED))


def product(name: str) -> Callable[[Material], Rendered]:
    """Return the `render` function of a product.

    Raises:
        NotFound: No product has that name.
    """
    import importlib

    from trucewatch.errors import NotFound

    if name not in products():
        raise NotFound("product", f"{name!r} is not known, expected one of {', '.join(products())}")
    render: Callable[[Material], Rendered] = importlib.import_module(f"{__name__}.{name}").render
    return render
