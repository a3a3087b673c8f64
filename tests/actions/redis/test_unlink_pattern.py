"""Keys are counted and taken away on a real server; nothing else is touched, nobody waits long."""

from __future__ import annotations

import asyncio
import fnmatch
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.actions.redis import unlink_pattern
from bot.actions.redis._wanted import Wanted, prefix
from bot.actions.redis.unlink_pattern import PLUGIN, UnlinkPattern
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError
from bot.core.plan import Reversibility
from tests.clients import rigs
from tests.clients.caches import Cache, a_cache

CACHED = Wanted(server="cache", pattern="cache:*", cache=True)


@pytest.fixture(scope="module")
def running() -> Iterator[Cache]:
    with a_cache() as cache:
        yield cache


@pytest.fixture
def cache(running: Cache) -> Cache:
    running.empty()
    return running


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigs.rig() as made:
        yield made


@pytest.fixture
def action(cache: Cache, rig: Rig) -> UnlinkPattern:
    return PLUGIN(cache.settings(), rig)


async def test_twenty_thousand_keys_are_counted_and_only_these_are_taken_away(
    action: UnlinkPattern, cache: Cache
) -> None:
    cache.fill({"cache:": 20_000, "session:": 300, "cached:": 20}, expires=3600)

    scope = await action.scope(CACHED)
    said = await action.execute(CACHED, scope.pre_state)

    assert scope.blast_radius.touched == 20_000
    assert said == "unlinked 20,000 keys matching cache:* on cache"
    assert [cache.count(f"{each}*") for each in ("cache:", "session:", "cached:")] == [0, 300, 20]


async def test_the_scope_says_how_much_goes_and_what_it_weighs(
    action: UnlinkPattern, cache: Cache
) -> None:
    cache.fill({"cache:": 1201}, size=1000, expires=3600)
    cache.fill({"session:": 900})

    scope = await action.scope(CACHED)

    assert scope.says == "UNLINK every key that matches cache:* on cache"
    assert (scope.blast_radius.targets[0].key, scope.undo_says) == ("redis:cache/cache:*", "")
    assert scope.blast_radius.line == (
        "cache:* on cache: touches 2000 of 3000 keys, 2000 (66.7 %) down at the worst moment; "
        "counts are rounded up; about 2 MB of memory; all of them expire"
    )


@pytest.mark.parametrize(
    ("expiring", "lasting", "said"), [(89, 1, "some"), (30, 60, "most"), (0, 90, "all")]
)
async def test_keys_that_never_expire_are_pointed_out(
    action: UnlinkPattern, cache: Cache, expiring: int, lasting: int, said: str
) -> None:
    cache.fill({"cache:a": expiring}, expires=3600)
    cache.fill({"cache:b": lasting})

    scope = await action.scope(CACHED)

    assert f"{said} of them never expire by themselves" in scope.blast_radius.notes


async def test_a_cache_at_work_does_not_change_the_plan(
    action: UnlinkPattern, cache: Cache
) -> None:
    cache.fill({"cache:": 1500, "session:": 150}, expires=3600)
    scope = await action.scope(CACHED)
    cache.fill({"cache:new:": 20, "session:new:": 20}, expires=3600)
    cache.admin.delete("cache:1", "cache:2", "cache:3")

    assert scope == await action.scope(CACHED)


async def test_a_cache_that_doubles_changes_the_plan(action: UnlinkPattern, cache: Cache) -> None:
    cache.fill({"cache:": 1500})
    scope = await action.scope(CACHED)
    cache.fill({"cache:new:": 1500})

    assert scope.pre_state != (await action.scope(CACHED)).pre_state


async def test_a_plan_that_would_do_nothing_is_not_made(action: UnlinkPattern) -> None:
    with pytest.raises(PermanentError, match=r"no key matches cache:\* on cache"):
        await action.scope(CACHED)


async def test_more_keys_than_the_runbook_says_are_refused(
    action: UnlinkPattern, cache: Cache
) -> None:
    cache.fill({"cache:": 120})
    wanted = Wanted(server="cache", pattern="cache:*", max_keys=100)

    with pytest.raises(PermanentError, match=r"more than 100 keys match cache:\* on cache: narrow"):
        await action.scope(wanted)


async def test_keys_that_came_after_the_plan_are_not_taken_away_without_end(
    action: UnlinkPattern, cache: Cache
) -> None:
    cache.fill({"cache:": 3000})
    wanted = Wanted(server="cache", pattern="cache:*", max_keys=1000)

    with pytest.raises(PermanentError, match=r"stopped after .* keys: more than 1,000 keys"):
        await action.execute(wanted, {"keys": 900})

    assert cache.count("cache:*") >= 2000


async def test_other_clients_get_the_server_between_two_batches(
    action: UnlinkPattern, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlink_pattern, "UNLINKED_AT_ONCE", 100)
    cache.fill({"cache:": 1000})
    cache.admin.config_resetstat()

    await action.execute(CACHED, {})

    stats = cache.admin.info("commandstats")
    assert stats["cmdstat_unlink"]["calls"] > 5
    assert {"info", "scan", "unlink"} == cache.called()


async def test_a_replica_is_refused(rig: Rig, cache: Cache) -> None:
    with a_cache("--replicaof", "127.0.0.1", str(cache.port)) as replica:
        action = PLUGIN(replica.settings(), rig)

        with pytest.raises(PermanentError, match=r"cache is not a primary \(its role is slave\)"):
            await action.scope(CACHED)
        with pytest.raises(PermanentError, match="is not a primary"):
            await action.execute(CACHED, {})


async def test_a_node_of_a_cluster_is_refused(rig: Rig) -> None:
    with (
        a_cache("--cluster-enabled", "yes") as node,
        pytest.raises(PermanentError, match="cache is a node of a cluster"),
    ):
        await PLUGIN(node.settings(), rig).scope(CACHED)


async def test_a_user_for_the_cache_cannot_touch_sessions(rig: Rig, cache: Cache) -> None:
    cache.fill({"cache:": 10, "session:": 10}, expires=60)
    action = PLUGIN(cache.settings(cache.restrict("cache:*")), rig)
    sessions = Wanted(server="cache", pattern="session:*")

    with pytest.raises(PermanentError, match=r"cache does not allow it: .*docs/redis\.md"):
        await action.scope(sessions)
    with pytest.raises(PermanentError, match="cache does not allow it"):
        await action.execute(sessions, {})
    said = await action.execute(CACHED, {})

    assert said == "unlinked 10 keys matching cache:* on cache"
    assert cache.count("session:*") == 10


async def test_a_server_that_went_away_may_come_back(rig: Rig) -> None:
    with a_cache() as gone:
        gone.fill({"cache:": 1})
    action = PLUGIN(gone.settings(), rig)

    for doing in (action.scope(CACHED), action.execute(CACHED, {}), action.landed(CACHED, {})):
        with pytest.raises(TemporaryError, match="cache cannot be reached"):
            await doing


async def test_what_was_interrupted_stops_and_is_finished_by_the_next_try(
    action: UnlinkPattern, cache: Cache
) -> None:
    cache.fill({"cache:": 20_000})
    for milliseconds in (5, 8, 11, 14, 17):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(milliseconds / 1000):
                await action.execute(CACHED, {})
    assert cache.count("cache:*") > 0

    await action.execute(CACHED, {})

    assert cache.count("cache:*") == 0


async def test_what_is_left_tells_whether_it_was_done(action: UnlinkPattern, cache: Cache) -> None:
    cache.fill({"cache:": 100})
    before = (await action.scope(CACHED)).pre_state
    untouched = await action.landed(CACHED, before)
    cache.admin.delete(*(f"cache:{number}" for number in range(50)))
    half = await action.landed(CACHED, before)
    cache.empty()

    assert (untouched, half, await action.landed(CACHED, before)) == (False, None, True)


async def test_only_a_cache_comes_back_by_itself(action: UnlinkPattern) -> None:
    plain = Wanted(server="cache", pattern="cache:*")

    assert action.way_back(plain) is Reversibility.IRREVERSIBLE
    assert action.way_back(CACHED) is Reversibility.SELF_RESTORING
    assert "their owner" in await action.undo(CACHED, {})


@pytest.mark.parametrize(
    "pattern",
    [
        *("", "*", "?*", "**", "ab*", "*:cache", "??????*", "ca?he:*", "[a-z]*", "[cache:*"),
        *("cache:[ab]*", "cache\\*", "\\*cache", "cache:\n*", "cache:*\n", "cache: *", "cache:\0*"),
        *("cäche:*", "cache:'*", 'cache:"*', "cache:^*", "x" * 201, "\ufeffcache:*", "cache:*]"),
    ],
)
def test_a_pattern_that_could_mean_more_than_it_says_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        Wanted(server="cache", pattern=pattern)


@given(
    pattern=st.text(alphabet="abc:*?[]\\^-\n\0 ", max_size=12) | st.text(max_size=30),
    key=st.text(alphabet="abc:*?[]\\^-", max_size=12),
)
@example(pattern="ab*", key="abc")
@example(pattern="abc[!x]*", key="session")
def test_no_pattern_that_is_taken_matches_a_key_without_its_literal_beginning(
    pattern: str, key: str
) -> None:
    try:
        Wanted(server="cache", pattern=pattern)
    except ValidationError:
        return

    beginning = prefix(pattern)
    assert len(beginning) >= 3
    assert not set(pattern) & set("[]\\^\n\0 ")
    assert key.startswith(beginning) or not fnmatch.fnmatchcase(key, pattern)


@pytest.mark.real
async def test_two_hundred_thousand_keys_go_while_another_client_is_served(
    action: UnlinkPattern, cache: Cache
) -> None:
    """The figure is printed and not judged: `pytest -n 0 -s -k two_hundred_thousand` shows it."""
    cache.populate(200_000, "cache", size=200)
    cache.fill({"session:": 1000})
    scope = await action.scope(CACHED)
    clearing = asyncio.ensure_future(action.execute(CACHED, scope.pre_state))
    waits = sorted(await asyncio.to_thread(pings, cache, clearing))

    said = await clearing

    p50, p99 = (round(1000 * waits[int(len(waits) * share)], 1) for share in (0.5, 0.99))
    longest = round(1000 * waits[-1], 1)
    print(f"{said}; another client waited: p50 {p50} ms, p99 {p99} ms, at most {longest} ms")
    assert said == "unlinked 200,000 keys matching cache:* on cache"
    assert cache.count("*") == 1000


def pings(cache: Cache, until: asyncio.Future[str]) -> list[float]:
    """How long another client waited each time, in seconds, until the keys were gone."""
    waits = []
    with socket.create_connection(("127.0.0.1", cache.port)) as client:
        while not until.done():
            began = time.perf_counter()
            client.sendall(b"PING\r\n")
            client.recv(100)
            waits.append(time.perf_counter() - began)
            time.sleep(0.002)
    return waits
