"""Orders: what people said for the whole house, as it holds now, and who is told of news of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from bot.core import standing
from bot.core.standing import Standing
from bot.core.transcript import Entry
from bot.engine.needs import Past


class Orders:
    """Kept by the casebook: the entries that belong to no incident."""

    def __init__(self, past: Past, head: int) -> None:
        self.standing = reduce(standing.follow, past.of_kinds(standing.KINDS, head), Standing())
        self._told: list[Callable[[], None]] = []

    def take(self, entry: Entry) -> None:
        """Fold one more that is safe."""
        self.standing = standing.follow(self.standing, entry)
        for told in self._told:
            told()

    def subscribe(self, told: Callable[[], None]) -> None:
        self._told.append(told)
