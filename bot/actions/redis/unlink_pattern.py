"""
`redis.unlink_pattern`: take away the keys that match a pattern, on the primary, in small batches.

KEYS, FLUSHDB and a long DEL stop a server for everybody; SCAN and UNLINK leave it time between
batches. A cache at work never has the same number of keys twice, so a plan says counts rounded
up: only a change of size, not of a few keys, makes people be asked again.
"""

from __future__ import annotations

import asyncio
import heapq
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.actions.redis._wanted import Wanted
from bot.clients.redis import RedisSettings, Server, Servers, Weight
from bot.clients.rig import Rig
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts
from bot.ports import headway

COUNTED_AT_ONCE = 1000
UNLINKED_AT_ONCE = 500
PAUSE = 0.002
"""Seconds between two batches, in which other clients have the server to themselves."""
COUNTING = 60.0
"""Seconds that looking through all keys may take."""
SAMPLED = 100


@dataclass(frozen=True, slots=True)
class Found:
    """How many keys match, and a sample of them that hardly changes while they hardly do."""

    count: int
    sample: tuple[bytes, ...]


class UnlinkPattern:
    """Only a key's owner puts it back, and only the runbook's author knows whether it does."""

    config = RedisSettings
    params = Wanted

    def __init__(self, config: RedisSettings, rig: Rig) -> None:
        self._servers = Servers(config)
        self._clock = rig.clock

    def way_back(self, params: Wanted) -> Reversibility:
        return Reversibility.SELF_RESTORING if params.cache else Reversibility.IRREVERSIBLE

    async def scope(self, params: Wanted) -> Scope:
        async with self._servers.open(params.server) as server:
            await server.must_be_primary()
            total = await server.size()
            found = await _count(server, params)
            if not found.count:
                raise PermanentError(f"no key matches {params.pattern} on {params.server}")
            weights = await server.weigh(found.sample)
        keys = rounded_up(found.count)
        return Scope(
            blast_radius=BlastRadius(
                targets=(
                    Target(
                        key=f"redis:{params.server}/{params.pattern}",
                        name=f"{params.pattern} on {params.server}",
                    ),
                ),
                unit="key",
                touched=keys,
                down_at_once=keys,
                total=max(keys, rounded_up(total)),
                notes=("counts are rounded up", *_notes(found, weights)),
            ),
            pre_state={"keys": keys},
            says=f"UNLINK every key that matches {params.pattern} on {params.server}",
        )

    async def execute(self, params: Wanted, before: Facts, mark: str = "") -> str:
        gone, planned = 0, int(str(before.get("keys", 0)))
        async with self._servers.open(params.server) as server:
            await server.must_be_primary()
            async for keys in server.batches(params.pattern, UNLINKED_AT_ONCE):
                if gone + len(keys) > params.max_keys:
                    raise PermanentError(f"stopped after {gone:,} keys: {_too_many(params)}")
                gone += await server.unlink(keys)
                headway.say(f"{gone:,} of about {planned:,} keys are gone")
                await self._clock.sleep(PAUSE)
        noun = "key" if gone == 1 else "keys"
        return f"unlinked {gone:,} {noun} matching {params.pattern} on {params.server}"

    async def undo(self, params: Wanted, before: Facts, mark: str = "") -> str:
        return "keys that are gone come back when their owner writes them again"

    async def landed(self, params: Wanted, before: Facts, mark: str = "") -> bool | None:
        """None left proves it, as many as before disproves it; fewer may be a cache refilled."""
        async with self._servers.open(params.server) as server:
            count = (await _count(server, params)).count
        if not count:
            return True
        return False if before.get("keys") == rounded_up(count) else None


async def _count(server: Server, params: Wanted) -> Found:
    """Count the keys and keep those of least checksum: the same keys give the same sample."""
    count = 0
    sample: list[bytes] = []
    try:
        async with asyncio.timeout(COUNTING):
            async for keys in server.batches(params.pattern, COUNTED_AT_ONCE):
                count += len(keys)
                sample = heapq.nsmallest(SAMPLED, {*sample, *keys}, key=zlib.crc32)
                if count > params.max_keys:
                    raise PermanentError(_too_many(params))
    except TimeoutError:
        raise PermanentError(
            f"{params.server} has so many keys that they cannot be counted in {COUNTING:g} s"
        ) from None
    return Found(count, tuple(sample))


def _too_many(params: Wanted) -> str:
    return (
        f"more than {params.max_keys:,} keys match {params.pattern} on {params.server}: "
        "narrow the pattern, or raise max_keys"
    )


def rounded_up(count: int) -> int:
    """
    Round up to one leading digit.

    >>> rounded_up(7), rounded_up(20_000), rounded_up(201_034)
    (7, 20000, 300000)
    """
    step = int(10 ** (len(str(count)) - 1))
    return -(-count // step) * step


def _notes(found: Found, weights: Sequence[Weight]) -> list[str]:
    """What the sample tells: of the memory, and of keys that were not meant to go by themselves."""
    if not weights:
        return []
    size = found.count * sum(weight.size for weight in weights) // len(weights)
    lasting = sum(not weight.expires for weight in weights)
    share = "all" if lasting == len(weights) else "most" if 2 * lasting > len(weights) else "some"
    return [
        f"about {_bytes(rounded_up(size))} of memory",
        f"{share} of them never expire by themselves" if lasting else "all of them expire",
    ]


def _bytes(size: int) -> str:
    """Bytes for people; what was rounded stays round."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= step:
            return f"{size / step:g} {unit}"
    return f"{size} B"


PLUGIN = UnlinkPattern
