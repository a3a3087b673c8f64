"""The product's own plug-ins against the town: nothing in them knows that it is a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.actions.host.restart_service import PLUGIN as RESTART
from bot.actions.http._wanted import Rollback, Snapshot, Wanted
from bot.actions.http.request import PLUGIN as REQUEST
from bot.clients.endpoints import HttpSettings
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.clients.systemd import OnUnit
from bot.core.errors import PermanentError
from bot.probes.host.process import PLUGIN as PROCESS
from bot.probes.http.status import PLUGIN as STATUS
from bot.probes.http.status import Asked
from bot.rehearsal.sandbox import Town
from tests.clients import rigs

SHOP = OnUnit(unit="shop")


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigs.rig() as made:
        yield made


@pytest.fixture
def host(town: Town) -> HostSettings:
    return HostSettings(systemctl=str(town.systemctl), name="web-1")


@pytest.fixture
def web(town: Town) -> HttpSettings:
    return HttpSettings.model_validate({"allowed_hosts": town.hosts})


@pytest.fixture
def larger_pool(town: Town) -> Wanted:
    url = f"{town.url('shop')}/settings/pool"
    return Wanted(
        method="PUT",
        url=url,
        body={"size": 50},
        snapshot=Snapshot(url=url, keys=("size",)),
        rollback=Rollback(url=url),
    )


@pytest.mark.parametrize("how", ["crash", "hang", "leak"])
async def test_a_restart_heals_what_is_wrong_inside_of_the_process(
    town: Town, host: HostSettings, rig: Rig, how: str
) -> None:
    await town.break_("shop", how)
    action = RESTART(host, rig)
    scope = await action.scope(SHOP)
    said = await action.execute(SHOP, scope.pre_state)

    pid = town.supervisor.pid("shop")
    assert f"restarted shop on web-1: active, pid {pid}" == said
    assert {"active_state": "failed" if how == "crash" else "active"} == scope.pre_state
    assert await town.health("shop") == 200


async def test_a_restart_does_not_heal_the_upstream(
    town: Town, host: HostSettings, rig: Rig
) -> None:
    await town.break_("shop", "upstream")
    action = RESTART(host, rig)
    await action.execute(SHOP, (await action.scope(SHOP)).pre_state)

    assert await town.health("shop") == 503


async def test_a_restart_is_one_request_and_one_new_process(
    town: Town, host: HostSettings, rig: Rig
) -> None:
    old = town.supervisor.pid("shop")
    await RESTART(host, rig).execute(SHOP, {})

    pid = town.supervisor.pid("shop")
    assert [(old, "start", None), (old, "ask", "restart"), (pid, "start", None)] == [
        (e["pid"], e["what"], e["value"]) for e in town.effects() if e["unit"] == "shop"
    ]


async def test_a_unit_the_town_does_not_have_is_refused(host: HostSettings, rig: Rig) -> None:
    with pytest.raises(PermanentError, match="there is no unit cellar on web-1"):
        await RESTART(host, rig).scope(OnUnit(unit="cellar"))


async def test_a_larger_pool_heals_and_its_undo_puts_the_old_size_back(
    town: Town, web: HttpSettings, rig: Rig, larger_pool: Wanted
) -> None:
    await town.break_("shop", "pool")
    action = REQUEST(web, rig)
    scope = await action.scope(larger_pool)
    await action.execute(larger_pool, scope.pre_state)
    healed = await town.health("shop")
    await action.undo(larger_pool, scope.pre_state)

    assert (
        scope.pre_state,
        healed,
        await town.health("shop"),
    ) == ({"snapshot": {"size": 20}}, 200, 503)
    assert [e["value"] for e in town.effects() if e["what"] == "put"] == [
        {"size": 50},
        {"size": 20},
    ]


async def test_whether_a_larger_pool_landed_can_be_told(
    web: HttpSettings, rig: Rig, larger_pool: Wanted
) -> None:
    action = REQUEST(web, rig)
    before = (await action.scope(larger_pool)).pre_state
    early = await action.landed(larger_pool, before)
    await action.execute(larger_pool, before)

    assert (early, await action.landed(larger_pool, before)) == (False, True)


async def test_the_probes_see_a_dead_service(
    town: Town, host: HostSettings, web: HttpSettings, rig: Rig
) -> None:
    await town.crash("shop")
    process = await PROCESS(host, rig).read(SHOP)
    status = await STATUS(web, rig).read(Asked(url=town.health_url("shop")))

    assert (process["state"], process["running"], process["pid"]) == ("failed", False, 0)
    assert (status["status"], status["reachable"]) == (0, False)


async def test_the_probes_see_a_service_that_runs_and_is_degraded(
    town: Town, host: HostSettings, web: HttpSettings, rig: Rig
) -> None:
    await town.break_("shop", "pool")
    process = await PROCESS(host, rig).read(SHOP)
    status = await STATUS(web, rig).read(Asked(url=town.health_url("shop")))

    body = status["json"]
    assert isinstance(body, dict)
    assert (
        process["running"],
        status["status"],
        body["reason"],
    ) == (True, 503, "connection pool exhausted")
