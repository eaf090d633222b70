"""Everything that is known, and what follows from it for every rule, worked out once."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast

from trucewatch.assess._act import class_shares
from trucewatch.assess._place import area_inside_p, area_of, shape_of
from trucewatch.assess._under import under

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import polars as pl

    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.records.facts import Facts

_Made = TypeVar("_Made")


class Known:
    """What is known. Rules may ask it at the same time; each thing is worked out once.

    Attributes:
        facts: The facts, incidents sorted by id.
        versions: The versions that divide them, or empty when each is set against everything.
    """

    def __init__(self, facts: Facts, versions: Sequence[Version] = ()) -> None:
        self.facts = replace(facts, incidents=facts.incidents.sort("id"))
        self.versions = tuple(versions)
        self._guard = Lock()
        self._locks: dict[Hashable, Lock] = {}
        self._made: dict[Hashable, object] = {}

    @property
    def shares(self) -> pl.DataFrame:
        """Class probabilities of each incident: one column per kind of `HAPPENINGS`.

        Raises `BadInput` for class probabilities that are none; see `_act.class_shares`.
        """
        return self.once("shares", lambda: class_shares(self.facts.incidents))

    def incident_inside_p(self, version: Version, zone: Zone) -> pl.Series:
        """Return P(inside the zone) of each incident; see `_place.points_inside_p`."""
        shape = shape_of(version, zone)
        area = self.once((shape, "area"), lambda: area_of(shape))
        return self.once(shape, lambda: area_inside_p(self.facts.incidents, area))

    def judged(self, version: Version) -> pl.Series:
        """Return which incidents are set against a version; all when it is none of `versions`."""
        if version not in self.versions:
            return under(self.facts.incidents, [version], as_of=self.facts.as_of)[0]
        chosen = self.once(
            "judged", lambda: under(self.facts.incidents, self.versions, as_of=self.facts.as_of)
        )
        return chosen[self.versions.index(version)]

    def once(self, name: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what `make` makes, made at the first call under that name."""
        with self._guard:
            lock = self._locks.setdefault(name, Lock())
        with lock:
            if name not in self._made:
                self._made[name] = make()
        return cast("_Made", self._made[name])
