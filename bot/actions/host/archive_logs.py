"""
`host.archive_logs`: compress old logs where they stand or into a folder; undo decompresses them.

Nothing outside of `HEAL_HOST_LOGS` is touched, and no log that is open. An archive keeps the
owner, the rights and the date of its log, and a log goes only when its archive was read back.
That is held by open descriptors, which no command on another machine can hold: only here.
"""

from __future__ import annotations

from functools import partial

from pydantic import JsonValue

from bot.actions.host._logs import MOST, Archiving, Logs
from bot.actions.host._packing import Log
from bot.clients import blocking, busy
from bot.clients.hosts import Hosts, HostSettings
from bot.clients.rig import Rig
from bot.core import durations, sizes
from bot.core.blast_radius import BlastRadius, Target
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

ONLY_HERE = "files are packed through open folders, so that no name can be swapped meanwhile"


class ArchiveLogs:
    """Compresses the logs that the scope listed, as long as they are what they were."""

    config = HostSettings
    params = Archiving

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._clock = rig.clock
        self._host = config.name
        self._hosts = Hosts(config, rig)
        self._logs = Logs(config.logs, rig.clock.monotonic)

    def way_back(self, params: Archiving) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Archiving) -> Scope:
        self._hosts.here(params.host, ONLY_HERE)
        hour = self._clock.now().replace(minute=0, second=0, microsecond=0)
        until = int((hour - params.older_than).timestamp())
        logs, left = await blocking.in_thread(partial(self._logs.old, params, until))
        notes = [f"it leaves {left.says}"] if left.why else []
        if len(logs) == MOST:
            notes.append(f"the largest {MOST} only, the others wait for the next run")
        if not busy.sees_all():
            notes.append("what other people's programs hold open cannot be told")
        places = dict.fromkeys((params.under, params.into or params.under))
        size = sizes.in_words(sum(log.size for log in logs))
        into = f" into {params.into}" if params.into else ""
        return Scope(
            blast_radius=BlastRadius(
                targets=tuple(
                    Target(key=f"host:{self._host}/files:{place}", name=f"{place} on {self._host}")
                    for place in places
                ),
                unit="log",
                touched=len(logs),
                down_at_once=0,
                total=len(logs),
                notes=tuple(notes),
            ),
            pre_state=_state(logs),
            says=f"compress {len(logs)} logs ({size}) called {params.matching} under "
            f"{params.under}{into} on {self._host}, unwritten for "
            f"{durations.in_words(params.older_than)}",
            undo_says=f"decompress these {len(logs)} logs again",
        )

    async def execute(self, params: Archiving, before: Facts, mark: str = "") -> str:
        self._hosts.here(params.host, ONLY_HERE)
        return await blocking.in_thread(partial(self._logs.pack, params, _listed(before)))

    async def undo(self, params: Archiving, before: Facts, mark: str = "") -> str:
        self._hosts.here(params.host, ONLY_HERE)
        return await blocking.in_thread(partial(self._logs.unpack, params, _listed(before)))

    async def landed(self, params: Archiving, before: Facts, mark: str = "") -> bool | None:
        """Every log is gone, or none is; in between it was begun, and cannot be called either."""
        self._hosts.here(params.host, ONLY_HERE)
        standing = await blocking.in_thread(
            partial(self._logs.standing, params, _listed(before))
        )  # fmt: skip
        if not any(standing):
            return True
        return False if all(standing) else None


def _state(logs: list[Log]) -> Facts:
    """The logs themselves: undo needs their names, and one that was written to is another one."""
    listed: list[JsonValue] = [
        {"path": log.path, "bytes": log.size, "modified": log.modified} for log in logs
    ]
    return {"logs": listed}


def _listed(before: Facts) -> list[Log]:
    listed = before.get("logs")
    return [
        Log(path, size, modified)
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
        and isinstance(path := each.get("path"), str)
        and isinstance(size := each.get("bytes"), int)
        and isinstance(modified := each.get("modified"), int)
    ]


PLUGIN = ArchiveLogs
