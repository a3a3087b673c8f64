"""
Pinned: one object of any kind, changed by one step, and only as it was planned for.

It is what writing.py does for workloads. Most kinds have no generation that tells whose change was
the last one, so a second step on the same object is refused as a change by somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import JsonValue

from bot.clients.kubernetes import writing
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.writing import MARK, Change, marked
from bot.core import values
from bot.core.errors import PermanentError
from bot.core.values import Facts


@dataclass(frozen=True, slots=True)
class Pinned:
    """Where it is, what people call it, and the facts of it that a plan stands on."""

    cluster: Cluster
    path: str
    short: str
    state: Callable[[Json], Facts]

    async def read(self) -> Json:
        return await self.cluster.get(self.path)

    async def once(self, before: Facts, mark: str, change: Change) -> bool:
        """Change it, unless this very step did it already; PermanentError when it moved."""
        check = partial(self.check, before=before)
        return await writing.over(self.cluster, self, mark, change, check)

    async def landed(self, before: Facts, mark: str) -> bool | None:
        """Our own mark proves it, an unchanged object disproves it; else nobody can tell."""
        found = await self.read()
        if marked(found, mark):
            return True
        return None if self.moved(found, before) else False

    def check(self, found: Json, before: Facts) -> None:
        """Raises PermanentError when it is no longer as it was planned for."""
        if moved := self.moved(found, before):
            raise PermanentError(f"{self.short} changed since it was planned for: {moved}")

    def moved(self, found: Json, before: Facts) -> str:
        """What changed since then, as fact and both values; empty when nothing did."""
        now = self.state(found)
        moved = [key for key in now if before.get(key) != now[key]]
        return ", ".join(f"{key} {before.get(key)} → {now[key]}" for key in moved)


def locked(found: Json, mark: str, notes: Mapping[str, str] | None = None) -> Json:
    """The metadata of a patch: for this version only, and it says whose it is."""
    version = found["metadata"]["resourceVersion"]
    return {"resourceVersion": version, "annotations": {MARK: mark, **(notes or {})}}


def digest(part: JsonValue) -> str:
    """All of a part in twelve letters, as writing.py has it of a spec."""
    return values.digest(part)[:12]
