"""Where a mission keeps what: the folder HOME."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadMission

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside a mission's folder.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def settings(self) -> Path:
        """`mission.toml`, which a person edits."""
        return self.path / "mission.toml"

    @property
    def archive(self) -> Path:
        """Observations in Parquet; can be rebuilt."""
        return self.path / "archive"

    @property
    def desk(self) -> Path:
        """Projections in SQL; can be rebuilt."""
        return self.path / "desk.db"

    @property
    def reports(self) -> Path:
        """Products as they were last rendered."""
        return self.path / "reports"

    def expect_path(self) -> Home:
        """Return itself when a database can be opened there.

        Raises:
            BadMission: The path is not UTF-8.
        """
        try:
            str(self.path.absolute()).encode()
        except UnicodeEncodeError as error:
            where = ascii(str(self.path))
            raise BadMission(
                where, "is not UTF-8, expected a path that a database takes"
            ) from error
        return self

    def expect(self) -> Home:
        """Return itself when a mission is there.

        Raises:
            BadMission: No `mission.toml` in the folder.
        """
        self.expect_path()
        if not self.settings.is_file():
            raise BadMission(
                str(self.path),
                "no mission.toml, expected a mission folder",
                advice=f"Make one with: tw init {self.path}",
            )
        return self
