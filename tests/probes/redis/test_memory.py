"""How full a server is comes from the server itself; without a limit there is no share of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.actions.redis._wanted import Wanted
from bot.actions.redis.unlink_pattern import PLUGIN as UNLINK
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError
from bot.probes.redis.memory import PLUGIN, Asked
from tests.clients import rigs
from tests.clients.caches import Cache, a_cache

CACHE = Asked(server="cache")
LIMIT = 20_000_000


@pytest.fixture(scope="module")
def running() -> Iterator[Cache]:
    with a_cache() as cache:
        yield cache


@pytest.fixture
def cache(running: Cache) -> Cache:
    running.empty()
    running.admin.config_set("maxmemory", 0)
    return running


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigs.rig() as made:
        yield made


async def test_memory_is_a_share_of_its_limit(cache: Cache, rig: Rig) -> None:
    cache.admin.config_set("maxmemory", LIMIT)

    facts = await PLUGIN(cache.settings(), rig).read(CACHE)

    used, percent = facts["used_bytes"], facts["percent"]
    assert isinstance(used, int)
    assert (facts["max_bytes"], facts["role"], facts["reason"]) == (LIMIT, "master", "")
    assert (percent, facts["evicted_keys"]) == (round(100 * used / LIMIT, 1), 0)
    assert isinstance(facts["fragmentation"], float)


async def test_without_a_limit_there_is_no_share_but_a_reason(cache: Cache, rig: Rig) -> None:
    facts = await PLUGIN(cache.settings(), rig).read(CACHE)

    assert "percent" not in facts
    assert facts["reason"] == "maxmemory is 0: it has no limit to be measured by"


async def test_a_full_server_has_room_again_once_its_cache_is_cleared(
    cache: Cache, rig: Rig
) -> None:
    cache.fill({"shop:": 18_000}, size=900, expires=3600)
    cache.fill({"session:": 100})
    cache.admin.config_set("maxmemory", LIMIT)
    probe = PLUGIN(cache.settings(), rig)
    before = await probe.read(CACHE)

    await UNLINK(cache.settings(), rig).execute(Wanted(server="cache", pattern="shop:*"), {})

    after = await probe.read(CACHE)
    assert share(before["percent"]) > 90
    assert share(after["percent"]) < 80
    assert cache.count("session:*") == 100


def share(found: object) -> float:
    assert isinstance(found, float)
    return found


async def test_the_rights_of_the_page_are_enough(cache: Cache, rig: Rig) -> None:
    settings = cache.settings(cache.restrict("cache:*"))

    assert (await PLUGIN(settings, rig).read(CACHE))["role"] == "master"


async def test_a_server_that_is_not_there_is_not_healthy(rig: Rig) -> None:
    with a_cache() as gone:
        pass

    with pytest.raises(TemporaryError, match="cache cannot be reached"):
        await PLUGIN(gone.settings(), rig).read(CACHE)


async def test_a_server_nobody_named_is_unknown(cache: Cache, rig: Rig) -> None:
    with pytest.raises(
        PermanentError, match=r"did you mean 'cache'\?, or set HEAL_REDIS_URL_CASHE"
    ):
        await PLUGIN(cache.settings(), rig).read(Asked(server="cashe"))
