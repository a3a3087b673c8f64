"""The gateway's settings take effect on customers, and time ends what was set for a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.rehearsal.sandbox import Town


class Customers:
    """People who pass the gate, and the operator who changes it."""

    def __init__(self, town: Town, client: httpx.AsyncClient) -> None:
        self.town = town
        self._client = client

    async def buy(self, times: int = 1, client: str = "ann") -> list[int]:
        """Ask so many times; the answers."""
        url, who = f"{self.town.url('gate')}/", {"X-Client": client}
        return [(await self._client.get(url, headers=who)).status_code for _ in range(times)]

    async def get(self, path: str) -> Any:
        return (await self._client.get(f"{self.town.url('gate')}{path}")).json()

    async def put(self, path: str, **values: object) -> int:
        url = f"{self.town.url('gate')}/settings/{path}"
        return (await self._client.put(url, json=values)).status_code


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Customers]:
    async with (
        Town.open(tmp_path, gateway=True) as town,
        httpx.AsyncClient(trust_env=False, verify=False) as client,
    ):
        yield Customers(town, client)


async def test_customers_reach_the_shop_and_see_its_errors(gate: Customers) -> None:
    assert await gate.buy() == [200]
    await gate.town.break_("shop", "upstream")
    assert await gate.buy(3) == [503] * 3
    assert (await gate.get("/traffic"))["error_percent"] == 75.0


async def test_a_shop_that_is_gone_is_an_error_as_well(gate: Customers) -> None:
    await gate.town.crash("shop")

    assert await gate.buy() == [502]


async def test_an_open_breaker_spares_the_shop(gate: Customers) -> None:
    await gate.town.break_("shop", "upstream")
    await gate.put("breaker", state="open", open_for_s=60)

    assert await gate.buy(5) == [200] * 5
    assert (await gate.get("/traffic"))["error_percent"] == 0.0


async def test_a_breaker_that_was_open_long_enough_tries_and_opens_again(gate: Customers) -> None:
    await gate.town.break_("shop", "upstream")
    await gate.put("breaker", state="open", open_for_s=1, half_open_requests=3)
    await asyncio.sleep(1.1)

    assert await gate.buy(4) == [503, 200, 200, 200]


async def test_three_tries_that_go_well_close_the_breaker(gate: Customers) -> None:
    await gate.put("breaker", state="open", open_for_s=1, half_open_requests=3)
    await asyncio.sleep(1.1)
    await gate.buy(2)
    half = (await gate.get("/settings/breaker"))["state"]
    await gate.buy()

    assert (half, (await gate.get("/settings/breaker"))["state"]) == ("open", "closed")


async def test_a_limit_holds_for_one_client_and_for_its_time(gate: Customers) -> None:
    await gate.put("limit", client="bob", limit=2, window_s=60, for_s=1)
    seen = await gate.buy(3, "bob"), await gate.buy(3, "ann")
    traffic = await gate.get("/traffic")
    await asyncio.sleep(1.1)

    assert seen == ([200, 200, 429], [200] * 3)
    assert (traffic["passed"], traffic["refused"]) == ({"bob": 2, "ann": 3}, {"bob": 1})
    assert await gate.buy(3, "bob") == [200] * 3
    assert (await gate.get("/settings/limit"))["limit"] == 0


async def test_another_upstream_serves_and_a_restart_forgets_nothing(gate: Customers) -> None:
    await gate.town.break_("shop", "upstream")
    await gate.put("upstream", active="spare")
    await gate.town.crash("gate")
    await gate.town.start("gate")

    assert await gate.buy(2) == [200, 200]


@pytest.mark.parametrize(
    ("which", "values"),
    [
        ("breaker", {"state": "ajar"}),
        ("breaker", {"half_open_requests": True}),
        ("limit", {"limit": -1}),
        ("upstream", {"active": "cellar"}),
        ("upstream", {"active": "spare", "colour": 1}),
    ],
)
async def test_what_makes_no_sense_changes_nothing(
    gate: Customers, which: str, values: dict[str, object]
) -> None:
    before = await gate.get(f"/settings/{which}")

    assert await gate.put(which, **values) == 400
    assert await gate.get(f"/settings/{which}") == before


async def test_the_share_of_errors_is_told_as_prometheus_tells_it(gate: Customers) -> None:
    await gate.town.break_("shop", "upstream")
    await gate.buy(2)
    (sample,) = (await gate.get("/api/v1/query?query=gate_error_rate"))["data"]["result"]

    assert float(sample["value"][1]) == 1.0
