"""
Old files: which ones a rule of `host.clean_disk` means, and which of them stay all the same.

Age is the latest of read, written and changed, as systemd-tmpfiles counts it: what was unpacked a
minute ago carries old dates of writing, and nobody can fake when it was changed.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from bot.clients import busy
from bot.clients.folders import FolderPath
from bot.clients.walking import Budget, Found, walk
from bot.core import durations
from bot.core.durations import Duration
from bot.core.values import Frozen

NEVER = re.compile(r"\..*|.*\.(?:lock|pid)", re.DOTALL)
"""Hidden files, locks and process ids stay: servers keep such beside their sockets in /tmp."""
LEAST = timedelta(hours=1)


def _old_enough(value: timedelta) -> timedelta:
    if value < LEAST:
        raise ValueError(
            f"{durations.text(value)} is too young, it may be in use: write 1h or more"
        )
    return value


Age = Annotated[Duration, AfterValidator(_old_enough)]
Glob = Annotated[str, StringConstraints(pattern=r"^[^/\x00-\x1f]{1,100}$")]


class Rule(Frozen):
    """Files that may go: old ones, under a folder that the settings allow."""

    under: FolderPath = Field(description="the folder, and all below it on the same disk")
    older_than: Age = Field(description="neither read, written nor changed for so long; 1h or more")
    matching: Glob = Field(default="*", description="the file's name, with * and ?")


@dataclass
class Left:
    """Files that a rule means but that stay, counted by the reason."""

    why: Counter[str] = field(default_factory=Counter)

    @property
    def says(self) -> str:
        return ", ".join(f"{count} {why}" for why, count in sorted(self.why.items()))


def old(top: int, rule: Rule, until: int, budget: Budget, left: Left) -> Iterator[Found]:
    """
    Yield the files below a folder that `rule` means, none of them touched after that second.

    Each was looked at a moment before and stands in `found.folder`, so that removing it there
    cannot be led elsewhere.
    """
    matching = re.compile(fnmatch.translate(rule.matching))
    in_use = busy.open_files()
    for found in walk(top, budget):
        meant = found.regular and touched(found) <= until and matching.match(found.name)
        if not meant or NEVER.fullmatch(found.name):
            continue
        if why := _stays(found, in_use):
            left.why[why] += 1
        else:
            yield found


def touched(found: Found) -> int:
    """When it was last read, written or changed, in whole seconds since 1970."""
    return int(max(found.stat.st_atime, found.stat.st_mtime, found.stat.st_ctime))


def _stays(found: Found, in_use: frozenset[tuple[int, int]]) -> str:
    if found.key in in_use:
        return "in use"
    if found.stat.st_nlink > 1:
        return "with a second name, so that removing one frees nothing"
    return "" if _may_go(found) else "that Heal's user may not remove"


def _may_go(found: Found) -> bool:
    """Whether the kernel would let us: in a sticky folder only the owners may."""
    me = os.geteuid()
    if me == 0:
        return True
    folder = os.fstat(found.folder)
    if folder.st_mode & stat.S_ISVTX and me not in {folder.st_uid, found.stat.st_uid}:
        return False
    return os.access(".", os.W_OK | os.X_OK, dir_fd=found.folder, effective_ids=True)
