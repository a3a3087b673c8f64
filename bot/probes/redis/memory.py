"""`redis.memory`: how full a Redis server is, and what it does about that."""

from __future__ import annotations

from pydantic import Field

from bot.clients.redis import RedisSettings, ServerName, Servers
from bot.clients.rig import Rig
from bot.core.values import Facts, Frozen


class Asked(Frozen):
    """Which server."""

    server: ServerName = Field(description="its name: cache is the one of HEAL_REDIS_URL_CACHE")


class Memory:
    """
    Reads used_bytes, max_bytes, percent of it, fragmentation, evicted_keys and role.

    A server without a limit has no percent, and says so in `reason`.
    """

    config = RedisSettings
    params = Asked

    def __init__(self, config: RedisSettings, rig: Rig) -> None:
        self._servers = Servers(config)

    async def read(self, params: Asked) -> Facts:
        async with self._servers.open(params.server) as server:
            state = await server.state()
        facts: Facts = {
            "used_bytes": state.used,
            "max_bytes": state.most,
            "fragmentation": state.fragmentation,
            "evicted_keys": state.evicted,
            "role": state.role,
            "reason": "" if state.most else "maxmemory is 0: it has no limit to be measured by",
        }
        return facts | ({"percent": round(100 * state.used / state.most, 1)} if state.most else {})


PLUGIN = Memory
