"""Sweeping: count what the rules of `host.clean_disk` mean, then remove exactly that; blocking."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import nlargest

from pydantic import JsonValue

from bot.actions.host._old import Left, Rule, old, touched
from bot.clients import folders
from bot.clients.blocking import Stopped
from bot.clients.walking import Budget, Found, shown
from bot.core import sizes
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.ports import headway

NAMED = 20
MOST = 300_000
SAID_EACH = 100
"""Files after which it is said how far the removing is."""
SCANNING = 60.0
REMOVING = 900.0
"""Seconds; the step's own timeout ends it sooner."""


@dataclass
class Meant:
    """What one rule means at one moment; `newest` is when any of it was last touched."""

    rule: Rule
    files: int = 0
    size: int = 0
    newest: int = 0
    left: Left = field(default_factory=Left)

    def add(self, found: Found) -> None:
        self.files += 1
        self.size += takes(found)
        self.newest = max(self.newest, touched(found))

    @property
    def says(self) -> str:
        return f"{counted(self.files)}, {sizes.in_words(self.size)} under {self.rule.under}"


@dataclass
class Survey:
    """What all rules mean together, each file once."""

    meant: list[Meant]
    largest: list[tuple[int, str]]
    digest: str

    @property
    def files(self) -> int:
        return sum(one.files for one in self.meant)

    @property
    def state(self) -> Facts:
        """
        The exact files, as a digest and their largest: a plan is a value, and cannot go back.

        It holds still by itself, for what is old is not touched. When it moves, somebody took a
        file away or uses one again, and the person who said yes should look again.
        """
        named: list[JsonValue] = [f"{sizes.in_words(size)} {path}" for size, path in self.largest]
        newest: list[JsonValue] = [one.newest for one in self.meant]
        size = sum(one.size for one in self.meant)
        return {
            "files": self.files,
            "bytes": size,
            "largest": named,
            "newest": newest,
            "digest": self.digest,
        }


class Sweep:
    """Works below the folders of HEAL_HOST_CLEANABLE only."""

    def __init__(self, cleanable: Iterable[str], clock: Callable[[], float]) -> None:
        self._cleanable = tuple(cleanable)
        self._clock = clock

    def survey(self, rules: Sequence[tuple[Rule, int]], stopped: Stopped) -> Survey:
        """Look at what is meant by each rule up to its second; PermanentError when not whole."""
        budget = Budget(self._clock, stopped, SCANNING, MOST)
        found: dict[tuple[int, int], tuple[int, str]] = {}
        meant = [Meant(rule) for rule, _ in rules]
        written = hashlib.sha256()
        for one, (rule, until) in zip(meant, rules, strict=True):
            with self._old(rule, until, budget, one.left) as files:
                for each in files:
                    if each.key not in found:
                        one.add(each)
                        path = f"{rule.under}/{each.path}"
                        written.update(os.fsencode(path) + b"\0")
                        found[each.key] = (takes(each), shown(path))
            if budget.over:
                raise PermanentError(
                    f"{rule.under} was not seen whole, only {budget.over}: name a folder in it"
                )
        largest = nlargest(NAMED, found.values())
        return Survey(meant, largest, written.hexdigest())

    def remove(self, rule: Rule, until: int, stopped: Stopped) -> str:
        """Remove what the rule means up to that second; one line of what was done."""
        budget = Budget(self._clock, stopped, REMOVING, MOST)
        gone, failed = Meant(rule), False
        with self._old(rule, until, budget, gone.left) as files:
            for each in files:
                try:
                    os.unlink(each.name, dir_fd=each.folder)
                except OSError as error:
                    failed = True
                    gone.left.why[f"({(error.strerror or 'no reason given').lower()})"] += 1
                else:
                    gone.add(each)
                    if gone.files % SAID_EACH == 0:
                        headway.say(f"{gone.says} are removed so far")
        said = f"removed {gone.says}"
        said += f", left {gone.left.says}" if gone.left.why else ""
        if budget.over:
            raise PermanentError(f"{said}; it was stopped {budget.over}")
        if failed and not gone.files:
            raise PermanentError(said)
        return said

    @contextmanager
    def _old(self, rule: Rule, until: int, budget: Budget, left: Left) -> Iterator[Iterator[Found]]:
        with folders.allowed(rule.under, self._cleanable, "HEAL_HOST_CLEANABLE") as top:
            yield old(top, rule, until, budget, left)


def takes(found: Found) -> int:
    """Bytes on the disk, which a sparse file takes fewer of than it is long."""
    return found.stat.st_blocks * 512


def counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"
