"""`kubernetes.revision` on a real control plane."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.kubernetes.restart import Restart
from bot.actions.kubernetes.undo_rollout import UndoRollout
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.clients.rig import Rig
from bot.core.values import Facts
from bot.probes.kubernetes.revision import PLUGIN
from tests.clients import rigs
from tests.cluster import objects
from tests.cluster.spaces import Space, template
from tests.fakes import FakeClock


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigs.rig() as made:
        yield made


async def rolled_out(space: Space, *images: str) -> None:
    for one in images:
        await space.deployment("api", 1, template=template(one))
        await space.standing("api")


async def read(kubernetes: KubernetesSettings, rig: Rig, space: Space, later: float = 0) -> Facts:
    """As somebody sees it so many seconds later."""
    clock = FakeClock(datetime.now(UTC) + timedelta(seconds=later))
    probe = PLUGIN(kubernetes, dataclasses.replace(rig, clock=clock))
    return await probe.read(OnWorkload(namespace=space.name, name="api"))


async def test_a_first_version_has_none_before_it(
    kubernetes: KubernetesSettings, rig: Rig, space: Space
) -> None:
    await rolled_out(space, "shop:1")

    found = await read(kubernetes, rig, space, later=3600)

    assert (found["images"], found["before"]) == ("shop:1", "")
    assert isinstance(found["seconds"], int)
    assert 3600 <= found["seconds"] < 3700


async def test_a_restart_makes_no_version_newer(
    kubernetes: KubernetesSettings, rig: Rig, space: Space
) -> None:
    await rolled_out(space, "shop:1", "shop:2")
    first = await read(kubernetes, rig, space)
    which = OnWorkload(namespace=space.name, name="api")
    restart = Restart(kubernetes, rig)
    await restart.execute(which, (await restart.scope(which)).pre_state, "inc-1:1")

    again = await read(kubernetes, rig, space, later=600)

    assert (again["images"], again["before"]) == ("shop:2", "shop:1")
    assert isinstance(first["seconds"], int)
    assert isinstance(again["seconds"], int)
    assert again["seconds"] >= first["seconds"] + 600


async def test_what_was_left_is_no_version_to_go_to(
    kubernetes: KubernetesSettings, rig: Rig, space: Space
) -> None:
    await rolled_out(space, "shop:1", "shop:2")
    which = OnWorkload(namespace=space.name, name="api")
    undo = UndoRollout(kubernetes, rig)
    await undo.execute(which, (await undo.scope(which)).pre_state, "inc-1:1")

    found = await read(kubernetes, rig, space)

    assert (found["images"], found["before"]) == ("shop:1", "")


async def test_a_stateful_set_keeps_what_was_before_as_well(
    kubernetes: KubernetesSettings, rig: Rig, space: Space
) -> None:
    await objects.stateful_set(space, "db")
    which = OnWorkload(namespace=space.name, name="db", kind=Kind.STATEFUL_SET)
    await objects.done(space, which)
    await space.admin.patch(which.path, {"spec": {"template": template("shop:2")}})
    await objects.done(space, which)

    found = await PLUGIN(kubernetes, rig).read(which)

    assert (found["images"], found["before"]) == ("shop:2", "shop:1")
