"""The shipped runbooks clear what they say on a real server, and nothing a hostile alert names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from bot.actions.redis._wanted import Wanted
from bot.actions.redis.unlink_pattern import PLUGIN
from bot.catalog import checking, yaml
from bot.core import parameters
from bot.core.parameters import Fitted
from bot.core.runbook import Runbook
from bot.engine import filling
from bot.rehearsal.library import SHIPPED
from tests.clients import rigs
from tests.clients.caches import Cache, a_cache

CACHE_FACTS = {"redis": "cache", "cache_prefix": "shop:"}


@pytest.fixture
def cache() -> Iterator[Cache]:
    with a_cache() as started:
        yield started


def runbook(name: str) -> Runbook:
    return checking.check(yaml.read(SHIPPED / f"{name}.yaml", SHIPPED), Runbook)


def fitted(book: Runbook, labels: Mapping[str, str]) -> object:
    seen = {"alert": {"labels": dict(labels)}, "service": {"facts": CACHE_FACTS}}
    return parameters.fit(book.parameters, {}, seen)


def wanted(book: Runbook, labels: Mapping[str, str]) -> Wanted:
    """What its step asks for once an alert came."""
    found = fitted(book, labels)
    assert isinstance(found, Fitted)
    (step,) = book.steps
    return Wanted.model_validate(filling.render_map(step.params, {"params": {**found.values}}))


async def test_a_stale_route_is_cleared_and_other_routes_are_not(cache: Cache) -> None:
    cache.fill({"/api/products:": 700, "/api/productsold:": 5, "/api/orders:": 5}, expires=60)
    asked = wanted(runbook("clear-stale-cache"), {"route": "/api/products"})

    async with rigs.rig() as rig:
        said = await PLUGIN(cache.settings(), rig).execute(asked, {})

    assert said == "unlinked 700 keys matching /api/products:* on cache"
    assert cache.count("*") == 10


async def test_a_full_cache_is_cleared_under_its_prefix(cache: Cache) -> None:
    cache.fill({"shop:": 700, "session:": 5, "shopping:": 5})

    async with rigs.rig() as rig:
        asked = wanted(runbook("flush-redis-memory"), {})
        said = await PLUGIN(cache.settings(), rig).execute(asked, {})

    assert said == "unlinked 700 keys matching shop:* on cache"
    assert cache.count("*") == 10


def test_a_stale_cache_is_cleared_at_most_five_times_an_hour_within_a_minute() -> None:
    book = runbook("clear-stale-cache")

    (window,) = book.safety.attempts
    assert (window.limit, window.within) == (5, timedelta(hours=1))
    assert book.estimate.recovery == timedelta(minutes=1)


@pytest.mark.parametrize(
    "route", ["", "/", "*", "/*", "/api*", "session", "/[a-z]", "/a\\*", "/api\n", "/api:*", "/ä"]
)
def test_a_route_out_of_an_alert_cannot_widen_the_pattern(route: str) -> None:
    assert not isinstance(fitted(runbook("clear-stale-cache"), {"route": route}), Fitted)
