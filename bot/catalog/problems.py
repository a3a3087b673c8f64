"""Problems: what is wrong with a file, told with its line, field, value and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.errors import ConfigurationError
from bot.core.flaws import Path, place


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend."""

    file: str
    line: int
    path: Path
    message: str

    def __str__(self) -> str:
        field = f" {place(self.path)}:" if self.path else ""
        return f"{self.file}:{self.line}:{field} {self.message}"


class CatalogError(ConfigurationError):
    """Files that cannot be used; carries every problem of every file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.file, each.line)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Document:
    """A file that could be read: its data, and the line of everything in it."""

    file: str
    content: object
    lines: Mapping[Path, int]

    def problem(self, path: Sequence[str | int], message: str) -> Problem:
        """Point at a place; what is missing is shown at the nearest thing around it."""
        known = tuple(path)
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.file, self.lines.get(known, 1), tuple(path), message)
